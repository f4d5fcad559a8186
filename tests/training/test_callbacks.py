"""Callbacks: divergence, states, measurements, with Keras's own beside them."""

from gannotes.training import callbacks
from gannotes.training.callbacks import Checkpoint, Diverged, Measure, Snapshots
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


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_not_finite_stops_at_once(value):
    watcher = callbacks.StopOnDivergence()
    watcher.set_model(small_gan())
    watcher.on_train_begin()
    watcher.on_train_batch_end(0, {"generator_loss": 1.0})
    with pytest.raises(Diverged, match="^generator_loss not finite by step 0"):
        watcher.on_train_batch_end(0, {"discriminator_loss": 1.0, "generator_loss": value})


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


def scripted(values):
    """A measurement with values known beforehand."""
    values = iter(values)
    return Measure("distance", lambda images: next(values), count=3)


def best(path, **options):
    """Keras's callback that keeps the generator with the least distance in a file."""
    return keras.callbacks.ModelCheckpoint(
        path, "distance", **{"mode": "min", "save_best_only": True, **options}
    )


def test_measurements_stand_in_the_history_and_fit_the_images():
    gan, snapshots = small_gan(), Snapshots(every=6, count=20, seed=7)
    measure = Measure("brightness", np.mean, count=20, seed=7)
    history = train(gan, measure, snapshots, epochs=3, steps=6).history
    assert snapshots.steps == [0, 6, 12, 18]
    expected = [images.mean() for images in snapshots.images[1:]]
    np.testing.assert_allclose(history["brightness"], expected, rtol=1e-6)


@pytest.mark.parametrize(("mode", "kept"), [("min", 2), ("max", 3)])
def test_keras_keeps_the_best_generator(tmp_path, mode, kept):
    gan, snapshots = small_gan(), Snapshots(every=4, count=3)
    path = tmp_path / "new folder" / "best.keras"
    train(gan, scripted([3.0, 1.0, 4.0, 2.0]), best(path, mode=mode), snapshots, epochs=4)
    np.testing.assert_array_equal(gan.generate(3), snapshots.images[-1])
    whole = keras.models.load_model(path, safe_mode=True).get_weights()
    gan.ema_generator.load_weights(path)
    np.testing.assert_array_equal(gan.generate(3), snapshots.images[kept])
    for a, b in zip(whole, gan.ema_generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert [other.name for other in path.parent.iterdir()] == ["best.keras"]


def test_only_a_better_one_replaces_the_best_of_an_earlier_training(tmp_path):
    path, gan = tmp_path / "best.keras", small_gan()
    train(gan, scripted([3.0, 1.0, 2.0]), best(path), epochs=3)
    before = path.read_bytes()
    train(gan, scripted([5.0, 4.0]), best(path, initial_value_threshold=1.0), epochs=2)
    assert path.read_bytes() == before
    train(gan, scripted([0.5]), best(path, initial_value_threshold=1.0))
    saved = keras.models.load_model(path).get_weights()
    for a, b in zip(saved, gan.ema_generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_is_not_a_number_is_never_best(tmp_path):
    gan, path = small_gan(), tmp_path / "best.keras"
    keep = best(path, initial_value_threshold=np.inf)
    train(gan, scripted([np.nan]), keep)
    assert not path.exists()
    train(gan, scripted([5.0, np.nan]), keep, epochs=2)
    assert keep.best == 5.0


def test_images_that_are_not_finite_are_not_measured():
    gan = small_gan()
    for variable in gan.ema_generator.weights + gan.generator.weights:
        variable.assign(keras.ops.full_like(variable, 1e30))  # finite: their products are not
    measure, logs = Measure("distance", lambda images: 1 / 0, count=3), {}
    measure.set_model(gan)
    measure.on_epoch_end(0, logs)
    assert np.isnan(logs["distance"])


@pytest.mark.parametrize("restore", [False, True])
def test_keras_stops_early_and_goes_back_to_the_best(restore):
    gan, snapshots = small_gan(), Snapshots(every=4, count=3)
    stop = keras.callbacks.EarlyStopping(
        "distance", patience=2, mode="min", restore_best_weights=restore
    )
    history = train(gan, scripted([3.0, 1.0, 2.0, 4.0]), stop, snapshots, epochs=9).history
    assert history["distance"] == [3.0, 1.0, 2.0, 4.0] and gan.steps == 16
    np.testing.assert_array_equal(gan.generate(3), snapshots.images[2 if restore else 4])


def test_an_interrupted_writer_leaves_the_older_generator(tmp_path, monkeypatch):
    gan, path = small_gan(), tmp_path / "generator.keras"
    gan.save(path)
    before = path.read_bytes()

    def half(model, part):
        part.write_bytes(b"half a gen")
        raise KeyboardInterrupt

    monkeypatch.setattr(type(gan.ema_generator), "save", half)
    with pytest.raises(KeyboardInterrupt):
        gan.save(path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]
    with pytest.raises(FileExistsError, match="generator.keras is there already"):
        gan.save(path, overwrite=False)


def test_bad_measurements():
    with pytest.raises(ValueError, match="count must be a whole number"):
        Measure("distance", np.mean, count=0)


def test_resume_removes_what_a_killed_writer_left(tmp_path):
    gan, checkpoint = small_gan(), Checkpoint(tmp_path / "state.npz", every=4)
    train(gan, checkpoint)
    left, other = tmp_path / f".state.{'0a' * 16}.npz", tmp_path / ".state.mine.npz"
    for path in (left, other):
        path.write_bytes(b"half a sta")
    assert checkpoint.resume(small_gan()) == 4
    assert not left.exists() and other.exists()


# Schedules


def test_a_terms_weight_follows_a_schedule_also_where_training_goes_on():
    """As `benchmarks/ring_and_grid.py` lets the noise fall."""
    gan, seen = small_gan(instance_noise=1.0), []
    schedule = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: gan.set(instance_noise=1 / (1 + gan.steps)),
        on_train_batch_begin=lambda batch, logs: seen.append(
            (gan.steps, gan.recipe.instance_noise)
        ),
    )
    schedule.every = 3
    for _ in range(2):
        train(gan, schedule, epochs=2, steps=3)
    assert [step for step, _ in seen] == [0, 3, 6, 9]
    np.testing.assert_allclose([w for _, w in seen], [1, 1 / 4, 1 / 7, 1 / 10], rtol=1e-6)


def test_the_first_snapshot_is_of_weights_that_were_loaded():
    gan, snapshots = small_gan(), Snapshots(every=1, count=3)
    gan.generator.set_weights([np.full_like(x, 0.5) for x in gan.generator.get_weights()])
    expected = gan.generator(keras.random.normal((3, 2), seed=0))
    train(gan, snapshots)
    np.testing.assert_allclose(snapshots.images[0], expected, atol=1e-6)
