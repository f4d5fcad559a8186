"""Kernels cut to a rank."""

from gannotes import layers, widgets
from gannotes.latent import latents
import keras
import numpy as np
import pytest
from seen import conditional, generator, text


def test_rank_explorer_cuts_every_kernel_and_comes_back():
    model = generator()  # 5-16-64
    explorer = widgets.RankExplorer(model, count=6, columns=3)
    drawn = latents.draw(6, 5, 0)
    assert (explorer.slider.min, explorer.slider.max, explorer.slider.value) == (1, 16, 16)
    whole = explorer.image.value
    np.testing.assert_allclose(explorer.images, model(drawn), atol=1e-5)
    explorer.slider.value = 3
    np.testing.assert_allclose(explorer.images, layers.factorize(model, 3)(drawn), atol=1e-5)
    assert explorer.image.value != whole
    said = f"factors of {3 * (5 + 16 + 16 + 64):,} weights, where the kernels have 1,104"
    assert said in text(explorer)
    energies = [np.linalg.svd(layer.kernel)[1] ** 2 for layer in model.layers if layer.weights]
    kept = sum(values[:3].sum() for values in energies) / sum(map(np.sum, energies))
    assert f"{100 * kept:.1f} % of the kernels' energy" in text(explorer)
    explorer.slider.value = 16
    assert explorer.image.value == whole
    assert repr(explorer) == "Cut every kernel of the generator to this rank: rank"
    labels = [ax.get_ylabel() for ax in explorer.still([1, 4]).axes]
    assert labels == ["rank 1", "rank 4"] and explorer.slider.value == 16
    numbers = [label.get_text() for label in explorer.still().axes[0].get_xticklabels()]
    assert numbers == ["1", "2", "3"]


def test_rank_explorer_refuses():
    with pytest.raises(ValueError, match="takes labels"):
        widgets.RankExplorer(conditional())
    with pytest.raises(ValueError, match="count must be a whole number"):
        widgets.RankExplorer(generator(), count=0)
    inputs = keras.Input((4,))
    bare = keras.Model(inputs, keras.layers.Reshape((2, 2, 1))(inputs))
    with pytest.raises(ValueError, match="must have dense kernels"):
        widgets.RankExplorer(bare)
