"""The command line: python -m gannotes train --help, and python -m gannotes draw --help

`train`'s output folder holds the averaged generator, a picture of its samples and a film of them along
training, the history, and the training's state; of data with an evaluator also the generator that
came closest. The same command again goes on from that state, until --steps are done.
"""

import argparse
import contextlib
import csv
import dataclasses
import json
from pathlib import Path

from gannotes import datasets, files, metrics, models, plotting, training
from gannotes.checks import check_count, check_labels
from gannotes.latent import generators, latents
from gannotes.metrics import evaluators
from gannotes.training import augmentation, backend, losses
from gannotes.training.callbacks import Checkpoint, Diagnosis, Diverged, Measure
from gannotes.training.feed import stream_folder
from gannotes.training.optimizers import OPTIMIZERS
from gannotes.training.recipe import Recipe
import keras
import numpy as np

NETWORKS = {
    "mlp": (models.mlp_generator, models.mlp_discriminator),
    "conv": (models.conv_generator, models.conv_discriminator),
}
AUGMENTATIONS = {
    name: getattr(augmentation, name) for name in ("translate", "flip", "brightness", "cutout")
}
MAY_CHANGE = {"steps", "every", "devices", "stream"}
LOOKED_AT = 1000  # images of a stream that pictures and the diagnosis are about


def parser():
    """The commands and their options."""
    commands = argparse.ArgumentParser("python -m gannotes", description="GANs from the shell.")
    kinds = commands.add_subparsers(required=True)
    form = {"formatter_class": argparse.ArgumentDefaultsHelpFormatter}
    about = "Draws pictures by a trained generator, into drawn/ of its folder."
    draw_ = kinds.add_parser("draw", help="draws by a trained GAN", description=about, **form)
    draw_.set_defaults(run=draw)
    draw_.add_argument("output", type=Path, help="folder of a training")
    draw_.add_argument("--count", type=int, default=64, help="pictures")
    draw_.add_argument("--seed", type=int, default=0, help="of the latents")
    draw_.add_argument("--label", type=int, help="the number of one class; else all in turn")
    about = "Trains a GAN. The same command again goes on where it was interrupted."
    train_ = kinds.add_parser("train", help="trains a GAN", description=about, **form)
    train_.set_defaults(run=train)
    add = train_.add_argument
    known = ", ".join(datasets.names())
    add("output", type=Path, help="folder for generator, samples, history and state")
    add("--dataset", default="digits", help=f"{known}, or the path of a folder of images")
    add("--size", type=int, nargs="+", default=[32], metavar="PIXELS",
        help="a side, or height and width, of a folder's images")  # fmt: skip
    add("--channels", type=int, choices=[1, 3], default=3, help="of a folder's: grey, colour")
    add("--fit", choices=["crop", "pad"], default="crop", help="how a folder's get this size")
    add("--skip-broken", action="store_true", help="leave out a folder's files that are no images")
    add("--stream", action="store_true", help="read a folder's images only when they are needed")
    add("--network", choices=list(NETWORKS), default="mlp", help="kind of both networks")
    add("--widths", type=int, nargs="+", help="of D's layers; G's in reverse")
    add("--latent-dim", type=int, default=16, help="size of the latents")
    add("--labels", choices=["none", "embedding", "projection", "classifier"], default="none",
        help="how D has to do with labels; G then takes them")  # fmt: skip
    add("--batch-norm", action="store_true", help="in an MLP generator; a conv one always has it")
    add("--spectral-norm", action="store_true", help="in the discriminator")
    add("--packing", type=int, default=1, help="images that D sees at once")
    add("--steps", type=int, default=5000, help="of the whole training, resumed or not")
    add("--every", type=int, default=500, help="steps between states and pictures")
    add("--batch-size", type=int, default=64, help="images in a batch")
    add("--schedule", choices=["constant", "cosine"], default="cosine",
        help="of the learning rates; cosine falls to 0 at --steps")  # fmt: skip
    add("--optimizer", choices=OPTIMIZERS, default=Recipe.optimizer, help="of both networks")
    add("--loss", choices=list(losses.LOSSES), default=Recipe.loss, help="of the game")
    add("--augment", choices=list(AUGMENTATIONS), nargs="+", default=[],
        help="differentiable changes that D sees on real and fake alike")  # fmt: skip
    for option in dataclasses.fields(Recipe):  # its switches, and the numbers that need no function
        name = f"--{option.name.replace('_', '-')}"
        settings = {"default": option.default, "help": option.metadata["help"]}
        if option.type is bool:
            add(name, action=argparse.BooleanOptionalAction, **settings)
        elif option.type in (int, float) and option.name != "feature_weight":
            add(name, type=option.type, **settings)
    add("--devices", choices=list(backend.STRATEGIES), default="one",
        help="one; all GPUs here; or those of all workers that TF_CONFIG names")  # fmt: skip
    add("--seed", type=int, default=0, help="of weights, latents and batches")
    return commands


def recipe_of(arguments):
    """The `Recipe` that the arguments ask for."""
    names = {option.name for option in dataclasses.fields(Recipe)}
    options = {name: value for name, value in vars(arguments).items() if name in names}
    changes = [AUGMENTATIONS[name] for name in arguments.augment]
    options["augment"] = augmentation.chain(*changes) if changes else None
    if arguments.schedule == "constant":
        options["steps"] = None
    return Recipe(**options)


def build(arguments, data):
    """The compiled GAN that the arguments ask for; unknown or bad ones are refused here."""
    make_generator, make_discriminator = NETWORKS[arguments.network]
    classes = len(data.class_names) if arguments.labels != "none" else None
    of_generator = {"num_classes": classes}
    of_discriminator = {"num_classes": classes, "spectral_norm": arguments.spectral_norm}
    if arguments.network == "mlp":
        of_generator["batch_norm"] = arguments.batch_norm
    if classes is not None:
        of_discriminator["labels"] = arguments.labels
    if arguments.widths:
        of_generator["widths"] = tuple(reversed(arguments.widths))
        of_discriminator["widths"] = tuple(arguments.widths)
    if arguments.augment and len(data.shape) != 3:
        raise ValueError(f"--augment is for images, and {data.name} holds points")

    generator = make_generator(data.shape, arguments.latent_dim, **of_generator)
    packed_shape = (*data.shape[:-1], arguments.packing * data.shape[-1])
    discriminator = make_discriminator(packed_shape, **of_discriminator)
    gan = training.GAN(generator, discriminator, arguments.packing, arguments.seed)
    gan.compile(recipe_of(arguments))
    gan.reset(arguments.seed)
    return gan


def load(arguments):
    """The data, of a stream only the first images; and images (or the stream) and labels for `fit`."""
    is_folder = datasets.find_folder(arguments.dataset) is not None
    if arguments.stream and not is_folder:
        raise ValueError(f"--stream is for a folder of images. Received: {arguments.dataset}")
    most = LOOKED_AT if arguments.stream else None
    options = "size", "channels", "fit", "skip_broken"
    asked = {name: getattr(arguments, name) for name in options} | {"most": most}
    data = datasets.load(arguments.dataset, **(asked if is_folder else {}))
    labelled = arguments.labels != "none"
    if not arguments.stream:
        return data, data.images, data.labels if labelled else None
    in_a_step = arguments.batch_size * arguments.discriminator_steps
    return data, stream_folder(data.folder, in_a_step, arguments.seed, labelled), None


def check_same_training(output, asked):
    """Raises ValueError if the folder holds a training that was asked for otherwise."""
    path = output / "arguments.json"
    if not (output / "state.npz").exists() or not path.exists():
        return
    before = vars(parser().parse_args(["train", str(output)])) | json.loads(path.read_text())
    changed = [name for name in asked if name not in MAY_CHANGE and before[name] != asked[name]]
    if changed:
        said = ", ".join(f"{name} was {before[name]!r}, is {asked[name]!r}" for name in changed)
        raise ValueError(
            f"{output} holds a training with other options: {said}. "
            "Go on with those, or take another folder"
        )


def samples(gan, data):
    """A picture of what the averaged generator makes of 64 latents, always the same."""
    labels = np.arange(64) % len(data.class_names) if gan.conditional else None
    return plotting.image_grid(np.clip(gan.generate(64, labels=labels), -1, 1), scale=2)


def closest_generator(arguments, data, history):
    """Callbacks that measure the distance from held-out images, and keep the closest generator."""
    name = "frechet_distance"
    path = str(arguments.output / "closest.keras").replace("{", "{{").replace("}", "}}")
    labels = None if arguments.labels == "none" else data.held_out_labels[:2000]
    closest = min((float(row[name]) for row in history), default=np.inf)  # is in the file already
    evaluator = evaluators.for_dataset(data)
    real_features = evaluator.features(data.held_out_images[:2000])

    def distance(images):
        fake_features = evaluator.features(np.clip(images, -1, 1))
        return metrics.frechet_distance(real_features, fake_features)

    measure = Measure(name, distance, len(real_features), labels)
    best = {"save_best_only": True, "mode": "min", "initial_value_threshold": closest}
    return [measure, keras.callbacks.ModelCheckpoint(path, name, **best)]  # which formats the path


def watchers(arguments, data, gan, checkpoint):
    """The callbacks that measure and save, the state last: what it does not know is trained again."""
    output, epochs = arguments.output, gan.steps // arguments.every
    are_images = len(data.shape) == 3
    film, lines = [], []
    if epochs and (output / "training.gif").exists():
        film = plotting.gif_pictures((output / "training.gif").read_bytes())[:epochs]
    if epochs and (output / "history.csv").exists():
        lines = (output / "history.csv").read_bytes().splitlines(keepends=True)[: 1 + epochs]
        files.write_bytes(output / "history.csv", b"".join(lines))

    def save(epoch, logs):
        gan.save(output / "generator.keras")
        if are_images:
            film.append(samples(gan, data))
            files.write_bytes(output / "samples.png", plotting.png(film[-1]))
            files.write_bytes(output / "training.gif", plotting.gif(film))

    labels = None if arguments.labels == "none" else data.labels[:LOOKED_AT]
    callbacks = [Diagnosis(data.images[:LOOKED_AT], labels)]
    if evaluators.SHARED.get(data.name, data.name) in evaluators.evaluator_names():
        callbacks += closest_generator(arguments, data, csv.DictReader(map(bytes.decode, lines)))
    callbacks.append(keras.callbacks.LambdaCallback(on_epoch_end=save))
    callbacks.append(keras.callbacks.CSVLogger(str(output / "history.csv"), append=epochs > 0))
    last = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: checkpoint.write(gan))
    return [*callbacks, last]


def draw(commands, arguments):
    """Writes pictures of a trained generator, each to a file, and all in one; returns them."""
    count, label, folder = arguments.count, arguments.label, arguments.output / "drawn"
    try:
        check_count("--count", count)
        generator = generators.load(arguments.output / "generator.keras")
        labels, classes = None, range(len(generators.name_classes(generator)))
        if classes or label is not None:
            labels = np.resize(classes if label is None else label, count).astype("int32")
            check_labels(labels, count, len(classes) or None)
        points = latents.draw(count, generator.inputs[0].shape[1], arguments.seed)
        images = generators.make(generator, points, labels)
        name = f"seed {arguments.seed}" + ("" if label is None else f", class {label}")
        for k, image in enumerate(images):
            path = folder / name / f"{k:0{len(str(count - 1))}}.png"
            files.write_bytes(path, plotting.png(plotting.image_grid(image[None])))
        files.write_bytes(folder / f"{name}.png", plotting.png(plotting.image_grid(images)))
    except (ValueError, OSError) as error:
        commands.error(str(error))
    print(f"{count:,} pictures: see {folder / name}")
    return images


def main(arguments=None):
    """Does what the arguments ask; returns the GAN, or the pictures."""
    commands = parser()
    arguments = commands.parse_args(arguments)
    return arguments.run(commands, arguments)


def train(commands, arguments):
    """Trains as the arguments ask; returns the GAN."""
    if len(arguments.size) == 1:
        (arguments.size,) = arguments.size
    steps, every, output = arguments.steps, arguments.every, arguments.output
    asked = {name: x for name, x in vars(arguments).items() if name not in ("output", "run")}
    if steps < 1 or every < 1 or steps % every:
        commands.error(f"--steps must be a multiple of --every. Received: {steps} and {every}")
    if output.exists() and not output.is_dir():
        commands.error(f"output must be a folder. Received a file: {output}")
    strategy = backend.STRATEGIES[arguments.devices]()  # first of all, or workers do not meet
    writes = backend.is_first_worker(strategy)  # the others lend a hand
    with contextlib.ExitStack() as stack:
        try:
            data, images, labels = load(arguments)
            with strategy.scope():
                gan = build(arguments, data)
            gan.check_data(images, labels, arguments.batch_size)
            if writes:
                stack.enter_context(files.alone_in(output))
                files.remove_parts(output / "*.*")
            check_same_training(output, asked)
            checkpoint = Checkpoint(output / "state.npz", every)
            done = checkpoint.resume(gan)
            if done % every:
                raise ValueError(f"--every must divide the {done:,} steps that are done already")
        except (ValueError, OSError) as error:  # so is a ConnectionError
            cause = getattr(error, "strerror", None)  # the system's
            commands.error(f"{error.filename}: {cause}" if cause else str(error))
        print(data)
        if done >= steps:
            print(f"{done:,} steps are done already")
            return gan
        print(f"{done:,} of {steps:,} steps done")
        callbacks = []
        if writes:
            note = json.dumps(asked, indent=2) + "\n"
            files.write_bytes(output / "arguments.json", note.encode())
            callbacks = watchers(arguments, data, gan, checkpoint)
        try:
            epochs = {"initial_epoch": done // every, "epochs": steps // every}
            options = {"steps_per_epoch": every, "callbacks": callbacks, "verbose": 2}
            gan.fit(images, labels, arguments.batch_size, **epochs, **options)
        except Diverged as error:
            commands.exit(1, f"{error}\n")
    for step, sentence in callbacks[0].findings if writes else []:
        if step == steps:
            print(sentence)
    print(f"{steps:,} steps done: see {output}")
    return gan


if __name__ == "__main__":
    main()
