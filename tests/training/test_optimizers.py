"""Muon moves kernels along the nearest orthogonal matrix, and the rest as Adam does."""

from gannotes import datasets, models, training
from gannotes.training.optimizers import RMS, make_optimizer
import keras
import numpy as np
import pytest
from small import small_gan


def step_of(optimizer, network, slopes):
    """How far each variable of a network moves in one step."""
    before = [variable.numpy() for variable in network.trainable_variables]
    optimizer.apply(slopes, network.trainable_variables)
    return [v.numpy() - b for v, b in zip(network.trainable_variables, before, strict=True)]


@pytest.fixture
def discriminator():
    keras.utils.set_random_seed(0)
    return models.conv_discriminator((8, 8, 1), (4, 8))


@pytest.fixture
def slopes(discriminator):
    rng = np.random.default_rng(0)
    return [rng.normal(size=v.shape).astype("float32") for v in discriminator.trainable_variables]


def test_each_direction_of_a_kernel_moves_as_far_as_each_other(discriminator, slopes):
    muon = training.Muon(0.01, adam_layers=[discriminator.layers[-1].name])
    moved = step_of(muon, discriminator, slopes)
    for slope, step in zip(slopes[::2][:2], moved[::2][:2], strict=True):
        assert np.sqrt(np.mean(step**2)) == pytest.approx(RMS * 0.01, rel=0.15)
        u, _, vt = np.linalg.svd(-slope.reshape(-1, slope.shape[-1]), full_matrices=False)
        along = u.T @ step.reshape(-1, step.shape[-1]) @ vt.T  # in the slope's own directions
        longest = max(step.size // step.shape[-1], step.shape[-1])
        sizes = np.diag(along) / (RMS * 0.01 * np.sqrt(longest))
        assert np.all((sizes > 0.6) & (sizes < 1.3))
        assert np.abs(along - np.diag(np.diag(along))).max() < 1e-5


def test_biases_and_the_last_layer_move_as_with_adam(discriminator, slopes):
    twin = keras.models.clone_model(discriminator)
    twin.set_weights(discriminator.get_weights())
    muon = training.Muon(0.01, 0.5, [discriminator.layers[-1].name])
    moved = step_of(muon, discriminator, slopes)
    expected = step_of(training.adam(0.01, beta_1=0.5), twin, slopes)
    for k in (1, 3, 4, 5):  # biases; the last kernel and bias
        np.testing.assert_allclose(moved[k], expected[k], rtol=1e-4)
    assert not np.allclose(moved[0], expected[0], rtol=0.1)


def test_a_gan_with_muon_learns_and_can_be_reset():
    data = datasets.load("digits")
    gan = training.GAN(*models.conv_pair(data.shape, latent_dim=4))
    gan.compile(optimizer="muon", generator_rate=0.004, steps=20)
    assert all(isinstance(gan._optimizer_of(p), training.Muon) for p in gan.networks)

    def state():
        return [variable.numpy() for variable in gan.state_variables]

    gan.reset(1)
    start = state()
    gan.fit(data.images[:256], steps_per_epoch=20, verbose=0)
    assert gan.generator_optimizer.learning_rate < 1e-6  # it fell to 0
    moved = [not np.array_equal(a, b) for a, b in zip(start, state(), strict=True)]
    assert np.mean(moved) > 0.9
    gan.reset(1)
    for a, b in zip(start, state(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_variable_of_no_layer_is_moved_too():
    variable = keras.Variable(np.ones((3, 2), "float32"), name="alone")
    training.Muon(0.01).apply([np.eye(3, 2, dtype="float32")], [variable])
    assert np.abs(variable.numpy() - 1).max() > 1e-3


def test_optimizers_of_a_recipe_have_its_momentum_and_muon_leaves_the_last_layer(discriminator):
    assert make_optimizer("adam", discriminator, 0.1, 0.3).beta_1 == 0.3
    muon = make_optimizer("muon", discriminator, 0.1, 0.3)
    for one in (muon, training.Muon.from_config(muon.get_config())):
        assert (one.momentum, one.adam_beta_1) == (0.3, 0.3)
        assert one.adam_layers == (discriminator.layers[-1].name,)


def test_an_optimizer_of_other_weights_is_refused_before_it_moves_them():
    sgd = keras.optimizers.SGD(0.1)
    small_gan(generator_optimizer=sgd)
    with pytest.raises(ValueError, match="generator_optimizer already trains other weights"):
        small_gan(generator_optimizer=sgd)
