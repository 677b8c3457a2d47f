"""One run: its status, arrays, frames, log, stop and size."""

import os

import numpy as np
import pytest

from explorer import Refused, runs
from tests.runs.run_cases import spec


def test_spec_is_written_once():
    run = runs.create(spec())
    before = (run.folder / "spec.json").stat()
    runs.rename(run.id, "another title")
    run.update(state="running", step=3)
    run.update(state="done")
    after = (run.folder / "spec.json").stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)
    assert (run.title, run.spec.title) == ("another title", "SimCLR on digits")


@pytest.mark.parametrize("state", ["done", "stopped", "failed"])
def test_done_never_changes(state):
    run = runs.create(spec())
    run.update(state=state, step=5)
    for fields in ({"state": "running"}, {"step": 6}):
        with pytest.raises(Refused, match="never changes"):
            run.update(**fields)
    assert (run.status.state, run.status.step) == (state, 5)
    assert run.status.finished is not None


def test_status_takes_numbers_of_numpy():
    status = runs.create(spec()).update(step=np.int64(3), rate=np.float32(2.5), epoch=np.float64(0.5))
    assert (status.step, status.rate, status.epoch) == (3, 2.5, 0.5)


def test_a_rate_that_is_no_number_does_not_damage_the_status():
    run = runs.create(spec())
    run.update(rate=float("inf"))
    assert run.status.state == "queued"


def test_a_resumed_run_forgets_what_came_after_its_checkpoint():
    run = runs.create(spec())
    for step in (1, 2, 3):
        run.append({"step": step})
        run.write_frame(step, x=np.zeros(1))
    assert len(run.metrics()) == 3
    run.rewind(1)
    assert ([row["step"] for row in run.metrics()], run.frames()) == ([1], [1])


def test_a_frame_comes_back_as_it_was_written():
    run = runs.create(spec())
    features = np.random.default_rng(0).normal(size=(10, 4)).astype(np.float16)
    for step in (1_000_000, 0, 20):
        run.write_frame(step, features=features, y=np.arange(10))
    assert run.frames() == [0, 20, 1_000_000]
    np.testing.assert_array_equal(run.frame(20)["features"], features)
    assert run.frame(0)["features"].dtype == np.float16
    with pytest.raises(Refused, match="choose from 0, 20, 1000000"):
        run.frame(7)


def test_arrays_of_objects_are_not_stored():
    with pytest.raises(TypeError, match="things"):
        runs.create(spec()).write_result(things=np.array([{}, None]))


def test_results_and_scores_are_none_until_they_are_written():
    run = runs.create(spec("map", models=("pixels",)))
    assert run.result() is None and run.scores() is None
    run.write_result(coords=np.zeros((3, 2), np.float32))
    run.write_scores({"knn": np.float64(0.9)})
    assert run.result()["coords"].shape == (3, 2)
    assert run.scores() == {"knn": 0.9}


def test_the_log_tail_is_its_last_lines():
    run = runs.create(spec())
    assert run.log_tail() == ""
    (run.folder / "log.txt").write_text("\n".join(f"line {i}" for i in range(20_000)))
    assert run.log_tail(2) == "line 19998\nline 19999"


def test_a_waiting_run_is_stopped_at_once():
    run = runs.create(spec())
    run.request_stop()
    assert run.status.state == "stopped"


def test_a_running_run_is_asked_to_stop():
    run = runs.create(spec())
    run.update(state="running")
    with run.lock():
        run.request_stop()
        assert run.stop_requested() and run.status.state == "running"


def test_disk_bytes_are_told_while_a_folder_of_weights_goes(monkeypatch):
    run = runs.create(spec())
    before, scan = run.disk_bytes(), os.scandir
    (run.folder / "last" / "000003").mkdir(parents=True)
    (run.folder / "last" / "000003" / "weights").write_bytes(bytes(50))

    def gone(path):
        if str(path).endswith("000003"):
            raise FileNotFoundError(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", gone)
    assert run.disk_bytes() == before


def test_disk_bytes_counts_every_file_once():
    run = runs.create(spec())
    before = run.disk_bytes()
    run.write_frame(0, x=np.zeros(10_000, np.uint8))
    (run.folder / "again").hardlink_to(run.folder / "frames" / "000000.npz")
    assert before + 10_000 <= run.disk_bytes() < before + 20_000


def test_a_run_that_has_ended_is_measured_once_and_again_when_it_changes(monkeypatch):
    run, looks = runs.create(spec()), []
    monkeypatch.setattr("explorer.runs.run._disk_bytes", lambda path: looks.append(path) or len(looks))
    assert [run.disk_bytes(), run.disk_bytes()] == [1, 2]
    run.update(state="done")
    assert [run.disk_bytes(), run.disk_bytes()] == [3, 3]
    runs.rename(run.id, "another title")
    assert run.disk_bytes() == 4
