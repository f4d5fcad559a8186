"""Nearest neighbours and the balls that reach to them, in blocks of little memory."""

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.metrics import euclidean_distances
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

BLOCK = 2**20  # distances held at once, 8 MiB


def nearest_distances(points, others=None, k=1):
    """Distance of each point to its k-th nearest neighbour.

    The neighbours are found by matrix products, which round; their distances are then taken from
    the differences, so that a copy is at 0.

    Args:
        points: shape (n, features).
        others: where the neighbours are, shape (m, features); by default among the points, where
            none is its own neighbour, but a copy of it is one.
        k: 1 for the nearest.

    Returns:
        Shape (n,).
    """
    among = points if others is None else others
    middle = np.median(among, axis=0)  # around 0 the products round less
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(among - middle)
    queries = None if others is None else points - middle
    neighbours = search.kneighbors(queries, return_distance=False)[:, -1]
    return np.linalg.norm(points - among[neighbours], axis=1)


def count_inside(points, centres, radii):
    """How many balls hold each point, and how many points each ball holds.

    Squared distances come from matrix products; where these round too much to tell on which side
    of a boundary a point is, they come from the differences. On the boundary is inside.

    Args:
        points: shape (n, features).
        centres, radii: of the balls, shapes (m, features) and (m,).

    Returns:
        Two arrays of whole numbers, shapes (n,) and (m,).
    """
    middle = np.median(centres, axis=0)  # around 0 the products round less, and fewer are unsure
    near_points, near_centres = points - middle, centres - middle
    rounding = 4 * points.shape[1] * np.finfo(float).eps  # of |x|² + |y|² - 2·x·y
    point_error = rounding * (near_points**2).sum(axis=1, keepdims=True)
    centre_error = rounding * (near_centres**2).sum(axis=1)
    limits = radii**2 * (1 + 1e-12)
    per_point, per_ball = np.zeros(len(points), int), np.zeros(len(centres), int)
    for block in gen_batches(len(points), max(1, BLOCK // len(centres))):
        beyond = euclidean_distances(near_points[block], near_centres, squared=True) - limits
        unsure = (np.abs(beyond) <= point_error[block] + centre_error).any(axis=1)
        beyond[unsure] = cdist(points[block][unsure], centres, "sqeuclidean") - limits
        inside = beyond <= 0  # (block, m)
        per_point[block] = inside.sum(axis=1)
        per_ball += inside.sum(axis=0)
    return per_point, per_ball
