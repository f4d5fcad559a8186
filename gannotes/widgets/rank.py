"""A generator cut to a rank, under a slider."""

from gannotes import layers, plotting
from gannotes.latent import generators, latents
from gannotes.widgets import base
import numpy as np


class RankExplorer(base.Widget):
    """A slider over the rank of all kernels: what is left of a generator's `images`.

    Each kernel becomes its truncated SVD, the nearest of that rank; a kernel whose smaller side is
    less stays whole. The generator takes latents alone.
    """

    def __init__(self, generator, count=32, columns=8):
        generators.check_generator(generator, may_take_labels=False)
        self._scale = base.grid_scale(generator, count, columns)
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

    def still(self, ranks=None):
        """A figure of the same images, numbered, at several ranks, a row each; by default the largest, half of it, … 1."""
        ranks = ranks or [self.slider.max >> k for k in range(self.slider.max.bit_length())]
        images = {f"rank {rank}": self._at(rank)[: self._columns] for rank in ranks}
        title = "The same latents, at lower and lower rank"
        fig = plotting.plot_images(images, columns=self._columns, title=title, across=1)
        count, _, width, _ = images[f"rank {ranks[0]}"].shape
        top = fig.axes[0]
        top.set_xticks((np.arange(count) + 0.5) * (width + 1) - 1, range(1, count + 1))
        top.tick_params(labeltop=True, labelbottom=False, labelsize="x-small", pad=1)
        return fig
