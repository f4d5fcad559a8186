"""Any network, any option: a game trains two steps, or is refused before any of them.

`python benchmarks/doors.py` plays thousands.
"""

from any_network import REFUSED, SGD_RATE, TRAINED, play, reference
from gannotes import models, training
import keras
import numpy as np
import pytest

SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "first", [0, 10, pytest.param(20, marks=SLOW), pytest.param(30, marks=SLOW)]
)
@pytest.mark.filterwarnings("default")
def test_cases(first):
    outcomes = {number: play(number) for number in range(first, first + 10)}
    faults = {k: told for k, told in outcomes.items() if not told[0].startswith((TRAINED, REFUSED))}
    assert not faults
    assert any(told[0] == TRAINED for told in outcomes.values())


@pytest.mark.parametrize("loss", sorted(training.recipe.losses.LOSSES))
@pytest.mark.parametrize("shape", [(2,), (4, 4, 1)])
def test_two_steps_as_by_hand(loss, shape):
    images = np.random.default_rng(0).uniform(-1, 1, (24, *shape)).astype("float32")
    pair = models.mlp_generator(shape, 3, (8,)), models.mlp_discriminator(shape, (8,))
    expected = reference(*map(copied, pair), images, loss)
    gan = training.GAN(*pair, seed=3)
    rates = [keras.optimizers.SGD(SGD_RATE) for _ in pair]
    optimizers = {"generator_optimizer": rates[0], "discriminator_optimizer": rates[1]}
    gan.compile(loss=loss, r1=0.5, jit_compile=False, **optimizers)
    gan.fit(images, batch_size=8, steps_per_epoch=2, verbose=0)
    for network, weights in zip(pair, expected, strict=True):
        for found, wanted in zip(network.get_weights(), weights, strict=True):
            np.testing.assert_allclose(found, wanted, atol=1e-5)


def copied(network):
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    return copy
