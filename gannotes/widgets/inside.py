"""What networks do inside: attention maps, a generator's ranks, sparse codes."""

import base64

from gannotes import layers, plotting
from gannotes.checks import check_count, check_images
from gannotes.latent import generators, latents
from gannotes.widgets import base
import ipywidgets
from matplotlib.patches import Rectangle
import numpy as np

MOST_ACTIVE = 24  # non-zeros of a code
STEP = 0.05  # of a weight's slider
COLOUR = np.array([230, 97, 1])  # of what is looked at
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

    The pictures for all places are in the page, so the pointer asks no kernel.

    Args:
        images: (n, height, width, channels), in [-1, 1].
        maps: as from `evaluators.attention_maps` of these images.
    """

    def __init__(self, images, maps, title="Where a place looks"):
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
        self._images, self._maps = images, maps
        self.number = base.slider("picture", 0, 0, len(images) - 1)
        heads = [("mean of all", -1), *((str(k + 1), k) for k in range(maps.shape[1]))]
        self.head = base.menu("head", heads)
        self.picture = ipywidgets.HTML()
        hint = base.note("Point at a place: orange is where it looks.")
        super().__init__(title, [], [self.number, self.head, self.picture, hint])
        self.on_change(self.draw, self.number, self.head)
        self.draw()

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

    def still(self, places):
        """A figure of where some places look, ``[(row, column), …]``, in the picture that is shown."""
        pictures = {
            f"from row {row + 1}, column {column + 1}": self.looked_at(row, column)
            for row, column in places
        }
        fig = plotting.plot_images(pictures, title=self.title, across=1)
        height, width = np.divide(self._images.shape[1:3], self._maps.shape[2:4])
        for ax, (row, column) in zip(fig.axes, places, strict=True):
            corner = column * width - 0.5, row * height - 0.5
            ax.add_patch(Rectangle(corner, width, height, fill=False, color=MARKER, linewidth=2))
        return fig


def _address(picture):
    return f"data:image/png;base64,{base64.b64encode(plotting.png(picture)).decode()}"


class RankExplorer(base.Widget):
    """A slider over the rank of all kernels: what is left of a generator's `images`.

    Each kernel becomes its truncated SVD, the nearest of that rank; a kernel whose smaller side is
    less stays whole.

    Args:
        generator: Keras model, latents (batch, latents) → images in [-1, 1], (batch, h, w, c).
        count, columns: of the grid of images.
    """

    def __init__(self, generator, count=32, columns=8):
        self._scale = base.grid_scale(generator, count, columns)
        if generators.takes_labels(generator):
            raise ValueError("RankExplorer is for generators of latents alone; this takes labels")
        self._cut = layers.factorize(generator, 1.0)
        self._kernels = [layer for layer in self._cut.layers if hasattr(layer, "factors")]
        if not self._kernels:
            raise ValueError(f"The generator must have dense kernels. Received: {generator!r}")
        self._whole = self._cut.get_weights()
        self._energies = [np.square(np.square(k.factors[0]).sum(axis=0)) for k in self._kernels]
        largest = max(kernel.rank for kernel in self._kernels)
        self._columns = columns
        self._latents = latents.draw(count, generator.inputs[0].shape[1], seed=0)
        self.slider = base.slider("rank", largest, 1, largest)
        self.image, self.note = base.Picture(), base.note()
        title = "Cut every kernel of the generator to this rank"
        super().__init__(title, [self.slider], [self.image, self.note])
        self.on_change(self.draw, self.slider)
        self.draw()

    def draw(self):
        """Shows the images at a rank, and what is left of the kernels."""
        rank = self.slider.value
        self.images = self._at(rank)
        self.image.show_images(self.images, self._columns, self._scale)
        kept = sum(energy[:rank].sum() for energy in self._energies)
        share = kept / sum(energy.sum() for energy in self._energies)
        thin, dense = 0, 0
        for kernel in self._kernels:
            rows, columns = (factor.shape for factor in kernel.factors)
            thin += min(rank, kernel.rank) * (rows[0] + columns[1])
            dense += rows[0] * columns[1]
        self.note.value = (
            f"{100 * share:.1f} % of the kernels' energy; factors of {thin:,} weights, "
            f"where the kernels have {dense:,}"
        )

    def _at(self, rank):
        self._cut.set_weights(self._whole)
        for kernel in self._kernels:
            kernel.truncate(min(rank, kernel.rank))
        return generators.make(self._cut, self._latents, None)

    def still(self, ranks):
        """A figure of the same images at several ranks, a row each."""
        images = {f"rank {rank}": self._at(rank)[: self._columns] for rank in ranks}
        return plotting.plot_images(
            images, columns=self._columns, title="the same latents, cut", across=1
        )


class CodeExplorer(base.Widget):
    """An image, its code of few non-zeros, and a switch and a weight for each large entry.

    `code`, (atoms,), is what switches and sliders make of it.

    Args:
        dictionary: a `models.atoms.Atoms`.
        images: (n, height, width, channels) to choose from.
        active: non-zeros at the start.
        shown: entries that get a switch and a slider, the largest ones.
    """

    def __init__(self, dictionary, images, active=8, shown=8):
        check_images(images, dictionary.bias.shape)
        check_count("active", active)
        check_count("shown", shown)
        self._dictionary, self._images = dictionary, images
        most = min(MOST_ACTIVE, len(dictionary.atoms), dictionary.bias.size)
        self.which = base.slider("image", 0, 0, len(images) - 1)
        self.sparsity = base.slider("non-zeros", min(active, most), 1, most)
        self.switches, self.weights, self._thumbnails = [], [], []
        for k in range(min(shown, most)):
            about = {"tooltip": f"atom {k + 1}, on or off", "layout": {"width": "24px"}}
            self.switches.append(ipywidgets.Checkbox(True, indent=False, **about))
            about = {"tooltip": f"weight of atom {k + 1}", "layout": {"width": "230px"}}
            self.weights.append(base.slider("", 0, -1, 1, STEP, style={}, **about))
            self._thumbnails.append(base.Picture())
        self.reset = base.button("reset", "the code as it was found", self._encode)
        self.image, self.note = base.Picture(), base.note()
        entries = zip(self._thumbnails, self.switches, self.weights, strict=True)
        controls = [self.which, self.sparsity, *(base.row(*entry) for entry in entries), self.reset]
        shown = [self.image, self.note]
        super().__init__("Switch atoms off, change their weights", controls, shown)
        self.on_change(self._encode, self.which, self.sparsity)
        self.on_change(self.draw, *self.switches, *self.weights)
        self._encode()

    def _encode(self):
        """Finds the code of the chosen image, and sets switches and sliders to it."""
        chosen = self._images[self.which.value : self.which.value + 1]
        self._found = self._dictionary.encode(chosen, self.sparsity.value)[0]
        self.order = np.argsort(-np.abs(self._found))[: len(self.weights)]
        limit = float(np.ceil(1.5 * np.abs(self._found).max() + 0.1))
        entries = zip(self.order, self._thumbnails, self.switches, self.weights, strict=True)
        with self.hold():
            for atom, thumbnail, switch, weight in entries:
                weight.min, weight.max = -limit, limit
                weight.value = float(self._found[atom])
                switch.value = bool(self._found[atom] != 0)
                weight.disabled = switch.disabled = not switch.value
                picture = self._dictionary.atoms[atom : atom + 1]
                picture = (picture / np.abs(picture).max()).astype("float32")
                thumbnail.show_images(picture, scale=max(1, 32 // picture.shape[2]))

    def draw(self):
        """Shows the image, and what code and dictionary make of it."""
        self.code = self._found.copy()
        for atom, weight, switch in zip(self.order, self.weights, self.switches, strict=True):
            moved = abs(weight.value - self.code[atom]) > 0.51 * STEP  # browsers round to steps
            if moved or not switch.value:
                self.code[atom] = weight.value if switch.value else 0.0
        original = self._images[self.which.value]
        made = self._dictionary.decode(self.code[None])[0]
        pair = np.stack([original, made]).astype("float32")
        self.image.show_images(pair, 2, max(1, 160 // pair.shape[2]))
        error = np.mean(np.square(made - original))
        self.note.value = (
            f"left the image, right its code: {np.count_nonzero(self.code)} non-zeros of "
            f"{len(self.code)}, mean squared error {error:.4f}"
        )

    def still(self):
        """A figure of the code's entries, added one after the other."""
        code = np.zeros_like(self._found)
        sums = {"no atom": np.clip(self._dictionary.bias, -1, 1)}
        for k, atom in enumerate(self.order):
            if self._found[atom] != 0:
                code[atom] = self._found[atom]
                name = f"{'+' if code[atom] > 0 else '−'} atom {k + 1}"
                sums[name] = self._dictionary.decode(code[None])[0]
        sums["the image"] = self._images[self.which.value]
        images = {name: image[None].astype("float32") for name, image in sums.items()}
        return plotting.plot_images(images, across=len(images), width=10)
