"""The mistakes of kNN with each image left out of its own neighbours."""

import numpy as np

from explorer.evaluation import left_out


def test_each_image_is_named_by_others_alone():
    y = np.array([0, 0, 0, 1, 1, 1, 0])
    z = np.array([[1, 0], [1, 0.01], [1, -0.01], [-1, 0], [-1, 0.01], [-1, -0.01], [-1, 0.05]], float)
    assert left_out.matrix(z, y, 3, k=2).tolist() == [[3, 1, 0], [0, 3, 0], [0, 0, 0]]


def test_it_is_the_slow_definition():
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(60, 5)), rng.integers(0, 3, 60)
    unit = z - z.mean(0)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    expected = np.zeros((3, 3), int)
    for i in range(60):
        cosines = unit @ unit[i]
        cosines[i] = -np.inf
        near = np.argsort(-cosines)[:20]
        votes = [np.exp(cosines[near][y[near] == c] / 0.1).sum() for c in range(3)]
        expected[y[i], int(np.argmax(votes))] += 1
    assert (left_out.matrix(z, y, 3) == expected).all()
