"""The GAN, its recipe, step and losses; autoencoders; what watches a training."""

from gannotes.training.gan import GAN, LOGS

__all__ = ["GAN", "LOGS"]
