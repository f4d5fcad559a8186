"""Attention maps under the pointer."""

from gannotes import widgets
import numpy as np
import pytest


def attention_of(count=2, heads=2):
    maps = np.random.default_rng(0).uniform(size=(count, heads, 2, 8, 2, 8))
    return maps / maps.sum(axis=(-2, -1), keepdims=True)


def test_attention_shows_where_a_place_looks():
    images = np.full((2, 8, 32, 3), -1.0, "float32")
    maps = attention_of()
    maps[0, 0] = 1e-9
    maps[0, 0, 1, 3, 0, 6] = 1  # from row 2, column 4 to row 1, column 7
    explorer = widgets.AttentionExplorer(images, maps)
    explorer.head.value = 0
    seen = explorer.looked_at(1, 3)
    assert seen.shape == (8, 32, 3)
    rows, columns = np.nonzero(seen.any(axis=-1))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (0, 3, 24, 27)
    assert explorer.picture.value.count('class="gannotes-place"') == 16
    before = explorer.picture.value
    explorer.number.value = 1
    assert explorer.picture.value != before


def test_attention_reads_as_text_and_stands_still():
    images = np.zeros((2, 8, 32, 3), "float32")
    explorer = widgets.AttentionExplorer(images, attention_of(), title="D looks")
    assert repr(explorer) == "D looks: picture, head"
    axes = explorer.still([(0, 0), (1, 7)]).axes
    data, about = explorer._repr_mimebundle_()
    assert data["image/png"].startswith("iVBOR") and about["image/png"]["alt"]
    corners = [ax.patches[0].get_xy() for ax in axes]  # of places of 4 × 4 pixels
    assert corners == [(-0.5, -0.5), (27.5, 3.5)]
    assert [patch.get_linestyle() for patch in axes[1].patches] == ["-", ":"]
    explorer.number.value = 1
    images[1, 5, 9], images[1, 2, 30], images[1, 6, 20] = 1, 1, 0.5  # it looks from squares
    corners = [ax.patches[0].get_xy() for ax in explorer.still().axes]
    assert corners == [(7.5, 3.5), (27.5, -0.5)]


@pytest.mark.parametrize("shape", [(3, 2, 2, 8, 2, 8), (2, 2, 3, 8, 3, 8), (2, 2, 16, 16)])
def test_attention_needs_maps_of_its_images(shape):
    with pytest.raises(ValueError, match="maps must have shape"):
        widgets.AttentionExplorer(np.zeros((2, 8, 32, 3), "float32"), np.ones(shape))
