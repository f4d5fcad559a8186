"""Remedies for GANs that collapse, one change at a time, on mixtures in the plane."""

from gannotes import models
from gannotes.checks import check_choice
from gannotes.studies.board import Board
from gannotes.training import losses
from keras import ops

BATCH_SIZE = 128
WIDTHS = (64, 64)  # of G and of D
BASE = "falling rates"  # what all others but "constant rates" change in one thing
BASE_RATES = {"rate": 0.002, "generator_rate": 0.002}
REMEDIES = {  # name: (board, recipe for `board.Board.set`)
    "constant rates": ("plain", {"falling": False}),
    BASE: ("plain", {}),
    "average (EMA)": ("plain", {"ema_decay": 0.999}),
    "instance noise": ("plain", {"instance_noise": 0.03}),
    "two time scales": ("plain", {"rate": 0.004, "generator_rate": 0.001}),
    "spectral norm": ("spectral norm", {}),
    "packing": ("packing", {}),
    "R1": ("penalties", {"r1": 0.003}),
    "WGAN-GP": ("penalties", {"loss": "wasserstein", "wgan_gp": 0.1}),
    "WGAN-GP, D × 5": ("five steps of D", {"loss": "wasserstein", "wgan_gp": 0.1}),
    "relativistic, R1, R2": ("penalties", {"loss": "relativistic", "r1": 0.003, "r2": 0.003}),
}
PUBLISHED = {  # Lin et al. 2018, Table 1: mean and standard error over ten trials; good as a share
    "ring": {
        "GAN, published": {"modes": (6.3, 0.5), "good": (0.982, 0.002), "reverse_kl": (0.45, 0.09)},
        "ALI, published": {"modes": (6.6, 0.3), "good": (0.976, 0.004), "reverse_kl": (0.36, 0.04)},
        "PacGAN2, published": {
            "modes": (7.9, 0.1), "good": (0.956, 0.020), "reverse_kl": (0.07, 0.03),
        },
    },
    "grid": {
        "GAN, published": {
            "modes": (17.3, 0.8), "good": (0.948, 0.007), "reverse_kl": (0.70, 0.07),
        },
        "ALI, published": {
            "modes": (24.1, 0.4), "good": (0.957, 0.006), "reverse_kl": (0.14, 0.03),
        },
        "PacGAN2, published": {
            "modes": (23.8, 0.7), "good": (0.913, 0.008), "reverse_kl": (0.13, 0.04),
        },
    },
}  # fmt: skip


def twice_d_loss(real_scores, fake_scores):
    """D's loss as in document 001: a sigmoid at its end, and a cross-entropy that applies another."""
    return losses.minimax_d_loss(ops.sigmoid(real_scores), ops.sigmoid(fake_scores))


def twice_g_loss(real_scores, fake_scores):
    """G's loss as in document 001, with the same two sigmoids."""
    return losses.nonsaturating_g_loss(None, ops.sigmoid(fake_scores))


class Cabinet:
    """Boards for all remedies; each is made when it is first needed.

    Args:
        steps: of a training.
        jit_compile: as for `GAN.compile`.
    """

    def __init__(self, steps, jit_compile="auto"):
        self.steps, self._jit_compile = steps, jit_compile
        self._boards = {}

    def samples(self, data, remedy, seed, count=2500):
        """Trains with a remedy; gives points of G, or of its average where that is the remedy.

        Args:
            data: ``ring`` or ``grid``, a `datasets.Dataset`.
            remedy: a name in REMEDIES, or "sigmoid twice", a mistake.
        """
        known = REMEDIES | {"sigmoid twice": ("plain", {"loss": "sigmoid twice"})}
        check_choice("remedy", remedy, known)
        networks, recipe = known[remedy]
        recipe = BASE_RATES | {"ema_decay": 0.0} | recipe
        return self.board(networks).trained(data.images, count, BATCH_SIZE, **recipe)(seed)

    def board(self, networks):
        """The board of this name in REMEDIES."""
        if networks not in self._boards:
            packing = 2 if networks == "packing" else 1
            plain, five = networks == "plain", networks == "five steps of D"
            penalties = ("r1", "r2", "wgan_gp") if networks == "penalties" else ()
            self._boards[networks] = Board(
                models.mlp_generator((2,), 2, WIDTHS),
                models.mlp_discriminator((2 * packing,), WIDTHS, networks == "spectral norm"),
                packing,
                steps=self.steps,
                discriminator_steps=5 if five else 1,
                penalties=("wgan_gp",) if five else penalties,
                noise=plain,
                more_losses={"sigmoid twice": (twice_d_loss, twice_g_loss)} if plain else None,
                jit_compile=self._jit_compile,
            )
        return self._boards[networks]
