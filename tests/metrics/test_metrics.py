"""Metrics against independent implementations, closed forms and simulations."""

import math

from gannotes import metrics
from gannotes.datasets import drawn
from metric_cases import CASES, deviation, make_features
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

FEATURES = make_features()


def normal(n, d=2, seed=0, mean=0.0, std=1.0):
    return np.random.default_rng(seed).normal(mean, std, (n, d))


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("metric", CASES)
def test_agrees_with_an_independent_implementation(metric, features):
    ours, theirs = (function(*FEATURES[features]) for function in CASES[metric])
    assert deviation(ours, theirs) < 1e-6


# Fréchet


def test_frechet_distance_of_known_gaussians():
    grid = np.array(np.meshgrid([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0])).reshape(2, -1).T
    assert metrics.frechet_distance(grid, grid) == pytest.approx(0, abs=1e-12)
    assert metrics.frechet_distance(grid, grid + [3, 4]) == pytest.approx(25)
    variance = grid[:, 0].var(ddof=1)  # scaling by 2: (2 - 1)² of the variance, on both axes
    assert metrics.frechet_distance(grid, 2 * grid) == pytest.approx(2 * variance)


def test_frechet_distance_with_singular_covariances():
    flat = np.column_stack([normal(50, 1), np.zeros(50)])
    expected = 2 * flat[:, 0].var(ddof=1) + 2 * flat[:, 0].mean() ** 2
    assert metrics.frechet_distance(flat, flat[:, ::-1]) == pytest.approx(expected)


# KID


@pytest.mark.parametrize("shift", [0, 0.5])
def test_kernel_distance_is_unbiased(shift):
    """(xy + 1)³ = 1 + 3xy + 3x²y² + x³y³: the moments' differences tell the expectation."""
    pairs = [(normal(20, 1, seed), normal(20, 1, 1000 + seed, shift)) for seed in range(1000)]
    found = [metrics.kernel_distance(*pair)["mean"] for pair in pairs]
    first, second, third = shift, shift**2, shift**3 + 3 * shift
    expected = 3 * first**2 + 3 * second**2 + third**2
    error = np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(expected, abs=4 * error)
    # with pairs of a sample and itself it would be off by 2·(E[k(x, x)] - E[k(x, x')]) / n
    assert 4 * error < 2 * (28 - 4) / 20


@pytest.mark.parametrize(("mean", "least", "most"), [(0.3, 0.8, 1.2), (0, 1, 2)])
def test_kernel_distance_knows_its_standard_error(mean, least, most):
    """Where the distributions are equal, leaving one out gives too much."""
    draws = [
        metrics.kernel_distance(normal(200, 2, seed), normal(250, 2, 1000 + seed, mean=mean))
        for seed in range(200)
    ]
    mean_error = np.sqrt(np.mean([draw["standard_error"] ** 2 for draw in draws]))
    assert least < mean_error / np.std([draw["mean"] for draw in draws]) < most


# Sliced Wasserstein


def test_sliced_wasserstein_of_known_distributions():
    points = normal(2000, 5)
    assert metrics.sliced_wasserstein(points, points) == 0
    assert metrics.sliced_wasserstein(points[:, :1], points[:, :1] - 3) == pytest.approx(3)
    shift = np.array([3.0, 4.0, 0.0, 0.0, 0.0])  # |shift|²/5 on average over directions
    distance = metrics.sliced_wasserstein(points, points + shift, projections=4000)
    assert distance == pytest.approx(math.sqrt(5), rel=0.02)
    # between normal distributions along any direction: (2 - 1)² of the variance
    wide = metrics.sliced_wasserstein(normal(20_000, 5), normal(20_000, 5, 1, std=2.0), 50)
    assert wide == pytest.approx(1, rel=0.02)


# Precision and recall, density and coverage


def test_precision_and_recall_by_hand():
    real = np.array([[0.0], [1.0], [2.0], [10.0]])  # k = 1: radii 1, 1, 1, 8
    fake = np.array([[0.5], [3.0], [1.9], [-1.5]])  # radii 1.4, 1.1, 1.1, 2
    found = metrics.precision_recall(real, fake, k=1)
    assert found == {"precision": 0.75, "recall": 0.75}  # -1.5 is outside, and 10 is
    assert metrics.density_coverage(real, fake, k=1) == {"density": 1.5, "coverage": 1.0}


@pytest.mark.parametrize(("count", "fakes", "k"), [(20, 20, 5), (20, 20, 1), (30, 10, 3)])
def test_density_and_coverage_of_equal_distributions(count, fakes, k):
    found = [
        metrics.density_coverage(normal(count, 3, seed), normal(fakes, 3, 10_000 + seed), k)
        for seed in range(600)
    ]
    expected = {"density": 1.0}
    if count == fakes:
        expected["coverage"] = 1 - math.prod((count - i) / (2 * count - i) for i in range(1, k + 1))
    for name, value in expected.items():
        values = [one[name] for one in found]
        error = np.std(values) / math.sqrt(len(values))
        assert np.mean(values) == pytest.approx(value, abs=4 * error)
        assert error < 0.02


def test_a_collapsed_generator_is_precise_and_reaches_little():
    real, fake = normal(500, 4), normal(500, 4, 1, std=0.01)
    precision, recall = metrics.precision_recall(real, fake).values()
    density, coverage = metrics.density_coverage(real, fake).values()
    assert precision == 1
    assert density > 1
    assert recall == 0
    assert coverage < 0.2


# Classifier two-sample test


@pytest.mark.parametrize("classifier", [None, LogisticRegression()])
def test_equal_distributions_are_told_apart_by_chance(classifier):
    found = [
        metrics.classifier_two_sample(normal(90, 2, s), normal(30, 2, 1000 + s), classifier)
        for s in range(200)
    ]
    accuracies = [one["accuracy"] for one in found]
    error = np.std(accuracies) / math.sqrt(len(accuracies))
    assert np.mean(accuracies) == pytest.approx(0.5, abs=4 * error)
    for level in (0.05, 0.2, 0.5):  # exact, so never too small a p-value too often
        share = np.mean([one["p_value"] <= level for one in found])
        assert share <= level + 3 * math.sqrt(level * (1 - level) / len(found))
    if classifier is None:  # the other takes all for real, the larger set, and has p = 1
        assert np.mean([one["p_value"] < 0.5 for one in found]) > 0.2


def test_a_wider_spread_is_seen_by_neighbours_and_not_by_a_line():
    real, fake = normal(1000, 8), normal(1000, 8, 1, std=1.5)
    assert metrics.classifier_two_sample(real, fake)["p_value"] < 1e-6
    line = metrics.classifier_two_sample(real, fake, LogisticRegression())
    assert line["p_value"] > 0.01
    shifted = metrics.classifier_two_sample(real, real[::-1] + 1, LogisticRegression())
    assert shifted["p_value"] < 1e-50
    assert shifted["accuracy"] == pytest.approx(0.921, abs=0.03)  # Φ(√8 / 2)


def test_copies_are_worse_than_chance():
    real = normal(400, 8)
    assert metrics.classifier_two_sample(real, real + 1e-9)["accuracy"] < 0.4


# Memorization


def test_memorization_of_a_perfect_generator():
    found = [
        metrics.memorization(normal(50, 3), normal(60, 3, 1000 + s), normal(40, 3, 5000 + s))
        for s in range(400)
    ]
    for name, value in {"closer": 0.5, "very_close": 0.05, "z": 0.0, "p_value": 0.5}.items():
        values = [one[name] for one in found]
        assert np.mean(values) == pytest.approx(value, abs=4 * np.std(values) / 20 + 0.01)
    assert np.std([one["z"] for one in found]) == pytest.approx(1, abs=0.12)
    assert np.mean([one["p_value"] < 0.05 for one in found]) == pytest.approx(0.05, abs=0.035)


def test_memorization_sees_copies_and_is_not_fooled_by_bad_samples():
    train, held_out, fresh = normal(500, 8), normal(500, 8, 1), normal(500, 8, 2)
    copies, bad = train[:250] + 0.01, normal(250, 8, 3) + 5
    copied = metrics.memorization(train, held_out, np.concatenate([copies, fresh[:250]]))
    assert copied["p_value"] < 1e-20
    assert copied["closer"] > 0.7
    assert copied["very_close"] == pytest.approx(0.525, abs=0.02)
    hidden = metrics.memorization(train, held_out, np.concatenate([copies, bad]))
    assert hidden["p_value"] > 0.05  # the ranks of good and bad cancel
    assert hidden["very_close"] == pytest.approx(0.5, abs=0.02)
    missed = metrics.memorization(train, held_out, bad)
    assert missed["z"] > 20
    assert missed["closer"] == pytest.approx(0, abs=1e-3)


def test_memorization_of_points_that_are_all_the_same():
    same = np.ones((9, 2))
    found = metrics.memorization(same, same, same)
    assert found == {"closer": 0.5, "very_close": 1.0, "z": 0.0, "p_value": 0.5}


# Birthdays


def test_birthday_of_a_perfect_generator():
    found = [
        metrics.birthday(normal(200, 3, 2000 + s), normal(240, 3, 1000 + s), 10) for s in range(300)
    ]
    assert np.mean([one["closer"] for one in found]) == pytest.approx(0.5, abs=0.02)
    assert np.mean([one["p_value"] < 0.05 for one in found]) == pytest.approx(0.05, abs=0.035)


def test_birthday_sees_a_small_support_where_paradox_says():
    """50 images: a batch of 1.2·√50, 9 of them, holds two alike with chance ½."""
    few = normal(50, 6)
    draws = [few[np.random.default_rng(s).integers(50, size=900)] for s in range(20)]
    closer = [metrics.birthday(normal(900, 6, 1 + s), x, 9)["closer"] for s, x in enumerate(draws)]
    alike = 1 - np.prod(1 - np.arange(9) / 50)  # 0.53
    assert np.mean(closer) == pytest.approx(alike + (1 - alike) / 2, abs=0.04)
    assert metrics.birthday(normal(900, 6, 1), draws[0], 45)["p_value"] < 1e-5


def test_birthday_needs_two_batches():
    with pytest.raises(
        ValueError, match="Two batches of 30 needs 60 samples or more. Received: 50"
    ):
        metrics.birthday(normal(50), normal(100), batch_size=30)


# Modes


def test_mode_coverage_by_hand():
    centres = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    points = np.array([[0, 0.2], [0.1, 0], [10, 0.1], [5.1, 0]])  # the last is good for none
    scored = metrics.mode_coverage(points, centres, std=0.1)
    assert scored["modes"] == 2
    assert scored["good"] == 0.75
    assert scored["reverse_kl"] == pytest.approx(np.log(2))  # halves of two, out of four
    assert metrics.mode_coverage(points[[0, 3]], centres, std=0.1)["modes"] == 1  # the other's


def test_a_perfect_generator():
    ring = drawn.ring()
    points, _ = ring.sample(100_000, np.random.default_rng(0))
    scored = metrics.mode_coverage(points, ring.centres, ring.std)
    assert scored["modes"] == 8
    assert scored["good"] == pytest.approx(1 - np.exp(-4.5), abs=0.002)
    assert scored["reverse_kl"] == pytest.approx(7 / 200_000, abs=5e-5)


def test_class_coverage_by_hand():
    found = metrics.class_coverage([0, 0, 2, 2], 4)
    assert found["modes"] == 2
    assert found["shares"].tolist() == [0.5, 0, 0.5, 0]
    assert found["reverse_kl"] == pytest.approx(np.log(2))
    real_shares = [0.25, 0.5, 0.25, 0]
    assert metrics.class_coverage([0, 2], 4, real_shares)["reverse_kl"] == pytest.approx(np.log(2))
    assert metrics.class_coverage([0, 3], 4, real_shares)["reverse_kl"] == np.inf


def test_class_coverage_of_a_perfect_generator():
    labels = np.random.default_rng(0).integers(0, 1000, 26_000)
    found = metrics.class_coverage(labels, 1000)
    assert found["modes"] == 1000
    assert found["reverse_kl"] == pytest.approx(999 / 52_000, rel=0.15)


# Errors

GOOD = np.zeros((9, 3))
TWO_SAMPLES = (
    metrics.frechet_distance,
    metrics.kernel_distance,
    metrics.sliced_wasserstein,
    metrics.precision_recall,
    metrics.density_coverage,
    metrics.classifier_two_sample,
    lambda real, fake: metrics.memorization(GOOD, real, fake),
    lambda real, fake: metrics.memorization(real, GOOD, fake),
    lambda real, fake: metrics.mode_coverage(fake, real, std=1.0),
)


@pytest.mark.parametrize("metric", TWO_SAMPLES)
@pytest.mark.parametrize(
    ("real", "fake", "message"),
    [
        (GOOD, GOOD[:, :2], "equally many features in each set. Received: .*(9, 3)"),
        (GOOD[0], GOOD[0], "shape (n, features)"),
        (GOOD, GOOD[:0], "shape (n, features)"),
        (GOOD[:, :0], GOOD[:, :0], "shape (n, features)"),
        (GOOD, np.full((9, 3), np.nan), "must be finite. Received"),
        (np.full((9, 3), np.inf), GOOD, "must be finite. Received"),
    ],
)
def test_features_that_do_not_fit_are_refused(metric, real, fake, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace(")", r"\)")):
        metric(real, fake)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.frechet_distance(GOOD[:3], GOOD), "3 features needs 4 .* Received: 3"),
        (lambda: metrics.kernel_distance(GOOD[:2], GOOD), "needs 3 samples .* Received: 2"),
        (lambda: metrics.sliced_wasserstein(GOOD, GOOD, 0), "projections .* Received: 0"),
        (lambda: metrics.precision_recall(GOOD[:3], GOOD), "needs 4 samples .* Received: 3"),
        (lambda: metrics.precision_recall(GOOD, GOOD[:3]), "needs 4 samples .* Received: 3"),
        (lambda: metrics.precision_recall(GOOD, GOOD, k=0), "k must be .* Received: 0"),
        (lambda: metrics.density_coverage(GOOD, GOOD, k=9), "needs 10 samples .* Received: 9"),
        (lambda: metrics.density_coverage(GOOD, GOOD, k=2.5), "k must be .* Received: 2.5"),
        (lambda: metrics.classifier_two_sample(GOOD[:1], GOOD), "needs 2 .* Received: 1"),
        (lambda: metrics.memorization(GOOD, GOOD, GOOD[:1]), "needs 2 .* Received: 1"),
        (lambda: metrics.mode_coverage(GOOD, GOOD, std=-1.0), "std must be .* Received: -1.0"),
        (lambda: metrics.class_coverage([0, 4], 4), "less than 4. Received: 4"),
        (lambda: metrics.class_coverage([0, -1], 4), "0 or more. Received"),
        (lambda: metrics.class_coverage([], 4), "number of labels .* Received: 0"),
        (lambda: metrics.class_coverage([[0]], 4), "shape .* Received: shape"),
        (lambda: metrics.class_coverage([0], 0), "num_classes .* Received: 0"),
        (lambda: metrics.class_coverage([0], 2, [0.5, 0.6]), "sum 1. Received: .*sum 1.1"),
        (lambda: metrics.class_coverage([0], 2, [1.5, -0.5]), "no negative value"),
        (lambda: metrics.class_coverage([0], 2, [1.0]), "shape (2,)"),
    ],
)
def test_refused(call, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace(")", r"\)")):
        call()


def test_class_coverage_refuses_labels_that_are_no_whole_numbers():
    with pytest.raises(TypeError, match="whole numbers. Received: float64"):
        metrics.class_coverage([0.5], 4)
