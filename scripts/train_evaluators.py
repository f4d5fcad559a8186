"""Trains the classifiers in whose features images are compared: python scripts/train_evaluators.py

Each is trained on the training images alone and tested on the held-out ones. Its weights and its
card are written to data/evaluators.
"""

import argparse
import json
import time

from gannotes import datasets, files, models
from gannotes.metrics import evaluators
import keras

RECIPES = {  # name: (convolution widths, features, epochs)
    "digits": ((16, 32), 32, 100),
    "shapes": ((16, 32), 32, 20),
    "shapes16": ((32, 64), 64, 30),
    "mnist": ((16, 32), 64, 6),
    "fashion_mnist": ((32, 64), 64, 10),
    "cifar10": ((32, 64, 128), 64, 12),
}
DRAWN = 20_000  # pictures of shapes
MIRRORED = ("cifar10",)  # whose classes are the same in a mirror


def train(name, seed=0):
    """Trains one classifier; returns it with its card."""
    widths, num_features, epochs = RECIPES[name]
    keras.utils.set_random_seed(seed)
    data = datasets.load(name, **({"count": DRAWN} if name.startswith("shapes") else {}))
    labels, held_out_labels, class_names = evaluators.evaluator_classes(data)
    model = models.classifier(data.shape, len(class_names), widths, num_features)
    changes = [keras.layers.RandomFlip("horizontal")] if name in MIRRORED else []
    student = keras.Sequential([keras.Input(data.shape), *changes, model])
    steps = epochs * -(-len(data.images) // 64)
    student.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.002, steps)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    start = time.monotonic()
    student.fit(data.images, labels, batch_size=64, epochs=epochs, verbose=2)
    seconds = time.monotonic() - start
    accuracy = student.evaluate(data.held_out_images, held_out_labels, verbose=0)[1]
    card = {
        "data_set": name,
        "image_shape": data.shape,
        "num_classes": len(class_names),
        "widths": widths,
        "num_features": num_features,
        "epochs": epochs,
        "seed": seed,
        "seconds": round(seconds),
        "test_accuracy": round(accuracy, 4),
        "test_images": len(data.held_out_images),
    }
    unscaled = evaluators.Evaluator(model, card | {"feature_scale": 1.0}).features(data.images)
    card["feature_scale"] = round(evaluators.spread(unscaled), 4)
    return model, card


def save(model, card):
    """Writes weights and card to data/evaluators."""
    folder = files.data_folder() / "evaluators"
    weights = {f"weight_{i:02d}": weight for i, weight in enumerate(model.get_weights())}
    files.save_arrays(folder / f"{card['data_set']}.npz", **weights)
    card["sha256"] = {key: files.array_sha256(weight) for key, weight in weights.items()}
    with files.atomic_path(folder / f"{card['data_set']}.json") as part:
        part.write_text(json.dumps(card, indent=2) + "\n")


def main(arguments=None):
    """Trains what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=[], choices=[*RECIPES, []], help="default: all")
    for name in parser.parse_args(arguments).names or RECIPES:
        model, card = train(name)
        save(model, card)
        print(f"{name}: {card['test_accuracy']:.2%} of {card['test_images']:,} held-out images")


if __name__ == "__main__":
    main()
