"""Metrics of damaged images, features of a factor."""

from gannotes import datasets, plotting, widgets
from gannotes.datasets.drawn import draw_shapes, sample_factors
from gannotes.metrics import damage, features
from gannotes.metrics.yardstick import Yardstick
from gannotes.widgets.bars import _table
import numpy as np
import pytest


@pytest.fixture(scope="module")
def spoiled():
    data = datasets.load("digits")
    pool = damage.Pool(data.held_out_images, data.held_out_labels, data.images)
    ruler = Yardstick(data, count=100)
    fair = [
        list(ruler.measure(damage.noise(pool, 80, 0.0, np.random.default_rng(seed))).values())
        for seed in range(4)
    ]
    return pool, ruler, np.mean(fair, axis=0), np.std(fair, axis=0)


def test_damage_moves_picture_and_metrics(spoiled):
    explorer = widgets.DamageExplorer(*spoiled, count=80)
    first, picture, bars = explorer.measured, explorer.image.value, explorer.table.value
    assert [name in bars for name in ("precision", "birthday test")] == [True, True]
    explorer.strength.value = 1.0
    second = explorer.measured
    assert second["precision"] < first["precision"]
    assert explorer.image.value != picture and explorer.table.value != bars
    assert f"{second['precision']:.3f}" in explorer.table.value
    explorer.damage.value = "copies"
    assert explorer.measured["copies"] > 0.9
    explorer.damage.value, explorer.strength.value = "noise", 0.4
    assert explorer.image.value == picture and explorer.table.value == bars


def test_damage_reads_as_text_and_stands_still_with_its_bars(spoiled):
    shown = {"recall": "recall", "copies": "too close"}
    explorer = widgets.DamageExplorer(*spoiled, count=80, shown=shown)
    explorer.damage.value, explorer.strength.value = "copies", 1.0
    assert "too close" in explorer.table.value and "birthday test" not in explorer.table.value
    still = explorer.still()
    assert still.get_suptitle() == f"{explorer.title}: copies, strength 1.0"
    close, recall = still.axes[1].patches  # from below
    assert close.get_width() == 1 and abs(recall.get_width()) < 1  # bars end at their limit
    assert [label.get_text() for label in still.axes[1].get_yticklabels()] == [
        "too close",
        "recall",
    ]
    assert f"recall {10 * recall.get_width():.1f}; too close" in still.alt
    assert repr(explorer) == "Damage the images, and watch the metrics: damage, strength"


def test_damage_needs_a_mean_for_each_metric(spoiled):
    pool, ruler, means, spreads = spoiled
    with pytest.raises(ValueError, match="spreads must be one number for each of the 11 metrics"):
        widgets.DamageExplorer(pool, ruler, means[:3], spreads)


def square_pictures(count, seed=0):
    return draw_shapes(sample_factors(count, np.random.default_rng(seed)), 16)


def test_features_of_the_nearest_image():
    images = square_pictures(50)
    explorer = widgets.FeatureExplorer(images, square_pictures(40, seed=1))
    own = sample_factors(50, np.random.default_rng(0))
    for name, slider in explorer.sliders.items():
        slider.value = own[name][7]
    explorer.shape.value, explorer.texture.value = int(own["shape"][7]), int(own["texture"][7])
    np.testing.assert_array_equal(explorer.nearest, images[7])
    assert abs(explorer.drawn - images[7]).mean() < 0.05
    first, table = explorer.image.value, explorer.table.value
    explorer.sliders["hue"].value = (own["hue"][7] + 0.5) % 1
    assert explorer.image.value != first and explorer.table.value != table
    value = features.hue(explorer.nearest[None])[0]
    assert f"{value:.3f}" in explorer.table.value


def test_features_read_as_text_and_stand_still():
    explorer = widgets.FeatureExplorer(square_pictures(20), square_pictures(20))
    assert repr(explorer).endswith("nearest image: shape, texture, hue, size, x, y, angle")
    assert explorer.still("x", columns=5).get_suptitle() == "a walk along x"
    with pytest.raises(ValueError, match="Unknown factor"):
        explorer.still("shape")


@pytest.mark.parametrize("shape", [(3, 16, 16, 1), (3, 8, 16, 3), (3, 2)])
def test_features_need_square_colour_pictures(shape):
    with pytest.raises(ValueError, match="images must have shape"):
        widgets.FeatureExplorer(np.zeros(shape, "float32"), square_pictures(20))


def test_other_damages_may_be_given(spoiled):
    def none(pool, count, strength, rng):
        return pool.images[:count]

    explorer = widgets.DamageExplorer(*spoiled, count=80, damages={"none": none})
    assert explorer.damage.options == ("none",)
    assert explorer.measured == spoiled[1].measure(spoiled[0].images[:80])


def test_a_bar_is_orange_to_the_right_and_blue_to_the_left():
    more, less = (_table([""], [("", share)]).partition("gradient(")[2] for share in (0.5, -0.5))
    assert f"{plotting.FAKE} 50.0% 72.5%" in more and plotting.REAL not in more
    assert f"{plotting.REAL} 27.5% 50.0%" in less and plotting.FAKE not in less
