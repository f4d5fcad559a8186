"""Where a network with self-attention looks."""

import base64

from gannotes import plotting
from gannotes.checks import check_images
from gannotes.widgets import base
import ipywidgets
from matplotlib.patches import Rectangle
import numpy as np

COLOUR = np.array([255, 255, 255])  # of what is looked at
MARKER = "#d01c8b"  # of the place that looks
STYLE = f"""<style>
.gannotes-places {{ position: relative; display: grid; background-size: 100%; }}
.gannotes-places, .gannotes-place > img {{ image-rendering: pixelated; }}
.gannotes-place > img {{
  position: absolute; inset: 0; width: 100%; height: 100%; max-width: none;
  display: none; pointer-events: none;
}}
.gannotes-place:hover > img {{ display: block; }}
.gannotes-place:hover::after {{
  content: ""; display: block; height: 100%; position: relative; box-shadow: 0 0 0 2px {MARKER};
}}
</style>"""


class AttentionExplorer(base.Widget):
    """Point at a place of a picture, and see where the network looks from there.

    The pictures for all places are in the page, so the pointer asks no kernel. `maps` are as from
    `evaluators.attention_maps` of the images.
    """

    def __init__(self, images, maps, title="Where a place looks"):
        check_images(images)
        maps, shape = np.asarray(maps), images.shape
        fit = maps.ndim == 6 and len(maps) == len(images) and maps.shape[2:4] == maps.shape[4:]
        if not fit or np.mod(shape[1:3], maps.shape[2:4]).any():
            raise ValueError(
                "maps must have shape (n, heads, h, w, h, w), of places h, w that divide the images' "
                f"pixels. Received: {maps.shape} for images of {shape}"
            )
        self._images, self._maps = images, maps
        self.number = base.slider("picture", 0, 0, len(images) - 1)
        heads = [("mean of all", -1), *((str(k + 1), k) for k in range(maps.shape[1]))]
        self.head = base.menu("head", heads)
        self.picture = ipywidgets.HTML()
        hint = base.note("Point at a place: white is where it looks.")
        super().__init__(title, [], [self.number, self.head, self.picture, hint])
        self.on_change(self.draw, self.number, self.head)
        self.draw()

    def looked_at(self, row, column):
        """The picture, (height, width, 3), uint8, with what one place looks at in white."""
        image = plotting.image_grid(self._images[self.number.value][None])
        maps = self._maps[self.number.value]
        chosen = maps.mean(axis=0) if self.head.value < 0 else maps[self.head.value]
        there = chosen[row, column]
        cell = image.shape[0] // there.shape[0], image.shape[1] // there.shape[1]
        share = np.kron(0.85 * there / there.max(), np.ones(cell))[..., None]
        return np.rint((1 - share) * image + share * COLOUR).astype("uint8")

    def draw(self):
        """Shows the picture, with one more for each place, which appears under the pointer."""
        rows, columns = self._maps.shape[2:4]
        scale = max(1, 640 // self._images.shape[2])
        height, width = (scale * side for side in self._images.shape[1:3])
        places = "".join(
            f'<div class="gannotes-place" title="row {row + 1}, column {column + 1}">'
            f'<img src="{_address(self.looked_at(row, column))}"></div>'
            for row, column in np.ndindex(rows, columns)
        )
        plain = plotting.image_grid(self._images[self.number.value][None])
        self.picture.value = (
            f'{STYLE}<div class="gannotes-places" style="width:{width}px;height:{height}px;'
            f"grid-template:repeat({rows},1fr)/repeat({columns},1fr);"
            f'background-image:url({_address(plain)})">{places}</div>'
        )

    def still(self, places=None):
        """A figure of where some places look, ``[(row, column), …]``, in the picture that is shown.

        By default two, of the brightest pixel on the left and on the right. The frame of the place
        that looks is whole, those of the others are dotted.
        """
        image, shape = self._images[self.number.value], self._maps.shape[2:4]
        height, width = np.floor_divide(image.shape[:2], shape)
        if places is None:
            bright = image.reshape(shape[0], height, shape[1], width, -1).sum(-1).max(axis=(1, 3))
            is_left = np.arange(shape[1]) < shape[1] / 2
            halves = [np.where(half, bright, -np.inf) for half in (is_left, ~is_left)]
            places = [np.unravel_index(half.argmax(), shape) for half in halves]
        pictures = {
            f"from row {row + 1}, column {column + 1}": self.looked_at(row, column)
            for row, column in places
        }
        fig = plotting.plot_images(pictures, title=self.title, across=1)
        for ax, place in zip(fig.axes, places, strict=True):
            for row, column in [place, *(x for x in places if x != place)]:
                corner = column * width - 0.5, row * height - 0.5
                line = "-" if (row, column) == place else ":"
                frame = Rectangle(corner, width, height, fill=False, color=MARKER, lw=2, ls=line)
                ax.add_patch(frame)
        return fig


def _address(picture):
    return f"data:image/png;base64,{base64.b64encode(plotting.png(picture)).decode()}"
