r"""Losses as pure functions of scores, in nats, and penalties as pure functions of gradients.

Scores are D's outputs before any sigmoid, so D(x) = sigmoid(score). Every loss takes
``(real_scores, fake_scores)``, in this order, and is minimized.
"""

from keras import ops

# Minimax and non-saturating game (Goodfellow et al. 2014)


def minimax_d_loss(real_scores, fake_scores):
    r"""Discriminator's loss of the original game: -V(D, G), in nats.

    E_x[-log D(x)] + E_z[-log(1 - D(G(z)))]: 2·log 2 when all scores are 0.

    Args:
        real_scores, fake_scores: scores before the sigmoid, shape (batch, 1).

    Reference: Goodfellow et al. 2014, eq. 1.
    """
    return ops.mean(ops.softplus(-real_scores)) + ops.mean(ops.softplus(fake_scores))


def minimax_g_loss(real_scores, fake_scores):
    r"""Generator's loss of the original game: E_z[log(1 - D(G(z)))].

    Its gradient with respect to a fake's score s is -sigmoid(s): it vanishes (saturates) where D
    is sure of a fake.

    Reference: Goodfellow et al. 2014, eq. 1.
    """
    return -ops.mean(ops.softplus(fake_scores))


def nonsaturating_g_loss(real_scores, fake_scores):
    r"""Generator's non-saturating loss: E_z[-log D(G(z))].

    Its gradient with respect to a fake's score s is -(1 - sigmoid(s)): strongest where D is sure
    of a fake.

    Reference: Goodfellow et al. 2014, section 3.
    """
    return ops.mean(ops.softplus(-fake_scores))


# Wasserstein game (Arjovsky et al. 2017)


def wasserstein_d_loss(real_scores, fake_scores):
    """Critic's loss: E_z[score of fakes] - E_x[score of reals]. Needs a bound on D's slope.

    Reference: Arjovsky et al. 2017, eq. 2.
    """
    return ops.mean(fake_scores) - ops.mean(real_scores)


def wasserstein_g_loss(real_scores, fake_scores):
    """Generator's loss of the Wasserstein game: -E_z[score of fakes]."""
    return -ops.mean(fake_scores)


LOSSES = {  # name: (discriminator's loss, generator's loss)
    "minimax": (minimax_d_loss, minimax_g_loss),
    "nonsaturating": (minimax_d_loss, nonsaturating_g_loss),
    "wasserstein": (wasserstein_d_loss, wasserstein_g_loss),
}


# Penalties on D's gradient with respect to its input


def gradient_penalty(image_gradients):
    """Half the mean squared norm of D's gradients: ½·E‖∇D(x)‖².

    At real images this is R1, at fake ones R2.

    Args:
        image_gradients: gradient of each image's score, shape (batch, ...).

    Reference: Mescheder, Geiger, Nowozin 2018, eq. 9.
    """
    axes = tuple(range(1, len(image_gradients.shape)))
    return 0.5 * ops.mean(ops.sum(ops.square(image_gradients), axis=axes))


PENALTIES = ("r1",)
