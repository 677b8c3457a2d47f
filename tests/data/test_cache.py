"""Loading a data set: decoded once, cached, and known by its fingerprint."""

import os
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest

from explorer import Refused, data
from explorer.data import cache, overviews, photos
from explorer.system import caches
from tests.data.image_cases import REPO, clothes, encoded, greys, pets, picture, put, put_set, put_zip


def wait_until(condition, what, patience=20.0):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@pytest.mark.parametrize("size", [-1, 7, 513])
def test_a_size_out_of_range_is_refused(size):
    with pytest.raises(Refused, match=f"size {size} is out of range; give 8 to 512"):
        data.load("digits", size)


def test_a_set_that_is_not_here_is_refused_with_its_folder(root):
    with pytest.raises(Refused, match=r"'mnist' is not on this machine: .*MNIST/raw; download it, or choose garments"):
        data.load("mnist")


def test_a_published_set_can_be_had_at_another_size(root):
    put(root / "FashionMNIST/raw", clothes())
    own, larger = data.load("fashion_mnist"), data.load("fashion_mnist", 56)
    assert larger.splits["test"].x.shape == (40, 1, 56, 56)
    brightness = [images.splits["test"].x.mean((1, 2, 3)) for images in (own, larger)]
    assert np.abs(brightness[0] - brightness[1]).max() < 3
    assert own.hash != larger.hash


def same_pictures(small, large):
    """Whether two splits show the same pictures, row by row: resized alike, or drawn from equal factors."""
    if small.factors:
        return all(np.array_equal(values, large.factors[name]) for name, values in small.factors.items())
    return np.array_equal(photos.resized(small.x, large.x.shape[-1]), large.x)


KINDS = ["digits", "garments", "shapes", "folder", "zip", "fashion_mnist", "cifar10", "cifar10_zip"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_set_is_cut_and_chosen_from_alike_at_every_size(root, kind, monkeypatch):
    monkeypatch.setattr(data.dataset, "PROBE_ROWS", 7)
    monkeypatch.setattr(data.dataset, "BANK_ROWS", 20)
    name = put_set(root, kind, monkeypatch)
    small, large = data.load(name, 8 if name == "mine" else 0), data.load(name, 40)
    assert small.splits["train"].x.shape[2] < large.splits["train"].x.shape[2] == 40
    for split, images in small.splits.items():
        assert np.array_equal(images.y, large.splits[split].y)
        assert same_pictures(images, large.splits[split])
        (few, rows), (others, other_rows) = (found.select(split, subset=5) for found in (small, large))
        assert np.array_equal(rows, other_rows)
        assert same_pictures(few, others)
    assert [rows.tolist() for rows in small.probe()] == [rows.tolist() for rows in large.probe()]
    assert small.left_out == large.left_out
    assert (small.source, small.hash != large.hash) == (large.source, True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fingerprint_stays_while_the_source_does_and_decodes_nothing(root, kind, monkeypatch):
    name = put_set(root, kind, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_decode", None)
        first = data.fingerprint(name)
    put(root / "others", pets(1))
    data.load(name, 12)
    assert data.fingerprint(name) == first


def test_no_two_sets_share_a_fingerprint(root):
    put(root / "a", pets(1))
    put(root / "b", pets(1))
    names = data.catalogue()
    assert len({data.fingerprint(name) for name in names}) == len(names)


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_an_added_changed_or_removed_file_changes_the_fingerprint(root, kind, monkeypatch):
    monkeypatch.setattr(overviews, "SELDOM", 0)
    name, files = put_set(root, kind, monkeypatch), greys()
    seen = {data.fingerprint(name)}
    for time_, change in enumerate(({"cats/new.png": encoded(picture())}, {"cats/000.png": encoded(picture(1))}), 1):
        files |= change
        put(root / "mine", change) if kind == "folder" else put_zip(root / "mine.zip", files)
        os.utime(root / "mine" / next(iter(change)) if kind == "folder" else root / "mine.zip", (time_, time_))
        seen.add(data.fingerprint(name))
    del files["dogs/003.png"]
    (root / "mine/dogs/003.png").unlink() if kind == "folder" else put_zip(root / "mine.zip", files)
    assert len(seen | {data.fingerprint(name)}) == 4


def test_the_files_of_a_large_folder_are_looked_at_seldom_and_a_new_one_is_seen_at_once(root, monkeypatch):
    put(root / "mine", greys())
    looks, real = [], cache.stamps
    monkeypatch.setattr(cache, "stamps", lambda path: looks.append(path) or real(path))
    monkeypatch.setattr(overviews, "CHEAP", 0)
    monkeypatch.setattr(overviews, "SELDOM", 1e9)
    first = data.fingerprint("mine")
    assert [data.fingerprint("mine") for _ in range(9)] == 9 * [first] and len(looks) == 1
    put(root / "mine", {"cats/new.png": encoded(picture())})
    assert data.fingerprint("mine") != first and len(looks) == 2
    os.utime(root / "mine/cats/new.png", (9, 9))
    known = data.fingerprint("mine")
    monkeypatch.setattr(overviews, "SELDOM", 0)
    wait_until(lambda: data.fingerprint("mine") != known, "a file that was changed in its place is seen in time")


def test_a_download_changes_the_fingerprint_and_so_does_a_changed_file(root):
    seen = {data.fingerprint("fashion_mnist")}
    folder = put(root / "FashionMNIST/raw", clothes())
    seen.add(data.fingerprint("fashion_mnist"))
    os.utime(folder / "train-labels-idx1-ubyte", (1, 1))
    assert len(seen | {data.fingerprint("fashion_mnist")}) == 3


def test_a_new_format_of_the_cache_changes_every_fingerprint(monkeypatch):
    first = data.fingerprint("digits")
    monkeypatch.setattr(cache, "FORMAT", cache.FORMAT + 1)
    assert data.fingerprint("digits") != first


def test_a_cached_set_is_opened_without_decoding(root, monkeypatch):
    put(root / "pets", pets(6))
    first = data.load("pets")
    monkeypatch.setattr(cache, "_decode", None)
    again = data.load("pets")
    assert isinstance(again.splits["train"].x, np.memmap)
    assert again.hash == first.hash
    assert not again.splits["train"].x.flags.writeable


def test_a_changed_source_is_decoded_again_and_the_old_cache_goes(root):
    put(root / "pets", pets(6))
    first = data.load("pets", 8)
    put(root / "pets", {"cats/000.png": encoded(picture(99))})
    os.utime(root / "pets/cats/000.png", (1, 1))
    assert data.load("pets", 8).hash != first.hash
    assert len(list((data.cache_root() / "data").glob("pets-8-*"))) == 1


def test_a_file_replaced_by_one_of_the_same_length_is_noticed(root):
    folder = put(root / "FashionMNIST/raw", clothes())
    first = data.load("fashion_mnist")
    put(folder, clothes(seed=1))
    os.utime(folder / "train-images-idx3-ubyte", (1, 1))
    assert data.load("fashion_mnist").hash != first.hash


def test_a_killed_decoding_is_begun_again_and_its_rest_is_removed(root):
    put(root / "pets", pets(6))
    kill = "lambda share, _: share > 0.5 and os.kill(os.getpid(), 9)"
    code = f"import os; from explorer import data; data.load('pets', 8, {kill})"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPO).returncode == -9
    (rest,) = (data.cache_root() / "data").iterdir()
    assert rest.name.startswith(".pets-8-")
    assert data.load("pets", 8).channels == 3
    (whole,) = (data.cache_root() / "data").iterdir()
    assert whole.name.startswith("pets-8-")


@pytest.mark.parametrize("victim", ["meta.json", "train.x.npy", "test.y.npy"])
def test_a_damaged_cache_is_made_again(victim):
    first = data.load("digits")
    (folder,) = (data.cache_root() / "data").iterdir()
    content = (folder / victim).read_bytes()
    (folder / victim).write_bytes(content[: len(content) // 2])
    assert data.load("digits").hash == first.hash
    assert (folder / victim).read_bytes() == content


def test_two_processes_at_once_make_one_cache(root):
    put(root / "pets", pets(60))
    code = "from explorer import data; print(data.load('pets').hash)"
    command = [sys.executable, "-c", code]
    both = [subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    hashes = {process.communicate()[0] for process in both}
    assert len(hashes) == 1
    assert [process.returncode for process in both] == [0, 0]
    assert len(list((data.cache_root() / "data").iterdir())) == 1


def test_a_decoding_that_is_stopped_leaves_nothing_behind(root):
    put(root / "pets", pets(6))

    def stop(share, sentence):
        if sentence.startswith("decoding"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        data.load("pets", 8, stop)
    assert list((data.cache_root() / "data").iterdir()) == []
    assert data.load("pets", 8).channels == 3


def test_progress_rises_to_one_and_speaks(root):
    put(root / "pets", pets(150))
    heard = []
    data.load("pets", 8, lambda share, sentence: heard.append((share, sentence)))
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert "decoding image 201 of 300" in [sentence for _, sentence in heard]


def test_a_cached_set_of_seventy_thousand_images_opens_in_less_than_a_second(real):
    real("FashionMNIST/raw")
    first = data.load("fashion_mnist")
    started = time.perf_counter()
    again = data.load("fashion_mnist")
    assert time.perf_counter() - started < 1
    counts = {split: np.bincount(images.y).tolist() for split, images in again.splits.items()}
    assert counts == {"train": [5400] * 10, "validation": [600] * 10, "test": [1000] * 10}
    assert again.hash == first.hash
    validation, bank = again.probe()
    assert (np.bincount(again.splits["validation"].y[validation]) == 100).all()
    assert (np.bincount(again.splits["train"].y[bank]) == 400).all()


def test_storing_reports_how_far_it_is_and_can_be_stopped(root, monkeypatch):
    monkeypatch.setattr(data.raw, "PIECE", 2000)
    put(root / "pets", pets(60))
    heard = []
    data.load("pets", 8, lambda *it: heard.append(it))
    storing = [share for share, sentence in heard if sentence.startswith("storing")]
    assert len(set(storing)) > 20 and max(b - a for a, b in pairwise(storing)) < 0.03
    assert storing[-1] > 0.9

    def stop(share, sentence):
        if share > 0.9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        data.load("pets", 9, stop)
    assert len(list((data.cache_root() / "data").iterdir())) == 1


def test_opening_a_data_set_counts_as_its_last_use_once_a_minute(root, monkeypatch):
    noted = []
    monkeypatch.setattr(caches, "use", noted.append)  # most file systems note it by themselves, but not all
    for _ in range(3):
        data.load("digits", 8)
    (folder,) = (data.cache_root() / "data").iterdir()
    assert noted == [folder / "meta.json"]
