"""Pictures as arrays, and as the bytes of PNG and GIF files."""

import io
import zlib

from gannotes.checks import check_images
from gannotes.plotting.style import axes_text
from IPython import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
import numpy as np
from PIL import Image, ImageSequence


def image_grid(images, columns=8, scale=1):
    """Images in rows, one white pixel apart, as one picture (height, width, 3), uint8.

    Images are (n, height, width, 1 or 3), values in [-1, 1], `columns` in a row, but in the last,
    which may be shorter. Each pixel grows by the whole factor `scale`.
    """
    check_images(images)
    n, height, width, channels = images.shape
    columns = min(columns, n)
    rows = -(-n // columns)
    grid = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1, channels), 255, "uint8")
    for k, image in enumerate(np.rint((images + 1) * 127.5).astype("uint8")):
        top, left = (k // columns) * (height + 1), (k % columns) * (width + 1)
        grid[top : top + height, left : left + width] = image
    return grid.repeat(3 // channels, axis=2).repeat(scale, axis=0).repeat(scale, axis=1)


def scaled(images):
    """Images with 0 in the middle grey and the largest value of each at black or white."""
    largest = np.abs(images).max(axis=(1, 2, 3), keepdims=True)
    return (images / np.where(largest > 0, largest, 1)).astype("float32")


def _check_picture(picture):
    form = np.shape(picture)[2:], getattr(picture, "dtype", type(picture))
    if form != ((3,), np.uint8):
        raise ValueError(
            "A picture must be an array (height, width, 3), uint8, as from image_grid. "
            f"Received: {form[1]} of shape {np.shape(picture)}"
        )


def png(picture):
    """PNG bytes of an array (height, width, 3), uint8; quick rather than small, grey if it is."""
    _check_picture(picture)
    red, green, blue = np.moveaxis(picture, -1, 0)
    is_grey = np.array_equal(red, green) and np.array_equal(red, blue)
    buffer = io.BytesIO()
    Image.fromarray(red if is_grey else picture).save(buffer, "png", compress_type=zlib.Z_RLE)
    return buffer.getvalue()


def gif(pictures, seconds=0.25):
    """GIF bytes of arrays (height, width, 3), uint8, all of one size: an endless film.

    Pictures of at most 256 colours keep every pixel. Equal neighbours become one, which stays as
    long as both. The last one stays a second longer.
    """
    for picture in pictures:
        _check_picture(picture)
    sizes = sorted({np.shape(picture) for picture in pictures})
    if len(sizes) != 1:
        raise ValueError(f"Pictures of a film must be of one size. Received: {sizes}")
    first, *others = [Image.fromarray(picture) for picture in pictures]
    times = [round(1000 * seconds)] * len(others) + [round(1000 * seconds) + 1000]
    buffer = io.BytesIO()
    first.save(buffer, "gif", save_all=True, append_images=others, duration=times, loop=0)
    return buffer.getvalue()


def film(frames, columns=8, width=640, seconds=0.25):
    """Sets of images (n, height, width, channels), one after the other, `width` pixels wide on the page.

    Or figures of one size. A saved notebook keeps it: it moves without a kernel.
    """
    if isinstance(frames[0], Figure):
        pictures, last = [figure_picture(fig) for fig in frames], axes_text(frames[-1])
        alt = f"A film of {len(frames)} figures. {last}"
    else:
        # 33 levels, so that the file is small: noise in black would be most of it
        pictures = [image_grid(np.round(images * 16) / 16, columns, 2) for images in frames]
        alt = f"A film of {len(frames)} times, {len(frames[0])} images each."
    content = gif(pictures, seconds)
    return display.Image(content, format="gif", width=width, alt=alt)


def gif_pictures(content, seconds=0.25):
    """The pictures in a GIF's bytes, as `gif` takes them: what stayed longer, as often as it was given."""
    pictures = []
    with Image.open(io.BytesIO(content)) as film:
        for number, frame in enumerate(ImageSequence.Iterator(film), 1):
            time = film.info.get("duration", 0) / 1000 - (number == film.n_frames)
            pictures += [np.asarray(frame.convert("RGB"))] * max(1, round(time / seconds))
    return pictures


def figure_picture(fig):
    """A figure as an array (height, width, 3), uint8."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
