"""Rows that are read from a file are those of the array in it, in any order, and a lost file is a sentence."""

import os

import numpy as np
import pytest

from explorer import Refused
from explorer.data import stored
from explorer.data.stored import StoredRows

ORDERS = {
    "all": np.arange(50),
    "one": np.array([7]),
    "none": np.array([], np.int64),
    "shuffled": np.random.default_rng(0).permutation(50),
    "some twice": np.array([9, 3, 3, 4, 49, 9, 0]),
    "backwards": np.arange(50)[::-1].copy(),
    "neighbours apart": np.array([10, 30, 11, 31, 12]),
}


@pytest.fixture(params=["|u1", "<i4", "<i2"])
def array(request):
    return np.random.default_rng(1).integers(0, 100, (50, 3, 4, 5)).astype(request.param)


@pytest.fixture
def mapped(array, tmp_path):
    np.save(tmp_path / "train.x.npy", array)
    return np.load(tmp_path / "train.x.npy", mmap_mode="r")


@pytest.mark.parametrize("order", ORDERS)
def test_rows_come_as_they_are_asked_for(order, array, mapped, monkeypatch):
    monkeypatch.setattr(stored, "BUFFERS", 4)
    for x in (array, mapped, mapped[::1], mapped[10:]):
        rows, there = ORDERS[order], np.asarray(x)
        rows = rows[rows < len(there)]
        assert np.array_equal(StoredRows(x).read(rows), there[rows])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("most", [1, 7, 100])
def test_a_file_system_that_gives_less_at_once_is_asked_again(most, order, array, mapped, monkeypatch):
    def short(descriptor, buffers, offset):
        k = next(k for k, buffer in enumerate(buffers) if len(buffer))
        return preadv(descriptor, [buffers[k][:most]], offset)

    preadv = os.preadv
    monkeypatch.setattr(os, "preadv", short)
    assert np.array_equal(StoredRows(mapped).read(ORDERS[order]), array[ORDERS[order]])


def test_a_choice_of_rows_counts_from_its_own_first(array, mapped):
    chosen = np.array([5, 6, 20, 41])
    for x in (array, mapped):
        some = StoredRows(x, chosen)
        assert len(some) == 4 and some.shape == (4, 3, 4, 5) and some.nbytes == array[chosen].nbytes
        assert np.array_equal(some.read(np.array([3, 0, 1])), array[[41, 5, 6]])


def test_a_deleted_file_can_be_read_on_but_not_begun(array, mapped):
    rows = StoredRows(mapped)
    rows.path.unlink()
    assert np.array_equal(rows.read(np.arange(50)), array)
    with pytest.raises(Refused, match=r"train\.x\.npy cannot be read any more \(No such file or directory\): leave"):
        StoredRows(mapped)


def test_a_file_that_became_shorter_is_a_sentence(tmp_path):
    np.save(tmp_path / "train.x.npy", np.zeros((50, 3), np.uint8))
    rows = StoredRows(np.load(tmp_path / "train.x.npy", mmap_mode="r"))  # nobody holds the map: reading it would kill
    with rows.path.open("r+b") as file:
        file.truncate(rows.offset + 30 * rows.row)
    rows.read(np.arange(30))
    with pytest.raises(Refused, match=r"cannot be read any more \(it became shorter\): leave the cache folder"):
        rows.read(np.array([29, 30]))
