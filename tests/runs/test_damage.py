"""One damaged run is damaged; all others, and the lists, stand as before."""

import json
import os

import pytest

from explorer import runs
from explorer.runs import Run, store
from tests import damage
from tests.runs.run_cases import spec


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_RUNS", str(tmp_path))
    return tmp_path


def look(run: Run) -> None:
    """Everything that pages and commands ask of a run."""
    assert run.title.isprintable()
    assert len(run.title) <= 80
    assert run.created >= 0
    for answer in (run.spec, run.status, run.damage(), run.sound(), run.log_tail(), run.frames(), run.checkpoint()):
        repr(answer).encode()
    assert all(isinstance(row, dict) for row in run.metrics())
    assert isinstance(run.scores(), dict | None)
    run.spec.model_dump_json().encode()
    run.status.model_dump_json().encode()


@pytest.mark.parametrize("file", damage.FILES)
@pytest.mark.parametrize("content", damage.CONTENTS)
def test_a_damaged_file_is_said_and_nothing_else_suffers(file, content):
    good, bad = runs.create(spec()), runs.create(spec())
    (bad.folder / file).write_bytes(damage.CONTENTS[content])
    look(bad)
    look(good)
    assert {run.id for run in runs.listing(shipped=False)} | {bad.id} == {good.id, bad.id}
    assert good.id in {run.id for run in store.unfinished()}
    assert (good.status.state, good.title) == ("queued", "SimCLR on digits")


@pytest.mark.parametrize("kind", ["pipe", "folder", "link out", "device"])
@pytest.mark.parametrize("file", ["spec.json", "status.json", "title.txt", "metrics.jsonl", "scores.json"])
def test_what_is_no_file_is_not_read(file, kind, root):
    (root / "secret").write_text('{"title": "canary", "kind": "train", "dataset": "canary"}')
    good, bad = runs.create(spec()), runs.create(spec())
    path = bad.folder / file
    path.unlink(missing_ok=True)
    {
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "link out": lambda: path.symlink_to(root / "secret"),
        "device": lambda: path.symlink_to("/dev/zero"),
    }[kind]()
    look(bad)
    assert "canary" not in f"{bad.title} {bad.spec} {bad.status} {bad.metrics()} {bad.scores()}"
    assert good.id in {run.id for run in runs.listing(shipped=False)}


@pytest.mark.parametrize("created", damage.CREATED)
def test_a_moment_that_is_none_is_none(created):
    run = runs.create(spec())
    fields = json.loads((run.folder / "spec.json").read_bytes())
    (run.folder / "spec.json").write_text(json.dumps({**fields, "created": created}))
    look(run)
    assert (run.created, run.spec.created) == (0.0, "")


@pytest.mark.parametrize("title", damage.TITLES)
@pytest.mark.parametrize("file", ["title.txt", "spec.json"])
def test_a_title_is_one_line_that_can_be_shown(file, title):
    run = runs.create(spec())
    if file == "spec.json":
        fields = json.loads((run.folder / file).read_bytes())
        title = json.dumps({**fields, "title": title})
    (run.folder / file).write_text(title)
    look(run)
