"""Two maps laid on each other against a search over all turns, and what must not be a difference."""

import numpy as np
import pytest

from explorer import Refused
from explorer.evaluation.comparison.alignment import fit
from tests.evaluation.comparison.clouds import rotation


def points(n=40, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 2)) * (3, 1)


def turned(coords, angle, mirror=1):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return coords * (1, mirror) @ turn


@pytest.mark.parametrize("mirror", [1, -1])
@pytest.mark.parametrize("angle", [0, 1, 3])
def test_a_turned_mirrored_stretched_and_shifted_map_lies_where_the_other_does(angle, mirror):
    x = points()
    found = fit(0.2 * turned(x, angle, mirror) + (5, -3), x)
    assert found.apply(0.2 * turned(x, angle, mirror) + (5, -3)) == pytest.approx(x)
    assert found.scale == pytest.approx(5) and found.left == pytest.approx(0, abs=1e-9)


def test_points_that_the_other_map_lacks_are_carried_along():
    x = points()
    moved = turned(x, 2) * 7 + (1, 1)
    found = fit(moved[:10], x[:10])
    assert found.apply(moved) == pytest.approx(x)


def test_no_other_turn_stretch_or_shift_is_nearer():
    rng = np.random.default_rng(1)
    x, y = points(seed=0), points(seed=0) + 0.8 * points(seed=2)
    found = fit(x, y)
    least = ((found.apply(x) - y) ** 2).sum()
    for _ in range(3000):
        other = rng.uniform(0.3, 1.5) * turned(x, rng.uniform(0, 7), rng.choice([-1, 1])) + rng.normal(size=2) * 0.3
        assert ((other - y) ** 2).sum() > least
    assert found.left == pytest.approx(least / ((y - y.mean(0)) ** 2).sum())


def test_three_dimensions():
    x = np.random.default_rng(0).normal(size=(20, 3))
    assert fit(x @ rotation(3), x).left == pytest.approx(0, abs=1e-9)


def test_a_map_that_is_one_point_is_laid_on_the_middle():
    found = fit(np.ones((5, 2)), points(5))
    assert found.apply(np.ones((5, 2))) == pytest.approx(np.tile(points(5).mean(0), (5, 1)))
    assert found.left == pytest.approx(1)


@pytest.mark.parametrize(("one", "other", "words"), [
    (np.zeros((5, 2)), np.zeros((5, 3)), "a map in 2 dimensions cannot be laid on one in 3"),
    (np.zeros((2, 2)), np.zeros((2, 2)), "2 common images are too few"),
    (np.zeros((5, 2)), np.zeros((4, 2)), "5 and 4 images cannot be compared"),
])  # fmt: skip
def test_what_cannot_be_laid_on_each_other_is_refused_in_words(one, other, words):
    with pytest.raises(Refused, match=words):
        fit(one, other)


def test_maps_to_be_looked_at_side_by_side_are_equally_large_however_unlike_they_are():
    x, y = points(seed=0), 5 * points(seed=2)
    shrunk, found = fit(x, y), fit(x, y, same_size=True)
    size = [np.linalg.norm(each - each.mean(0)) for each in (found.apply(x), shrunk.apply(x), y)]
    assert size[0] == pytest.approx(size[2]) and size[1] < 0.9 * size[2]
    assert found.left == pytest.approx(shrunk.left) and np.allclose(found.rotation, shrunk.rotation)
