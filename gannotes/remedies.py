"""Remedies for GANs that collapse, one change at a time, on mixtures in the plane."""

from gannotes import losses, metrics, models
from gannotes.board import Board
from gannotes.checks import check_choice
from keras import ops

BATCH_SIZE = 128
WIDTHS = (64, 64)  # of G and of D
BASE = "falling rates"  # what all others but "constant rates" change in one thing
REMEDIES = {  # name: (networks, recipe for `board.Board.set`)
    "constant rates": ("plain", {"falling": False}),
    BASE: ("plain", {}),
    "average (EMA)": ("plain", {"ema_decay": 0.999}),
    "instance noise": ("plain", {"instance_noise": 0.03}),
    "two time scales": ("plain", {"rate": 0.004, "generator_rate": 0.001}),
    "spectral norm": ("spectral norm", {}),
    "packing": ("packing", {}),
    "R1": ("penalties", {"r1": 0.003}),
    "WGAN-GP": ("penalties", {"loss": "wasserstein", "wgan_gp": 0.1}),
    "relativistic, R1, R2": ("penalties", {"loss": "relativistic", "r1": 0.003, "r2": 0.003}),
}


def sigmoid_twice(side):
    """A loss as of document 001: a sigmoid at D's end, and a cross-entropy that applies another."""

    def loss(real_scores, fake_scores):
        return losses.LOSSES["nonsaturating"][side](
            ops.sigmoid(real_scores), ops.sigmoid(fake_scores)
        )

    return loss


class Cabinet:
    """Boards for all remedies; each is made when it is first needed.

    Args:
        steps: of a training.
    """

    def __init__(self, steps):
        self.steps = steps
        self._boards = {}

    def score(self, data, remedy, seed, count=2500):
        """Trains with a remedy, and scores the samples as PacGAN does; see `metrics.mode_coverage`.

        Args:
            data: ``ring`` or ``grid``, a `datasets.Dataset`.
            remedy: a name in REMEDIES, or "sigmoid twice".
        """
        known = REMEDIES | {"sigmoid twice": ("plain", {"loss": "sigmoid twice"})}
        check_choice("remedy", remedy, known)
        networks, recipe = known[remedy]
        recipe = {"ema_decay": 0.0} | recipe
        train = self.board(networks).trained(data.images, count, BATCH_SIZE, **recipe)
        return metrics.mode_coverage(train(seed), data.mixture.centres, data.mixture.std)

    def board(self, networks):
        """The board with these networks: "plain", "spectral norm", "packing" or "penalties"."""
        if networks not in self._boards:
            packing = 2 if networks == "packing" else 1
            plain = networks == "plain"
            self._boards[networks] = Board(
                models.mlp_generator((2,), 2, WIDTHS),
                models.mlp_discriminator((2 * packing,), WIDTHS, networks == "spectral norm"),
                packing,
                steps=self.steps,
                penalties=("r1", "r2", "wgan_gp") if networks == "penalties" else (),
                noise=plain,
                more_losses={"sigmoid twice": tuple(map(sigmoid_twice, (0, 1)))} if plain else None,
            )
        return self._boards[networks]
