"""Losses: functions of scores, in nats, or of features; penalties on D's gradients.

Scores are D's outputs before any sigmoid, (batch, 1). In the formulas of Goodfellow et al. (2014)
D(x) is the sigmoid of a score, in all others the score itself. Every loss is minimized.
"""

from gannotes.training import backend
from keras import ops


def minimax_d_loss(real_scores, fake_scores):
    """E_x[-log D(x)] + E_z[-log(1 - D(G(z)))]: 2·log 2 at scores of 0 (Goodfellow 2014, eq. 1)."""
    return ops.mean(ops.softplus(-real_scores)) + ops.mean(ops.softplus(fake_scores))


def minimax_g_loss(real_scores, fake_scores):
    """E_z[log(1 - D(G(z)))]: -log 2 at scores of 0 (Goodfellow 2014, eq. 1).

    Its slope in a fake's score s is -sigmoid(s): it vanishes (saturates) where D is sure of a fake.
    """
    return -ops.mean(ops.softplus(fake_scores))


def nonsaturating_g_loss(real_scores, fake_scores):
    """E_z[-log D(G(z))]: log 2 at scores of 0 (Goodfellow 2014, section 3).

    Its slope in a fake's score s is -(1 - sigmoid(s)): strongest where D is sure of a fake.
    """
    return ops.mean(ops.softplus(-fake_scores))


def least_squares_d_loss(real_scores, fake_scores):
    """½·E_x[(D(x) - 1)²] + ½·E_z[D(G(z))²]: ½ at scores of 0 (Mao et al. 2017, eq. 9)."""
    return (ops.mean(ops.square(real_scores - 1)) + ops.mean(ops.square(fake_scores))) / 2


def least_squares_g_loss(real_scores, fake_scores):
    """½·E_z[(D(G(z)) - 1)²]: ½ at scores of 0 (Mao et al. 2017, eq. 9)."""
    return ops.mean(ops.square(fake_scores - 1)) / 2


def hinge_d_loss(real_scores, fake_scores):
    """E_x[max(0, 1 - D(x))] + E_z[max(0, 1 + D(G(z)))]: 2 at scores of 0 (Lim and Ye 2017)."""
    return ops.mean(ops.relu(1 - real_scores)) + ops.mean(ops.relu(1 + fake_scores))


def wasserstein_d_loss(real_scores, fake_scores):
    """E_z[D(G(z))] - E_x[D(x)]: 0 at equal scores; needs bounded slopes (Arjovsky 2017, eq. 2)."""
    return ops.mean(fake_scores) - ops.mean(real_scores)


def wasserstein_g_loss(real_scores, fake_scores):
    """-E_z[D(G(z))]: 0 at scores of 0 (Arjovsky 2017, eq. 2; of hinge, Miyato 2018, eq. 17)."""
    return -ops.mean(fake_scores)


def relativistic_d_loss(real_scores, fake_scores):
    """E[softplus(D(G(z)) - D(x))], each real with the fake at its place: log 2 at equal scores.

    Reference: Jolicoeur-Martineau 2018; Huang et al. 2024 (R3GAN), eq. 2, there with R1 and R2.
    """
    return ops.mean(ops.softplus(fake_scores - real_scores))


def relativistic_g_loss(real_scores, fake_scores):
    """E[softplus(D(x) - D(G(z)))], as above: log 2 at equal scores (Huang et al. 2024, eq. 2)."""
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
    """Σ_layers ‖E f(x) - E f(G(z))‖² (Salimans et al. 2016, section 3.1)."""
    pairs = _means(real_features, fake_features)
    return sum(ops.sum(ops.square(real - fake)) for real, fake in pairs)


def cosine_matching(real_features, fake_features):
    """Σ_layers 1 - cos(E f(x), E f(G(z))): 0 to 2 a layer; 1, without gradient, at means of 0."""
    pairs = _means(real_features, fake_features)
    return sum(1 - ops.sum(_direction(real) * _direction(fake)) for real, fake in pairs)


def _means(real_features, fake_features):
    """Pairs of mean features, (width,), a pair a layer."""
    for real, fake in zip(real_features, fake_features, strict=True):
        yield tuple(ops.reshape(ops.mean(layer, axis=0), (-1,)) for layer in (real, fake))


def _direction(vectors):
    """Vectors, (..., width), of length 1; zeros (up to 1e-6) stay zeros, with a gradient of 0.

    At zeros `keras.ops.normalize` alone has a gradient of up to 10⁷, or NaN under XLA.
    """
    is_zero = ops.sum(ops.square(vectors), axis=-1, keepdims=True) < 1e-12
    return ops.where(is_zero, 0.0, ops.normalize(ops.where(is_zero, 1.0, vectors)))


# Penalties on D's gradients with respect to its input, (batch, ...)


def zero_centred_penalty(image_gradients):
    """½·E‖∇D(x)‖²: of R1, at real images, and of R2, at fakes (Mescheder et al. 2018, eq. 9)."""
    return ops.mean(_squared_norms(image_gradients)) / 2


def one_centred_penalty(image_gradients):
    """E(‖∇D(x)‖ - 1)²: of WGAN-GP (Gulrajani et al. 2017, eq. 3; there with weight 10)."""
    floor = 1e-12  # a root has no gradient at 0
    norms = ops.sqrt(ops.maximum(_squared_norms(image_gradients), floor))
    return ops.mean(ops.square(norms - 1))


def _squared_norms(image_gradients):
    axes = tuple(range(1, len(image_gradients.shape)))
    return ops.sum(ops.square(image_gradients), axis=axes)


def between(real_images, fake_images, uniform):
    """Where WGAN-GP looks: somewhere on the line from each real image to a fake one."""
    share = uniform((real_images.shape[0],) + (1,) * (len(real_images.shape) - 1))
    return real_images + share * (fake_images - real_images)


PENALTIES = {  # name: (where it looks, what it makes of the gradients there)
    "r1": (lambda real_images, fake_images, uniform: real_images, zero_centred_penalty),
    "r2": (lambda real_images, fake_images, uniform: fake_images, zero_centred_penalty),
    "wgan_gp": (between, one_centred_penalty),
}


def penalty(weights, score_function, real_images, fake_images, uniform=None):
    """Sum of the penalties on a score function's gradients, by ``{name in PENALTIES: weight}``.

    Args:
        score_function: of images; scores come first if it gives more.
        uniform: function of a shape that draws from [0, 1), for WGAN-GP.
    """
    total = 0.0
    for name, weight in weights.items():
        where, penalize = PENALTIES[name]
        images = where(real_images, fake_images, uniform)
        total = total + weight * penalize(backend.image_gradients(score_function, images))
    return total
