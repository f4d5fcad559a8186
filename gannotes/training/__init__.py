"""The GAN, its recipe, step and losses; autoencoders; what watches a training."""

from gannotes.training.gan import GAN, LOGS
from gannotes.training.optimizers import Muon, adam
from gannotes.training.recipe import Recipe

__all__ = ["GAN", "LOGS", "Muon", "Recipe", "adam"]
