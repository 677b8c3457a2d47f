"""What can be made again: measured, below one limit, cleared, and never taken from whoever uses it."""

import os
import shutil
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest

from explorer import Refused, data, descriptions, runs
from explorer.data import overviews
from explorer.data.kept import kept
from explorer.models import bfloat16
from explorer.runs import Spec
from explorer.system import caches
from explorer.system.mapped import in_use, mapped
from explorer.tasks import evaluate
from tests.data.image_cases import REPO, pets, put


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """A cache of this test's own."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write(root, name, size, age=0.0):
    """A file of a cache, so old."""
    path = put(root, {name: bytes(size)}) / name
    os.utime(path, (time.time() - age,) * 2)
    return path


def kinds():
    return {kind.name: kind for kind in caches.measure()}


def zipped(folder):
    """A small data set as a zip file."""
    with zipfile.ZipFile(folder / "mine.zip", "w") as file:
        for name, content in pets(6).items():
            file.writestr(name, content)
    return folder / "mine.zip"


def a_map(state="done"):
    run = runs.create(Spec(kind="map", title="a map", dataset="digits", models=("pixels",), params={"how": state}))
    run.update(state=state)
    return run


def test_every_kind_is_measured_with_its_last_use(root):
    write(root, "features/a.npy", 1000, age=500)
    write(root, "features/b.npy", 500, age=100)
    write(root, "locks/a.lock", 77)
    found = kinds()
    assert {name: kind.size for name, kind in found.items() if kind.size} == {"features": 1500}
    assert found["features"].title == "Features of models" and found["features"].folder == root / "features"
    assert time.time() - found["features"].used == pytest.approx(100, abs=20)
    assert found["data"].used is None and found["maps"].entries == ()


def test_a_folder_that_is_none_of_ours_is_neither_counted_nor_touched(root, monkeypatch):
    theirs = [write(root, "photographs/deep/er/a.png", 1000), write(root, "notes.txt", 1000)]
    monkeypatch.setenv("EXPLORER_CACHE_LIMIT", "0")
    assert sum(kind.size for kind in kinds().values()) == 0 and "photographs" not in kinds()
    assert caches.trim() == caches.clear() == caches.Cleared(0, 0, ())
    assert all(path.exists() for path in theirs)
    with pytest.raises(Refused, match="no cache 'photographs'"):
        caches.clear("photographs")


def test_runs_that_lie_in_the_cache_folder_stay(root, monkeypatch):
    monkeypatch.setenv("EXPLORER_RUNS", str(root / "runs"))
    training = runs.create(Spec(kind="train", title="c", dataset="digits", method="pca"), "mine")
    training.update(state="done")
    write(root, "features/a.npy", 1000)
    monkeypatch.setenv("EXPLORER_CACHE_LIMIT", "0")
    assert caches.trim().freed == 1000
    assert caches.clear() == caches.Cleared(0, 0, ())
    assert runs.get("mine").status.state == "done"


def test_the_limit_does_not_count_maps_and_removes_none(root, monkeypatch):
    made = a_map()
    write(root, "features/a.npy", 1000)
    monkeypatch.setenv("EXPLORER_CACHE_LIMIT", "0.000002")
    assert kinds()["maps"].size > 0 and caches.trim().removed == 0
    monkeypatch.setenv("EXPLORER_CACHE_LIMIT", "0")
    assert (caches.trim().freed, made.folder.exists()) == (1000, True)
    assert (caches.clear("maps").removed, made.folder.exists()) == (1, False)


def test_a_link_to_a_folder_is_removed_and_never_followed(root, tmp_path):
    theirs = write(tmp_path / "elsewhere", "deep/a.npy", 5000)
    (root / "features").mkdir(parents=True)
    (root / "features/link").symlink_to(tmp_path / "elsewhere")
    assert kinds()["features"].size < 1000
    assert (caches.clear("features").removed, theirs.exists()) == (1, True)
    assert list((root / "features").iterdir()) == []


def test_whoever_reads_a_cache_notes_that_it_is_used(root, monkeypatch):
    kept("features", "key", lambda: np.zeros(3))
    monkeypatch.setattr(bfloat16, "measure", lambda: 2.0)
    remembered, stored = bfloat16._remembered.__wrapped__, descriptions.cached
    digits = data.load("digits")
    archive = zipped(root.parent)

    def read():
        kept("features", "key", lambda: np.ones(3))
        remembered("this machine")
        stored()
        evaluate.scores_of("pixels", digits, labels=100)
        overviews._of_zip.cache_clear()
        overviews.overview(archive)

    read()
    names = ("features", "machine", "descriptions", "scores", "zips")
    files = [path for name in names for path in (root / name).iterdir()]
    for path in files:
        os.utime(path, (time.time() + 1000, 9))  # later than now: no file system would set it back by itself
    read()
    assert len(files) == len(names)
    for path in files:
        assert path.stat().st_atime < time.time() + 500 and path.stat().st_mtime == 9, path


def test_an_entry_that_cannot_be_read_hides_no_other(root, monkeypatch):
    write(root, "features/a.npy", 1000)
    below = caches._below

    def refuse(folder):
        if folder.endswith("closed"):
            raise PermissionError(13, "Permission denied", folder)
        return below(folder)

    (root / "features/closed").mkdir()
    monkeypatch.setattr(caches, "_below", refuse)
    assert kinds()["features"].size == 1000 and len(kinds()["features"].entries) == 2


def test_a_kind_that_there_is_not_is_refused_with_the_choices():
    with pytest.raises(Refused, match=r"no cache 'featurs'.*features"):
        caches.clear("featurs")


def test_the_least_recently_used_leave_first_until_the_limit_is_kept(root, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE_LIMIT", "0.000002")
    paths = [write(root, f"features/{age}.npy", 900, age) for age in (300, 100, 400, 200)]
    caches.use(paths[2])  # the oldest one
    assert paths[2].stat().st_mtime < time.time() - 300, "it was not written"
    assert caches.trim().removed == 2
    assert sorted(path.name for path in (root / "features").iterdir()) == ["100.npy", "400.npy"]
    assert caches.trim() == caches.Cleared(0, 0, ())


def test_what_was_just_made_stays_even_if_it_alone_is_more_than_the_limit(root, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE_LIMIT", "0")
    data.load("digits", 8)
    assert [path.name[:9] for path in (root / "data").iterdir()] == ["digits-8-"]
    data.load("digits", 9)
    assert [path.name[:9] for path in (root / "data").iterdir()] == ["digits-9-"], "the limit holds from the next on"


@pytest.mark.parametrize("given", ["much", "-1", "nan"])
def test_a_limit_that_is_none_is_refused_before_the_work(given, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE_LIMIT", given)
    with pytest.raises(Refused, match=f"EXPLORER_CACHE_LIMIT={given} is not allowed: give a number of at least 0"):
        data.load("digits", 8)


def test_without_a_setting_the_limit_is_a_part_of_the_disk(root, monkeypatch):
    total = shutil.disk_usage(root.parent).total
    assert caches.limit() == min(20 * 10**9, int(0.2 * total))
    monkeypatch.setenv("EXPLORER_CACHE_LIMIT", "inf")
    assert caches.limit() > total


def test_what_is_mapped_is_in_use_as_long_as_a_view_of_it_lives(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(12).reshape(3, 4))
    view = mapped(tmp_path / "a.npy")[1:, 2]
    assert view.tolist() == [6, 10] and in_use(tmp_path / "a.npy")
    del view
    assert not in_use(tmp_path / "a.npy")


def test_a_data_set_that_is_open_stays_and_the_rest_goes(root):
    write(root, "features/a.npy", 1000)
    dataset = data.load("digits", 8)
    cleared = caches.clear()
    assert (cleared.freed, cleared.removed) == (1000, 1)
    assert [(stays.kind, stays.why) for stays in cleared.stays] == [("data", "in use")]
    assert dataset.splits["train"].x[:].any()
    del dataset
    assert caches.clear("data").removed == 1
    assert data.load("digits", 8).size == 8


HOLD = "from explorer import data; x = data.load('digits', 8).splits['train'].x; print('open', flush=True); input()"


def test_a_data_set_that_another_process_has_open_stays(root):
    with subprocess.Popen([sys.executable, "-c", HOLD], cwd=REPO, text=True, stdin=-1, stdout=-1) as other:
        assert other.stdout.readline() == "open\n"
        assert [stays.why for stays in caches.clear().stays] == ["in use"]
        other.communicate("\n")
    assert caches.clear().stays == ()
    assert list((root / "data").iterdir()) == []


def test_what_was_cleared_by_force_under_a_process_is_read_on_and_made_anew(root):
    dataset = data.load("digits", 8)
    before = dataset.splits["train"].x.sum()
    shutil.rmtree(root)
    assert dataset.splits["train"].x.sum() == before
    assert data.load("digits", 8).hash == dataset.hash


def test_a_decoding_that_is_under_way_stays_and_what_a_killed_one_left_goes(root, monkeypatch):
    monkeypatch.setenv(
        "EXPLORER_DATA", str(put(root.parent / "pictures", {f"pets/{k}": v for k, v in pets(6).items()}))
    )
    stays = []

    def clear(share, sentence):
        if sentence.startswith("decoding") and not stays:
            stays.extend(caches.clear().stays)

    assert len(data.load("pets", 8, clear).classes) == 2
    assert [each.why for each in stays] == ["in use"]
    (root / "data/.pets-8-0123456789abcdef-k1ll3d").mkdir()
    write(root, "data/.pets-8-0123456789abcdef-k1ll3d/train.raw", 100)
    assert caches.clear("data").removed == 2


def test_a_file_that_is_being_written_stays_and_one_that_was_left_behind_goes(root):
    write(root, "features/.12-34-new.npy", 10)
    write(root, "features/.12-34-old.npy", 10, age=3600)
    assert [stays.entry.path.name for stays in caches.clear().stays] == [".12-34-new.npy"]


def test_maps_are_cleared_and_nothing_that_somebody_asked_for_is():
    done, waiting = a_map("done"), runs.create(Spec(kind="map", title="b", dataset="digits", models=("pixels",)))
    training = runs.create(Spec(kind="train", title="c", dataset="digits", method="pca"), "mine")
    training.update(state="done")
    asked = runs.create(Spec(kind="transfer", title="d", dataset="digits", models=("mine",)))
    asked.update(state="done")
    cleared = caches.clear()
    assert [stays.entry.path for stays in cleared.stays] == [waiting.folder]
    assert not done.folder.exists()
    assert {run.id for run in runs.listing(None, shipped=False)} == {waiting.id, training.id, asked.id}


def test_a_study_that_is_under_way_stays_and_an_interrupted_one_goes(root):
    for name in ("live", "killed"):
        write(root, f"trials/{name}/lock", 0)
        write(root, f"trials/{name}/last/000001/model.safetensors", 100)
    with runs.Run(root / "trials/live").lock():
        cleared = caches.clear("trials")
    assert (cleared.freed, [stays.entry.path.name for stays in cleared.stays]) == (100, ["live"])


def test_what_cannot_be_removed_stays_with_the_reason(root, monkeypatch):
    path = write(root, "features/a.npy", 10)

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(type(path), "rename", refuse)
    assert [stays.why for stays in caches.clear().stays] == ["it cannot be removed (Operation not permitted)"]


def test_what_somebody_else_has_cleared_meanwhile_is_not_counted_twice(root, monkeypatch):
    write(root, "features/a.npy", 10)
    monkeypatch.setattr(caches, "_busy", lambda kind, entry: entry.path.unlink())
    assert caches.clear() == caches.Cleared(0, 0, ())


def test_each_of_many_files_is_asked_once_and_none_is_opened(root, monkeypatch):
    """A cache may hold tens of thousands of files, and somebody waits for their sizes."""
    for n in range(500):
        write(root, f"features/{n}.npy", 1)
    monkeypatch.setattr("builtins.open", None)
    asked, entry = [], caches._entry
    monkeypatch.setattr(caches, "_entry", lambda it: asked.append(it.name) or entry(it))
    assert kinds()["features"].size == 500
    assert sorted(asked) == sorted(f"{n}.npy" for n in range(500))
