"""Attention maps that one can hover over."""

import base64
import html

from gannotes import plotting
from gannotes.checks import check_images
from gannotes.widgets import parts
import ipywidgets
import numpy as np

COLOUR = np.array([230, 97, 1])  # of what is looked at
STYLE = (
    "<style>.gannotes-place>img{display:none}.gannotes-place:hover>img{display:block}"
    ".gannotes-place:hover{z-index:2}"  # the frame lies above the picture that appears
    ".gannotes-place:hover::after{content:'';position:absolute;inset:0;z-index:3;"
    "box-shadow:0 0 0 2px #d01c8b}</style>"
)


class AttentionExplorer(ipywidgets.VBox):
    """Point at a place of a picture, and see where the network looks from there.

    The pictures for all places are in the page: the browser shows them without asking the kernel.

    Args:
        images: (n, height, width, channels), in [-1, 1].
        maps: as from `evaluators.attention_maps` of these images.
        scale: factor by which pixels grow; by default so that a picture is about 640 wide.
        title: what looks at what.

    Raises:
        ValueError: images and maps do not fit together.
    """

    def __init__(self, images, maps, scale=None, title="Where a place looks"):
        check_images(images)
        maps = np.asarray(maps)
        shape = images.shape
        if (
            maps.ndim != 6 or len(maps) != len(images) or maps.shape[2:4] != maps.shape[4:]
            or shape[1] % maps.shape[2] or shape[2] % maps.shape[3]
        ):  # fmt: skip
            raise ValueError(
                "maps must have shape (n, heads, h, w, h, w), of places h, w that divide the images' "
                f"pixels. Received: {maps.shape} for images of {shape}"
            )
        self._images, self._maps, self._title = images, maps, title
        self._scale = scale or max(1, 640 // shape[2])
        self.number = ipywidgets.IntSlider(
            0, min=0, max=len(images) - 1, description="picture", **parts.WIDE
        )
        heads = [("mean of all", -1), *((str(k + 1), k) for k in range(maps.shape[1]))]
        self.head = ipywidgets.Dropdown(options=heads, description="head", **parts.WIDE)
        self.picture = ipywidgets.HTML()
        for control in (self.number, self.head):
            control.observe(self._show, "value")
        note = parts.note()
        note.value = "Point at a place: orange is where it looks."
        super().__init__([parts.heading(title), self.number, self.head, self.picture, note])
        self._show()

    def looked_at(self, row, column):
        """The picture, (height, width, 3), uint8, with what one place looks at in orange."""
        image = plotting.image_grid(self._images[self.number.value][None])
        maps = self._maps[self.number.value]
        chosen = maps.mean(axis=0) if self.head.value < 0 else maps[self.head.value]
        there = chosen[row, column]
        share = 0.85 * there / there.max()
        cell = image.shape[0] // there.shape[0], image.shape[1] // there.shape[1]
        share = share.repeat(cell[0], axis=0).repeat(cell[1], axis=1)[..., None]
        return np.rint((1 - share) * image + share * COLOUR).astype("uint8")

    def _show(self, change=None):
        rows, columns = self._maps.shape[2:4]
        height, width = (self._scale * side for side in self._images.shape[1:3])
        plain = plotting.image_grid(self._images[self.number.value][None])
        places = "".join(
            self._place(row, column, height // rows, width // columns, (height, width))
            for row in range(rows)
            for column in range(columns)
        )
        self.picture.value = (
            f'{STYLE}<div style="position:relative;width:{width}px;height:{height}px">'
            f"{_img(plain, 0, 0, height, width)}{places}</div>"
        )

    def _place(self, row, column, height, width, size):
        top, left = row * height, column * width
        picture = _img(self.looked_at(row, column), -top, -left, *size)
        name = html.escape(f"row {row + 1}, column {column + 1}")
        return (
            f'<div class="gannotes-place" title="{name}" style="position:absolute;top:{top}px;'
            f'left:{left}px;height:{height}px;width:{width}px">{picture}</div>'
        )

    def still(self, places):
        """A figure of where some places look, ``[(row, column), …]``, in the picture that is shown."""
        height, width = self._images.shape[1:3]
        rows, columns = self._maps.shape[2:4]
        pictures = []
        for row, column in places:
            shown = self.looked_at(row, column).repeat(8, axis=0).repeat(8, axis=1)
            top, bottom = (8 * height * k // rows for k in (row, row + 1))
            left, right = (8 * width * k // columns for k in (column, column + 1))
            frame = shown[top:bottom, left:right].copy()
            shown[top:bottom, left:right] = (208, 28, 139)
            shown[top + 2 : bottom - 2, left + 2 : right - 2] = frame[2:-2, 2:-2]
            pictures.append(shown)
        names = [f"from row {row + 1}, column {column + 1}" for row, column in places]
        return plotting.plot_stack(dict(zip(names, pictures, strict=True)), self._title)

    def __repr__(self):
        rows, columns = self._maps.shape[2:4]
        return f"{self._title}: {len(self._images)} pictures, {rows} × {columns} places to point at"


def _img(picture, top, left, height, width):
    """A picture of the page's own, that takes no part in pointing."""
    content = base64.b64encode(plotting.png(picture)).decode()
    return (
        f'<img src="data:image/png;base64,{content}" style="position:absolute;top:{top}px;'
        f"left:{left}px;height:{height}px;width:{width}px;max-width:none;image-rendering:pixelated;"
        'pointer-events:none">'
    )
