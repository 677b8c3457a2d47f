"""What is said where no image is to be ranked: never more than is true of the images that were asked for."""

import numpy as np
import pytest

from explorer.tasks.compare_result import CompareResult
from pages.ui.sections import compare_change

THREE = 0


def result(neighbours, alone, moved):
    """Two models on four images, two of each class."""
    arrays = {"neighbours": neighbours, "neighbours_alone": alone, "moved": moved, "moved_alone": moved}
    return CompareResult(
        {}, {name: np.array([of], float) for name, of in arrays.items()} | {"y": np.array([0, 0, 1, 1])}
    )


NOTHING, LAST, ALL = [0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("found", "by", "label", "said"),
    [
        (result(NOTHING, NOTHING, NOTHING), "neighbours", None,
         "**No image has changed**: the models have the same neighbourhoods."),
        (result(NOTHING, NOTHING, NOTHING), "neighbours", THREE,
         "**No image of 3 has changed**: the models have the same neighbourhoods."),
        (result(LAST, NOTHING, LAST), "neighbours", THREE, "**No image of 3 has changed**."),
        (result(LAST, NOTHING, ALL), "neighbours", THREE,
         "**No image of 3 has lost a neighbour**, yet some have moved: rank by distance moved."),
        (result(ALL, NOTHING, ALL), "alone", None,
         "**No image has changed otherwise than its neighbours**, yet some have lost neighbours: "
         "rank by neighbours lost."),
        (result(NOTHING, NOTHING, ALL), "neighbours", None,
         "**No image has lost a neighbour**: the models have the same neighbourhoods, yet some have moved: "
         "rank by distance moved."),
    ],
)  # fmt: skip
def test_of_the_models_is_said_only_what_is_true_of_all_images(found, by, label, said):
    whom = "image" if label is None else "image of 3"
    assert compare_change.unchanged(found, 0, by, label, whom) == said
