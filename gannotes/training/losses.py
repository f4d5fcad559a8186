r"""Losses as pure functions of scores, in nats, or of features; penalties of gradients.

Scores are D's outputs before any sigmoid, so D(x) = sigmoid(score). Every loss takes
``(real_scores, fake_scores)``, (batch, 1), or ``(real_features, fake_features)``, and is minimized.
"""

from gannotes.training import backend
from keras import ops


def minimax_d_loss(real_scores, fake_scores):
    """E_x[-log D(x)] + E_z[-log(1 - D(G(z)))], minus the game's value: 2·log 2 at scores of 0.

    Reference: Goodfellow et al. 2014, eq. 1.
    """
    return ops.mean(ops.softplus(-real_scores)) + ops.mean(ops.softplus(fake_scores))


def minimax_g_loss(real_scores, fake_scores):
    """E_z[log(1 - D(G(z)))]: -log 2 at scores of 0.

    Its slope in a fake's score s is -sigmoid(s): it vanishes (saturates) where D is sure of a fake.

    Reference: Goodfellow et al. 2014, eq. 1.
    """
    return -ops.mean(ops.softplus(fake_scores))


def nonsaturating_g_loss(real_scores, fake_scores):
    """E_z[-log D(G(z))]: log 2 at scores of 0.

    Its slope in a fake's score s is -(1 - sigmoid(s)): strongest where D is sure of a fake.

    Reference: Goodfellow et al. 2014, section 3.
    """
    return ops.mean(ops.softplus(-fake_scores))


def least_squares_d_loss(real_scores, fake_scores):
    """½·E_x[(D(x) - 1)²] + ½·E_z[D(G(z))²]: ½ at scores of 0 (Mao et al. 2017, eq. 9)."""
    return (ops.mean(ops.square(real_scores - 1)) + ops.mean(ops.square(fake_scores))) / 2


def least_squares_g_loss(real_scores, fake_scores):
    """½·E_z[(D(G(z)) - 1)²]: ½ at scores of 0 (Mao et al. 2017, eq. 9)."""
    return ops.mean(ops.square(fake_scores - 1)) / 2


def hinge_d_loss(real_scores, fake_scores):
    """E_x[max(0, 1 - D(x))] + E_z[max(0, 1 + D(G(z)))]: 2 at scores of 0.

    Reference: Lim and Ye 2017; Miyato et al. 2018, eq. 16.
    """
    return ops.mean(ops.relu(1 - real_scores)) + ops.mean(ops.relu(1 + fake_scores))


def wasserstein_d_loss(real_scores, fake_scores):
    """E_z[D(G(z))] - E_x[D(x)], the critic's, whose slope needs a bound: 0 at equal scores.

    Reference: Arjovsky et al. 2017, eq. 2.
    """
    return ops.mean(fake_scores) - ops.mean(real_scores)


def wasserstein_g_loss(real_scores, fake_scores):
    """-E_z[D(G(z))]: 0 at scores of 0. The hinge game's too.

    Reference: Arjovsky et al. 2017, eq. 2; Miyato et al. 2018, eq. 17.
    """
    return -ops.mean(fake_scores)


def relativistic_d_loss(real_scores, fake_scores):
    """E[softplus(D(G(z)) - D(x))] over pairs: log 2 at equal scores.

    Each real image is paired with the fake at its place in the batch.

    Reference: Jolicoeur-Martineau 2018; Huang et al. 2024 (R3GAN), eq. 2, there with R1 and R2.
    """
    return ops.mean(ops.softplus(fake_scores - real_scores))


def relativistic_g_loss(real_scores, fake_scores):
    """E[softplus(D(x) - D(G(z)))] over pairs: log 2 at equal scores (Huang et al. 2024, eq. 2)."""
    return ops.mean(ops.softplus(real_scores - fake_scores))


LOSSES = {  # name: (discriminator's loss, generator's loss)
    "minimax": (minimax_d_loss, minimax_g_loss),
    "nonsaturating": (minimax_d_loss, nonsaturating_g_loss),
    "least_squares": (least_squares_d_loss, least_squares_g_loss),
    "hinge": (hinge_d_loss, wasserstein_g_loss),
    "wasserstein": (wasserstein_d_loss, wasserstein_g_loss),
    "relativistic": (relativistic_d_loss, relativistic_g_loss),
}


# Feature matching, a loss of G: features are lists of arrays (batch, ...), one a layer of D.


def l2_matching(real_features, fake_features):
    """Squared distance of mean features: Σ_layers ‖E f(x) - E f(G(z))‖².

    Reference: Salimans et al. 2016, section 3.1.
    """
    pairs = _means(real_features, fake_features)
    return sum(ops.sum(ops.square(real - fake)) for real, fake in pairs)


def cosine_matching(real_features, fake_features):
    """Angle of mean features: Σ_layers 1 - cos(E f(x), E f(G(z))), 0 to 2 a layer.

    Their lengths are free. Of a mean of length 0, at most 1e-6, the cosine is 0, and so is its gradient.
    """
    pairs = _means(real_features, fake_features)
    return sum(1 - ops.sum(_direction(real) * _direction(fake)) for real, fake in pairs)


def _means(real_features, fake_features):
    """Pairs of mean features, (width,), a pair a layer."""
    for real, fake in zip(real_features, fake_features, strict=True):
        yield tuple(ops.reshape(ops.mean(layer, axis=0), (-1,)) for layer in (real, fake))


def _direction(vectors):
    """Vectors, (..., width), of length 1; zeros stay zeros, with a gradient of 0.

    `keras.ops.normalize` alone, and with it `keras.losses.cosine_similarity`, has a gradient of up to
    10⁷ at a vector of zeros, and of NaN where XLA compiles it.
    """
    is_zero = ops.sum(ops.square(vectors), axis=-1, keepdims=True) < 1e-12
    return ops.where(is_zero, 0.0, ops.normalize(ops.where(is_zero, 1.0, vectors)))


# Penalties on D's gradient with respect to its input, (batch, ...), where they look: at real images,
# at fake ones, or in between.


def zero_centred_penalty(image_gradients):
    """Half the mean squared norm of D's gradients: ½·E‖∇D(x)‖². At reals R1, at fakes R2.

    Reference: Mescheder, Geiger, Nowozin 2018, eq. 9.
    """
    return ops.mean(_squared_norms(image_gradients)) / 2


def one_centred_penalty(image_gradients):
    """Mean squared distance of the gradients' norms from 1: E(‖∇D(x)‖ - 1)². WGAN-GP's.

    The square root has a floor of 1e-12 under it, so that the penalty has a gradient at zero.

    Reference: Gulrajani et al. 2017, eq. 3; there with weight 10.
    """
    norms = ops.sqrt(ops.maximum(_squared_norms(image_gradients), 1e-12))
    return ops.mean(ops.square(norms - 1))


def _squared_norms(image_gradients):
    axes = tuple(range(1, len(image_gradients.shape)))
    return ops.sum(ops.square(image_gradients), axis=axes)


def at_real(real_images, fake_images, uniform):
    """Where R1 looks."""
    return real_images


def at_fake(real_images, fake_images, uniform):
    """Where R2 looks."""
    return fake_images


def between(real_images, fake_images, uniform):
    """Where WGAN-GP looks: at a uniform share of the way from each real image to a fake one."""
    share = uniform((real_images.shape[0],) + (1,) * (len(real_images.shape) - 1))
    return real_images + share * (fake_images - real_images)


PENALTIES = {  # name: (where it looks, what it makes of the gradients there)
    "r1": (at_real, zero_centred_penalty),
    "r2": (at_fake, zero_centred_penalty),
    "wgan_gp": (between, one_centred_penalty),
}


def penalty(weights, score_function, real_images, fake_images, uniform=None):
    """Sum of the penalties on the slopes of a score function.

    Args:
        weights: ``{name in PENALTIES: weight}``.
        score_function: of images, its scores first if it gives more.
        uniform: function of a shape that draws numbers from [0, 1), for WGAN-GP.
    """
    total = 0.0
    for name, weight in weights.items():
        where, penalize = PENALTIES[name]
        images = where(real_images, fake_images, uniform)
        total = total + weight * penalize(backend.image_gradients(score_function, images))
    return total
