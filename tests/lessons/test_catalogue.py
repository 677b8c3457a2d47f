"""The lessons of a place: a malformed file is listed and breaks no other; names and titles are taken once."""

import pytest

from explorer import Refused
from explorer.lessons import catalogue as read
from explorer.lessons.catalogue import SHIPPED, own_folder
from tests.lessons.lesson_cases import GOOD


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """A teacher's folder."""
    place = tmp_path / "mine"
    place.mkdir()
    monkeypatch.setenv("EXPLORER_LESSONS", str(place))
    return place


def own():
    return [entry.name for entry in read().entries if not entry.shipped]


def refused(full=False):
    """The refused files of the folder."""
    return [each for each in read(full).refused if each.file not in {path.name for path in SHIPPED.iterdir()} or
            each.line == 1]  # fmt: skip


def test_the_folder_is_a_setting_and_lies_among_the_runs_otherwise(folder, monkeypatch, tmp_path):
    assert own_folder() == folder
    monkeypatch.delenv("EXPLORER_LESSONS")
    assert own_folder() == tmp_path / "runs" / "lessons"
    assert own() == []


def test_a_malformed_lesson_is_listed_with_its_line_and_breaks_no_other(folder):
    (folder / "good.yaml").write_text(GOOD)
    (folder / "bad.yaml").write_text(GOOD.replace("minutes: 5", "minutes: five").replace("A small", "Another"))
    found = read()
    assert own() == ["good"]
    assert [(each.file, each.line) for each in refused()] == [("bad.yaml", 4)]
    with pytest.raises(Refused, match=r"bad\.yaml, line 4"):
        found.get("bad")
    with pytest.raises(Refused, match="no lesson 'god'; did you mean 'good'"):
        found.get("god")


def test_a_refused_copy_hides_no_shipped_lesson(folder):
    (folder / "collapse.yaml").write_bytes((SHIPPED / "collapse.yaml").read_bytes())
    found = read()
    assert [each.file for each in refused()] == ["collapse.yaml"]
    assert found.get("collapse").shipped


def test_a_folder_that_cannot_be_read_is_one_refusal(folder, monkeypatch):
    def closed(path):
        if path == folder:
            raise PermissionError(13, "Permission denied")
        return listed(path)

    listed = type(folder).iterdir
    monkeypatch.setattr(type(folder), "iterdir", closed)
    (refusal,) = refused()
    assert refusal.file == folder.name and "cannot be read (Permission denied)" in refusal.reason
    assert read().get("collapse").shipped


def test_hyperparameters_are_checked_when_all_is(folder):
    (folder / "good.yaml").write_text(GOOD.replace("latent: 4", "latent: 0"))
    assert own() == ["good"]
    assert [each.line for each in refused(full=True)] == [25]


@pytest.mark.parametrize(("name", "change"), [("second.yaml", ("", "")), ("maps-lie.yaml", ("A small", "A new"))])
def test_a_name_or_a_title_is_taken_once(name, change, folder):
    (folder / "first.yaml").write_text(GOOD)
    (folder / name).write_text(GOOD.replace(*change) if change[0] else GOOD)
    assert own() == ["first"]
    (twin,) = refused()
    assert twin.file == name and "another lesson" in twin.reason


@pytest.mark.parametrize("name", ["Bad Name.yaml", "a_b.yaml", "ü.yml"])
def test_a_file_has_a_name_for_the_address(name, folder):
    (folder / name).write_text(GOOD)
    assert ["small letters" in each.reason for each in refused()] == [True]


def test_a_file_that_has_changed_is_read_again(folder):
    path = folder / "good.yaml"
    path.write_text(GOOD)
    assert own() == ["good"]
    path.write_text(GOOD.replace("minutes: 5", "minutes: five"))
    assert own() == []
    path.write_text(GOOD)
    assert own() == ["good"]


def test_own_lessons_follow_the_course(folder):
    (folder / "aaa.yaml").write_text(GOOD.replace("minutes: 5", "minutes: 5\norder: 0"))
    assert [entry.name for entry in read().entries][-1] == "aaa"
