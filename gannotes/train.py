"""Trains a GAN from the shell: python -m gannotes.train --help

The output folder holds the averaged generator, a picture of its samples and a film of them along
training, the history, and the training's state; of data with an evaluator also the generator that
came closest. The same command again goes on from that state, until --steps are done.
"""

import contextlib
import csv

from gannotes import datasets, files, metrics, models, plotting, training
from gannotes.datasets.folder import Folder
from gannotes.metrics import evaluators
from gannotes.train_options import AUGMENTATIONS, check_same_training, parser, write_arguments
from gannotes.training import augmentation, backend, losses
from gannotes.training.callbacks import Checkpoint, Diagnosis, Diverged, Measure, TensorBoard
from gannotes.training.feed import stream_folder
import keras
import numpy as np

LOOKED_AT = 1000  # images of a stream that pictures and diagnoses are about


def build(arguments, data):
    """The compiled GAN that the arguments ask for; unknown or bad ones are refused here."""
    conditional = arguments.labels != "none"
    classes = len(data.class_names) if conditional else None
    *sides, channels = data.shape
    judged = (*sides, arguments.packing * channels)
    widths = {"widths": tuple(arguments.widths)} if arguments.widths else {}
    reverse = {"widths": tuple(arguments.widths[::-1])} if arguments.widths else {}
    judge_options = {"spectral_norm": arguments.spectral_norm, "num_classes": classes, **widths}
    if conditional:
        judge_options["labels"] = arguments.labels
    if arguments.network == "conv":
        generator = models.conv_generator(
            data.shape, arguments.latent_dim, num_classes=classes, **reverse
        )
        discriminator = models.conv_discriminator(judged, **judge_options)
    else:
        generator = models.mlp_generator(
            data.shape, arguments.latent_dim, batch_norm=arguments.batch_norm, num_classes=classes,
            **reverse,
        )  # fmt: skip
        discriminator = models.mlp_discriminator(judged, **judge_options)

    falls = arguments.schedule == "cosine"
    rates = arguments.learning_rate, arguments.discriminator_learning_rate
    adams = {
        "generator_rate": rates[0],
        "discriminator_rate": rates[1],
        "beta_1": arguments.beta_1,
        "steps": arguments.steps if falls else None,
    }
    penalties = {name: getattr(arguments, name) for name in losses.PENALTIES}
    changes = [AUGMENTATIONS[name] for name in arguments.augment]
    if changes and len(data.shape) != 3:
        raise ValueError(f"--augment is for images, and {data.name} holds points")
    gan = training.GAN(generator, discriminator, arguments.packing, arguments.seed)
    gan.compile(
        **adams,
        loss=arguments.loss,
        **penalties,
        penalty_every=arguments.penalty_every,
        discriminator_steps=arguments.discriminator_steps,
        simultaneous=arguments.simultaneous,
        instance_noise=arguments.instance_noise,
        augment=augmentation.chain(*changes) if changes else None,
        class_weight=arguments.class_weight,
        ema_decay=arguments.ema_decay,
    )
    gan.reset(arguments.seed)
    return gan


def closest_generator(arguments, data, history):
    """Callbacks: Fréchet distance from held-out images, and the generator that came closest."""
    evaluator = evaluators.load_evaluator(data.name)
    held_out = data.held_out_images[:2000]
    real_features = evaluator.features(held_out)

    def distance(images):
        fake_features = evaluator.features(np.clip(images, -1, 1))
        return metrics.frechet_distance(real_features, fake_features)

    name = "frechet_distance"
    labels = None if arguments.labels == "none" else data.held_out_labels[:2000]
    return [
        Measure(name, distance, len(held_out), labels),
        keras.callbacks.ModelCheckpoint(
            arguments.output / "closest.keras", name, save_best_only=True, mode="min",
            initial_value_threshold=min((float(row[name]) for row in history), default=np.inf),
        ),
    ]  # fmt: skip


def samples(gan, data):
    """A picture of what the averaged generator makes of 64 latents, always the same."""
    labels = np.arange(64) % len(data.class_names) if gan.conditional else None
    return plotting.image_grid(np.clip(gan.generate(64, labels=labels), -1, 1), scale=2)


def save(gan, data, folder, film):
    """Writes the averaged generator and, of images, samples and their film; each file whole."""
    gan.save(folder / "generator.keras")
    if len(data.shape) == 3:
        film.append(samples(gan, data))
        files.write_bytes(folder / "samples.png", plotting.png(film[-1]))
        files.write_bytes(folder / "training.gif", plotting.gif(film))


def main(arguments=None):
    """Trains; returns the GAN."""
    options = parser()
    arguments = options.parse_args(arguments)
    if arguments.steps < 1 or arguments.every < 1 or arguments.steps % arguments.every:
        options.error(f"--steps must be a multiple of --every. Received: {arguments.steps} and "
                      f"{arguments.every}")  # fmt: skip
    strategy = backend.STRATEGIES[arguments.devices]()  # first of all, or workers do not meet
    writes = backend.is_first_worker(strategy)  # the others lend a hand
    with contextlib.ExitStack() as stack:
        try:
            data, images = load(arguments)
            with strategy.scope():
                gan = build(arguments, data)
            labels = used_labels(arguments, data)
            gan.check_data(images, labels, arguments.batch_size)
            if writes:
                stack.enter_context(files.alone_in(arguments.output))
            check_same_training(arguments)
            checkpoint = Checkpoint(arguments.output / "state.npz", arguments.every)
            done = checkpoint.resume(gan)
            if done % arguments.every:
                raise ValueError(f"--every must divide the {done:,} steps that are done already")
        except (ValueError, ConnectionError) as error:
            options.error(str(error))
        print(data.card)
        if done >= arguments.steps:
            print(f"{done:,} steps are done already")
            return gan
        print(f"{done:,} of {arguments.steps:,} steps done")
        callbacks = []
        if writes:
            write_arguments(arguments)
            callbacks = watchers(arguments, data, gan, checkpoint)
        try:
            fit(arguments, data, images, gan, callbacks)
        except Diverged as error:
            options.exit(1, f"{error}\n")
    print(f"{arguments.steps:,} steps done: see {arguments.output}")
    return gan


def load(arguments):
    """The data, or of a stream the first of them, to look at; and what the GAN is to be fed with."""
    path, streamed = datasets.find_folder(arguments.dataset), arguments.stream
    if streamed and path is None:
        raise ValueError(f"--stream is for a folder of images. Received: {arguments.dataset}")
    most = LOOKED_AT if streamed else None
    options = {"size": arguments.size, "most": most} if path else {}
    data = datasets.load(arguments.dataset, **options)
    if not streamed:
        return data, data.images
    in_a_step = arguments.batch_size * arguments.discriminator_steps
    folder, labelled = Folder(path, size=arguments.size), arguments.labels != "none"
    return data, stream_folder(folder, in_a_step, arguments.seed, labelled)


def watchers(arguments, data, gan, checkpoint):
    """The callbacks that measure and save, the state last: what it does not know is trained again."""
    done, output = gan.steps, arguments.output
    epochs = done // arguments.every
    labels = used_labels(arguments, data)
    are_images = len(data.shape) == 3
    gif, history = output / "training.gif", output / "history.csv"
    film = plotting.gif_pictures(gif.read_bytes())[:epochs] if done and gif.exists() else []
    lines = []
    if done and history.exists():
        lines = history.read_bytes().decode().splitlines(keepends=True)[: 1 + epochs]
        files.write_bytes(history, "".join(lines).encode())
    callbacks = [Diagnosis(data.images[:1000], None if labels is None else labels[:1000])]
    if data.name in evaluators.evaluator_names():
        callbacks += closest_generator(arguments, data, csv.DictReader(lines))
    callbacks += [
        keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: save(gan, data, output, film)
        ),
        keras.callbacks.CSVLogger(str(history), append=done > 0),
    ]
    if arguments.tensorboard:
        pictures = {"samples": lambda gan: samples(gan, data)} if are_images else None
        callbacks.append(TensorBoard(output / "tensorboard", pictures))
    write_state = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: checkpoint.write(gan)
    )
    return [*callbacks, write_state]


def used_labels(arguments, data):
    """The data's labels, if a network has to do with them."""
    return None if arguments.labels == "none" else data.labels


def fit(arguments, data, images, gan, callbacks):
    """Takes the steps that are left."""
    gan.fit(
        images,
        None if arguments.stream else used_labels(arguments, data),
        batch_size=arguments.batch_size,
        initial_epoch=gan.steps // arguments.every,
        epochs=arguments.steps // arguments.every,
        steps_per_epoch=arguments.every,
        callbacks=callbacks,
        verbose=2,
    )
    for step, sentence in (f for c in callbacks for f in getattr(c, "findings", [])):
        if step == gan.steps:
            print(sentence)


if __name__ == "__main__":
    main()
