"""Trains the generators of MNIST and its like that ship: python scripts/train_generators.py

Each is what `gannotes.train` makes with the options below, in some four minutes on two cores. Its
file and its card are written to data/generators.
"""

import argparse
import hashlib
import json
from pathlib import Path
import tempfile
import time

from gannotes import datasets, features, files, generators, latents, metrics, train

NAMES = ("mnist", "fashion_mnist")
OPTIONS = (
    "--network conv --latent-dim 64 --r1 1 --penalty-every 4 --steps 6000 --every 1000 --seed 0"
)
MEASURED = 10_000  # images


def make(name, folder):
    """Trains one generator; returns it with its card."""
    options = ["--dataset", name, *OPTIONS.split()]
    start = time.monotonic()
    generator = train.main([str(folder), *options]).ema_generator
    seconds = time.monotonic() - start
    card = {
        "data_set": name,
        "command": " ".join(["python -m gannotes.train runs/" + name, *options]),
        "seconds": round(seconds),
        "weights": generator.count_params(),
        "class_names": list(datasets.load(name).class_names),
    }
    return generator, card | distances(name, generator)


def distances(name, generator):
    """Fréchet distance of new images to held-out ones, and that of training images beside it."""
    data, evaluator = datasets.load(name), features.load_evaluator(name)
    drawn = latents.draw(MEASURED, generator.inputs[0].shape[1], seed=1)
    held_out, fake, real = (
        evaluator.features(images)
        for images in (
            data.held_out_images[:MEASURED],
            generators.make(generator, drawn),
            data.images[:MEASURED],
        )
    )
    return {
        "frechet_distance": round(metrics.frechet_distance(held_out, fake), 2),
        "frechet_distance_of_training_images": round(metrics.frechet_distance(held_out, real), 2),
        "measured_images": MEASURED,
    }


def save(generator, card):
    """Writes the generator and its card to data/generators."""
    path = files.data_folder() / "generators" / f"{card['data_set']}.keras"
    with files.atomic_path(path) as part:
        generator.save(part)
    card["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    files.write_bytes(path.with_suffix(".json"), (json.dumps(card, indent=2) + "\n").encode())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(NAMES), choices=[*NAMES, []])
    for name in parser.parse_args().names:
        with tempfile.TemporaryDirectory() as folder:
            generator, card = make(name, Path(folder) / name)
        save(generator, card)
        print(f"{name}: Fréchet distance {card['frechet_distance']} of {MEASURED:,} images")
