"""Splits that are cut: without copies as ever, and with copies of one image together."""

import numpy as np
import pytest

from explorer import data
from explorer.data import cache_folder, splitting
from explorer.data.dataset import Images, numpy_generator
from explorer.data.raw import DIGEST, Raw
from tests.data.image_cases import encoded, pets, picture, put


def raw(y, marks=()):
    y = np.array(y)
    x = np.arange(len(y), dtype=np.int32).view(np.uint8).reshape(-1, 1, 2, 2)
    return Raw(tuple("abcdef"[: y.max() + 1]), {"train": Images(x, y, {})}, marks=np.array(marks, DIGEST))


def cut(given):
    return {split: part.rows for split, part in splitting.complete(given, "source", "mine").items()}


def known_cut(y, source):
    """The cut as it was before copies were looked for."""
    rows, parts = np.arange(len(y)), {}
    for split, share in (("test", 0.2), ("validation", 0.1)):
        rng, taken = numpy_generator(source, f"cut/{split}"), np.zeros(len(rows), bool)
        for label in np.unique(y[rows]):
            order = rng.permutation(np.flatnonzero(y[rows] == label))
            taken[order[: max(1, round(share * len(order)))]] = True
        parts[split], rows = rows[taken], rows[~taken]
    return parts | {"train": rows}


@pytest.mark.parametrize("seed", range(5))
def test_without_copies_the_cut_is_what_it_always_was(seed):
    y = np.random.default_rng(seed).integers(0, 5, 50 + 7 * seed)
    known = known_cut(y, "source")
    assert all(np.array_equal(rows, known[split]) for split, rows in cut(raw(y)).items())


def test_the_digits_have_the_splits_that_they_always_had():
    splits = data.load("digits").splits
    assert [images.x.astype(np.int64).sum() % 10**6 for images in splits.values()] == [381781, 787821, 784199]


@pytest.mark.parametrize("seed", range(8))
def test_copies_stay_together_whatever_their_labels_are(seed):
    rng = np.random.default_rng(seed)
    marks = np.concatenate([np.arange(40), rng.integers(0, 40, 60)]).astype("U4")
    y = rng.integers(0, 3, 100)
    given = raw(y, marks)
    parts = cut(given)
    assert np.array_equal(np.sort(np.concatenate([*parts.values()])), np.arange(100))
    of = {split: set(marks[rows]) for split, rows in parts.items()}
    assert not of["train"] & of["test"] and not of["train"] & of["validation"] and not of["test"] & of["validation"]
    for split, most in (("test", 0.2), ("validation", 0.1)):
        for label in range(3):
            assert 1 <= (y[parts[split]] == label).sum() <= round(most * (y == label).sum()) + 1
    assert all(np.array_equal(rows, cut(given)[split]) for split, rows in parts.items()), "the same each time"


@pytest.mark.parametrize("seed", range(6))
def test_copies_that_the_cut_never_separated_change_nothing(seed):
    y = np.random.default_rng(seed).integers(0, 2, 80)
    known = known_cut(y, "source")
    marks = np.arange(80).astype("U4")
    for rows in known.values():
        marks[rows[1]] = marks[rows[0]]
    parts = splitting.complete(raw(y, marks), "source", "mine")
    assert all(np.array_equal(part.rows, known[split]) for split, part in parts.items())
    assert not splitting.is_changed_by_copies(raw(y, marks), "source", "mine", parts)


def test_a_class_of_few_images_with_many_copies_still_reaches_the_test():
    parts = cut(raw([0] * 20 + [1] * 20, [*np.repeat(["a", "b", "c", "d"], 5), *range(20)]))
    assert [np.bincount(np.array([0] * 20 + [1] * 20)[rows]).tolist() for rows in parts.values()] == [
        [10, 14], [5, 2], [5, 4],
    ]  # fmt: skip


def test_a_class_of_one_image_alone_stays_in_training():
    parts = cut(raw([0] * 9 + [1] * 20, ["a"] * 9 + [*map(str, range(20))]))
    assert set(range(9)) <= set(parts["train"].tolist())


def brought(name="mine"):
    """Class folders in which each picture lies three times, as PNG and as JPEG, and once in the other class."""
    files = pets(8)
    for path, content in list(files.items()):
        files |= {path.replace("/", "/a_copy_of_"): content, path.replace("/", "/yet_another_"): content}
    photos = {f"cats/photo_{i}.jpg": encoded(picture(500 + i, size=(90, 70)), "JPEG") for i in range(9)}
    files |= photos | {path.replace("cats", "dogs"): content for path, content in photos.items()}
    return files


@pytest.mark.parametrize("size", [8, 16])
def test_no_copy_of_a_file_is_in_two_splits_of_a_folder(root, size):
    put(root / "mine", brought())
    found = data.load("mine", size)
    assert found.copies == {}
    assert sum(len(group) for split in found.splits for group in data.duplicates(found, split)) == 48 + 18
    assert all(set(images.y.tolist()) == {0, 1} for images in found.splits.values())


def test_copies_are_kept_together_alike_at_every_size(root):
    put(root / "mine", brought())
    small, large = data.load("mine", 8), data.load("mine", 40)
    assert all(np.array_equal(small.splits[split].y, large.splits[split].y) for split in small.splits)
    assert [len(data.duplicates(small, split)) for split in small.splits] == [
        len(data.duplicates(large, split)) for split in large.splits
    ]


def test_the_hash_is_another_one_where_an_earlier_version_has_cut_the_set_otherwise(root, monkeypatch):
    put(root / "plain", pets(20))
    put(root / "copied", brought())
    names = ("plain", "copied")
    now = [data.load(name, 8).hash for name in names]
    monkeypatch.setenv("EXPLORER_CACHE", str(root / "other-cache"))
    monkeypatch.setattr(cache_folder, "is_changed_by_copies", lambda *parts: False)
    assert [data.load(name, 8).hash == before for name, before in zip(names, now, strict=True)] == [True, False]
