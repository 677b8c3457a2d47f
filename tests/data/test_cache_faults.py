"""A cache that is damaged, old, full, in the way or gone while it is used: made anew, or one plain sentence."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from explorer import Refused, data
from explorer.data import cache, folders
from tests.data.image_cases import REPO, clothes, encoded, left, pets, picture, put
from tests.data.test_cache import wait_until

FILES = [
    "card.json", "means.npz", "meta.json",
    *(f"{split}.{part}" for split in ("train", "validation", "test") for part in ("x.npy", "y.npy", "factors.npz")),
]  # fmt: skip


def folder():
    (found,) = (data.cache_root() / "data").iterdir()
    return found


def contents():
    return {path.name: path.read_bytes() for path in folder().iterdir()}


def damage(how, path):
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) // 2] if how == "torn" else b"")


@pytest.mark.parametrize("how", ["missing", "torn", "empty"])
@pytest.mark.parametrize("victim", FILES)
def test_a_cache_whose_file_is_missing_torn_or_empty_is_made_anew(victim, how):
    first, before = data.load("digits").hash, contents()
    assert sorted(before) == sorted(FILES)
    damage(how, folder() / victim)
    assert data.load("digits").hash == first
    assert len(data.card("digits")["samples"]["train"]) == 10
    after = contents()
    assert {name: after[name] == before[name] for name in FILES if not name.endswith(".npz")} == {
        name: True for name in FILES if not name.endswith(".npz")
    }


@pytest.mark.parametrize("change", [
    {"hash": None}, {"classes": None}, {"left_out": None}, {"rate": None}, {"shape": "8x8"}, {"words": None},
])  # fmt: skip
def test_a_cache_whose_description_lacks_what_this_version_needs_is_made_anew(change):
    first = data.load("digits").hash
    meta = json.loads((folder() / "meta.json").read_text())
    for name, value in change.items():
        meta = {**meta, name: value} if value else {key: meta[key] for key in meta if key != name}
    (folder() / "meta.json").write_text(json.dumps(meta))
    assert data.load("digits").hash == first
    assert data.load("digits").shape == (1, 8, 8)


def test_the_cache_of_another_version_is_left_unread_and_replaced(monkeypatch):
    monkeypatch.setattr(cache, "FORMAT", 1)
    data.load("digits")
    older = folder()
    monkeypatch.undo()
    monkeypatch.setenv("EXPLORER_CACHE", str(older.parent.parent))
    (older / "train.x.npy").write_bytes(b"of another layout")
    assert data.load("digits").size == 8
    assert folder() != older


@pytest.mark.parametrize("where", ["cache", "cache/data", "cache/locks"])
def test_a_file_where_the_cache_should_be_is_one_sentence(tmp_path, where):
    (tmp_path / where).parent.mkdir(exist_ok=True)
    (tmp_path / where).write_text("in the way")
    with pytest.raises(Refused, match=r"cannot write to .*cache \((File exists|Not a directory)\): set EXPLORER_CACHE"):
        data.load("digits")


@contextmanager
def disk(place, size, *options):
    """A small disk, where this user may mount one."""
    place.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("this user may not mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_is_one_sentence_and_leaves_nothing_behind(root, tmp_path, monkeypatch):
    put(root / "pets", pets(60))
    with disk(tmp_path / "cache", "300k"):
        with pytest.raises(
            Refused, match=r"'pets' at 64 × 64 pixels takes 2.9 MB in .*, where 0.3 MB are free: choose a"
        ):
            data.load("pets", 64)
        monkeypatch.setattr(folders, "check_room", lambda *_: None)  # somebody else fills it meanwhile
        with pytest.raises(Refused, match=r"No space left on device\): free some space \(python -m explorer cache"):
            data.load("pets", 64)
        assert list((data.cache_root() / "data").iterdir()) == []
        assert data.load("digits", 8).size == 8, "what is small enough still fits"


def test_a_cache_that_became_read_only_is_read_on(root, tmp_path):
    with disk(tmp_path / "cache", "20m"):
        first = data.load("digits").hash
        subprocess.run(["mount", "-o", "remount,ro", tmp_path / "cache"], check=True)
        assert data.load("digits").hash == first
        assert data.card("digits")["hash"] == first
        with pytest.raises(Refused, match=r"\(Read-only file system\): set EXPLORER_CACHE to a folder with room"):
            data.load("digits", 9)


def test_a_cache_that_is_deleted_while_a_data_set_is_open_is_read_on_and_made_anew(root):
    put(root / "pets", pets(6))
    dataset = data.load("pets", 8)
    before = dataset.splits["train"].x.copy()
    shutil.rmtree(data.cache_root())
    assert data.ready("pets", 8) is None, "whoever asks only for what is there does not wait for a decoding"
    assert np.array_equal(dataset.splits["train"].x, before)
    assert np.array_equal(data.thumbnails(dataset, "train", [1]), before[[1]])
    assert data.load("pets", 8).hash == dataset.hash


@pytest.mark.parametrize("sentence", ["reading", "decoding", "storing"])
def test_a_cache_that_is_deleted_while_images_are_decoded_is_one_sentence_and_the_next_try_works(root, sentence):
    put(root / "pets", pets(200))
    done = []

    def delete(share, words):
        if words.startswith(sentence) and not done:
            done.append(shutil.rmtree(data.cache_root()))

    with pytest.raises(Refused, match=r"the cache in .* was deleted while Pets was decoded into it: .* open the"):
        data.load("pets", 8, delete)
    assert data.load("pets", 8).channels == 3


def test_an_image_that_vanishes_between_listing_and_decoding_is_left_out_with_the_reason(root, monkeypatch):
    put(root / "pets", pets(6))
    real = folders.decode_all

    def vanish(read, paths, size):
        (root / "pets/cats/002.png").unlink()
        yield from real(read, paths, size)

    with monkeypatch.context() as patch:
        patch.setattr(folders, "decode_all", vanish)
        dataset = data.load("pets", 8)
    assert left(dataset) == {"cats/002.png": "a file that cannot be read (No such file or directory)"}
    assert sum(len(images.y) for images in dataset.splits.values()) == 11
    assert left(data.load("pets", 8)) == {}, "and the next time it is no longer there"


def test_an_image_that_changes_between_listing_and_decoding_is_decoded_again(root):
    put(root / "pets", pets(6))

    def change(share, words):
        if words.startswith("storing"):
            put(root / "pets", {"cats/002.png": encoded(picture(77))})
            os.utime(root / "pets/cats/002.png", (5, 5))

    first = data.load("pets", 8, change)
    assert data.load("pets", 8).hash != first.hash


def test_a_folder_that_vanishes_is_one_sentence(root):
    put(root / "pets", pets(6))
    gone = lambda share, words: words.startswith("reading") and shutil.rmtree(root / "pets")  # noqa: E731
    with pytest.raises(Refused, match="'pets' is no longer there: put it back, or choose another"):
        data.load("pets", 8, gone)


def test_published_files_that_cannot_be_read_are_no_fault_of_the_cache(root, monkeypatch):
    put(root / "FashionMNIST/raw", clothes())

    def read(_):
        raise PermissionError(13, "Permission denied")

    published = cache.PUBLISHED["fashion_mnist"]
    monkeypatch.setitem(cache.PUBLISHED, "fashion_mnist", replace(published, read=read))
    with pytest.raises(Refused, match=r"the files of Fashion-MNIST .*cannot be read \(Permission denied\): make them"):
        data.load("fashion_mnist")


WAIT = """
import sys
from explorer import data
def told(share, sentence):
    if sentence.startswith(sys.argv[1]):
        print(sentence, flush=True)
        if sys.argv[1] == "decoding":
            input()
print(data.load("pets", 8, told).hash, flush=True)
"""


def test_one_who_waits_for_another_process_takes_over_when_that_is_killed(root):
    put(root / "pets", pets(60))

    def process(word):
        return subprocess.Popen([sys.executable, "-c", WAIT, word], cwd=REPO, stdin=-1, stdout=-1, text=True)

    with process("decoding") as first:
        assert first.stdout.readline().startswith("decoding image 1 of")
        with process("another process") as second:
            assert "waiting" in second.stdout.readline()
            first.kill()
            said = second.stdout.read().split()
            assert second.wait() == 0
    assert said[-1] == data.load("pets", 8).hash
    wait_until(lambda: len(list((data.cache_root() / "data").iterdir())) == 1, "nothing is left of the killed one")
