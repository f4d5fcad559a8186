"""Autoencoders with and without an adversary: optima that are known, and the loop they share."""

from gannotes import models
from gannotes.training import autoencoders
import keras
import numpy as np
import pytest
from sklearn.decomposition import PCA
from small import alike

RNG = np.random.default_rng(0)
STDS = np.array([2.0, 1.0, 0.3, 0.3, 0.3])
POINTS = (RNG.standard_normal((2000, 5)) * STDS + 0.5).astype("float32")


def prior(size=2):
    inputs = keras.Input((size,))
    return keras.Model(inputs, keras.layers.Identity()(inputs))


def linear(inputs, outputs):
    return models.mlp_encoder((inputs,), outputs, widths=())


def adam(rate, steps):
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps), beta_1=0.5)


def test_a_linear_autoencoder_reaches_the_principal_components():
    model = autoencoders.Autoencoder(linear(5, 2), linear(2, 5), prior())
    model.compile(adam(0.02, 1500), jit_compile=True)
    history = model.fit(POINTS, batch_size=500, epochs=15, steps_per_epoch=100, verbose=0).history
    pca = PCA(2).fit(POINTS)
    left = np.mean((POINTS - pca.inverse_transform(pca.transform(POINTS))) ** 2)
    assert history["squared_error"][-1] == pytest.approx(left, rel=0.02)
    made = model.decode(model.encode(POINTS))
    assert np.mean((made - POINTS) ** 2) == pytest.approx(left, rel=0.02)


def judge(size):
    return models.mlp_discriminator((size,), (32, 32))


def test_the_adversary_makes_codes_standard_normal():
    model = autoencoders.AdversarialAutoencoder(linear(5, 2), linear(2, 5), prior(), judge(2))
    model.compile(
        adam(0.01, 1500), adam(0.01, 1500), reconstruction=1.0, r1=0.1,
        jit_compile=True,
    )  # fmt: skip
    model.fit(POINTS, batch_size=250, epochs=15, steps_per_epoch=100, verbose=0)
    codes = model.encode(POINTS)
    assert codes.mean(axis=0) == pytest.approx(0, abs=0.2)
    assert np.cov(codes, rowvar=False) == pytest.approx(np.eye(2), abs=0.3)
    made = model.decode(codes)
    assert np.mean((made - POINTS) ** 2) < 0.15  # the least is 3·0.09/5 = 0.054
    fakes = model.generate(2000)
    assert np.cov(fakes, rowvar=False)[:2, :2] == pytest.approx(np.diag([4, 1]), abs=0.9)


def test_a_bigans_encoder_and_decoder_become_each_others_inverse():
    """No error is measured, and yet latents come back, up to the symmetries of the prior."""
    model = autoencoders.BiGAN(linear(2, 2), linear(2, 2), prior(), judge(4))
    points = POINTS[:, :2]
    model.compile(adam(0.01, 2000), adam(0.01, 2000), r1=0.1, jit_compile=True)
    model.fit(points, batch_size=250, epochs=20, steps_per_epoch=100, verbose=0)
    made = model.decode(model.encode(points))
    assert np.mean((made - points) ** 2) < 0.1 * points.var(axis=0).mean()
    assert model.generate(2000).std(axis=0) == pytest.approx([2, 1], abs=0.4)


IMAGES = RNG.uniform(-1, 1, (64, 8, 8, 1)).astype("float32")
SHAPE, ATOMS = (8, 8, 1), 12


def sparse(kind, seen, learns):
    parts = (
        models.sparse_encoder(SHAPE, ATOMS, 3, unrolled=2),
        models.dictionary_decoder(SHAPE, ATOMS),
        models.sparse_coder(ATOMS, 3, 4, (8,) if learns else ()),
    )
    return kind(*parts, *([judge(seen)] if seen else []))


KINDS = {
    "autoencoder": (autoencoders.Autoencoder, None, False),
    "aae": (autoencoders.AdversarialAutoencoder, ATOMS, False),
    "bigan": (autoencoders.BiGAN, 64 + ATOMS, True),
}


def compiled(name, **options):
    kind, seen, learns = KINDS[name]
    model = sparse(kind, seen, learns)
    if seen:
        options = {"r1": 0.1, "wgan_gp": 0.1} | options
    model.compile(jit_compile=False, **options)
    model.reset(0)
    return model


FIT = {"batch_size": 16, "steps_per_epoch": 10, "verbose": 0}


@pytest.mark.parametrize("name", KINDS)
def test_codes_are_sparse_and_all_that_should_move_does(name):
    model = compiled(name)
    before = {key: network.get_weights() for key, network in model.networks.items()}
    history = model.fit(IMAGES, **FIT).history
    moved = {
        key: any((a != b).any() for a, b in zip(before[key], network.get_weights(), strict=True))
        for key, network in model.networks.items()
    }
    assert moved.pop("coder") == (name == "bigan")
    assert all(moved.values())
    codes = model.encode(IMAGES)
    assert np.count_nonzero(codes, axis=1).tolist() == [3] * 64
    assert model.generate(5).shape == model.decode(codes[:5]).shape == (5, 8, 8, 1)
    assert set(history) == {"squared_error", "discriminator_loss", "encoder_loss"}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.slow
def test_the_same_seed_is_the_same_training_and_a_state_goes_on(name, tmp_path):
    whole, first, second = (compiled(name) for _ in range(3))
    whole.fit(IMAGES, epochs=2, **FIT)
    first.fit(IMAGES, **FIT)
    first.save_state(tmp_path / "state.npz")
    second.load_state(tmp_path / "state.npz")
    second.fit(IMAGES, **FIT)
    assert alike(whole.get_weights(), second.get_weights())


def test_the_weight_of_the_error_needs_no_new_graph():
    model = compiled("bigan", reconstruction=5.0)
    with_error = model.fit(IMAGES, epochs=5, **FIT).history["squared_error"][-1]
    model.set(reconstruction=0)
    model.reset(0)
    without = model.fit(IMAGES, epochs=5, **FIT).history["squared_error"][-1]
    assert with_error < without
    assert model._fused_steps.experimental_get_tracing_count() == 1
    with pytest.raises(ValueError, match="was 0 when compiled"):
        compiled("bigan").set(reconstruction=1.0)
    with pytest.raises(ValueError, match="reconstruction must be"):
        model.set(reconstruction=-1.0)


def test_networks_that_do_not_fit():
    encoder, decoder = linear(5, 2), linear(2, 5)
    with pytest.raises(ValueError, match="The decoder must fit an encoder"):
        autoencoders.Autoencoder(encoder, linear(3, 5), prior())
    with pytest.raises(ValueError, match="The coder must fit"):
        autoencoders.Autoencoder(encoder, decoder, prior(3))
    with pytest.raises(ValueError, match=r"The discriminator must fit .*\(\(None, 7\),\)"):
        autoencoders.BiGAN(encoder, decoder, prior(), judge(5))
    with pytest.raises(ValueError, match="The discriminator must fit"):
        autoencoders.AdversarialAutoencoder(encoder, decoder, prior())


def test_without_a_discriminator_there_is_nothing_to_penalize():
    model = autoencoders.Autoencoder(linear(5, 2), linear(2, 5), prior())
    for options in ({"r1": 1.0}, {"reconstruction": 0}):
        with pytest.raises(ValueError, match="Without discriminator"):
            model.compile(**options)
    with pytest.raises(ValueError, match="Unknown penalty"):
        compiled("bigan", r3=1.0)


def test_the_discriminators_layers_hear_that_they_are_trained():
    norm = keras.layers.BatchNormalization()
    layers = [keras.Input((2,)), keras.layers.Dense(8), norm, keras.layers.Dense(1)]
    model = autoencoders.AdversarialAutoencoder(
        linear(5, 2), linear(2, 5), prior(), keras.Sequential(layers)
    )
    model.compile(jit_compile=False)
    model.fit(POINTS, batch_size=50, steps_per_epoch=3, verbose=0)
    assert np.abs(norm.moving_mean.numpy()).max() > 0


def test_regularizers_count():
    def size(weight):
        keras.utils.set_random_seed(0)
        decoder = keras.Sequential(
            [
                keras.Input((2,)),
                keras.layers.Dense(5, kernel_regularizer=keras.regularizers.L2(weight)),
            ]
        )
        model = autoencoders.Autoencoder(linear(5, 2), decoder, prior())
        model.compile(keras.optimizers.Adam(0.01), jit_compile=False)
        model.fit(POINTS, batch_size=50, steps_per_epoch=60, verbose=0)
        return np.abs(decoder.get_weights()[0]).sum()

    assert size(1000.0) < 0.5 * size(0.0)
