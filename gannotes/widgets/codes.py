"""The few entries of an image's sparse code, under the hand."""

from gannotes import plotting
from gannotes.checks import check_count, check_images
from gannotes.widgets import parts
import ipywidgets
import numpy as np

MOST_ACTIVE = 24
STEP = 0.05  # of a weight's slider


class CodeExplorer(ipywidgets.VBox):
    """An image, its code of few non-zeros, and a switch and a weight for each of the largest.

    Args:
        dictionary: a `dictionaries.Atoms`.
        images: (n, height, width, channels) to choose from.
        active: non-zeros at the start.
        shown: entries that get a switch and a slider, the largest ones.
        title: what this does.

    Attributes:
        code: of what is shown, (atoms,): as the switches and sliders stand.

    Raises:
        TypeError, ValueError: images that the atoms do not fit, or a count that is none.
    """

    def __init__(self, dictionary, images, active=8, shown=8, title=None):
        check_images(images, dictionary.bias.shape)
        check_count("active", active)
        check_count("shown", shown)
        self._dictionary, self._images = dictionary, images
        self._most = min(MOST_ACTIVE, len(dictionary.atoms), dictionary.bias.size)
        active, self._held = min(active, self._most), False
        self._scale = max(1, 160 // images.shape[2])
        self.which = ipywidgets.IntSlider(
            0, min=0, max=len(images) - 1, description="image", **parts.WIDE
        )
        self.sparsity = ipywidgets.IntSlider(
            active, min=1, max=self._most, description="non-zeros", **parts.WIDE
        )
        self.switches, self.weights, self._thumbnails = [], [], []
        for k in range(1, 1 + min(shown, self._most)):
            switch = ipywidgets.Checkbox(
                True, indent=False, tooltip=f"atom {k}, on or off", layout={"width": "24px"}
            )
            weight = ipywidgets.FloatSlider(
                0,
                min=-1,
                max=1,
                step=STEP,
                tooltip=f"weight of atom {k}",
                layout={"width": "230px"},
            )
            self.switches.append(switch)
            self.weights.append(weight)
            self._thumbnails.append(parts.picture())
        self.reset = parts.button("reset", "the code as it was found", self._encode)
        self.image, self._note = parts.picture(), parts.note()
        for control in (self.which, self.sparsity):
            control.observe(lambda _: self._encode(), "value")
        for control in (*self.switches, *self.weights):
            control.observe(lambda _: self._show(), "value")
        entries = zip(self._thumbnails, self.switches, self.weights, strict=True)
        controls = parts.column(
            self.which, self.sparsity, *(parts.row(*entry) for entry in entries), self.reset
        )
        heading = parts.heading(title or "Switch atoms off, change their weights")
        super().__init__([heading, parts.beside(controls, self.image, self._note)])
        self._encode()

    def _encode(self):
        """Finds the code of the chosen image, and sets switches and sliders to it."""
        chosen = self._images[self.which.value : self.which.value + 1]
        self._found = self._dictionary.encode(chosen, self.sparsity.value)[0]
        self.order = np.argsort(-np.abs(self._found))[: len(self.weights)]
        limit = float(np.ceil(1.5 * np.abs(self._found).max() + 0.1))
        with parts.once(self):
            for k, atom in enumerate(self.order):
                value, there = float(self._found[atom]), self._found[atom] != 0
                self.weights[k].min, self.weights[k].max = -limit, limit
                self.weights[k].value, self.switches[k].value = value, bool(there)
                self.weights[k].disabled = self.switches[k].disabled = not there
                picture = self._dictionary.atoms[atom : atom + 1]
                picture = (picture / np.abs(picture).max()).astype("float32")
                scale = max(1, 32 // picture.shape[2])
                parts.show_images(self._thumbnails[k], picture, scale=scale)

    def _show(self):
        """Shows the image, and what code and dictionary make of it."""
        if self._held:
            return
        self.code = self._found.copy()
        for atom, weight, switch in zip(self.order, self.weights, self.switches, strict=True):
            moved = abs(weight.value - self.code[atom]) > 0.51 * STEP  # browsers round to steps
            if moved or not switch.value:
                self.code[atom] = weight.value if switch.value else 0.0
        original = self._images[self.which.value]
        made = self._dictionary.decode(self.code[None])[0]
        pair = np.stack([original, made]).astype("float32")
        parts.show_images(self.image, pair, 2, self._scale)
        error = np.mean(np.square(made - original))
        self._note.value = (
            f"left the image, right its code: {np.count_nonzero(self.code)} non-zeros of "
            f"{len(self.code)}, mean squared error {error:.4f}"
        )

    def still(self):
        """A figure for readers without a kernel: the code's entries added one after the other."""
        bias, code = self._dictionary.bias, np.zeros_like(self._found)
        sums = {"no atom": np.clip(bias, -1, 1)}
        for k, atom in enumerate(self.order):
            if self._found[atom] != 0:
                code[atom] = self._found[atom]
                sums[f"{'+' if code[atom] > 0 else '−'} atom {k + 1}"] = self._dictionary.decode(
                    code[None]
                )[0]
        sums["the image"] = self._images[self.which.value]
        grids = {
            name: plotting.image_grid(image[None].astype("float32")) for name, image in sums.items()
        }
        return plotting.plot_pictures(grids, height=0.9)

    def __repr__(self):
        return (
            f"sparse codes of {len(self._images)} images: slider for the non-zeros, "
            f"{len(self.weights)} entries with switch and weight, {len(self._dictionary.atoms)} atoms"
        )
