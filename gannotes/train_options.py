"""What `python -m gannotes.train` may be asked for, and the note of it beside the results."""

import argparse
import json
from pathlib import Path

from gannotes import datasets, files
from gannotes.training import augmentation, backend, losses
from gannotes.training.recipe import Recipe

AUGMENTATIONS = {
    change.__name__: change
    for change in (
        augmentation.translate,
        augmentation.flip,
        augmentation.brightness,
        augmentation.cutout,
    )
}


def parser():
    """The command's options."""
    parser = argparse.ArgumentParser(
        "gannotes.train",
        description="Trains a GAN. The same command again goes on where it was interrupted.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    known = ", ".join(datasets.names())
    add("output", type=Path, help="folder for generator, samples, history and state")
    add("--dataset", default="digits", help=f"{known}, or the path of a folder of images")
    add("--size", type=int, default=32, help="pixels a side, of a folder's images")
    add("--stream", action="store_true",
        help="read a folder's images when they are needed: for more than memory holds; the training "
        "is the same")  # fmt: skip
    add("--network", choices=["mlp", "conv"], default="mlp", help="kind of both networks")
    add(
        "--widths", type=int, nargs="+", help="of D's layers; G's in reverse (default: the model's)"
    )
    add("--latent-dim", type=int, default=16, help="size of the latents")
    add("--labels", choices=["none", "embedding", "projection", "classifier"], default="none",
        help="how D has to do with labels; G then takes them")  # fmt: skip
    add("--batch-norm", action="store_true", help="in an MLP generator; a conv one always has it")
    add("--spectral-norm", action="store_true", help="in the discriminator")
    add("--class-weight", type=float, default=1.0, help="of an auxiliary classifier's loss")
    add("--packing", type=int, default=1, help="images that D sees at once")
    add("--steps", type=int, default=5000, help="of the whole training, resumed or not")
    add("--every", type=int, default=500, help="steps between states and pictures")
    add("--batch-size", type=int, default=64, help="images in a batch")
    add("--learning-rate", type=float, default=Recipe.generator_rate, help="of G at the start")
    add(
        "--discriminator-learning-rate",
        type=float,
        default=Recipe.discriminator_rate,
        help="of D at the start",
    )
    add("--schedule", choices=["constant", "cosine"], default="cosine",
        help="of the rates; cosine falls to 0 at --steps")  # fmt: skip
    add("--beta-1", type=float, default=Recipe.beta_1, help="of Adam")
    add("--loss", choices=list(losses.LOSSES), default="nonsaturating", help="of the game")
    for name in losses.PENALTIES:
        option, weight = f"--{name.replace('_', '-')}", getattr(Recipe, name)
        add(option, type=float, default=weight, help=f"weight of penalty {name}; 0 is none")
    add("--penalty-every", type=int, default=1, help="steps from one penalty to the next")
    add("--discriminator-steps", type=int, default=1, help="updates of D for one of G")
    add("--simultaneous", action="store_true", help="update D and G at once, not in turn")
    add(
        "--instance-noise", type=float, default=0.0, help="standard deviation of noise on D's input"
    )
    add("--augment", choices=list(AUGMENTATIONS), nargs="+", default=[],
        help="differentiable changes that D sees on real and fake alike")  # fmt: skip
    add("--ema-decay", type=float, default=0.999, help="of the average of G's weights")
    add("--devices", choices=list(backend.STRATEGIES), default="one",
        help="one; all GPUs of this machine; or those of all workers named in TF_CONFIG, each of "
        "which runs this command on the same shared folder")  # fmt: skip
    add("--tensorboard", action="store_true", help="write a log that TensorBoard shows")
    add("--seed", type=int, default=0, help="of weights, latents and batches")
    return parser


def asked(arguments):
    """The arguments as JSON has them; without the folder, which may move."""
    return {name: value for name, value in vars(arguments).items() if name != "output"}


def check_same_training(arguments):
    """Raises ValueError if the folder holds a training that was asked for otherwise."""
    path = arguments.output / "arguments.json"
    if not (arguments.output / "state.npz").exists() or not path.exists():
        return
    free = {"steps", "every", "devices", "stream", "tensorboard"}
    before, now = json.loads(path.read_text()), asked(arguments)
    changed = [name for name in now if name not in free and before.get(name) != now[name]]
    if changed:
        raise ValueError(
            f"{arguments.output} holds a training with other options: "
            + ", ".join(f"{name} was {before.get(name)!r}, is {now[name]!r}" for name in changed)
            + ". Go on with those, or take another folder"
        )


def write_arguments(arguments):
    """Notes what was asked for, beside the results."""
    arguments.output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asked(arguments), indent=2) + "\n"
    files.write_bytes(arguments.output / "arguments.json", text.encode())
