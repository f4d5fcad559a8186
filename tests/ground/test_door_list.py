"""Every public door for images, networks, labels, losses, optimizers, callbacks and files is checked.

A door is a public function, class or method with a parameter of BROUGHT. It stands in DOORS, with bad
input and what it must say before any work; or in INNER, which take what a door has let in.
"""

import importlib
import inspect
from pathlib import Path

from gannotes import datasets, layers, metrics, models, plotting, training, widgets
from gannotes.datasets.folder import Folder
from gannotes.latent import directions, generators
from gannotes.latent.page import write_page
from gannotes.metrics import damage, evaluators, features, yardstick
from gannotes.models import atoms
from gannotes.studies import runs
from gannotes.theory import spectra
from gannotes.training import autoencoders, callbacks, feed
from gannotes.training.recipe import as_loss_pair
import numpy as np
import pytest
from small import conditional_gan, small_gan

ROOT = Path(training.__file__).parents[1]
BROUGHT = {
    *("images", "real_images", "train_images", "image", "picture", "pictures", "frames", "x"),
    *("generator", "discriminator", "network", "encoder", "decoder", "coder", "model", "gan"),
    *("layer", "labels", "loss", "optimizer", "callbacks", "path", "filepath", "folder"),
}
INSIDE = (  # modules that take what a door has let in, or are the checks
    *("checks", "files", "training.backend", "training.step", "training.trainer", "widgets.base"),
    *("training.networks", "training.optimizers", "training.losses", "training.augmentation"),
    *("metrics.features.functions", "plotting.style", "studies.claims"),
)
INNER = {  # the same of functions and classes
    *("training.feed.Arrays", "training.feed.Stream", "training.feed.is_stream"),
    *("training.feed.Feed.source", "training.feed.Feed.check_labels", "training.feed.pack"),
    *("training.callbacks.check_callbacks", "training.callbacks.Measure"),
    *("training.autoencoders.AdversarialAutoencoder.views", "training.autoencoders.BiGAN.views"),
    *("models.mlp.hidden_stack", "models.mlp.dense", "models.mlp.normalized"),
    *(
        "models.mlp.images_and_labels",
        "models.mlp.discriminator_of",
        "widgets.codes.CodeExplorer.show",
    ),
    *("plotting.charts.plot_bands", "plotting.charts.panels_of", "plotting.pictures.scaled"),
    *("metrics.evaluators.Evaluator", "latent.latents.between"),
    "layers.spectral.SpectralNormalization",  # Keras checks its layer
}

SHAPE = (8, 8, 1)
GOOD = np.random.default_rng(0).uniform(-1, 1, (40, *SHAPE)).astype("float32")
PIXELS = (GOOD + 1) * 127.5  # from 0 to 255
POINTS = GOOD[:, 0, :2, 0]
LABELS = np.arange(40) % 2
HALVES = LABELS / 2
NOWHERE = "/no/such/place"
RANGE, RANK = r"images must lie in \[-1, 1\]. Received", r"images must have shape .* Received"
CLASSES = "labels must be an array of whole numbers. Received: float64"
NETWORK = "must be a built keras.Model, functional or sequential. Received: 'net'"
GENERATOR = "The generator must map latents .* Received"
OPTIMIZER = "must be a keras.optimizers.Optimizer. Received: 'adam'"
LOSS = "Unknown loss. Allowed: .* Received: 'crossentropy'"
PICTURE = r"array \(height, width, 3\), uint8.* Received"
USE = "Unknown use of labels. Allowed: .* Received: 'onehot'"


def g():
    return models.mlp_generator(SHAPE, 4, (8,))


def d():
    return models.mlp_discriminator(SHAPE, (8,))


def e(outputs=4):
    return models.mlp_encoder(SHAPE, outputs, (8,))


def gan():
    return training.GAN(g(), d())


def autoencoder():
    return autoencoders.Autoencoder(e(), g(), models.mlp_encoder((4,), 4, ()))


def bigan():
    return autoencoders.BiGAN(
        e(), g(), models.mlp_encoder((4,), 4, ()), models.mlp_discriminator((68,))
    )


def components():
    return evaluators.PrincipalComponents(GOOD, LABELS)


def dictionary():
    return atoms.principal(GOOD, 6)


def stick():
    return yardstick.Yardstick(datasets.load("digits"), 100)


def data(images, labels):
    return datasets.Dataset("x", GOOD, LABELS, images, labels, ("a", "b"), "source", "licence")


def watched(callback):
    small_gan().fit(POINTS, batch_size=16, steps_per_epoch=1, verbose=0, callbacks=[callback])


def watched_classes(callback):
    conditional_gan().fit(POINTS, LABELS, 16, steps_per_epoch=1, verbose=0, callbacks=[callback])


MAPS = np.ones((40, 1, 2, 2, 2, 2)) / 4
DOORS = [  # the door, bad input, what it must say
    ("datasets.Dataset", lambda: data(PIXELS, LABELS), RANGE),
    ("datasets.Dataset", lambda: data(GOOD, HALVES), CLASSES),
    ("datasets.balanced", lambda: datasets.balanced(HALVES), "whole numbers"),
    ("datasets.from_arrays", lambda: datasets.from_arrays(PIXELS), RANGE),
    ("datasets.folder.Folder", lambda: Folder(NOWHERE), "at least two images .* Received: 0"),
    ("latent.directions.of_measures", lambda: directions.of_measures("net"), GENERATOR),
    ("latent.generators.check_generator", lambda: generators.check_generator("net"), GENERATOR),
    ("latent.generators.load", lambda: generators.load(NOWHERE), f"There is no file {NOWHERE}"),
    ("latent.generators.takes_labels", lambda: generators.takes_labels("net"), NETWORK),
    ("latent.generators.name_classes", lambda: generators.name_classes("net"), NETWORK),
    ("latent.generators.make", lambda: generators.make("net", POINTS), NETWORK),
    ("latent.page.write_page", lambda: write_page(NOWHERE, "net"), "generator .*Received"),
    ("layers.kernels.kernel_matrix", lambda: layers.kernel_matrix("net"), "must be built.*Received"),
    ("layers.kernels.set_kernel_matrix", lambda: layers.kernels.set_kernel_matrix("net", GOOD), "must be one of Dense, .* Received"),
    ("layers.kernels.multiply_adds", lambda: layers.multiply_adds("net"), "must be a Layer. Received: 'net'"),
    ("layers.low_rank.factorize", lambda: layers.factorize("net", 1), NETWORK),
    ("metrics.damage.Pool", lambda: damage.Pool(PIXELS, LABELS, GOOD), RANGE),
    ("metrics.damage.Pool", lambda: damage.Pool(GOOD, HALVES, GOOD), CLASSES),
    ("metrics.evaluators.Evaluator.__call__", lambda: evaluators.load_evaluator("digits")(PIXELS), RANGE),
    ("metrics.evaluators.Evaluator.features", lambda: evaluators.load_evaluator("digits").features(PIXELS), RANGE),
    ("metrics.evaluators.Evaluator.predict", lambda: evaluators.load_evaluator("digits").predict(PIXELS), RANGE),
    ("metrics.evaluators.LayerFeatures", lambda: evaluators.LayerFeatures("net", ["x"]), NETWORK),
    ("metrics.evaluators.LayerFeatures.__call__", lambda: evaluators.LayerFeatures(d(), ["score"])(PIXELS), RANGE),
    ("metrics.evaluators.attention_maps", lambda: evaluators.attention_maps("net", GOOD), NETWORK),
    ("metrics.evaluators.PrincipalComponents", lambda: evaluators.PrincipalComponents(PIXELS, LABELS), RANGE),
    ("metrics.evaluators.PrincipalComponents", lambda: evaluators.PrincipalComponents(GOOD, HALVES), CLASSES),
    ("metrics.evaluators.PrincipalComponents.__call__", lambda: components()(PIXELS), RANGE),
    ("metrics.evaluators.PrincipalComponents.features", lambda: components().features(PIXELS), RANGE),
    ("metrics.evaluators.PrincipalComponents.predict", lambda: components().predict(PIXELS), RANGE),
    ("metrics.features.measure", lambda: features.measure(PIXELS), RANGE),
    ("metrics.neighbours.class_coverage", lambda: metrics.class_coverage(HALVES, 2), CLASSES),
    ("metrics.yardstick.Yardstick.measure", lambda: stick().measure(PIXELS), RANGE),
    ("metrics.yardstick.Yardstick.classes", lambda: stick().classes(PIXELS), RANGE),
    ("models.atoms.Atoms.encode", lambda: dictionary().encode(PIXELS, 2), RANGE),
    ("models.atoms.Atoms.error", lambda: dictionary().error(PIXELS, 2), RANGE),
    ("models.atoms.of_layer", lambda: atoms.of_layer("net"), "must be a Dictionary. Received: 'net'"),
    ("models.atoms.learn", lambda: atoms.learn(PIXELS, 4, 1.0), RANGE),
    ("models.atoms.principal", lambda: atoms.principal(PIXELS), RANGE),
    ("models.atoms.principal", lambda: atoms.principal(GOOD, 41), "41 components needs 41 samples or more. Received: 40"),
    ("models.atoms.leading", lambda: atoms.leading(dictionary(), PIXELS, 2), RANGE),
    ("models.conv.conv_discriminator", lambda: models.conv_discriminator(SHAPE, num_classes=2, labels="onehot"), USE),
    ("models.mlp.mlp_discriminator", lambda: models.mlp_discriminator(SHAPE, num_classes=2, labels="onehot"), USE),
    ("models.mlp.hidden_layers", lambda: models.hidden_layers("net"), NETWORK),
    ("models.sparse.sparse_generator", lambda: models.sparse_generator(SHAPE, "net"), NETWORK),
    ("plotting.charts.plot_images", lambda: plotting.plot_images({"a": PIXELS}), RANGE),
    ("plotting.pictures.image_grid", lambda: plotting.image_grid(PIXELS), RANGE),
    ("plotting.pictures.png", lambda: plotting.png(GOOD[0]), PICTURE),
    ("plotting.pictures.gif", lambda: plotting.gif([GOOD[0]]), PICTURE),
    ("plotting.pictures.film", lambda: plotting.film([PIXELS]), RANGE),
    ("plotting.plane.discriminator_map", lambda: plotting.discriminator_map(d(), 1), r"points \(batch, 2\). Received"),
    ("studies.runs.table", lambda: runs.table(__file__, ["a"], [(1,)], dict), "must have the columns"),
    ("theory.spectra.jacobians", lambda: spectra.jacobians("net", POINTS), NETWORK),
    ("theory.spectra.jacobian_singular_values", lambda: spectra.jacobian_singular_values("net", POINTS), NETWORK),
    ("theory.spectra.field_jacobian", lambda: spectra.field_jacobian(g(), d(), PIXELS, POINTS), RANGE),
    ("theory.spectra.field_jacobian", lambda: spectra.field_jacobian(g(), "net", GOOD, POINTS), NETWORK),
    ("training.autoencoders.VAE", lambda: autoencoders.VAE("net", g()), NETWORK),
    ("training.autoencoders.VAE.compile", lambda: autoencoders.VAE(e(8), g()).compile("adam"), OPTIMIZER),
    ("training.autoencoders.Autoencoder", lambda: autoencoders.Autoencoder(e(), "net", e()), NETWORK),
    ("training.autoencoders.Autoencoder.compile", lambda: autoencoder().compile("adam"), OPTIMIZER),
    ("training.autoencoders.Autoencoder.encode", lambda: autoencoder().encode(PIXELS), RANGE),
    ("training.autoencoders.AdversarialAutoencoder", lambda: autoencoders.AdversarialAutoencoder(e(), g(), "net", d()), NETWORK),
    ("training.autoencoders.BiGAN", lambda: autoencoders.BiGAN(e(), g(), g(), "net"), NETWORK),
    ("training.autoencoders.BiGAN.compile", lambda: bigan().compile("adam"), OPTIMIZER),
    ("training.callbacks.Snapshots", lambda: watched(callbacks.Snapshots(1, probe=PIXELS)), RANK),
    ("training.callbacks.Snapshots", lambda: watched_classes(callbacks.Snapshots(1, 40, labels=HALVES)), CLASSES),
    ("training.callbacks.Checkpoint", lambda: callbacks.Checkpoint(__file__, 1).resume(small_gan()), "npz file.* Received"),
    ("training.callbacks.Checkpoint.resume", lambda: callbacks.Checkpoint(NOWHERE, 1).resume("net"), "must be a Model. Received: 'net'"),
    ("training.callbacks.Checkpoint.write", lambda: callbacks.Checkpoint(NOWHERE, 1).write(gan()), "Call compile before"),
    ("training.callbacks.Diagnosis", lambda: watched(callbacks.Diagnosis(PIXELS)), RANK),
    ("training.callbacks.Diagnosis", lambda: watched_classes(callbacks.Diagnosis(POINTS, HALVES)), CLASSES),
    ("training.feed.stream_folder", lambda: feed.stream_folder(NOWHERE, 8), f"must be a Folder. Received: '{NOWHERE}'"),
    ("training.gan.GAN", lambda: training.GAN("net", d()), NETWORK),
    ("training.gan.GAN", lambda: training.GAN(g(), "net"), NETWORK),
    ("training.gan.GAN.half_step", lambda: small_gan().half_step("generator", PIXELS), RANK),
    ("training.gan.GAN.save", lambda: gan().save("generator.h5"), ".keras. Received: generator.h5"),
    ("training.gan.GAN.generate", lambda: conditional_gan().generate(40, labels=HALVES), CLASSES),
    ("training.recipe.Recipe", lambda: training.Recipe(loss="crossentropy"), LOSS),
    ("training.recipe.Recipe", lambda: training.Recipe(generator_optimizer="adam"), OPTIMIZER),
    ("training.recipe.as_loss_pair", lambda: as_loss_pair("crossentropy"), LOSS),
    ("widgets.attention.AttentionExplorer", lambda: widgets.AttentionExplorer(PIXELS, MAPS), RANGE),
    ("widgets.bars.FeatureExplorer", lambda: widgets.FeatureExplorer(PIXELS.repeat(3, -1), PIXELS.repeat(3, -1)), "images must"),
    ("widgets.canvas.Canvas", lambda: widgets.Canvas(PIXELS[0]), RANGE),
    ("widgets.codes.CodeExplorer", lambda: widgets.CodeExplorer(dictionary(), PIXELS), RANGE),
    ("widgets.explorer.LatentExplorer", lambda: widgets.LatentExplorer("net"), GENERATOR),
    ("widgets.film.TrainingExplorer", lambda: widgets.TrainingExplorer([1], [GOOD[0]]), PICTURE),
    ("widgets.rank.RankExplorer", lambda: widgets.RankExplorer("net"), GENERATOR),
    ("widgets.trainer.LiveTrainer", lambda: widgets.LiveTrainer("net", GOOD), "must be a GAN. Received: 'net'"),
    ("widgets.trainer.LiveTrainer", lambda: widgets.LiveTrainer(small_gan(), PIXELS), RANK),
]  # fmt: skip
INHERITED = [  # by GAN and the autoencoders from their Trainer, which is INNER
    (lambda: small_gan().fit(PIXELS, verbose=0), RANK),
    (lambda: conditional_gan().fit(POINTS, HALVES, 16, verbose=0), CLASSES),
    (lambda: watched("history"), "A callback must be a Callback. Received: 'history'"),
    (lambda: small_gan().check_data(PIXELS, None, 8), RANK),
    (lambda: small_gan().load_state(__file__), "npz file of plain arrays. Received"),
    (lambda: gan().save_state(NOWHERE), "Call compile before"),
    (lambda: gan().compile("adam"), "recipe must be a Recipe. Received: 'adam'"),
    (lambda: gan().compile(losses="hinge"), "Unknown option. Allowed: loss, .* Received: 'losses'"),
    (lambda: small_gan().set("adam"), "recipe must be a Recipe. Received: 'adam'"),
    (lambda: callbacks.Measure("x", 3), "function must be a Callable. Received: 3"),
]


def public(members, module):
    """Names and what they stand for, of one module or class: functions and classes made there."""
    for name, thing in members.items():
        own = (inspect.isclass(thing) or inspect.isfunction(thing)) and thing.__module__ == module
        if own and (name == "__call__" or not name.startswith(("_", "on_"))):
            yield name, thing


def doors():
    """Dotted names of all doors."""
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if name in ("__init__", "__main__", "training.backend.jax"):
            continue
        module = f"gannotes.{name}"
        for title, thing in public(vars(importlib.import_module(module)), module):
            yield from of(f"{name}.{title}", thing)
            if inspect.isclass(thing):
                for method, function in public(vars(thing), module):
                    yield from of(f"{name}.{title}.{method}", function)


def of(name, thing):
    try:
        taken = inspect.signature(thing).parameters
    except ValueError:  # exceptions
        return
    is_inner = name in INNER or name.startswith(tuple(f"{module}." for module in INSIDE))
    if BROUGHT & set(taken) and not is_inner:
        yield name


def test_every_door_is_tried():
    assert set(doors()) == {name for name, _, _ in DOORS}


@pytest.mark.parametrize("name, bring, told", DOORS, ids=[name for name, _, _ in DOORS])
def test_doors(name, bring, told):
    with pytest.raises((ValueError, TypeError, OSError, RuntimeError), match=told):
        bring()


@pytest.mark.parametrize(("bring", "told"), INHERITED)
def test_doors_of_trainers(bring, told):
    with pytest.raises((ValueError, TypeError, RuntimeError), match=told):
        bring()
