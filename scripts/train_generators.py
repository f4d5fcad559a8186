"""Trains the generators that ship: python scripts/train_generators.py

Each is what `python -m gannotes train` makes with the options below, on two cores in some four minutes of
MNIST and its like, in one of squares; CIFAR-10's took seventeen on a core that others used too. A file
and its card are written to data/generators.
"""

import argparse
import hashlib
import json
from pathlib import Path
import tempfile
import time

from gannotes import datasets, files, metrics
from gannotes.__main__ import main as command
from gannotes.latent import generators, latents
from gannotes.metrics import evaluators

RATES = "--generator-rate 0.001 --discriminator-rate 0.001"
PUBLISHED = (
    f"--network conv --latent-dim 64 {RATES} --r1 1 --penalty-every 4 --steps 6000 --every 1000"
)
COLOUR = f"--network conv --widths 24 48 64 --latent-dim 64 {RATES} --r1 0.1 --penalty-every 4"
SQUARES = (
    f"--network conv --latent-dim 8 {RATES} --r1 0.1 --penalty-every 4 --steps 4000 --every 1000"
)
SEEDS = 5  # of the squares
RECIPES = {  # name: options
    "mnist": f"--dataset mnist {PUBLISHED} --seed 0",
    "fashion_mnist": f"--dataset fashion_mnist {PUBLISHED} --seed 0",
    "cifar10": f"--dataset cifar10 {COLOUR} --steps 4000 --every 1000 --seed 0",
} | {f"squares16_{seed}": f"--dataset squares16 {SQUARES} --seed {seed}" for seed in range(SEEDS)}
MEASURED = 10_000  # images, or as many as are held out


def make(name, folder):
    """Trains one generator; returns it with its card."""
    start = time.monotonic()
    generator = command(["train", str(folder), *RECIPES[name].split()]).ema_generator
    seconds = time.monotonic() - start
    data = datasets.load(RECIPES[name].split()[1])
    card = {
        "data_set": data.name,
        "command": f"python -m gannotes train runs/{name} {RECIPES[name]}",
        "seconds": round(seconds),
        "weights": generator.count_params(),
    }
    return generator, card | distances(data, generator)


def distances(data, generator):
    """Fréchet distance of new images to held-out ones, and that of training images beside it."""
    evaluator = evaluators.for_dataset(data)
    count = min(MEASURED, len(data.held_out_images))
    drawn = latents.draw(count, generator.inputs[0].shape[1], seed=1)
    held_out, fake, real = (
        evaluator.features(images)
        for images in (
            data.held_out_images[:count],
            generators.make(generator, drawn),
            data.images[:count],
        )
    )
    return {
        "frechet_distance": round(metrics.frechet_distance(held_out, fake), 2),
        "frechet_distance_of_training_images": round(metrics.frechet_distance(held_out, real), 2),
        "measured_images": count,
        "features": evaluator.name,
    }


def save(name, generator, card):
    """Writes the generator and its card to data/generators."""
    path = files.data_folder() / "generators" / f"{name}.keras"
    with files.atomic_path(path) as part:
        generator.save(part)
    card["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    files.write_bytes(path.with_suffix(".json"), (json.dumps(card, indent=2) + "\n").encode())


def main(arguments=None):
    """Trains what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=[], choices=[*RECIPES, []], help="default: all")
    for name in parser.parse_args(arguments).names or RECIPES:
        with tempfile.TemporaryDirectory() as folder:
            generator, card = make(name, Path(folder) / name)
        save(name, generator, card)
        print(f"{name}: Fréchet distance {card['frechet_distance']} of {card['measured_images']:,}")


if __name__ == "__main__":
    main()
