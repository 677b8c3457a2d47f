"""What is known of a large folder is kept on disk: the next process opens it without looking at all its files."""

import json
import os

import pytest

from explorer import data
from explorer.data import cache, overviews, trees
from tests.data.image_cases import encoded, greys, picture, put
from tests.data.test_cache import wait_until


@pytest.fixture
def large(root, monkeypatch):
    """A folder that counts as one of many files, decoded before; and a process that knows nothing of it yet."""
    for name, value in {"MANY": 0, "CHEAP": 0, "SELDOM": 1e9}.items():
        monkeypatch.setattr(overviews, name, value)
    put(root / "mine", greys())
    before = data.fingerprint("mine"), data.load("mine", 8).hash
    new_process()
    return before


def new_process():
    overviews._known.clear()
    trees._listing.cache_clear()
    trees._folder_layout.cache_clear()


def unread(monkeypatch):
    """From here on a look at the files of a folder is an error."""

    def look(*_):
        raise AssertionError("the files were looked at")

    for module, name in ((trees, "_listing"), (overviews, "_files"), (cache, "stamps")):
        monkeypatch.setattr(module, name, look)


def test_a_new_process_opens_a_large_folder_without_looking_at_its_files(large, monkeypatch):
    monkeypatch.setattr(overviews, "_read_in_background", lambda *_: None)
    unread(monkeypatch)
    assert data.load("mine", 8).hash == large[1]
    assert data.catalogue()["mine"].classes == ("cats", "dogs")


def test_the_answer_for_a_result_is_that_of_the_files_as_they_are(large, root):
    os.utime(root / "mine/cats/000.png", (9, 9))
    assert data.fingerprint("mine") != large[0], "a new process looks itself before it says what a result is made of"


def test_files_that_did_not_change_are_not_listed_again(large, monkeypatch):
    monkeypatch.setattr(trees, "_listing", None)
    assert data.fingerprint("mine") == large[0]


def test_a_file_that_was_changed_in_its_place_is_noticed_while_the_data_set_is_open_already(large, root):
    put(root / "mine", {"cats/000.png": encoded(picture(1))})
    os.utime(root / "mine/cats/000.png", (9, 9))
    assert data.load("mine", 8).hash == large[1], "at once, as it was"
    wait_until(lambda: data.load("mine", 8).hash != large[1], "as it is, soon after")


@pytest.mark.parametrize("change", ["cats/new.png", "dogs/new.png", "birds/1.png"])
def test_a_file_that_was_added_is_noticed_at_once(large, root, change):
    put(root / "mine", {change: encoded(picture(1))})
    assert sum(overviews.overview(root / "mine").counts.values()) == 83
    assert data.fingerprint("mine") != large[0]


@pytest.mark.parametrize("content", ["", "{", "[]", "[1, 2, 3]", '[0, [], [[], {}, "", true], "", "", "", 0]', "null"])
def test_a_damaged_or_older_record_is_made_anew(large, content):
    (record,) = (data.cache_root() / "folders").iterdir()
    whole = json.loads(record.read_text())
    record.write_text(content)
    assert data.fingerprint("mine") == large[0]
    assert json.loads(record.read_text())[:-1] == whole[:-1], "all but how long it took"


def test_a_folder_of_few_files_leaves_no_record(root):
    put(root / "mine", greys())
    data.load("mine", 8)
    assert not (data.cache_root() / "folders").exists()


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(large, monkeypatch):
    (record,) = (data.cache_root() / "folders").iterdir()
    record.unlink()
    record.parent.rmdir()
    record.parent.write_text("in the way")
    assert data.fingerprint("mine") == large[0]
    assert data.load("mine", 8).hash == large[1]


def test_a_folder_that_cannot_be_listed_hides_no_other(tmp_path, monkeypatch):
    names = [str(tmp_path / name) for name in ("closed", "open")]
    for name in names:
        put(tmp_path, {f"{name}/a.png": b"1"})
    stamps = [(name, 0) for name in names]
    scandir = os.scandir

    def refuse(folder):
        if str(folder).endswith("closed"):
            raise PermissionError(13, "Permission denied", folder)
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    before = overviews._files(stamps)
    put(tmp_path, {"open/b.png": b"2"})
    assert overviews._files(stamps) != before
