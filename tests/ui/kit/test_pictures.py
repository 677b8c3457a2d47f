"""Pictures are made of numbers alone."""

import numpy as np

from pages.ui.kit import pictures


def test_a_map_of_images_stands_upright_as_a_chart_does():
    tiles = np.stack([np.full((4, 2, 2), value, np.uint8) for value in (100, 200)])
    drawn = pictures.scatter(tiles, np.array([[0.0, 0.0], [0.0, 1.0]]), 10, 20)
    assert (drawn[0, :2, :2] == 200).all() and (drawn[0, -2:, :2] == 100).all(), "the larger value stands above"
