"""Points for tests of comparisons: clusters, rotated copies, models in which something is known to have changed."""

import numpy as np

CLASSES, EACH = 5, 30


def clusters(seed=0, dim=8, spread=0.3):
    """Features `[150, 8]` of five classes that lie far apart, and their labels."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(CLASSES), EACH)
    return 5 * rng.normal(size=(CLASSES, dim))[y] + spread * rng.normal(size=(len(y), dim)), y


def rotation(dim, seed=3):
    """An orthogonal matrix."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim)))[0]


def copied(x, seed=3, scale=4.0, shift=7.0):
    """The same points, turned, mirrored, stretched and shifted, in single precision as a network's output."""
    return (scale * x @ rotation(x.shape[1], seed) + shift).astype(np.float32)


def shuffled(x, at, seed=1):
    """The same points, but those at some positions have traded places."""
    moved = x.copy()
    moved[at] = x[np.random.default_rng(seed).permutation(at)]
    return moved


def distances(x):
    """One minus the cosine after centring, as a slow loop, `[N, N]`."""
    centred = [row - x.mean(0) for row in x]
    return np.array([[1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b) for b in centred] for a in centred])
