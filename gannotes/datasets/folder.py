"""Folders of one's own images."""

from pathlib import Path

from gannotes.checks import check_choice, check_count
import numpy as np


class Folder:
    """The images in a folder and its subfolders, whose names, if there are any, are the classes.

    A tenth is held out. Both parts stand in an order drawn by the seed, so that the first few of
    either are of all classes. Images are read when asked for, and cut to squares from the middle.
    """

    def __init__(self, path, seed=0, size=32, channels=3):
        from PIL import Image

        check_count("size", size)
        check_choice("number of channels", channels, (1, 3))
        path = Path(path).expanduser()
        formats = Image.registered_extensions()
        known = {suffix for suffix, name in formats.items() if name in Image.OPEN}
        found = sorted(p for p in path.rglob("*") if p.suffix.lower() in known and p.is_file())
        paths = [p for p in found if not any(x[0] == "." for x in p.relative_to(path).parts)]
        if len(paths) < 2:
            raise ValueError(
                f"{path} must hold at least two images (.png, .jpg …). Received: {len(paths)}"
            )
        classes = ["image" if p.parent == path else p.relative_to(path).parts[0] for p in paths]
        class_names, labels = np.unique(classes, return_inverse=True)
        order = np.random.default_rng(seed).permutation(len(paths))
        held_out, kept = np.split(order, [max(1, len(paths) // 10)])
        self.shape = (size, size, channels)
        self.class_names = tuple(map(str, class_names))
        self.paths, self.held_out_paths = ([paths[k] for k in part] for part in (kept, held_out))
        self.labels, self.held_out_labels = labels[kept], labels[held_out]

    def read(self, paths):
        """Images of paths, float32 in [-1, 1], (n, height, width, channels)."""
        images = np.empty((len(paths), *self.shape), "float32")
        for image, path in zip(images, paths, strict=True):
            image[:] = self._pixels(path) / 127.5 - 1
        return images

    def _pixels(self, path):
        from PIL import Image, ImageOps

        height, width, channels = self.shape
        try:
            with Image.open(path) as file:
                upright = ImageOps.exif_transpose(file)
                if upright.mode.startswith("I;16"):  # Pillow would clip at 255
                    upright = Image.fromarray((np.asarray(upright) >> 8).astype("uint8"))
                if upright.mode in ("I", "F"):
                    raise ValueError(f"pixels of mode {upright.mode}, whose range is not known")
                upright = upright.convert("L" if channels == 1 else "RGB")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise ValueError(f"{path} cannot be read as an image. Received: {error}") from error
        return np.asarray(ImageOps.fit(upright, (width, height)), "float32").reshape(self.shape)
