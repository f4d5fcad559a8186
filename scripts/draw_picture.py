"""Draws the picture of the README: python scripts/draw_picture.py

A closed map of the latent space of a generator that ships. Around the picture once, to the right or
down, and one is back: z = ((a cos u + b sin u) + (c cos v + d sin v)) / √2, with four random a … d.
"""

from gannotes import files
from gannotes.latent import generators
from matplotlib import colormaps
import numpy as np
from PIL import Image

ROWS, COLUMNS, SCALE = 9, 24, 2
PATH = files.data_folder() / "picture.png"


def draw(name="mnist", seed=5):
    """The picture, (height, width, 3), uint8."""
    generator, _ = generators.load_shipped(name)
    corners = np.random.default_rng(seed).standard_normal((4, generator.input_shape[1]))
    u = np.linspace(0, 2 * np.pi, COLUMNS, endpoint=False)[None, :, None]
    v = np.linspace(0, 2 * np.pi, ROWS, endpoint=False)[:, None, None]
    a, b, c, d = corners
    latents = (a * np.cos(u) + b * np.sin(u) + c * np.cos(v) + d * np.sin(v)) / np.sqrt(2)
    images = generators.make(generator, latents.reshape(ROWS * COLUMNS, -1).astype("float32"))
    height, width = images.shape[1:3]
    sheet = images.reshape(ROWS, COLUMNS, height, width).swapaxes(1, 2)
    sheet = sheet.reshape(ROWS * height, COLUMNS * width).repeat(SCALE, 0).repeat(SCALE, 1)
    return (255 * colormaps["magma"]((sheet + 1) / 2)[..., :3]).astype("uint8")


if __name__ == "__main__":
    with files.atomic_path(PATH) as part:
        Image.fromarray(draw()).quantize(64).save(part, format="png", optimize=True)
    print("drawn: data/picture.png")
