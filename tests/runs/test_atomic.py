"""Files are replaced whole or not at all."""

import multiprocessing
from pathlib import Path

import pytest

from explorer import runs
from explorer.runs import Run, atomic
from tests.runs.run_cases import fail, spec


def test_a_failed_write_leaves_the_old_file_and_no_other(monkeypatch):
    run = runs.create(spec())
    run.write_json("scores.json", {"knn": 1})
    monkeypatch.setattr(atomic.os, "fsync", fail)
    with pytest.raises(OSError, match="broken"):
        run.write_json("scores.json", {"knn": 2})
    assert run.scores() == {"knn": 1}
    assert not [path for path in run.folder.iterdir() if path.name.startswith(".")]


def test_a_status_waits_for_the_disk_twice_for_its_content_and_its_name(monkeypatch):
    run, waits = runs.create(spec()), []
    monkeypatch.setattr(atomic.os, "fsync", waits.append)
    run.update(step=1)
    assert len(waits) == 2


def test_readers_never_see_half_a_status():
    run = runs.create(spec())
    process = multiprocessing.get_context("spawn").Process(target=_write_statuses, args=(str(run.folder),))
    process.start()
    seen = set()
    while process.is_alive():
        status = run.status
        assert status.state in ("queued", "running"), status.error
        seen.add(status.step)
    assert process.exitcode == 0 and len(seen) > 2


def _write_statuses(folder):
    for step in range(300):
        Run(Path(folder)).update(state="running", step=step, message="x" * 3000)
