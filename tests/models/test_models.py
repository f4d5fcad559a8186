"""Networks: shapes, ranges, and files that hold no code."""

from gannotes import models
from gannotes.layers import SpectralNormalization
import keras
import numpy as np
import pytest

LATENTS = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")


def test_images_lie_in_range_and_points_do_not_have_to():
    images = models.mlp_generator((8, 8, 1), 3)(10_000 * LATENTS)
    assert images.shape == (5, 8, 8, 1) and np.abs(images).max() <= 1
    points = models.mlp_generator((2,), 3)(10_000 * LATENTS)
    assert points.shape == (5, 2) and np.abs(points).max() > 1


def test_scores_are_not_squeezed():
    scores = models.mlp_discriminator((8, 8, 1))(np.full((5, 8, 8, 1), 1e4, "float32"))
    assert scores.shape == (5, 1) and np.abs(scores).max() > 1


def test_mlp_sizes():
    assert models.mlp_generator((28, 28, 1), 100, (128, 128)).count_params() == 130_576
    assert models.mlp_discriminator((28, 28, 1), (128, 128)).count_params() == 117_121


def test_classifier_has_logits_and_features():
    model = models.classifier((16, 16, 3), num_classes=4, num_features=7)
    assert model.output_shape == (None, 4)
    assert model.get_layer("features").output.shape == (None, 7)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (8, 8, 1)])
def test_conv_pair(shape):
    generator, discriminator = models.conv_generator(shape, 3), models.conv_discriminator(shape)
    images = np.asarray(generator(1000 * LATENTS))
    assert images.shape == (5, *shape) and np.abs(images).max() <= 1
    assert discriminator(images).shape == (5, 1)


@pytest.mark.parametrize("shape", [(8, 8, 1), (30, 17, 3), (13, 64, 1), (96, 96, 3)])
def test_a_pair_for_any_picture(shape):
    generator, discriminator = models.conv_pair(shape, 3)
    images = generator(LATENTS)
    assert images.shape == (5, *shape) and discriminator(images).shape == (5, 1)
    first = next(x for x in generator.layers if isinstance(x, keras.layers.Reshape)).output.shape
    assert max(first[1:3]) <= 8
    classed = models.conv_pair(shape, 3, num_classes=4)
    assert [len(network.inputs) for network in classed] == [2, 2]


def test_points_are_no_pictures():
    for make in (models.conv_pair, models.conv_generator, models.conv_discriminator):
        with pytest.raises(ValueError, match=r"\(height, width, channels\). Received: \(2,\)"):
            make((2,))


@pytest.mark.parametrize("make", [models.mlp_discriminator, models.conv_discriminator])
def test_three_uses_of_labels(make):
    images, classes = np.zeros((5, 8, 8, 1), "float32"), np.arange(5)
    for labels in ("embedding", "projection"):
        model = make((8, 8, 1), num_classes=5, labels=labels)
        assert model([images, classes]).shape == (5, 1)
    scores, logits = make((8, 8, 1), num_classes=5, labels="classifier")(images)
    assert scores.shape == (5, 1) and logits.shape == (5, 5)
    with pytest.raises(ValueError, match="Unknown use of labels"):
        make((8, 8, 1), num_classes=5, labels="both")


def test_projection_is_an_inner_product():
    """y·V·φ(x) + ψ(φ(x)), with φ the identity: Miyato and Koyama 2018, eq. 4."""
    model = models.mlp_discriminator((3,), (), num_classes=2, labels="projection")
    weights = {w.path.split("/")[-1]: w for w in model.weights}
    weights["embeddings"].assign([[1.0, 0, 0], [0, 2.0, 0]])
    weights["kernel"].assign([[0.5], [0.5], [0.5]])
    x = np.array([[1.0, 10, 100], [1, 10, 100]], "float32")
    scores = model([x, np.array([0, 1])])
    np.testing.assert_allclose(scores, [[55.5 + 1], [55.5 + 20]])


def test_conditional_generator_tells_classes_apart():
    model = models.mlp_generator((2,), 3, num_classes=2)
    same = np.repeat(LATENTS[:1], 2, axis=0)
    first, second = np.asarray(model([same, np.array([0, 1])]))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("latent_dim", [0, -3, 2.5])
def test_bad_latent_dim(latent_dim):
    with pytest.raises(ValueError, match="latent_dim must be a whole number"):
        models.mlp_generator((2,), latent_dim)


def test_conv_discriminator_takes_windows_of_any_size():
    judge = models.conv_discriminator((16, 16, 3), (4, 8), kernel_size=5)
    kernels = [layer.kernel.shape for layer in judge.layers if hasattr(layer, "strides")]
    assert kernels == [(5, 5, 3, 4), (5, 5, 4, 8)] and judge.output_shape == (None, 1)


# Blocks and up-sampling


@pytest.mark.parametrize("channels", [16, 24, 32, 48])
def test_blocks_have_equally_many_weights(channels):
    def weights(block):
        network = models.conv_discriminator((8, 32, 3), (16, channels), block=block)
        return (
            network.count_params()
            - models.conv_discriminator((8, 32, 3), (16, channels)).count_params()
        )

    attention, convolution, dilated = (
        weights(block) for block in ("attention", "convolution", "dilated")
    )
    assert convolution == dilated == pytest.approx(attention, rel=0.08)


def seen_by(block, column):
    """Columns of a strip of which a place of D's last map depends, in the middle row."""
    network = models.conv_discriminator((8, 32, 3), (16, 32), block=block)
    before_score = keras.Model(network.input, network.layers[-3].output)
    images = np.random.default_rng(0).normal(size=(1, 8, 32, 3)).astype("float32")
    changed = np.repeat(images, 32, axis=0)
    changed[np.arange(32), :, np.arange(32)] += 1
    maps = np.asarray(before_score(changed)) - np.asarray(before_score(images))
    return np.flatnonzero(abs(maps[:, 0, column]).max(axis=-1) > 1e-6)


def test_blocks_reach_as_far_as_they_should():
    for column in range(8):
        assert np.ptp(seen_by("convolution", column)) < 18
    assert np.ptp(seen_by("dilated", 3)) > 25
    assert len(seen_by("attention", 0)) == 32


def test_a_sum_over_patches_cannot_see_agreement():
    """Exchanging the right halves of strips leaves the mean score as it was, but not that of attention."""
    rng = np.random.default_rng(0)
    middle = np.zeros((64, 8, 16, 3))
    left, right = rng.uniform(-1, 1, (2, 64, 8, 8, 3))
    strips, exchanged = (
        np.concatenate([left, middle, ends], axis=2).astype("float32")
        for ends in (right, np.roll(right, 1, axis=0))
    )
    moved = {}
    for block in models.BLOCKS:
        network = models.conv_discriminator((8, 32, 3), (16, 32), block=block)
        moved[block] = abs(np.mean(network(strips)) - np.mean(network(exchanged)))
    assert moved["convolution"] < 1e-6
    assert moved["dilated"] > 1e-5 and moved["attention"] > 1e-5


@pytest.mark.parametrize("upsampling", ["transposed", "nearest", "bilinear"])
def test_upsampling_keeps_shapes_and_weights(upsampling):
    network = models.conv_generator((16, 8, 1), 3, (8, 8, 4), upsampling=upsampling)
    assert network(LATENTS).shape == (5, 16, 8, 1)
    assert network.count_params() == models.conv_generator((16, 8, 1), 3, (8, 8, 4)).count_params()


def test_unknown_blocks_and_upsampling():
    with pytest.raises(ValueError, match="Unknown block. Allowed: convolution, dilated, attention"):
        models.conv_discriminator((8, 8, 1), block="memory")
    with pytest.raises(ValueError, match="Unknown up-sampling. Allowed: transposed"):
        models.conv_generator((8, 8, 1), upsampling="cubic")


# Parts, one by one


def test_batch_norm_knows_its_statistics_after_fifty_batches():
    generator = models.mlp_generator((2,), 4, (8,), batch_norm=True)
    latents = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    for _ in range(50):
        made = generator(latents, training=True)
    np.testing.assert_allclose(generator(latents), made, atol=0.2)


@pytest.mark.parametrize("make", [models.mlp_discriminator, models.conv_discriminator])
def test_spectral_norm_is_on_every_kernel(make):
    judge = make((8, 8, 1), (4, 8), spectral_norm=True)
    assert {type(layer) for layer in judge.layers if layer.weights} == {SpectralNormalization}


def test_dropout_reaches_the_hidden_layers():
    judge = models.mlp_discriminator((2,), (8, 8), dropout=0.5)
    points = np.ones((4, 2), "float32")
    assert not np.allclose(judge(points, training=True), judge(points))


def test_a_projection_begins_without_a_say():
    judge = models.mlp_discriminator((2,), (8,), num_classes=3)
    points = np.random.default_rng(0).normal(size=(3, 2)).astype("float32")
    scores = [judge([points, np.full(3, label)]) for label in range(3)]
    np.testing.assert_array_equal(scores[0], scores[1])
    embedding = next(x for x in judge.layers if isinstance(x, keras.layers.Embedding))
    embedding.set_weights([np.eye(3, 8)])
    moved = np.asarray(judge([points, np.ones(3, "int32")]) - scores[1])
    features = keras.Model(judge.inputs[0], judge.get_layer("score").input)(points)
    np.testing.assert_allclose(moved[:, 0], np.asarray(features)[:, 1], atol=1e-5)


def test_what_is_too_much_of_an_image_is_cut_off_below_and_on_the_right():
    generator = models.conv_generator((5, 7, 1), 3, (4, 4, 4))
    latents = np.random.default_rng(0).normal(size=(2, 3)).astype("float32")
    whole = keras.Model(generator.input, generator.layers[-2].output)(latents)
    assert whole.shape[1:3] == (8, 8)
    np.testing.assert_array_equal(generator(latents), whole[:, :5, :7])


@pytest.mark.parametrize("kind", ["nearest", "bilinear"])
def test_upsampling_is_of_the_kind_that_is_asked_for(kind):
    layers = models.conv_generator((8, 8, 1), 3, upsampling=kind).layers
    found = {x.interpolation for x in layers if isinstance(x, keras.layers.UpSampling2D)}
    assert found == {kind}
