"""The VAE against the model whose likelihood is known, and in use."""

from gannotes import models
from gannotes.training import autoencoders
from gannotes.training.callbacks import Diverged
import keras
import numpy as np
import pytest
from sklearn.decomposition import PCA

RNG = np.random.default_rng(0)
STDS = np.array([2.0, 1.0, 0.3, 0.3, 0.3])
POINTS = (RNG.standard_normal((4000, 5)) * STDS + 0.5).astype("float32")


def linear_vae(seed=0, learning_rate=0.02, **options):
    encoder = models.mlp_encoder((5,), 4, widths=())
    vae = autoencoders.VAE(encoder, models.mlp_generator((5,), 2, widths=()), seed=seed)
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, 1500)
    vae.compile(keras.optimizers.Adam(schedule), **options)
    return vae


@pytest.fixture(scope="module")
def trained():
    vae = linear_vae()
    history = vae.fit(POINTS, batch_size=500, epochs=15, steps_per_epoch=100, verbose=0)
    return vae, history.history


def test_linear_vae_reaches_the_likelihood_of_probabilistic_pca(trained):
    """There the bound is tight, and principal components are the optimum (Lucas et al. 2019)."""
    _, history = trained
    best = -PCA(2).fit(POINTS).score(POINTS)
    assert history["loss"][-1] == pytest.approx(best, abs=0.02)
    assert history["squared_error"][-1] == pytest.approx(5 * 0.09 / 5, abs=0.01)


def test_what_it_makes_has_the_covariance_of_the_signal(trained):
    """The decoder's means miss the noise of variance 0.09."""
    made = trained[0].generate(20_000)
    assert made.mean(axis=0) == pytest.approx(POINTS.mean(axis=0), abs=0.05)
    signal = np.diag([4 - 0.09, 1 - 0.09, 0, 0, 0])
    assert np.cov(made, rowvar=False) == pytest.approx(signal, abs=0.15)


def test_reset_starts_over_without_a_new_graph(trained):
    vae, history = trained
    traces = vae._fused_steps.experimental_get_tracing_count()
    vae.reset(0)
    again = vae.fit(POINTS, batch_size=500, steps_per_epoch=100, verbose=0).history
    vae.reset(0)
    same = vae.fit(POINTS, batch_size=500, steps_per_epoch=100, verbose=0).history
    assert again == same
    assert again["loss"][0] > history["loss"][-1]
    assert vae._fused_steps.experimental_get_tracing_count() == traces


def test_resumes_bit_for_bit(tmp_path):
    whole, first, second = linear_vae(), linear_vae(), linear_vae()
    for vae in (whole, first):
        vae.reset(1)
    options = {"batch_size": 500, "steps_per_epoch": 10, "verbose": 0}
    whole.fit(POINTS, epochs=2, **options)
    first.fit(POINTS, **options)
    first.save_state(tmp_path / "state.npz")
    second.load_state(tmp_path / "state.npz")
    second.fit(POINTS, **options)
    for a, b in zip(whole.get_weights(), second.get_weights(), strict=True):
        assert np.array_equal(a, b)
    assert np.array_equal(whole.generate(4), second.generate(4))


def test_divergence_goes_back_to_a_good_state():
    vae = linear_vae(learning_rate=1e12)
    with pytest.raises(Diverged, match=r"not finite by step \d+. The model is back at step"):
        vae.fit(POINTS, batch_size=500, epochs=5, steps_per_epoch=100, verbose=0)
    assert all(np.isfinite(weights).all() for weights in vae.get_weights())


def test_images():
    vae = autoencoders.VAE(
        models.mlp_encoder((8, 8, 1), 12), models.mlp_generator((8, 8, 1), 6, batch_norm=True)
    )
    vae.compile()
    images = np.clip(RNG.normal(0, 0.3, (200, 8, 8, 1)), -1, 1).astype("float32")
    history = vae.fit(images, batch_size=50, epochs=3, steps_per_epoch=50, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert vae.generate(5).shape == (5, 8, 8, 1)


def test_more_weight_of_the_divergence_lowers_it_and_blurs():
    logs = []
    for beta in (1, 10):
        vae = linear_vae(beta=beta)
        history = vae.fit(POINTS, batch_size=500, epochs=5, steps_per_epoch=100, verbose=0).history
        logs.append({name: values[-1] for name, values in history.items()})
    assert logs[1]["divergence"] < logs[0]["divergence"] / 2
    assert logs[1]["squared_error"] > 2 * logs[0]["squared_error"]
    with pytest.raises(ValueError, match="beta must be"):
        linear_vae(beta=-1)


def test_another_precision_is_refused():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        encoder, decoder = models.mlp_encoder((5,), 4), models.mlp_generator((5,), latent_dim=2)
    finally:
        keras.config.set_dtype_policy("float32")
    with pytest.raises(ValueError, match=r"encoder must compute in float32. Received: bfloat16"):
        autoencoders.VAE(encoder, decoder)


@pytest.mark.parametrize(
    ("outputs", "shape", "message"),
    [
        (3, (5,), r"2·latents\). Received: \(None, 3\) and \(None, 2\)"),
        (4, (6,), r"encoder must take what decoder gives. Received: \(None, 6\) and \(None, 5\)"),
    ],
)
def test_networks_that_do_not_fit(outputs, shape, message):
    with pytest.raises(ValueError, match=message):
        autoencoders.VAE(
            models.mlp_encoder(shape, outputs), models.mlp_generator((5,), latent_dim=2)
        )


def test_regularizers_count_and_the_loss_that_is_told_is_the_bound():
    def trained(weight):
        keras.utils.set_random_seed(0)
        decoder = keras.Sequential(
            [
                keras.Input((2,)),
                keras.layers.Dense(3, kernel_regularizer=keras.regularizers.L2(weight)),
            ]
        )
        vae = autoencoders.VAE(models.mlp_encoder((3,), 4), decoder)
        vae.compile(keras.optimizers.Adam(0.01), jit_compile=False)
        images = np.random.default_rng(0).normal(size=(100, 3)).astype("float32")
        told = vae.fit(images, batch_size=50, steps_per_epoch=60, verbose=0).history["loss"][0]
        return np.abs(decoder.get_weights()[0]).sum(), told

    (free, without), (small, told) = trained(0.0), trained(1000.0)
    assert small < 0.5 * free and abs(told - without) < 5
