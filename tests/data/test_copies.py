"""Copies of one image, within a split and between splits."""

import json

import numpy as np
import pytest

from explorer import data
from explorer.data import copies, raw
from explorer.data.dataset import Images
from tests.data.image_cases import pets, put


def copied(n=12):
    """Pets whose validation folder has 5 training images, once under another class, and whose test folder has 1."""
    files = pets(n, ("train/", "val/", "test/"))
    for row in range(4):
        files[f"val/cats/{row:03d}.png"] = files[f"train/cats/{row + 3:03d}.png"]
    files["val/dogs/000.png"] = files["train/cats/000.png"]
    files["test/dogs/002.png"] = files["train/dogs/011.png"]
    files["test/cats/009.png"] = files["val/cats/011.png"]
    return files


def test_copies_between_splits_are_found_with_their_partners(root):
    put(root / "pets", copied())
    found = data.load("pets", 16)
    pairs = {split: {other: rows.tolist() for other, rows in of.items()} for split, of in found.copies.items()}
    assert pairs == {
        "validation": {"train": [[0, 3], [1, 4], [2, 5], [3, 6], [12, 0]]},
        "test": {"train": [[14, 23]], "validation": [[9, 11]]},
    }
    card = data.card("pets", 16)
    assert card["copies"]["validation"]["train"].tolist() == pairs["validation"]["train"]
    for split, of in found.copies.items():
        for other, rows in of.items():
            assert (found.splits[split].x[rows[:, 0]] == found.splits[other].x[rows[:, 1]]).all()


def test_a_set_without_copies_names_none(root):
    put(root / "pets", pets(12, ("train/", "val/", "test/")))
    assert data.load("pets", 16).copies == {} == data.card("pets", 16)["copies"]
    assert data.load("shapes").copies == {}


def test_of_several_copies_one_with_the_same_label_is_named():
    x = np.zeros((4, 1, 2, 2), np.uint8)
    x[3] = 9
    splits = {
        "train": Images(x, np.array([0, 1, 1, 2]), {}),
        "validation": Images(x[:1], np.array([2]), {}),
        "test": Images(x[:2], np.array([1, 0]), {}),
    }
    found = copies.between(splits, {split: copies.digests(images.x) for split, images in splits.items()})
    assert found["test"]["train"].tolist() == [[0, 1], [1, 0]]
    assert found["validation"]["train"].tolist() == [[0, 0]]


def slow_groups(x):
    rows = [row.tobytes() for row in x]
    every = {of: [at for at, row in enumerate(rows) if row == of] for of in rows}
    return [group for group in every.values() if len(group) > 1]


@pytest.mark.parametrize("values", [1, 2, 9, 200])
def test_groups_are_those_of_a_comparison_byte_by_byte(values):
    x = np.random.default_rng(values).integers(0, values, (60, 2, 1), np.uint8)
    assert [group.tolist() for group in copies.groups(copies.digests(x))] == slow_groups(x)


def test_no_more_than_a_piece_is_read_at_once(monkeypatch):
    monkeypatch.setattr(raw, "PIECE", 400)
    heard, x = [], Watched(np.random.default_rng(0).integers(0, 255, (50, 100), np.uint8))
    assert len(set(copies.digests(x, heard.append))) == 50
    assert max(x.asked) == 4 and sum(heard) == 50


class Watched:
    """Rows that note how many of them are asked for at once."""

    def __init__(self, x):
        self.x, self.asked = x, []

    def __len__(self):
        return len(self.x)

    def __getitem__(self, rows):
        self.asked.append(len(self.x[rows]))
        return self.x[rows]


def test_the_cache_of_a_version_that_looked_for_no_copies_is_made_anew(root):
    put(root / "pets", copied())
    found = data.load("pets", 16)
    (meta,) = (data.cache_root() / "data").glob("pets-16-*/meta.json")
    meta.write_text(json.dumps({key: value for key, value in json.loads(meta.read_text()).items() if key != "copies"}))
    again = data.load("pets", 16)
    assert again.hash == found.hash and again.copies.keys() == {"validation", "test"}
