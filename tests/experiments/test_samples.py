"""What several experiments train on: subsets, imbalanced classes, losses with weight decay."""

from experiments import _samples
from gannotes import datasets, models
from gannotes.training import GAN
import numpy as np
import pytest
from small import POINTS


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


def test_a_subset_fills_the_data_sets_rows_evenly(digits):
    few, rows = _samples.subset(digits, 100, seed=3)
    assert few.shape == (100, 8, 8, 1) and rows.shape == digits.images.shape
    _, counts = np.unique(rows.reshape(len(rows), -1), axis=0, return_counts=True)
    assert len(counts) == 100 and np.ptp(counts) <= 1
    assert not np.array_equal(few, _samples.subset(digits, 100, seed=4)[0])


def test_imbalanced_classes_fall_off(digits):
    chosen, order = _samples.imbalanced(digits, seed=1)
    assert sorted(order) == list(range(10))
    sizes = np.array([len(indices) for indices in chosen])
    np.testing.assert_allclose(sizes[1:] / sizes[:-1], 0.7, atol=0.06)
    for indices, label in zip(chosen, order, strict=True):
        assert set(digits.labels[indices]) == {label} and len(set(indices)) == len(indices)


def test_weight_decay_adds_the_size_of_kernels():
    small = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    decays = {f"L{power}": _samples.decayed(small, power, 0.1) for power in (1, 2)}
    small.compile(loss={"nonsaturating": "nonsaturating"} | decays, jit_compile=False)
    said = {}
    for name in ("nonsaturating", "L1", "L2"):
        small.set(loss=name)
        small.reset(0)
        kernels = [w for w in small.discriminator.get_weights() if w.ndim == 2]
        said[name] = small.half_step("discriminator", POINTS)["discriminator_loss"]
    sizes = [sum((np.abs(w) ** power).sum() for w in kernels) for power in (1, 2)]
    added = [said[name] - said["nonsaturating"] for name in ("L1", "L2")]
    assert added == pytest.approx([0.1 * sizes[0], 0.1 * sizes[1] / 2], rel=1e-4)
