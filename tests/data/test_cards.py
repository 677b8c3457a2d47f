"""A data set's card: counts, means, samples, and what is left out."""

import numpy as np
import pytest

from explorer import data
from tests.data.image_cases import pets, put


def test_a_card_tells_what_the_set_holds():
    found, card = data.load("shapes"), data.card("shapes")
    train = found.splits["train"]
    assert card["counts"] == {"train": [500] * 8, "validation": [125] * 8, "test": [125] * 8}
    assert card["classes"] == found.classes
    assert card["hash"] == found.hash
    assert np.abs(card["mean_image"] - train.x.mean(0)).max() <= 0.51
    assert np.abs(card["class_means"][3] - train.x[train.y == 3].mean(0)).max() <= 0.51
    assert card["mean"] == pytest.approx(train.x.mean((0, 2, 3)) / 255, abs=1e-6)
    assert card["std"] == pytest.approx(train.x.std((0, 2, 3)) / 255, abs=1e-5)
    assert all(
        (train.y[rows] == label).all() and len(rows) == 12 for label, rows in enumerate(card["samples"]["train"])
    )


def test_a_card_names_what_is_left_out_and_its_means_stay_small(root):
    put(root / "pets", {**pets(6), "cats/a.gif": b""})
    card = data.card("pets", 128)
    assert card["left_out"][0][0] == "cats/a.gif"
    assert card["class_means"].shape == (2, 3, 64, 64)
