"""Folders of one's own images."""

import os
from pathlib import Path
import warnings

from gannotes.checks import check_choice, check_count
import numpy as np
from tqdm.auto import tqdm

TRAIN, HELD_OUT = {"train", "training"}, {"test", "testing", "val", "valid", "validation"}


class Folder:
    """The images in a folder and its subfolders, whose names, if there are any, are the classes.

    A tenth is held out; or, if the subfolders are named as in "train" and "test" or "val", all
    but "train", and classes are the folders in these. Both parts stand in an order drawn by the
    seed, so that the first few of either are of all classes. Images are read when asked for, laid
    on white where they are transparent, and brought to `size`, pixels a side or (height, width):
    by `fit`, "crop" from the middle, or "pad" with white. Links are followed. Files that are no
    images raise ValueError; or, with `skip_broken`, are named in a warning and left out.
    """

    def __init__(self, path, seed=0, size=32, channels=3, fit="crop", skip_broken=False):
        size = tuple(size) if isinstance(size, tuple | list) else (size, size)
        if len(size) != 2:
            raise ValueError(f"size must be one number, or (height, width). Received: {size}")
        for side in size:
            check_count("size", side)
        check_choice("number of channels", channels, (1, 3))
        check_choice("fit", fit, ("crop", "pad"))
        self.shape, self.fit = (*size, channels), fit
        path = Path(path).expanduser()
        paths = _images_in(path)
        if skip_broken:
            faults = _faults(paths, lambda _, each: self._pixels(each))
            if faults:
                warnings.warn("Left out: " + "\n".join(faults.values()), stacklevel=2)
            paths = [each for each in paths if each not in faults]
        if len(paths) < 2:
            raise ValueError(
                f"{path} must hold at least two images (.png, .jpg …). Received: {len(paths)}"
            )
        folders = [p.relative_to(path).parts[:-1] for p in paths]
        parts = [found[0].lower() if found else "" for found in folders]
        if set(parts) <= TRAIN | HELD_OUT:
            folders = [found[1:] for found in folders]
        is_held_out = np.isin(parts, [*HELD_OUT])
        is_split = set(parts) <= TRAIN | HELD_OUT and 0 < is_held_out.sum() < len(paths)
        classes = [found[0] if found else "image" for found in folders]
        class_names, labels = np.unique(classes, return_inverse=True)
        order = np.random.default_rng(seed).permutation(len(paths))
        held_out, kept = np.split(order, [max(1, len(paths) // 10)])
        if is_split:
            held_out, kept = order[is_held_out[order]], order[~is_held_out[order]]
            if strange := {*labels[held_out]} - {*labels[kept]}:
                raise ValueError(
                    "Images that are held out must lie in folders of the training images' classes. "
                    f"Received: {', '.join(class_names[sorted(strange)])}"
                )
        self.class_names = tuple(map(str, class_names))
        self.paths, self.held_out_paths = ([paths[k] for k in part] for part in (kept, held_out))
        self.labels, self.held_out_labels = labels[kept], labels[held_out]

    def read(self, paths):
        """Images of paths, float32 in [-1, 1], (n, height, width, channels)."""
        images = np.empty((len(paths), *self.shape), "float32")

        def fill(k, path):
            images[k] = self._pixels(path) / 127.5 - 1

        _check(_faults(paths, fill))
        return images

    def check(self):
        """Raises ValueError that names the files that are no images, by what comes before their pixels."""
        from PIL import Image

        def verify(_, path):
            with Image.open(path) as file:
                file.verify()

        paths = [*self.paths, *self.held_out_paths]
        _check(_faults(paths, verify))

    def _pixels(self, path):
        from PIL import Image, ImageOps

        height, width, channels = self.shape
        with Image.open(path) as file:
            upright = ImageOps.exif_transpose(file)
            if upright.mode.startswith("I;16"):  # Pillow would clip at 255
                upright = Image.fromarray((np.asarray(upright) >> 8).astype("uint8"))
            if upright.mode in ("I", "F"):
                raise ValueError(f"pixels of mode {upright.mode}, whose range is not known")
            if upright.has_transparency_data:  # what is hidden must not be seen
                upright = upright.convert("RGBA")
                upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
            upright = upright.convert("L" if channels == 1 else "RGB")
        if self.fit == "pad":
            upright = ImageOps.pad(upright, (width, height), color="white")
        else:
            upright = ImageOps.fit(upright, (width, height))
        return np.asarray(upright, "float32").reshape(self.shape)


def _faults(paths, act):
    """Calls act(k, path); gives ``{path: what is wrong}``."""
    faults = {}
    for k, path in enumerate(tqdm(paths, "files", delay=2, leave=False, disable=len(paths) < 1000)):
        try:
            act(k, path)
        except Exception as error:  # Pillow's readers of formats and EXIF each have their own
            faults[path] = f"{path} cannot be read as an image. Received: {error}"
    return faults


def _check(faults):
    """Raises ValueError with the first ten, if there are any."""
    if faults:
        more = [f"and {len(faults) - 10} more"] if len(faults) > 10 else []
        said = [*faults.values()][:10] + more + ["skip_broken=True leaves them out"]
        raise ValueError("\n".join(said))


def _images_in(path):
    """Paths of a folder's images, sorted; hidden files and folders are left out."""
    from PIL import Image, ImageFile

    formats = Image.registered_extensions()  # which also finds all formats
    stub = ImageFile.StubImageFile
    mute = {x for x, (opens, _) in Image.OPEN.items() if stub in getattr(opens, "__mro__", ())}
    decoded = Image.OPEN.keys() - mute - {"MPEG"}
    known = {x for x, name in formats.items() if name in decoded}
    found, seen = [], set()
    for folder, folders, files in os.walk(path, followlinks=True):
        folders[:] = [x for x in folders if x[0] != "."]
        if (real := os.path.realpath(folder)) in seen:  # a circle of links
            folders.clear()
            continue
        seen.add(real)
        names = [x for x in files if x[0] != "." and Path(x).suffix.lower() in known]
        found += [Path(folder, x) for x in names if Path(folder, x).is_file()]
    return sorted(found)
