"""What pixels are worth, against scikit-learn."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestCentroid

from explorer import data
from explorer.evaluation import baselines


def test_pixels_lie_where_scikit_learns_pca_puts_them():
    x = data.load("digits").splits["train"].x[:300]
    ours = baselines.pixel_pca(x)
    theirs = PCA(2, svd_solver="full").fit_transform(x.reshape(300, -1).astype(np.float64))[:, ::-1]
    assert np.allclose(np.abs(ours), np.abs(theirs), atol=1)  # of some thousand


def test_the_nearest_class_mean_is_scikit_learns():
    train, held_out = (data.load("digits").splits[name] for name in ("train", "validation"))
    means = np.stack([train.x[train.y == label].mean(0) for label in range(10)])
    theirs = NearestCentroid().fit(train.x.reshape(len(train.x), -1), train.y)
    score = baselines.nearest_class_mean(held_out.x, held_out.y, means)
    assert score == theirs.score(held_out.x.reshape(len(held_out.x), -1), held_out.y)
    assert 0.8 < score < 1
