"""Recipes train as they say; subsets, diagnoses and overfitting with a known answer."""

import dataclasses

from gannotes import datasets, models
from gannotes.studies import recipes, trained
from gannotes.training import GAN
import numpy as np
import pytest
from small import POINTS, alike

STEPS = 200


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


@pytest.fixture(scope="module")
def gan(digits):
    return recipes.regularized(digits.shape, STEPS, jit_compile=False)


@pytest.fixture(scope="module")
def recipe(gan):
    return gan.recipe


def test_a_subset_fills_the_data_sets_rows_evenly(digits):
    few, rows = recipes.subset(digits, 100, seed=3)
    assert few.shape == (100, 8, 8, 1) and rows.shape == digits.images.shape
    _, counts = np.unique(rows.reshape(len(rows), -1), axis=0, return_counts=True)
    assert len(counts) == 100 and np.ptp(counts) <= 1
    assert not np.array_equal(few, recipes.subset(digits, 100, seed=4)[0])


def test_imbalanced_classes_fall_off(digits):
    chosen, order = recipes.imbalanced(digits, seed=1)
    assert sorted(order) == list(range(10))
    sizes = np.array([len(indices) for indices in chosen])
    np.testing.assert_allclose(sizes[1:] / sizes[:-1], 0.7, atol=0.06)
    for indices, label in zip(chosen, order, strict=True):
        assert set(digits.labels[indices]) == {label} and len(set(indices)) == len(indices)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"discriminator_rate": 0, "generator_rate": 0}, "The generator does not move"),
        ({"discriminator_rate": 1e30, "generator_rate": 1e30, "steps": None}, "diverged"),
        ({}, "healthy"),
    ],
)
def test_a_diagnosis_in_words(digits, gan, recipe, changes, said):
    gan.set(recipe, **changes)
    images, found = recipes.diagnosed(gan, digits.images, 0, STEPS, count=300)
    assert found == said
    assert images.shape == (300, 8, 8, 1) and np.isfinite(images).all()


def test_a_d_that_learns_by_heart_has_a_gap(digits, gan, recipe):
    """Without regularization 20 images are learned by heart; a rate of 0 leaves D nothing."""
    gan.set(recipe, r1=0)
    by_heart = recipes.overfitting(gan, digits, 20, 0, STEPS)
    gan.set(recipe, r1=0, discriminator_rate=0)
    fixed = recipes.overfitting(gan, digits, 20, 0, STEPS)
    assert by_heart["gap"] > 0.8 > fixed["gap"]
    assert 0 <= by_heart["copies"] <= 1 and by_heart["frechet"] > 0


def test_weight_decay_adds_the_size_of_kernels():
    small = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    decays = {f"L{power}": recipes.decayed(small, power, 0.1) for power in (1, 2)}
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


@pytest.mark.parametrize("name", recipes.REGULARIZERS)
def test_every_regularizer_trains(digits, name):
    graph, changes = recipes.REGULARIZERS[name]
    small = recipes.regularized(digits.shape, 3, jit_compile=False, **graph)
    small.set(**changes)
    images = trained(small, digits.images, 3, 10)(0)
    assert images.shape == (10, 8, 8, 1) and np.isfinite(images).all()


@pytest.mark.parametrize("remedy", recipes.REMEDIES)
def test_every_remedy_trains(remedy):
    small = recipes.plane_gan(remedy)
    recipe = dataclasses.replace(recipes.PLANE, steps=5, jit_compile=False)
    small.compile(recipe, **recipes.REMEDIES[remedy])
    points = trained(small, POINTS, 5, 50, batch_size=16)(0)
    assert points.shape == (50, 2) and np.isfinite(points).all()


def test_trained_sets_its_recipe_first(digits, gan, recipe):
    still = trained(gan, digits.images, 3, 5, recipe=dataclasses.replace(recipe, generator_rate=0))
    moved = trained(gan, digits.images, 3, 5, recipe=recipe)
    first, other, again = moved(0), still(0), moved(0)
    assert alike([first], [again]) and not alike([first], [other])
