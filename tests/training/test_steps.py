"""Steps: stopping and going on, how many in a call, halves of them, what they draw."""

from gannotes import models
from gannotes.layers import multiply_adds
from gannotes.training import GAN, LOGS, feed, losses
from gannotes.training.callbacks import Checkpoint, Diverged, Snapshots
from gannotes.training.feed import Feed, batch_indices, draw
from gannotes.training.step import accuracies
import keras
import numpy as np
import pytest
from scipy import stats
from small import POINTS, alike, conditional_gan, small_gan, train
import tensorflow as tf

OPTIMIZERS = ("generator_optimizer", "discriminator_optimizer")


def moved(before, after):
    return [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]


# Stopping and going on


def test_divergence_stops_and_keeps_the_last_good_state():
    gan = small_gan(
        loss="wasserstein",
        generator_optimizer=keras.optimizers.SGD(1e6),
        discriminator_optimizer=keras.optimizers.SGD(1e6),
    )
    with pytest.raises(Diverged, match=r"not finite.*The model is back at step \d+. Try lower"):
        gan.fit(POINTS, batch_size=16, epochs=100, steps_per_epoch=2, verbose=0)
    assert all(np.isfinite(w).all() for w in gan.generator.get_weights())
    assert np.isfinite(gan.generate(4)).all()


@pytest.mark.slow
def test_resumed_is_uninterrupted(tmp_path):
    def dropout_gan():
        gan = GAN(
            models.mlp_generator((2,), 2, (8,)),
            keras.Sequential([keras.Input((2,)), keras.layers.Dense(8), keras.layers.Dropout(0.3),
                              keras.layers.Dense(1)]),
        )  # fmt: skip
        # by XLA: without it, sums may round as threads fall
        gan.compile(r1=0.1, instance_noise=0.1)
        gan.reset(5)
        return gan

    whole, first, second = dropout_gan(), dropout_gan(), dropout_gan()
    second.reset(6)
    train(whole, steps=20)
    checkpoint = Checkpoint(tmp_path / "state.npz", every=5)
    assert checkpoint.resume(first) == 0
    train(first, steps=10, callbacks=[checkpoint])
    assert checkpoint.resume(second) == 10
    train(second, steps=10)
    for a, b in zip(whole.state_variables, second.state_variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    np.testing.assert_array_equal(whole.generate(8), second.generate(8))  # by the average


def test_a_state_of_another_gan_changes_nothing(tmp_path):
    gan, other = small_gan(), conditional_gan()
    before = other.generator.get_weights()
    gan.save_state(tmp_path / "state.npz")
    with pytest.raises(ValueError, match=r"state\.npz is not a state of this model"):
        other.load_state(tmp_path / "state.npz")
    (tmp_path / "broken.npz").write_bytes(b"PK broken")
    with pytest.raises(ValueError, match=r"broken\.npz cannot be read"):
        other.load_state(tmp_path / "broken.npz")
    assert not any(moved(before, other.generator.get_weights()))


# Steps are kept to


def test_promised_steps_are_kept_wherever_training_began():
    gan = small_gan()
    train(gan, steps=5)
    snapshots = Snapshots(every=6, count=2)
    train(gan, steps=13, callbacks=snapshots)
    assert snapshots.steps == [5, 6, 12, 18]


def test_a_pass_over_the_images_is_done_in_long_calls():
    gan = small_gan()
    gan.fit(np.zeros((937, 2), "float32"), batch_size=1, verbose=0)
    assert gan.steps == 900 and gan.steps_per_execution == 100


def test_xla_is_chosen_for_dense_networks_and_not_for_convolutions():
    dense, conv = GAN(*models.mlp_pair((8, 8, 1))), GAN(*models.conv_pair((8, 8, 1), 4))
    dense.compile(), conv.compile()
    assert (dense.jit_compile, conv.jit_compile) == (True, False)


def test_a_streams_calls_are_small_where_its_batches_are_large(monkeypatch):
    gan = small_gan()
    bytes_of_step = 4 * 16 * (4 * 2 + 2 * gan.latent_shape[0])  # points four times, latents twice
    monkeypatch.setattr(feed, "MAX_BYTES", 3 * bytes_of_step)
    stream = tf.data.Dataset.from_tensor_slices(POINTS).batch(16, drop_remainder=True)
    train(gan, images=stream, steps=6)
    assert gan.steps == 6 and gan.steps_per_execution == 3


def test_calls_are_short_where_a_step_is_heavy(monkeypatch):
    gan = small_gan()
    forward = multiply_adds(gan.generator) + multiply_adds(gan.discriminator)
    monkeypatch.setattr(feed, "MAX_WORK", 3 * 16 * forward)
    train(gan, steps=6)
    assert gan.steps == 6 and gan.steps_per_execution == 3


@pytest.mark.slow
def test_a_resumed_stream_goes_on_where_it_stopped():
    batches = tf.data.Dataset.from_tensor_slices(POINTS[:56]).batch(8, drop_remainder=True)
    whole, parts = small_gan(jit_compile=True), small_gan(jit_compile=True)
    train(whole, images=batches, steps=8)
    train(parts, images=batches, steps=4)
    train(parts, images=batches, steps=4)
    for a, b in zip(whole.state_variables, parts.state_variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.slow
def test_accuracies_mean_the_same_under_every_loss():
    far = np.concatenate([np.zeros((64, 1)), np.full((64, 1), 9.0)], axis=1).astype("float32")
    for loss in losses.LOSSES:
        gan = small_gan(
            loss=loss,
            generator_optimizer=keras.optimizers.SGD(0.0),
            discriminator_optimizer=keras.optimizers.Adam(0.01),
        )
        gan.discriminator.layers[-1].bias.assign([-50.0])  # what a loss of differences can't see
        history = train(gan, images=far, steps=100).history
        if loss != "hinge":  # its slope is 0 out there, on one side
            assert min(history["real_accuracy"][-1], history["fake_accuracy"][-1]) > 0.8, loss


def test_accuracies_are_shares_on_the_right_side_of_the_middle():
    real, fake = [13.0, 13.0, 9.0, 9.0], [10.0, 10.0, 10.0, 14.0]  # both means are 11
    found = accuracies(*(np.reshape(scores, (-1, 1)) for scores in (real, fake)))
    assert {name: float(share) for name, share in found.items()} == {
        "real_accuracy": 0.5,
        "fake_accuracy": 0.75,
    }


def test_reset_leaves_what_was_set():
    gan = small_gan(r1=1.0)
    gan.generator_optimizer.learning_rate = 0.5
    gan.set(r1=3.0)
    gan.reset(0)
    assert float(gan.generator_optimizer.learning_rate) == 0.5
    assert float(gan.switches["r1"]) == 3.0


@pytest.mark.parametrize(
    ("generator", "discriminator", "message"),
    [
        (models.mlp_generator((2,)), models.mlp_discriminator((3,)), "must take the images"),
        (models.mlp_generator((2,)), models.mlp_generator((2,), 2), "one score an image"),
        (models.mlp_generator((2,)), "a network", "must be a built keras.Model"),
        (keras.Sequential([keras.layers.Dense(2)]), models.mlp_discriminator((2,)), "built"),
        (models.mlp_discriminator((2,)), models.mlp_discriminator((2,)), "must take the images"),
    ],
)
def test_networks_that_do_not_fit(generator, discriminator, message):
    with pytest.raises(ValueError, match=message):
        GAN(generator, discriminator)


# Half-steps


@pytest.mark.parametrize("options", [{}, {"r1": 0.5}, {"loss": "relativistic"}])
@pytest.mark.slow
def test_two_half_steps_are_a_step_of_fit(options):
    # XLA rounds alike each time; without it, R1's slopes once fell on either side of a kink
    whole, halves = (small_gan(**options, jit_compile=True) for _ in range(2))
    whole.fit(POINTS, batch_size=16, steps_per_epoch=3, verbose=0)
    for batch in batch_indices(len(POINTS), 16, 0, 3, seed=0):
        logs = halves.half_step("discriminator", POINTS[batch])
        logs |= halves.half_step("generator", POINTS[batch])
    assert set(logs) == set(LOGS)
    for a, b in zip(whole.state_variables, halves.state_variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-6)


def test_take_step_works_eagerly_and_is_a_step_of_fit():
    fused, eager = small_gan(r1=0.1), small_gan(r1=0.1)
    logs = fused.fit(POINTS, batch_size=64, steps_per_epoch=1, verbose=0).history
    latents = (draw(eager.seed, kind, 0, (64, 2)) for kind in range(2))
    batch = POINTS[batch_indices(64, 64, 0, 1, eager.seed)[0]]
    found = eager.take_step(*map(keras.ops.convert_to_tensor, (*latents, batch)))
    for name in LOGS:
        assert float(found[name]) == pytest.approx(logs[name][0], abs=1e-6)
    for a, b in zip(fused.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_a_half_step_moves_one_network_and_traces_once(player):
    gan = small_gan()
    networks = {"discriminator": gan.discriminator, "generator": gan.generator}
    before = {name: network.get_weights() for name, network in networks.items()}
    for _ in range(3):
        gan.half_step(player, POINTS[:16])
    for name, network in networks.items():
        same = all((a == b).all() for a, b in zip(network.get_weights(), before[name], strict=True))
        assert same == (name != player)
    assert gan._half_steps[player].experimental_get_tracing_count() == 1


def test_half_step_refuses_what_fit_refuses():
    with pytest.raises(ValueError, match="Unknown player"):
        small_gan().half_step("critic", POINTS)
    with pytest.raises(ValueError, match="images must have shape"):
        small_gan().half_step("generator", POINTS[:, :1])


def test_the_recipe_is_what_was_set():
    gan = small_gan(r1=0.5)
    gan.set(r1=2)
    assert gan.recipe.r1 == 2 and gan.recipe.class_weight == 1


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_regularizers_of_layers_count(player):
    """Where nothing else is at stake, a step of SGD takes 2·rate·λ of every weight."""

    def one_layer(inputs, outputs, mine):
        regularizer = keras.regularizers.L2(0.5) if mine else None
        layer = keras.layers.Dense(outputs, use_bias=False, kernel_regularizer=regularizer)
        return keras.Sequential([keras.Input((inputs,)), layer])

    gan = GAN(one_layer(2, 2, player == "generator"), one_layer(2, 1, player == "discriminator"))
    nothing = tuple(lambda real, fake: keras.ops.mean(0 * fake) for _ in range(2))
    sgds = {name: keras.optimizers.SGD(0.1) for name in OPTIMIZERS}
    gan.compile(**sgds, loss=nothing, r1=0)
    before = {name: network.get_weights()[0] for name, network in gan.networks.items()}
    train(gan, steps=1)
    for name, network in gan.networks.items():
        left = 0.9 if name == player else 1.0
        np.testing.assert_allclose(network.get_weights()[0], left * before[name], rtol=1e-6)


# What is drawn


def test_draws_are_standard_normal_and_a_function_of_seed_kind_and_update():
    feed = Feed((2,), None, 2, [(2, (5,)), (1, (5,))], 1)
    drawn = [np.array(numbers) for numbers in feed.drawn(3, 4, 100, seed=1)]
    assert [numbers.shape for numbers in drawn] == [(4, 200, 5), (4, 100, 5)]
    np.testing.assert_array_equal(drawn[0][1, 100:], draw(1, 0, 9, (100, 5)))
    np.testing.assert_array_equal(drawn[1][1], draw(1, 1, 4, (100, 5)))
    others = [draw(seed, kind, update, (100, 5)) for kind, update, seed in np.ndindex(2, 2, 2)]
    assert len({numbers.tobytes() for numbers in others}) == 8
    assert stats.kstest(np.ravel(others), "norm").pvalue > 0.001


# Keras's own way to go on


def test_backup_and_restore_goes_on_where_it_stopped(tmp_path):
    """With the data of the steps to come; and a training after it starts at its own first epoch."""

    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path)

    whole, parts = small_gan(jit_compile=True), small_gan(jit_compile=True)
    train(whole, epochs=3)
    with pytest.raises(KeyboardInterrupt):
        train(parts, epochs=3, callbacks=[backup(), Stop()])
    again = small_gan(jit_compile=True)
    history = train(again, epochs=3, callbacks=backup())
    assert history.epoch == [1, 2] and again.steps == whole.steps == 12
    assert alike(again.generator.get_weights(), whole.generator.get_weights())
    assert train(again, epochs=2).epoch == [0, 1]


def test_before_compile_there_is_no_step():
    gan = GAN(models.mlp_generator((2,), 2, (8,)), models.mlp_discriminator((2,), (8,)))
    for ask in (lambda: gan.steps, lambda: gan.save_state("x.npz"), lambda: gan.reset(0)):
        with pytest.raises(RuntimeError, match="Call compile before"):
            ask()
