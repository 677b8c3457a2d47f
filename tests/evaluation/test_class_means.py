"""The nearest class mean on raw pixels, against scikit-learn."""

import numpy as np
from sklearn.neighbors import NearestCentroid

from explorer import data
from explorer.evaluation import class_means


def test_the_nearest_class_mean_is_scikit_learns():
    train, held_out = (data.load("digits").splits[name] for name in ("train", "validation"))
    means = np.stack([train.x[train.y == label].mean(0) for label in range(10)])
    theirs = NearestCentroid().fit(train.x.reshape(len(train.x), -1), train.y)
    score = class_means.nearest_class_mean(held_out.x, held_out.y, means)
    assert score == theirs.score(held_out.x.reshape(len(held_out.x), -1), held_out.y)
    assert 0.8 < score < 1
