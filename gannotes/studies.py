"""The same training over several seeds, and what its snapshots tell."""

from dataclasses import dataclass
import time

from gannotes.callbacks import Snapshots
from gannotes.checks import check_count
from gannotes.progress import Progress, bar
from keras import ops
import numpy as np


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
        seed: of the initial weights and all draws.
        history: ``{name: list of each epoch's mean}``.
        snapshots: the `callbacks.Snapshots` taken along it.
        seconds: of `fit`, wall clock.
    """

    seed: int
    history: dict
    snapshots: Snapshots
    seconds: float


def train_seeds(gan, images, seeds, steps, every, batch_size=64, count=500, probe=None):
    """Trains the same GAN anew for each seed.

    Args:
        gan: a compiled `training.GAN`; it ends with the last seed's weights.
        images: as for `GAN.fit`.
        seeds: how many; they are 0, 1, ….
        steps: of each training, a multiple of `every`.
        every: steps between two snapshots, and in an epoch of the history.
        batch_size: images in a batch.
        count, probe: as for `callbacks.Snapshots`.

    Returns:
        A list of `Run`.
    """
    check_count("seeds", seeds)
    check_count("every", every)
    check_count("steps", steps)
    if steps % every:
        raise ValueError(f"steps must be a multiple of every, {every}. Received: {steps}")
    runs = []
    with bar("seeds", seeds * steps) as shared:
        for seed in range(seeds):
            shared.set_description(f"seed {seed + 1} of {seeds}")
            gan.reset(seed)
            snapshots = Snapshots(every, count, probe)
            start = time.monotonic()
            history = gan.fit(
                images,
                batch_size=batch_size,
                epochs=steps // every,
                steps_per_epoch=every,
                callbacks=[snapshots, Progress(shared)],
                verbose=0,
            )
            runs.append(Run(seed, history.history, snapshots, time.monotonic() - start))
    return runs


def tournament(discriminator, snapshots, real_images):
    """Every discriminator of a training against every generator of it.

    Args:
        discriminator: the network that the weights in `snapshots` belong to; it keeps its own.
        snapshots: of one training.
        real_images: (n, ...).

    Returns:
        Balanced accuracy of the discriminator at time i on real images and on those of the
        generator at time j, shape (times, times): 1 sees through all, ½ is no better than chance.
    """
    kept = discriminator.get_weights()
    accuracy = []
    fake_images = np.stack(snapshots.images)  # (times, n, ...)
    flat = fake_images.reshape(-1, *fake_images.shape[2:])
    for _, weights in snapshots.weights:
        discriminator.set_weights(weights)
        real_share = np.mean(ops.convert_to_numpy(discriminator(real_images)) > 0)
        fake_scores = ops.convert_to_numpy(discriminator(flat)).reshape(len(fake_images), -1)
        accuracy.append((real_share + (fake_scores <= 0).mean(axis=1)) / 2)
    discriminator.set_weights(kept)
    return np.array(accuracy)
