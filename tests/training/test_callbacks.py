"""What watches a training: it sees what happens, and keeps only what is good."""

from gannotes.training import callbacks
from gannotes.training.callbacks import Checkpoint, Diverged, Metric, Snapshots, TermSchedule
import keras
import numpy as np
import pytest
from small import POINTS, small_gan


def train(gan, *watchers, epochs=1, steps=4):
    return gan.fit(
        POINTS, batch_size=16, epochs=epochs, steps_per_epoch=steps, callbacks=watchers, verbose=0
    )


# Divergence


def exploding_gan(step):
    """G's update number `step` (from 1) is infinite, while that step's losses are finite."""
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([step - 2, step - 1], [0.0, 1e38, 0.0])
    return small_gan(
        loss=(
            lambda real, fake: keras.ops.mean(fake) - keras.ops.mean(real),
            lambda real, fake: -1e6 * keras.ops.mean(fake),
        ),
        generator_optimizer=keras.optimizers.SGD(rate),
        discriminator_optimizer=keras.optimizers.SGD(0.01),
    )


@pytest.mark.parametrize(("explodes", "call"), [(1, 1), (3, 1), (3, 3), (12, 1), (12, 12)])
def test_a_state_that_is_not_finite_is_never_kept(explodes, call):
    """Also where the losses of the call's steps do not tell: here G breaks in its last one."""
    gan = exploding_gan(explodes)
    before = gan.generator.get_weights()
    with pytest.raises(Diverged, match="model is back at step 0"):
        train(gan, epochs=12 // call, steps=call)
    assert gan.steps == 0
    for a, b in zip(before, gan.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("call", "back"), [(1, 8), (3, 6), (4, 8), (12, 0)])
def test_states_are_kept_so_many_steps_apart(monkeypatch, call, back):
    monkeypatch.setattr(callbacks, "STATES_APART", 4)
    gan = exploding_gan(11)
    with pytest.raises(Diverged, match=f"not finite by step 1[12].*back at step {back}"):
        train(gan, epochs=12 // call, steps=call)
    assert gan.steps == back


def test_divergence_says_what_is_not_finite():
    gan = exploding_gan(4)
    with pytest.raises(Diverged, match="^generator's weights not finite by step 4"):
        train(gan)
    gan.discriminator_optimizer.variables[-1].assign(np.inf)
    with pytest.raises(Diverged, match=r"^moving averages not finite before training\. Start over"):
        train(gan)
    gan.discriminator_optimizer.learning_rate = 0.01  # reset leaves rates as they are
    gan.reset(0)
    train(gan, steps=2)


def test_a_state_that_is_not_finite_is_not_written(tmp_path):
    checkpoint = Checkpoint(tmp_path / "state.npz", every=4)
    with pytest.raises(Diverged):
        train(exploding_gan(8), checkpoint, epochs=3)
    assert checkpoint.resume(exploding_gan(8)) == 4


# The best generator


def scripted(values, **options):
    """A metric with values known beforehand."""
    values = iter(values)
    return Metric(lambda images: next(values), **{"every": 4, "count": 3, **options})


@pytest.mark.parametrize("mode", ["min", "max"])
def test_a_metric_finds_the_best_generator(mode):
    gan, snapshots = small_gan(), Snapshots(every=3, count=20, seed=7)
    metric = Metric(np.mean, every=3, count=20, name="brightness", mode=mode, seed=7)
    history = train(gan, metric, snapshots, epochs=3, steps=6).history
    assert metric.steps == snapshots.steps == [0, 3, 6, 9, 12, 15, 18]
    np.testing.assert_allclose(metric.values, [x.mean() for x in snapshots.images], rtol=1e-6)
    assert history["brightness"] == metric.values[2::2]

    best = {"min": np.argmin, "max": np.argmax}[mode](metric.values)
    assert (metric.best_step, metric.best_value) == (metric.steps[best], metric.values[best])
    metric.restore_best()
    np.testing.assert_array_equal(gan.generate(20, seed=7), snapshots.images[best])


def test_training_may_end_with_the_best():
    for restore in (False, True):
        gan, snapshots = small_gan(), Snapshots(every=4, count=3)
        train(gan, scripted([3.0, 1.0, 2.0], restore_best_weights=restore), snapshots, epochs=2)
        np.testing.assert_array_equal(gan.generate(3), snapshots.images[1 if restore else 2])


def test_what_is_not_a_number_is_never_best():
    gan, metric = small_gan(), scripted([np.nan, 5.0, np.nan])
    train(gan, metric, epochs=2)
    assert (metric.best_step, metric.best_value) == (4, 5.0)
    metric = Metric(lambda images: 0.0 if np.isfinite(images).all() else 1 / 0, every=4, count=3)
    with pytest.raises(Diverged):
        train(exploding_gan(4), metric, epochs=2)
    np.testing.assert_array_equal(metric.values, [0.0, np.nan])


def test_the_best_generator_lies_in_a_file_and_only_a_better_one_replaces_it(tmp_path):
    path = tmp_path / "best.keras"
    gan, metric = small_gan(), scripted([3.0, 1.0, 2.0], path=path)
    metric.resume(gan)  # there is no file yet
    train(gan, metric, epochs=2)
    best = keras.models.load_model(path, safe_mode=True).get_weights()
    for a, b in zip(best, metric.best_weights, strict=True):
        np.testing.assert_array_equal(a, b)

    resumed, last = scripted([1.0, 5.0, 4.0, 0.5], path=path), gan.ema_generator.get_weights()
    resumed.resume(gan)
    for a, b in zip(last, gan.ema_generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    train(gan, resumed)
    assert resumed.values == [5.0, 4.0] and resumed.best_value == 1.0
    np.testing.assert_array_equal(keras.models.load_model(path).get_weights()[0], best[0])
    train(gan, resumed)
    assert resumed.best_value == 0.5
    assert not np.array_equal(keras.models.load_model(path).get_weights()[0], best[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, "every must be a whole number"),
        ({"count": 0}, "count must be a whole number"),
        ({"mode": "least"}, "Unknown mode. Allowed: min, max. Received: 'least'"),
    ],
)
def test_bad_metrics(options, message):
    with pytest.raises(ValueError, match=message):
        scripted([], **options)


def test_resume_removes_what_a_killed_writer_left(tmp_path):
    gan, checkpoint = small_gan(), Checkpoint(tmp_path / "state.npz", every=4)
    train(gan, checkpoint)
    left, other = tmp_path / f".state.{'0a' * 16}.npz", tmp_path / ".state.mine.npz"
    for path in (left, other):
        path.write_bytes(b"half a sta")
    assert checkpoint.resume(small_gan()) == 4
    assert not left.exists() and other.exists()


# Schedules


class Weights(keras.callbacks.Callback):
    """The weight of a term before each call, with the steps done."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_begin(self, batch, logs=None):
        self.seen.append((self.model.steps, self.model.term_weights["instance_noise"]))


def test_a_terms_weight_follows_its_schedule_also_where_training_goes_on():
    gan, weights = small_gan(instance_noise=1.0), Weights()
    schedule = TermSchedule("instance_noise", lambda step: 1 / (1 + step), every=3)
    for _ in range(2):
        train(gan, schedule, weights, steps=6)
    assert [step for step, _ in weights.seen] == [0, 3, 6, 9]
    np.testing.assert_allclose([w for _, w in weights.seen], [1, 1 / 4, 1 / 7, 1 / 10], rtol=1e-6)


def test_bad_schedules():
    with pytest.raises(ValueError, match="schedule must be a function of the step. Received: 0.5"):
        TermSchedule("instance_noise", 0.5)
    with pytest.raises(ValueError, match="weight"):
        train(small_gan(), TermSchedule("unknown", lambda step: 1.0))
