"""Spec and status: which fields they have, and what a damaged one is read as."""

import json

import pytest
from pydantic import ValidationError

from explorer import Refused, runs
from tests.runs.run_cases import spec


def test_a_misspelled_field_is_refused_at_creation():
    with pytest.raises(ValidationError, match="tempature"):
        spec(tempature=1)


def test_a_misspelled_status_field_is_an_error():
    with pytest.raises(ValidationError, match="stepp"):
        runs.create(spec()).update(stepp=1)


@pytest.mark.parametrize("title", ["", "   ", "x" * 81, "two\nlines"])
def test_a_title_has_1_to_80_printable_characters(title):
    with pytest.raises(Refused, match="1-80"):
        runs.create(spec(title=title))
    run = runs.create(spec())
    with pytest.raises(Refused, match="1-80"):
        runs.rename(run.id, title)


def test_a_run_of_another_version_opens():
    run = runs.create(spec())
    for name in ("spec.json", "status.json"):
        fields = json.loads((run.folder / name).read_bytes())
        (run.folder / name).write_text(json.dumps({**fields, "colour_of_the_sky": "blue"}))
    for name in ("versions", "created", "seed"):
        fields = json.loads((run.folder / "spec.json").read_bytes())
        del fields[name]
        (run.folder / "spec.json").write_text(json.dumps(fields))
    assert run.spec.method == "simclr"
    assert run.update(step=4).step == 4
    assert runs.listing() == [run]


@pytest.mark.parametrize("name", ["spec.json", "status.json"])
@pytest.mark.parametrize("content", ["", "{", "[1]", '{"kind": "bake", "state": "asleep"}', None])
def test_a_damaged_folder_is_listed_as_failed_with_a_sentence(name, content):
    run, sound = runs.create(spec()), runs.create(spec())
    path = run.folder / name
    path.unlink() if content is None else path.write_text(content)
    assert {found.id for found in runs.listing()} == {run.id, sound.id}
    assert run.status.state == "failed"
    assert name in run.status.error and "damaged" in run.status.error
    assert run.title and run.spec.kind == "train"
    runs.delete(run.id)
    assert runs.listing() == [sound]
