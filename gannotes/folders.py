"""A folder of one's own images: which there are, and one as pixels."""

from pathlib import Path

from gannotes.checks import check_choice, check_count
import numpy as np


class Folder:
    """The images in a folder and its subfolders, whose names, if there are any, are the classes.

    A tenth of them, drawn by the seed, is held out. Nothing is read before it is asked for.

    Args:
        path: of the folder.
        seed: draws what is held out.
        size: pixels a side; images are cut to squares from the middle.
        channels: 1, grey, or 3, colours.

    Attributes:
        paths, held_out_paths: of the images, lists.
        labels, held_out_labels: their classes, int64.
        class_names: of all images.
        shape: of one image.

    Raises:
        ValueError: a size or number of channels that cannot be, or fewer than two images.
    """

    def __init__(self, path, seed=0, size=32, channels=3):
        from PIL import Image

        check_count("size", size)
        check_choice("number of channels", channels, (1, 3))
        path = Path(path).expanduser()
        known = Image.registered_extensions()
        paths = sorted(file for file in path.rglob("*") if file.suffix.lower() in known)
        if len(paths) < 2:
            raise ValueError(
                f"{path} must hold at least two images (.png, .jpg …). Received: {len(paths)}"
            )
        classes = [
            file.relative_to(path).parts[0] if file.parent != path else "image" for file in paths
        ]
        class_names, labels = np.unique(classes, return_inverse=True)
        held_out = np.zeros(len(paths), bool)
        order = np.random.default_rng(seed).permutation(len(paths))
        held_out[order[: max(1, len(paths) // 10)]] = True
        self.name = f"{path.name}/"
        self.shape = (size, size, channels)
        self.class_names = tuple(map(str, class_names))
        self.paths, self.held_out_paths = (
            [file for file, out in zip(paths, held_out, strict=True) if out == wanted]
            for wanted in (False, True)
        )
        self.labels, self.held_out_labels = labels[~held_out], labels[held_out]

    def read(self, paths):
        """Images as they are everywhere here: float32 in [-1, 1], (n, height, width, channels).

        Raises:
            ValueError: names the file that is no image.
        """
        images = np.empty((len(paths), *self.shape), "float32")
        for image, path in zip(images, paths, strict=True):
            image[:] = self._pixels(path) / 127.5 - 1
        return images

    def _pixels(self, path):
        from PIL import Image, ImageOps

        height, width, channels = self.shape
        try:
            with Image.open(path) as file:
                upright = ImageOps.exif_transpose(file).convert("L" if channels == 1 else "RGB")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise ValueError(f"{path} cannot be read as an image. Received: {error}") from error
        return np.asarray(ImageOps.fit(upright, (width, height)), "float32").reshape(self.shape)
