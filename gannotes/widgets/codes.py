"""The entries of an image's sparse code."""

from gannotes import plotting
from gannotes.checks import check_count, check_images
from gannotes.widgets.base import Picture, Widget, button, note, row, slider
import ipywidgets
import numpy as np

MOST_ACTIVE = 24
STEP = 0.05  # of a weight's slider


class CodeExplorer(Widget):
    """An image, its code of few non-zeros, and a switch and a weight for each of the largest.

    Args:
        dictionary: a `models.atoms.Atoms`.
        images: (n, height, width, channels) to choose from.
        active: non-zeros at the start.
        shown: entries that get a switch and a slider, the largest ones.

    Attributes:
        code: of what is shown, (atoms,): as the switches and sliders stand.
    """

    def __init__(self, dictionary, images, active=8, shown=8, title=None):
        check_images(images, dictionary.bias.shape)
        check_count("active", active)
        check_count("shown", shown)
        self._dictionary, self._images = dictionary, images
        self._scale = max(1, 160 // images.shape[2])
        most = min(MOST_ACTIVE, len(dictionary.atoms), dictionary.bias.size)
        self.which = slider("image", 0, 0, len(images) - 1)
        self.sparsity = slider("non-zeros", min(active, most), 1, most)
        names = [f"atom {k + 1}" for k in range(min(shown, most))]
        self.switches = [
            ipywidgets.Checkbox(
                True, indent=False, tooltip=f"{name}, on or off", layout={"width": "24px"}
            )
            for name in names
        ]
        self.weights = [
            slider(
                "", 0, -1, 1, STEP, tooltip=f"weight of {name}", layout={"width": "230px"}, style={}
            )
            for name in names
        ]
        self._thumbnails = [Picture() for _ in names]
        self.reset = button("reset", "the code as it was found", self._encode)
        self.image, self.note = Picture(), note()
        entries = zip(self._thumbnails, self.switches, self.weights, strict=True)
        controls = [self.which, self.sparsity, *(row(*entry) for entry in entries), self.reset]
        title = title or "Switch atoms off, change their weights"
        super().__init__(title, controls, [self.image, self.note])
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
        self.image.show_images(np.stack([original, made]).astype("float32"), 2, self._scale)
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

    def __repr__(self):
        return (
            f"sparse codes of {len(self._images)} images: slider for the non-zeros, "
            f"{len(self.weights)} entries with switch and weight, {len(self._dictionary.atoms)} atoms"
        )
