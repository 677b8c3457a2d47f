"""Features of which the tests of projections draw maps."""

import numpy as np

from explorer import data


def blobs(n=90, dims=6, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(3, dims)) * 6)[np.arange(n) % 3] + rng.normal(size=(n, dims))


def features(name, n=200):
    """Features as maps are drawn of: the pixels of digits, blobs, one cloud; centred, on one scale."""
    digits = data.load("digits").splits["validation"].x.reshape(-1, 64).astype(float)
    cloud = np.random.default_rng(0).normal(size=(n, 6)) * [6, 5, 4, 3, 2, 1]
    x = {"digits": digits, "blobs": blobs(n, 20), "cloud": cloud}[name][:n]
    return (x - x.mean(0)) / (x - x.mean(0)).std()
