r"""The Dirac-GAN: the smallest game that shows whether training settles.

Real data sit at 0, the generator puts all its mass at θ, and D's score is ψ·x. The value is
V(θ, ψ) = f(ψθ) + f(0), with f(t) = -log(1 + e^(-t)) and f'(0) = 1/2; D climbs it and G, by the
minimax loss, descends it. The only equilibrium is θ = ψ = 0.

Reference: Mescheder, Geiger, Nowozin 2018, sections 2 and 4.
"""

import numpy as np


def eigenvalues(loss="nonsaturating", r1=0.0):
    """Eigenvalues of the gradient flow's Jacobian at the equilibrium, in closed form.

    Real part below 0: the flow settles. Zero: it turns for ever, at the imaginary part's rate.
    With slope s = f'(0), 1/2 for the minimax and non-saturating losses and 1 for Wasserstein's,
    the Jacobian is [[0, -s], [s, -r1]].

    Args:
        loss: "minimax", "nonsaturating" or "wasserstein".
        r1: weight of R1, r1/2·ψ².

    Returns:
        Two complex numbers, that with the greater imaginary part last.
    """
    slope = {"minimax": 0.5, "nonsaturating": 0.5, "wasserstein": 1.0}[loss]
    root = np.sqrt(complex(r1**2 / 4 - slope**2))
    return np.array([-r1 / 2 - root, -r1 / 2 + root])


def growth(step_size, simultaneous, slope=0.5):
    """Factor by which one unregularized gradient step near 0 changes the distance from it.

    √(1 + h²s²) for simultaneous steps of size h; 1 for alternating ones, on average over a turn,
    as long as h·s < 2.
    """
    return float(np.sqrt(1 + (step_size * slope) ** 2)) if simultaneous else 1.0


def fit_eigenvalues(path, step_size):
    """Eigenvalues of the linear flow that best explains a path near the equilibrium.

    Least squares for M in x_{k+1} = M·x_k; the eigenvalues of (M - 1)/h. For simultaneous steps
    of a linear flow this is exact.

    Args:
        path: (steps, 2) positions (θ, ψ).
        step_size: h, the learning rate.
    """
    solution = np.linalg.lstsq(path[:-1], path[1:], rcond=None)[0].T
    values = np.linalg.eigvals((solution - np.eye(2)) / step_size).astype(complex)
    return values[np.argsort(values.imag)]
