"""Mixtures of Gaussians in the plane, with their exact density."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp


@dataclass(frozen=True)
class Mixture:
    """Equally likely round Gaussians.

    Args:
        centres: shape (modes, 2).
        std: standard deviation of each Gaussian along each axis.
    """

    centres: np.ndarray
    std: float

    def sample(self, count, rng):
        """Draws points, shape (count, 2) float32, and the mode of each, shape (count,)."""
        modes = rng.integers(len(self.centres), size=count)
        points = self.centres[modes] + self.std * rng.standard_normal((count, 2))
        return points.astype("float32"), modes

    def log_density(self, points):
        """Exact log-density in nats at points of shape (n, 2); shape (n,)."""
        squares = ((np.asarray(points, float)[:, None] - self.centres) ** 2).sum(-1)  # (n, modes)
        log_peak = -np.log(2 * np.pi * self.std**2 * len(self.centres))
        return log_peak + logsumexp(-squares / (2 * self.std**2), axis=1)


def ring(std=0.01):
    """Eight Gaussians on the unit circle (PacGAN's ring; Lin et al. 2018)."""
    angles = 2 * np.pi * np.arange(8) / 8
    return Mixture(np.stack([np.cos(angles), np.sin(angles)], axis=1), std)


def grid(std=0.05):
    """Twenty-five Gaussians on {-4, -2, 0, 2, 4}² (PacGAN's grid; Lin et al. 2018)."""
    ticks = np.arange(-4.0, 5.0, 2.0)
    return Mixture(np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2), std)
