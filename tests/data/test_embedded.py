"""The set that comes with scikit-learn."""

import numpy as np

from explorer import data


def test_digits_keep_scikit_learns_values():
    from sklearn.datasets import load_digits

    found = data.load("digits")
    original = load_digits()
    assert found.splits["train"].x.shape == (1079, 1, 8, 8)
    total = sum(int(images.x.astype(int).sum()) for images in found.splits.values())
    assert total == np.rint(original.images * 255 / 16).sum()
    assert max(images.x.max() for images in found.splits.values()) == 255
    labels = np.concatenate([images.y for images in found.splits.values()])
    assert (np.bincount(labels) == np.bincount(original.target)).all()
