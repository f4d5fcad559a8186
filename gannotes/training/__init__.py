"""The GAN, its recipe, step and losses; autoencoders; what watches a training."""

from gannotes.training.gan import GAN, LOGS
from gannotes.training.recipe import Recipe, adam

__all__ = ["GAN", "LOGS", "Recipe", "adam"]
