"""The drawn shapes: each shows what its factors say."""

import numpy as np

from explorer import data
from explorer.data import shapes


def test_shapes_show_what_their_factors_say():
    found = data.load("shapes")
    assert {split: len(images.y) for split, images in found.splits.items()} == {
        "train": 4000,
        "validation": 1000,
        "test": 1000,
    }
    x, y, factors = found.splits["validation"]
    assert (np.bincount(y) == 125).all()
    assert (factors["shape"] == y).all()
    colour = x.max(1).astype(float) - x.min(1)  # [N, H, W], large on the saturated shape
    inside = colour > 110
    across = (inside * np.arange(32)).sum((1, 2)) / inside.sum((1, 2))
    down = (inside * np.arange(32)[:, None]).sum((1, 2)) / inside.sum((1, 2))
    assert np.corrcoef(across, factors["x"])[0, 1] > 0.9
    assert np.corrcoef(down, factors["y"])[0, 1] < -0.9
    for label in range(len(found.classes)):
        area = inside[y == label].mean((1, 2))
        assert np.corrcoef(area, factors["scale"][y == label] ** 2)[0, 1] > 0.9


def test_a_shape_is_drawn_in_the_hue_that_it_names_and_turned_counter_clockwise():
    one = {name: np.zeros(1, np.float32) for name in shapes.RANGES} | {"scale": np.full(1, 0.6, np.float32)}

    def paint(name, **changed):
        factors = {**one, "shape": np.array([shapes.SHAPES.index(name)])}
        factors |= {factor: np.array([value], np.float32) for factor, value in changed.items()}
        return next(shapes.draw(factors, 64))[0]

    assert paint("square", hue=1 / 3)[:, 32, 32].argmax() == 1
    assert paint("square", hue=2 / 3)[:, 32, 32].argmax() == 2
    tip = np.argwhere(paint("arrow", hue=1 / 3, rotation=30)[0] < 80)
    right = tip[tip[:, 1].argmax()]
    assert right[0] < 25  # the arrow's tip, the pixel farthest to the right, lies in the upper half


def test_shapes_can_be_drawn_at_any_size():
    assert data.load("shapes", 16).splits["test"].x.shape == (1000, 3, 16, 16)
