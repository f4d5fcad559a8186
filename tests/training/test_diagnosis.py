"""The diagnosis: each sentence where it is true, none where all is well."""

from gannotes import models
from gannotes.training import GAN
from gannotes.training.callbacks import Diagnosis
import keras
import numpy as np
import pytest
from small import gaussian_generator

# Weights are changed by hand, without a training
pytestmark = pytest.mark.filterwarnings("ignore:The weights of generator")
POINTS = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")


def diagnosed(std, accuracy, moves, fake_accuracy=None):
    """Sentences on an epoch of a generator of known spread, with and without movement."""
    gan = GAN(gaussian_generator(std), models.mlp_discriminator((2,), (8,)))
    gan.compile()
    diagnosis = Diagnosis(POINTS)
    diagnosis.set_model(gan)
    diagnosis.on_epoch_begin(0)
    for variable in [*gan.generator.variables, *gan.discriminator.variables]:
        variable.assign(variable * (1.001 if moves else 1.0))
    logs = {"real_accuracy": accuracy, "fake_accuracy": fake_accuracy or accuracy}
    diagnosis.on_epoch_end(0, logs)
    return [sentence for step, sentence in diagnosis.findings]


def test_diagnosis_speaks_plainly():
    assert diagnosed(1.0, 0.7, moves=True) == []
    (won,) = diagnosed(1.0, 0.995, moves=True)
    assert won.startswith("D has won: G hears little")
    (collapsed,) = diagnosed(0.01, 0.7, moves=True)
    assert collapsed == "Modes collapsed: the fakes spread 0.01 times as far as the real."
    assert [len(diagnosed(std, 0.7, moves=True)) for std in (0.2, 0.45)] == [1, 0]
    for accuracies in ((0.5, 0.995), (0.995, 0.5)):  # it is right about one kind alone
        assert diagnosed(1.0, accuracies[0], True, accuracies[1]) == []
    still = diagnosed(1.0, 0.7, moves=False)
    assert [s.split(":")[0] for s in still] == [
        "The generator does not move",
        "The discriminator does not move",
    ]


def finding(gan, labels=None, change=None):
    """Sentences on an epoch in which both networks move, and `change` is done to the GAN."""
    diagnosis = Diagnosis(POINTS, labels)
    diagnosis.set_model(gan)
    diagnosis.on_epoch_begin(0)
    for variable in [*gan.generator.trainable_variables, *gan.discriminator.trainable_variables]:
        variable.assign(variable + 0.01)
    if change is not None:
        change(gan)
    diagnosis.on_epoch_end(0, {"real_accuracy": 0.7, "fake_accuracy": 0.7})
    return [sentence for _, sentence in diagnosis.findings]


def break_weights(gan):
    gan.generator.variables[0].assign(np.nan * gan.generator.variables[0])


def break_average(gan):
    gan.ema_generator.variables[0].assign(np.inf * gan.ema_generator.variables[0])


def overflow_scores(gan):
    for variable in gan.discriminator.trainable_variables:
        variable.assign(1e30 * variable)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (break_weights, "Not finite: the generator's weights."),
        (break_average, "Not finite: the fakes."),
        (overflow_scores, "Not finite: D's scores."),
    ],
)
def test_what_is_broken_is_named(change, sentence):
    gan = GAN(gaussian_generator(1.0), models.mlp_discriminator((2,), (8,)))
    gan.compile()
    assert finding(gan) == []
    (found,) = finding(gan, change=change)
    assert found.startswith(sentence)


def test_a_frozen_network_does_not_move():
    gan = GAN(gaussian_generator(1.0), models.mlp_discriminator((2,), (8,)))
    gan.compile()
    gan.discriminator.trainable = False
    assert finding(gan) == [
        "The discriminator does not move: is its learning rate 0, or is it frozen?"
    ]


@pytest.mark.parametrize("labels", ["projection", "classifier"])
def test_scores_of_packed_and_labelled_images(labels):
    packed = GAN(gaussian_generator(1.0), models.mlp_discriminator((6,), (8,)), packing=3)
    packed.compile()
    conditional = GAN(
        models.mlp_generator((2,), 2, (8,), num_classes=2),
        models.mlp_discriminator((2,), (8,), num_classes=2, labels=labels),
    )
    conditional.compile()
    classes = (POINTS[:, 0] > 0).astype("int64")
    for gan, these in ((packed, None), (conditional, classes)):
        assert [s for s in finding(gan, these) if "finite" in s] == []
        assert "Not finite: D's scores" in finding(gan, these, overflow_scores)[0]


def test_a_training_is_diagnosed_at_its_steps():
    gan = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    gan.compile(generator_optimizer=keras.optimizers.SGD(0.0))
    diagnosis = Diagnosis(POINTS)
    gan.fit(POINTS, batch_size=16, epochs=2, steps_per_epoch=3, callbacks=[diagnosis], verbose=0)
    still = [step for step, sentence in diagnosis.findings if sentence.startswith("The generator")]
    assert still == [3, 6]
