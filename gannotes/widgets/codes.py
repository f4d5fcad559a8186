"""A picture's sparse code: its atoms, their weights."""

from gannotes import plotting
from gannotes.checks import check_count, check_images
from gannotes.widgets import base
import ipywidgets
import numpy as np

MOST_ACTIVE = 24  # non-zeros of a code
STEP = 0.05  # of a weight's slider


class CodeExplorer(base.Widget):
    """An image, its code of few non-zeros, and a switch and a weight for each large entry.

    `code`, (atoms,), is what switches and sliders make of it. The dictionary is a
    `models.atoms.Atoms`; `active` non-zeros are there at the start, `shown` entries have a switch.
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
        entries = map(base.row, self._thumbnails, self.switches, self.weights)
        controls = [self.which, self.sparsity, *entries, self.reset]
        title = "Switch atoms off, change their weights"
        super().__init__(title, controls, [self.image, self.note])
        self.on_change(self._encode, self.which, self.sparsity)
        self.on_change(self.draw, *self.switches, *self.weights)
        self._encode()

    def _encode(self):
        """Finds the code of the chosen image, and sets switches and sliders to it."""
        chosen = self._images[self.which.value][None]
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
                picture = plotting.scaled(self._dictionary.atoms[[atom]])
                thumbnail.show_images(picture, scale=max(1, 32 // picture.shape[2]))

    def show(self, image):
        """Takes one image more, and shows it."""
        check_images(image[None], self._dictionary.bias.shape)
        self._images = np.concatenate([self._images, image[None]])
        self.which.max = self.which.value = len(self._images) - 1

    def draw(self):
        """Shows the image, and what code and dictionary make of it."""
        self.code = self._found.copy()
        for atom, weight, switch in zip(self.order, self.weights, self.switches, strict=True):
            if not switch.value:
                self.code[atom] = 0
            elif abs(weight.value - self.code[atom]) > 0.51 * STEP:  # browsers round to steps
                self.code[atom] = weight.value
        image = self._images[self.which.value]
        made = self._dictionary.decode(self.code[None])[0]
        self.image.show_images(np.stack([image, made]), 2, max(1, 160 // image.shape[1]))
        error = np.mean(np.square(made - image))
        self.note.value = (
            f"left the image, right its code: {np.count_nonzero(self.code)} non-zeros of "
            f"{len(self.code)}, mean squared error {error:.4f}"
        )

    def still(self):
        """A figure of the code's entries, added one after the other; below, what each adds."""
        code, blank = np.zeros((1, len(self._found))), np.ones_like(self._dictionary.bias)
        images = {"no atom": [*self._dictionary.decode(code), blank]}
        for k, atom in enumerate(self.order[self._found[self.order] != 0]):
            code[0, atom] = self._found[atom]
            added = plotting.scaled(code[0, atom] * self._dictionary.atoms[[atom]])
            name = f"{k + 1}: {code[0, atom]:+.1f}".replace("-", "−")
            images[name] = [*self._dictionary.decode(code), *added]
        images["the image"] = [self._images[self.which.value], blank]
        return plotting.plot_images(images, columns=1, across=len(images), width=10)
