"""Arrays that were computed once: whole or not there, marked when used, and never a reason to fail."""

import os

import numpy as np
import pytest

from explorer.data import kept as module
from explorer.data.kept import digest, kept

ARRAY = np.arange(12, dtype=np.float32).reshape(3, 4) / 7


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "own-cache"))
    return tmp_path / "own-cache"


def computed(array=ARRAY):
    """An array from the cache, and whether it had to be computed."""
    calls = []
    found = kept("features", "key", lambda: (calls.append(1), array)[1])
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)
    return bool(calls)


@pytest.mark.parametrize("array", [ARRAY, ARRAY.astype(np.float16), np.array([0.1]), ARRAY[:, ::2], ARRAY[:0]])
def test_what_was_computed_is_read_the_second_time_to_the_last_bit(array, cache):
    assert computed(array)
    assert not computed(array)
    assert [path.name for path in (cache / "features").iterdir()] == ["key.npy"]


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def flip(path):
    content = bytearray(path.read_bytes())
    content[-20] ^= 1  # of the last number
    path.write_bytes(content)


def empty(path):
    path.write_bytes(b"")


def other(path):
    path.write_bytes(b"<html>no array</html>" * 9)


def remove(path):
    path.unlink()


@pytest.mark.parametrize("damage", [cut, flip, empty, other, remove])
def test_what_is_damaged_or_gone_is_computed_again_and_kept_again(damage, cache):
    computed()
    damage(cache / "features/key.npy")
    assert computed()
    assert not computed()


def test_where_nothing_can_be_written_everything_is_computed(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "file/cache"))
    assert computed()
    assert computed()


def test_a_full_disk_leaves_no_half_written_file(cache, monkeypatch):
    def full(path, content):
        with path.open("wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.Path, "write_bytes", full)
    assert computed()
    assert not list((cache / "features").iterdir())


def test_a_folder_in_the_place_of_a_file_is_no_error(cache):
    (cache / "features/key.npy").mkdir(parents=True)
    assert computed()


def test_a_large_array_is_not_kept(cache, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", ARRAY.nbytes - 1)
    assert computed()
    assert computed()
    monkeypatch.setattr(module, "LARGEST", ARRAY.nbytes)
    assert computed()
    assert not computed()


def test_what_is_read_counts_as_used_just_now(cache):
    computed()
    os.utime(cache / "features/key.npy", (1, 1))
    assert not computed()
    assert (cache / "features/key.npy").stat().st_atime > 1


def test_a_digest_tells_apart_what_is_not_the_same():
    texts = [("a", "b"), ("ab",), ("b", "a"), ("a", b"c"), (ARRAY.tobytes(),)]
    arrays = [ARRAY, ARRAY.T.copy(), ARRAY.reshape(4, 3), ARRAY.astype(np.float64), ARRAY.view(np.int32)]
    parts = [*texts, *((array,) for array in arrays), (ARRAY, ARRAY), (ARRAY[:2], ARRAY[2:])]
    assert len({digest(*each) for each in parts}) == len(parts)
    assert digest(ARRAY[:, ::2]) == digest(ARRAY[:, ::2].copy())
