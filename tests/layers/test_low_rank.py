"""Low-rank layers against dense arithmetic."""

from gannotes import models, training
from gannotes.layers import (
    LowRankConv2D,
    LowRankConv2DTranspose,
    LowRankDense,
    factorize,
    kernel_matrix,
    multiply_adds,
)
from gannotes.layers.kernels import set_kernel_matrix
import keras
from keras import layers, ops
import numpy as np
import pytest

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(6, 10)).astype("float32")
PICTURES = RNG.normal(size=(6, 7, 5, 4)).astype("float32")
KINDS = {  # name: (dense layer, low-rank class, inputs, full rank)
    "dense": (lambda: layers.Dense(8, activation="tanh"), LowRankDense, ROWS, 8),
    "conv": (lambda: layers.Conv2D(9, 3, activation="relu"), LowRankConv2D, PICTURES, 9),
    "conv, strides": (
        lambda: layers.Conv2D(9, (3, 2), strides=(2, 1), padding="same", use_bias=False),
        LowRankConv2D,
        PICTURES,
        9,
    ),
    "transposed": (
        lambda: layers.Conv2DTranspose(3, 4, strides=2, padding="same"),
        LowRankConv2DTranspose,
        PICTURES,
        4,
    ),
    "transposed, valid": (
        lambda: layers.Conv2DTranspose(3, (2, 3), strides=(1, 2)),
        LowRankConv2DTranspose,
        PICTURES,
        4,
    ),
}
each = pytest.mark.parametrize("name", KINDS)


def make(name):
    """A dense layer, built, with a bias that shows; its low-rank class; inputs; its full rank."""
    keras.utils.set_random_seed(0)
    dense, kind, inputs, full = KINDS[name]
    layer = dense()
    layer(inputs)
    if layer.use_bias:
        layer.bias.assign(RNG.normal(size=layer.bias.shape))
    return layer, kind, inputs, full


def nearest(matrix, rank):
    """The truncated SVD, multiplied out."""
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return (left[:, :rank] * values[:rank]) @ right[:rank]


@each
def test_at_full_rank_it_computes_the_same(name):
    layer, kind, inputs, full = make(name)
    for rank in (full, 1.0):
        same = kind.from_dense(layer, rank)
        assert same.rank == full and same.name == layer.name
        np.testing.assert_allclose(same(inputs), layer(inputs), atol=2e-6)


@each
def test_at_a_lower_rank_it_is_the_dense_layer_of_the_truncated_kernel(name):
    layer, kind, inputs, _ = make(name)
    low = kind.from_dense(layer, 2)
    wanted = nearest(kernel_matrix(layer), 2)
    np.testing.assert_allclose(kernel_matrix(low), wanted, atol=1e-6)
    assert np.abs(low(inputs) - layer(inputs)).max() > 0.01
    set_kernel_matrix(layer, wanted)
    np.testing.assert_allclose(kernel_matrix(layer), wanted, atol=1e-6)
    np.testing.assert_allclose(low(inputs), layer(inputs), atol=2e-6)
    assert low.compute_output_shape(inputs.shape) == low(inputs).shape


def test_a_share_of_energy_chooses_the_rank():
    layer = layers.Dense(4, use_bias=False)
    layer.build((None, 4))
    layer.kernel.assign(np.diag([4.0, 2.0, 1.0, 0.0]))  # energies 16, 4, 1 of 21
    ranks = {share: LowRankDense.from_dense(layer, share).rank for share in (0.7, 0.9, 0.96, 1.0)}
    assert ranks == {0.7: 1, 0.9: 2, 0.96: 3, 1.0: 3}


@each
def test_truncating_is_what_the_smaller_rank_would_have_been(name):
    layer, kind, inputs, full = make(name)
    low = kind.from_dense(layer, full)
    low.truncate(2)
    np.testing.assert_allclose(low(inputs), kind.from_dense(layer, 2)(inputs), atol=2e-6)
    assert np.linalg.matrix_rank(kernel_matrix(low)) == 2


def test_what_was_truncated_stays_zero_in_training():
    keras.utils.set_random_seed(0)
    gan = training.GAN(
        models.mlp_generator((2,), 4, (8,), rank=4), models.mlp_discriminator((2,), (8,))
    )
    gan.compile()
    low = [layer for layer in gan.generator.layers if isinstance(layer, LowRankDense)]
    for layer in low:
        layer.truncate(1)
    before = [kernel_matrix(layer) for layer in low]
    gan.fit(RNG.normal(size=(64, 2)).astype("float32"), epochs=1, steps_per_epoch=20, verbose=0)
    for layer, old in zip(low, before, strict=True):
        left, right = layer.factors
        assert not left[:, 1:].any() and not right[1:].any()
        assert np.abs(kernel_matrix(layer) - old).max() > 1e-3


@pytest.mark.parametrize("non_negative", [False, True])
@pytest.mark.parametrize("rank", [1, 4, 32])
@pytest.mark.parametrize(
    ("make_dense", "make_low", "shape"),
    [
        (
            lambda: layers.Dense(300),
            lambda **options: LowRankDense(300, **options),
            (None, 200),
        ),
        (
            lambda: layers.Conv2D(60, 3),
            lambda **options: LowRankConv2D(60, 3, **options),
            (None, 8, 8, 40),
        ),
        (
            lambda: layers.Conv2DTranspose(60, 4),
            lambda **options: LowRankConv2DTranspose(60, 4, **options),
            (None, 8, 8, 40),
        ),
    ],
)
@pytest.mark.slow
def test_the_start_has_the_dense_layers_second_moment(
    make_dense, make_low, shape, rank, non_negative
):
    keras.utils.set_random_seed(1)
    dense = make_dense()
    dense.build(shape)
    moments = []
    for _ in range(20):
        low = make_low(rank=rank, non_negative=non_negative)
        low.build(shape)
        matrix = kernel_matrix(low)
        moments.append(np.mean(np.square(matrix)))
        assert np.linalg.matrix_rank(matrix) == rank
        assert (matrix >= 0).all() == non_negative
    assert np.mean(moments) == pytest.approx(np.mean(np.square(dense.kernel)), rel=0.1)


def test_non_negative_factors_stay_so_and_move():
    """They are to fit a kernel with negative entries, which they can only meet with zeros."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((10,))
    layer = LowRankDense(3, rank=3, use_bias=False, non_negative=True)
    model = keras.Model(inputs, layer(inputs))
    before = np.concatenate([factor.ravel() for factor in layer.factors])
    model.compile(keras.optimizers.Adam(0.05), "mse")
    wanted = ROWS @ np.linspace(-1, 1, 30, dtype="float32").reshape(10, 3)
    model.fit(ROWS, wanted, epochs=100, verbose=0)
    after = np.concatenate([factor.ravel() for factor in layer.factors])
    assert (before > 0).all() and (after >= 0).all() and (after == 0).any() and (after > 0).any()


@each
def test_it_is_saved_and_loaded(name, tmp_path):
    layer, kind, inputs, _ = make(name)
    tensor = keras.Input(inputs.shape[1:])
    model = keras.Model(tensor, kind.from_dense(layer, 3)(tensor))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(again(inputs), model(inputs))
    assert again.layers[-1].get_config() == model.layers[-1].get_config()
    assert again.layers[-1].rank == 3


@each
def test_mixed_precision_and_xla(name):
    import tensorflow as tf

    layer, kind, inputs, _ = make(name)
    low = kind.from_dense(layer, 2)
    compiled = tf.function(low, jit_compile=True)
    np.testing.assert_allclose(compiled(inputs), low(inputs), atol=2e-6)
    config = low.get_config() | {"dtype": "mixed_bfloat16"}
    mixed = kind.from_config(config)
    mixed.build(inputs.shape)
    mixed.set_weights(low.get_weights())
    # by XLA: oneDNN, told to use AVX2, has no bfloat16, and aborts
    made = tf.function(mixed, jit_compile=True)(inputs)
    assert made.dtype == "bfloat16" and mixed.first.kernel.dtype == "float32"
    np.testing.assert_allclose(ops.cast(made, "float32"), low(inputs), atol=0.1)


def test_a_factorized_generator_computes_the_same_at_full_rank_and_the_nearest_below():
    keras.utils.set_random_seed(0)
    latents = RNG.normal(size=(5, 6)).astype("float32")
    for generator in (
        models.mlp_generator((8, 8, 1), 6, (16, 12), batch_norm=True),
        models.conv_generator((8, 8, 3), 6, (8, 6, 4)),
    ):
        generator(latents, training=True)  # moves the batch norms' statistics
        whole = factorize(generator, 1.0)
        np.testing.assert_allclose(whole(latents), generator(latents), atol=1e-5)
        low = factorize(generator, 7)
        for old, new in zip(generator.layers, low.layers, strict=True):
            assert old.name == new.name
            if hasattr(new, "factors"):
                rank = min(7, *kernel_matrix(old).shape)
                wanted = nearest(kernel_matrix(old), rank)
                np.testing.assert_allclose(kernel_matrix(new), wanted, atol=1e-6)


def test_builders_give_every_kernel_the_rank_or_the_most_it_can_have():
    mlp = models.mlp_generator((4, 4, 1), 3, (32, 32), batch_norm=True, rank=5)
    assert [layer.rank for layer in mlp.layers if hasattr(layer, "factors")] == [3, 5, 5]
    conv = models.conv_generator((8, 8, 3), 16, (12, 4, 8), rank=5)
    assert [layer.rank for layer in conv.layers if hasattr(layer, "factors")] == [5, 5, 4]
    for low, dense in (
        (mlp, models.mlp_generator((4, 4, 1), 3, (32, 32), batch_norm=True)),
        (conv, models.conv_generator((8, 8, 3), 16, (12, 4, 8))),
    ):
        assert low.input_shape == dense.input_shape and low.output_shape == dense.output_shape


def test_weights_and_multiply_adds_by_hand():
    dense = models.mlp_generator((4, 4, 1), 3, (32,))
    assert multiply_adds(dense) == 3 * 32 + 32 * 16
    low = models.mlp_generator((4, 4, 1), 3, (32,), rank=2)
    assert multiply_adds(low) == 2 * (3 + 32) + 2 * (32 + 16)
    assert low.count_params() == multiply_adds(low) + 32 + 16
    conv = models.conv_generator((8, 8, 3), 5, (6, 4, 2))
    # 2×2 → 4×4 → 8×8; each input pixel of a transposed convolution meets the whole kernel
    expected = 5 * 24 + 4 * (16 * 6 * 4) + 16 * (16 * 4 * 2) + 64 * (9 * 2 * 3)
    assert multiply_adds(conv) == expected
    low = models.conv_generator((8, 8, 3), 5, (6, 4, 2), rank=1)
    expected = (5 + 24) + 4 * (6 + 16 * 4) + 16 * (4 + 16 * 2) + 64 * (9 * 2 * 3)
    assert multiply_adds(low) == expected
    judge = models.conv_discriminator((8, 8, 3), (4,), spectral_norm=True)
    assert multiply_adds(judge) == 16 * (16 * 3 * 4) + 64


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="at most the smaller side of the kernel's matrix, 8"):
        LowRankDense(8, rank=9).build((None, 10))
    with pytest.raises(ValueError, match="rank must be a whole number"):
        LowRankDense(8, rank=0.5)
    with pytest.raises(ValueError, match="non_negative must be one of"):
        LowRankDense(8, rank=1, non_negative="yes")
    layer, *_ = make("dense")
    for rank in (0, 9, True):
        with pytest.raises(ValueError, match="rank must be"):
            LowRankDense.from_dense(layer, rank)
    with pytest.raises(ValueError, match="share"):
        LowRankDense.from_dense(layer, 1.5)
    with pytest.raises(TypeError, match="LowRankConv2D stands in for a Conv2D"):
        LowRankConv2D.from_dense(layer, 2)
    with pytest.raises(ValueError, match="must be built"):
        LowRankDense.from_dense(layers.Dense(3), 2)
    grouped = layers.Conv2D(4, 3, groups=2)
    grouped(PICTURES)
    with pytest.raises(ValueError, match="has no groups"):
        LowRankConv2D.from_dense(grouped, 2)
    penalized = layers.Dense(4, kernel_regularizer="l2", bias_constraint="non_neg")
    penalized.build((None, 3))
    with pytest.raises(ValueError, match="has no kernel_regularizer, bias_constraint"):
        LowRankDense.from_dense(penalized, 2)
    low = LowRankDense.from_dense(layer, 3)
    with pytest.raises(ValueError, match="at most the layer's, 3"):
        low.truncate(4)
    with pytest.raises(TypeError, match="must be one of Dense"):
        rescaling = layers.Rescaling(1.0)
        rescaling.build((None, 3))
        kernel_matrix(rescaling)
