"""A generator's Jacobian and the game's vector field, against closed forms and finite differences."""

import dirac_gan
from gannotes import models
from gannotes.theory.spectra import eigenvalues, field_jacobian, jacobian_singular_values, jacobians
import keras
from keras import layers, ops
import numpy as np
import pytest

RNG = np.random.default_rng(0)
ORIGIN = np.zeros((4, 1), "float32")


# A generator's Jacobian


def linear_generator(matrix):
    """Latents (batch, k) → images (batch, 2, 3, 1), by a matrix (k, 6)."""
    inputs = keras.Input((len(matrix),))
    dense = layers.Dense(6, use_bias=False)
    model = keras.Model(inputs, layers.Reshape((2, 3, 1))(dense(inputs)))
    dense.set_weights([matrix])
    return model


@pytest.mark.parametrize("size", [4, 9])  # fewer and more latents than pixels
def test_a_linear_generator_has_its_matrix_everywhere(size):
    matrix = RNG.normal(size=(size, 6)).astype("float32")
    latents = RNG.normal(size=(5, size))
    for jacobian in jacobians(linear_generator(matrix), latents):
        np.testing.assert_allclose(jacobian, matrix.T, atol=1e-6)
    expected = np.linalg.svd(matrix, compute_uv=False)
    found = jacobian_singular_values(linear_generator(matrix), latents)
    np.testing.assert_allclose(found, np.tile(expected, (5, 1)), rtol=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: models.mlp_generator((4, 4, 1), 3, (16,), batch_norm=True),
        lambda: models.conv_generator((8, 8, 3), 3, (4, 4, 4)),
    ],
)
def test_finite_differences_agree(make):
    keras.utils.set_random_seed(0)
    generator = make()
    latents = RNG.normal(size=(7, 3)).astype("float32")
    found = jacobians(generator, latents, images_at_once=6)  # in blocks of two latents
    step = 1e-3
    for k, unit in enumerate(np.eye(3, dtype="float32") * step):
        ahead, behind = (np.asarray(generator(latents + sign * unit)) for sign in (1, -1))
        slope = (ahead - behind).reshape(7, -1) / (2 * step)
        off = np.abs(found[:, :, k] - slope)  # few straddle a kink of the leaky ReLU
        assert np.quantile(off, 0.97) < 0.005 * np.abs(found).max()
    np.testing.assert_allclose(found, jacobians(generator, latents), rtol=1e-4, atol=1e-5)


def test_a_latent_that_does_nothing_gives_a_zero():
    matrix = RNG.normal(size=(4, 6)).astype("float32")
    matrix[2] = 0
    values = jacobian_singular_values(linear_generator(matrix), np.zeros((1, 4)))
    assert values[0, -1] < 1e-6 < values[0, -2]


def test_latents_that_are_refused():
    generator = linear_generator(np.ones((4, 6), "float32"))
    for latents in (np.zeros((2, 3)), np.zeros(4), np.zeros((0, 4))):
        with pytest.raises(ValueError, match="latents"):
            jacobians(generator, latents)
    conditional = models.mlp_generator((4, 4, 1), 4, num_classes=3)
    with pytest.raises(ValueError, match="latents alone"):
        jacobians(conditional, np.zeros((2, 4)))


# The game's vector field


def dirac(theta=0.0, psi=0.0):
    generator, discriminator = dirac_gan.generator(), dirac_gan.discriminator()
    generator.set_weights([np.array([theta])])
    discriminator.set_weights([np.array([[psi]])])
    return generator, discriminator


@pytest.mark.parametrize(
    ("options", "closed"),
    [
        ({}, {}),
        ({"loss": "minimax"}, {}),
        ({"loss": "wasserstein"}, {"slope": 1.0}),
        ({"r1": 0.5}, {"r1": 0.5}),
        ({"r1": 2.0}, {"r1": 2.0}),
        ({"r1": 0, "r2": 0.5}, {"r1": 0.5}),
    ],
)
def test_the_dirac_gan_has_its_eigenvalues(options, closed):
    found = eigenvalues(field_jacobian(*dirac(), ORIGIN, ORIGIN, **options))
    expected = dirac_gan.eigenvalues(**closed)
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(expected), atol=1e-6)


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0])
def test_noise_damps_like_r1(noise):
    """On all that D sees: here of two points, -noise and noise."""
    generator, discriminator = dirac()
    moved = keras.Model(generator.input, layers.Add()([generator.output, generator.input]))
    points = noise * np.array([[-1], [1]], "float32")
    found = eigenvalues(field_jacobian(moved, discriminator, points, points))
    expected = dirac_gan.eigenvalues(noise=noise)
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(expected), atol=1e-6)
    np.testing.assert_allclose(expected, dirac_gan.eigenvalues(r1=noise**2 / 2))


def networks():
    def make(width):
        return keras.Sequential([keras.Input((2,)), layers.Dense(3, "tanh"), layers.Dense(width)])

    return make(2), make(1)


def test_a_small_game_agrees_with_finite_differences():
    rng = np.random.default_rng(0)
    generator, discriminator = networks()
    images, latents = rng.normal(size=(2, 50, 2)).astype("float32")
    found = field_jacobian(generator, discriminator, images, latents)
    variables = generator.trainable_variables + discriminator.trainable_variables
    assert found.shape == (30, 30)

    def losses():
        real, fake = discriminator(images), discriminator(generator(latents))
        g = ops.mean(ops.softplus(-fake))
        return float(g), float(ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake)))

    def moved(variable, place, by):
        value = np.array(variable)
        value.flat[place] += by
        variable.assign(value)

    def second(rows, i, column, j, player, step=0.05):
        """∂²L/∂w∂v by four values."""
        total = 0.0
        for a in (-1, 1):
            for b in (-1, 1):
                moved(rows, i, a * step)
                moved(column, j, b * step)
                total += a * b * losses()[player]
                moved(column, j, -b * step)
                moved(rows, i, -a * step)
        return total / (4 * step**2)

    starts = np.cumsum([0] + [np.size(variable) for variable in variables])
    num_generator = len(generator.trainable_variables)
    for first, i, other, j in (
        (0, 1, 4, 2),
        (4, 0, 0, 3),
        (2, 5, 2, 1),
        (6, 1, 4, 3),
        (3, 0, 6, 2),
    ):
        player = int(first >= num_generator)
        expected = -second(variables[first], i, variables[other], j, player)
        assert found[starts[first] + i, starts[other] + j] == pytest.approx(expected, abs=5e-3)


def test_eigenvalues_come_with_the_greatest_real_part_first():
    found = eigenvalues(np.diag([-1.0, 3.0, 0.5]))
    np.testing.assert_allclose(found, [3, 0.5, -1])


def test_fields_that_are_refused():
    with pytest.raises(ValueError, match="as many latents as images"):
        field_jacobian(*dirac(), ORIGIN, ORIGIN[:2])
    with pytest.raises(ValueError, match="random places"):
        field_jacobian(*dirac(), ORIGIN, ORIGIN, r1=0, wgan_gp=1.0)
    with pytest.raises(ValueError, match="loss"):
        field_jacobian(*dirac(), ORIGIN, ORIGIN, loss="best")
