"""The game's vector field against closed forms and finite differences."""

from gannotes.theory import game
from gannotes.theory.vector_field import eigenvalues, field_jacobian
import keras
from keras import layers, ops
import numpy as np
import pytest

ORIGIN = np.zeros((4, 1), "float32")


def dirac(theta=0.0, psi=0.0):
    generator, discriminator = game.dirac_generator(), game.dirac_discriminator()
    generator.set_weights([np.array([theta])])
    discriminator.set_weights([np.array([[psi]])])
    return generator, discriminator


@pytest.mark.parametrize(
    ("options", "closed"),
    [
        ({}, {}),
        ({"loss": "minimax"}, {}),
        ({"loss": "wasserstein"}, {"slope": 1.0}),
        ({"penalties": {"r1": 0.5}}, {"r1": 0.5}),
        ({"penalties": {"r1": 2.0}}, {"r1": 2.0}),
        ({"penalties": {"r2": 0.5}}, {"r1": 0.5}),
    ],
)
def test_the_dirac_gan_has_its_eigenvalues(options, closed):
    found = eigenvalues(field_jacobian(*dirac(), ORIGIN, ORIGIN, **options))
    expected = game.dirac_eigenvalues(**closed)
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(expected), atol=1e-6)


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0])
def test_noise_damps_like_r1(noise):
    """On all that D sees: here of two points, -noise and noise."""
    generator, discriminator = dirac()
    moved = keras.Model(generator.input, layers.Add()([generator.output, generator.input]))
    points = noise * np.array([[-1], [1]], "float32")
    found = eigenvalues(field_jacobian(moved, discriminator, points, points))
    expected = game.dirac_eigenvalues(noise=noise)
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(expected), atol=1e-6)
    np.testing.assert_allclose(expected, game.dirac_eigenvalues(r1=noise**2 / 2))


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


def test_what_is_refused():
    with pytest.raises(ValueError, match="as many latents as images"):
        field_jacobian(*dirac(), ORIGIN, ORIGIN[:2])
    with pytest.raises(ValueError, match="random places"):
        field_jacobian(*dirac(), ORIGIN, ORIGIN, penalties={"wgan_gp": 1.0})
    with pytest.raises(ValueError, match="loss"):
        field_jacobian(*dirac(), ORIGIN, ORIGIN, loss="best")
