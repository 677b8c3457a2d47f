"""Where data and cache lie, and who may write there."""

import threading

import pytest

from explorer import Refused, data
from explorer.data import places


def test_without_a_data_root_of_its_own_the_users_folder_is_used(monkeypatch, tmp_path):
    monkeypatch.delenv("EXPLORER_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data.root() == tmp_path / "unfold"
    assert "digits" in data.catalogue()


def test_a_missing_data_root_is_refused_but_digits_work(monkeypatch, root):
    monkeypatch.setenv("EXPLORER_DATA", str(root / "nowhere"))
    with pytest.raises(Refused, match=r"EXPLORER_DATA names .*nowhere.* no folder; make"):
        data.catalogue()
    assert data.load("digits").classes == tuple("0123456789")


def test_a_cache_that_cannot_be_written_is_refused(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(Refused, match=r"cannot write to .*cache.*: set EXPLORER_CACHE to a folder"):
        data.load("digits")


def test_who_finds_the_lock_taken_waits_and_says_so():
    heard = threading.Event()
    with places.alone("digits", places.quiet):
        waiting = threading.Thread(target=lambda: places.alone("digits", lambda *_: heard.set()).__enter__())
        waiting.start()
        assert heard.wait(10)
    waiting.join(10)
    assert not waiting.is_alive()


def test_what_is_left_of_a_long_work_is_told_as_soon_as_it_is_known(monkeypatch):
    now, heard = iter([100.0, 101.0, 110.0, 130.0, 140.0]), []
    monkeypatch.setattr(places.time, "monotonic", lambda: next(now))
    progress = places.timed(lambda *it: heard.append(it))
    for share in (0.1, 0.25, 0.75, 1.0):
        progress(share, "decoding")
    words = ["decoding", "decoding, about 30 s left", "decoding, about 10 s left", "decoding"]
    assert heard == list(zip((0.1, 0.25, 0.75, 1.0), words, strict=True))
