"""Fréchet distance of generated MNIST digits against seconds of training.

    python benchmarks/mnist_quality.py

Ours for one minute and for three, three seeds each, beside the network of TensorFlow's DCGAN tutorial
on the same engine. Distance: 64 features of the project's MNIST classifier, 10,000 generated against
the 10,000 held-out images. Seconds are those of `fit`, compilation included, measuring not.
"""

import argparse
import os
import time

import numpy as np
from record import record

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
MARKS = 6  # measurements of each training
RECIPES = {}


def networks(name, shape):
    from gannotes import models
    from step_speed import keras_networks

    if name == "tutorial":
        return keras_networks("dcgan")
    generator = models.conv_generator(shape, RECIPES[name]["latent_dim"], RECIPES[name]["widths"])
    return generator, models.conv_discriminator(shape, RECIPES[name]["widths_of_d"])


def main(seeds):
    from gannotes import datasets, features, metrics
    from gannotes.training import GAN
    import keras

    data = datasets.load("mnist")
    evaluator = features.load_evaluator("mnist")
    held_out = evaluator.features(data.held_out_images)

    def distance(images):
        return round(metrics.frechet_distance(held_out, evaluator.features(images)), 3)

    yardstick = distance(data.images[:10_000])
    print(f"training against held-out images: {yardstick}", flush=True)
    rows = []
    for name, options in RECIPES.items():
        for seed in range(options.get("seeds", seeds)):
            keras.utils.set_random_seed(seed)
            gan = GAN(*networks(name, data.shape), seed=seed)
            rate = options["rate"]
            if options["cosine"]:
                rate = keras.optimizers.schedules.CosineDecay(rate, options["steps"])
            adams = [keras.optimizers.Adam(rate, beta_1=options["beta_1"]) for _ in range(2)]
            gan.compile(*adams, **options["compile"])
            seconds = 0.0
            for mark in range(1, MARKS + 1):
                start = time.monotonic()
                gan.fit(
                    data.images, batch_size=options["batch"], verbose=0,
                    steps_per_epoch=options["steps"] // MARKS,
                )  # fmt: skip
                seconds += time.monotonic() - start
                row = {"recipe": name, "seed": seed, "steps": gan.steps,
                       "seconds": round(seconds, 1), "distance": distance(gan.generate(10_000))}  # fmt: skip
                print(row, flush=True)
                rows.append(row | {"last": mark == MARKS})
    medians = {}
    for name in RECIPES:
        last = [row for row in rows if row["recipe"] == name and row["last"]]
        medians[name] = {
            key: round(float(np.median([row[key] for row in last])), 2)
            for key in ("seconds", "distance")
        }
    print(medians)
    record("mnist_quality", {"training_against_held_out": yardstick, "recipes": RECIPES,
                             "medians_at_the_end": medians, "rows": rows})  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="of each of our recipes (default: 3)")
    main(parser.parse_args().seeds)
