"""Stories have an owner, a quota and room, and are opened one after the other."""

import json
import shutil

import pytest

from explorer import Refused, runs
from explorer.runs.locks import Busy, hold
from explorer.tasks.stories import opening
from tests.tasks.stories.story_cases import told, written


@pytest.fixture
def another(content, tmp_path):
    """Stories that differ in a word."""
    return lambda n: written(tmp_path / f"{n}.zip", told(content, words=f"No. {n}"))


@pytest.fixture
def limits(monkeypatch):
    """Limits in bytes instead of megabytes."""
    found = {"UPLOAD_BROWSER": 10**9, "UPLOAD_TOTAL": 10**9}
    monkeypatch.setattr(opening.quota.settings, "megabytes", found.__getitem__)
    return found


def test_somebody_opens_as_many_stories_as_the_quota_has_room_for(another, limits):
    opening.open_story(another(1), "me")
    ((owner, size),) = opening.kept()
    assert owner == "me" and size > 100_000
    limits["UPLOAD_BROWSER"] = int(1.5 * size)
    with pytest.raises(Refused, match=r"this story takes .* of your .* are free: delete a story that you have opened"):
        opening.open_story(another(2), "me")
    opening.open_story(another(1), "me")  # it is there, and takes nothing
    opening.open_story(another(2), "you")
    opening.open_story(another(3))  # the command line
    limits["UPLOAD_TOTAL"] = int(3.5 * size)
    with pytest.raises(Refused, match="for all stories together are free"):
        opening.open_story(another(4), "them")


def test_the_disk_is_looked_at_before(another, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, opening.SPARE))
    monkeypatch.setattr(opening.store, "adopt", None)
    with pytest.raises(Refused, match="the disk that holds the runs is full"):
        opening.open_story(another(1))


def test_one_story_is_opened_at_a_time(another, monkeypatch):
    monkeypatch.setattr(opening, "WAIT", 0.0)
    monkeypatch.setattr(opening, "read", None)
    runs.root().mkdir(parents=True, exist_ok=True)
    with hold(runs.root() / opening.LOCK), pytest.raises(Busy, match="the opening of stories is in use"):
        opening.open_story(another(1))


def test_a_run_stands_for_the_very_file_that_it_came_from(another):
    first = opening.open_story(another(1), "me")
    assert opening.open_story(another(1), "you").id == first.id
    told = json.loads((first.folder / "story.json").read_text())
    assert len(told["digest"]) == 64 and first.id.endswith(told["digest"][:16])
    first.write_json("story.json", {**told, "digest": told["digest"][:16] + 48 * "0"})
    with pytest.raises(Refused, match="there is another run 'digits-simclr-"):
        opening.open_story(another(1))
