"""A run is a folder: what is promised of it, also when processes die or files are damaged."""

import json
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from explorer import Refused, runs
from explorer.runs import Busy, Run, Spec, atomic, metrics, store
from explorer.runs import run as run_module


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "shipped")
    return tmp_path / "runs"


def spec(kind="train", **fields):
    return Spec(**{"kind": kind, "title": "SimCLR on digits", "method": "simclr", "dataset": "digits", **fields})


def fastest(action, times=5):
    """The shortest of some durations: other work on the machine only ever adds to it."""
    durations = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        durations.append(time.perf_counter() - start)
    return min(durations)


def shipped(name, root):
    made = runs.create(spec(title=name))
    made.update(state="done")
    (root.parent / "shipped").mkdir(exist_ok=True)
    made.folder.rename(root.parent / "shipped" / name)
    return runs.get(name)


# ------------------------------------------------------------------------------------------------ spec and status


def test_a_new_run_is_queued_and_says_what_it_shall_do():
    run = runs.create(spec(hyperparameters={"temperature": 0.2}, seed=7))
    assert run.status.state == "queued"
    assert (run.spec.hyperparameters, run.spec.seed) == ({"temperature": 0.2}, 7)
    assert run.spec.versions["torch"]
    assert abs(run.created - time.time()) < 60


def test_the_id_names_method_data_and_time():
    name = runs.create(spec(dataset="Hübsche Bilder/..")).id
    method, dataset, day, clock, tail = name.split("-")
    assert (method, dataset) == ("simclr", "h_bsche_bilder_..")
    assert (len(day), len(clock), len(tail)) == (8, 6, 8)


def test_spec_is_written_once():
    run = runs.create(spec())
    before = (run.folder / "spec.json").stat()
    runs.rename(run.id, "another title")
    run.update(state="running", step=3)
    run.update(state="done")
    after = (run.folder / "spec.json").stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)
    assert (run.title, run.spec.title) == ("another title", "SimCLR on digits")


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


# ------------------------------------------------------------------------------------------------ content addresses


def test_asking_for_the_same_map_again_gives_the_same_folder():
    first = runs.create(spec("map", models=("pixels",), params={"how": "tsne", "n": 1000}))
    again = runs.create(
        spec("map", models=("pixels",), params={"n": 1000, "how": "tsne"}, title="other words", user="eve")
    )
    other = runs.create(spec("map", models=("pixels",), params={"how": "umap", "n": 1000}))
    assert again == first != other
    assert first.id.startswith("map-") and len(first.id) == len("map-") + 16


@pytest.mark.parametrize(("state", "kept"), [("done", True), ("running", True), ("failed", False), ("stopped", False)])
def test_a_result_is_made_anew_only_if_it_failed_or_was_stopped(state, kept):
    run = runs.create(spec("evaluate", models=("pca",)))
    run.append({"step": 1})
    run.update(state=state)
    again = runs.create(spec("evaluate", models=("pca",)))
    assert (again.id, bool(again.metrics())) == (run.id, kept)
    assert again.status.state == (state if kept else "queued")


@pytest.mark.parametrize("by", ["this process", "another"])
def test_what_is_made_anew_at_its_address_is_what_is_read_there_though_inodes_are_given_out_again(by, monkeypatch):
    if by == "another":
        monkeypatch.setattr(metrics, "forget", lambda _: None)
    inodes = set()
    for number in range(20):
        run = runs.create(spec("transfer", models=("pixels",)))
        run.write_result(x=np.array([number]))
        run.append({"try": number})
        for _ in range(100 if by == "this process" else number):
            run.append({"epochs": "that are all alike"})
        assert run.result()["x"] == [number] and run.sound()
        assert run.metrics()[0] == {"try": number}
        inodes.add((run.folder / "manifest.jsonl").stat().st_ino)
        run.update(state="failed", error="asked again")
    print(f"20 manifests, {len(inodes)} inodes")


def test_a_file_of_other_rows_in_the_same_place_is_read_from_its_beginning():
    run = runs.create(spec())
    path = run.folder / "metrics.jsonl"
    for number in range(3):
        path.write_text("".join(f'{{"step": {step}, "try": {number}}}\n' for step in range(100 + number)))
        assert run.metrics() == [{"step": step, "try": number} for step in range(100 + number)]


def test_two_trainings_of_the_same_kind_are_two_runs():
    assert runs.create(spec()).id != runs.create(spec()).id


def test_an_id_is_given_only_once():
    runs.create(spec(), "mine")
    with pytest.raises(Refused, match="already"):
        runs.create(spec(), "mine")


def meanwhile(monkeypatch, act):
    """What another process does while a run is being made here."""

    def reserve(path, before=atomic.reserve):
        monkeypatch.setattr(atomic, "reserve", before)
        act()
        before(path)

    monkeypatch.setattr(atomic, "reserve", reserve)


def test_of_two_who_make_a_run_of_the_same_name_at_once_one_is_refused(monkeypatch, root):
    meanwhile(monkeypatch, lambda: runs.create(spec(title="theirs"), "mine"))
    with pytest.raises(Refused, match="already"):
        runs.create(spec(title="ours"), "mine")
    assert runs.get("mine").title == "theirs"
    assert [path.name for path in root.iterdir()] == ["mine"]


def test_two_who_ask_for_the_same_map_at_once_get_the_same(monkeypatch):
    asked, made = spec("map", models=("pixels",)), []
    meanwhile(monkeypatch, lambda: made.append(runs.create(asked)))
    assert runs.create(asked) == made[0]


def test_a_failed_map_that_somebody_else_has_made_anew_by_now_is_let_be(monkeypatch):
    asked, made = spec("map", models=("pixels",)), []
    runs.create(asked).update(state="failed")

    def lock(run, wait=0.0, before=Run.lock):
        if not made:
            made.append(run)
            made[0] = runs.create(asked)
            made[0].update(message="theirs")
        return before(run, wait)

    monkeypatch.setattr(Run, "lock", lock)
    assert runs.create(asked).status.message == "theirs"


# ------------------------------------------------------------------------------------------------ finding runs


@pytest.mark.parametrize("name", ["../outside", "..", ".", "", "/etc", "a/b", ".engine", "a\n", "ä", "x" * 200])
def test_no_id_leaves_the_folder_of_runs(name, root):
    (root.parent / "outside").mkdir()
    (root.parent / "outside" / "spec.json").write_text("{}")
    for attempt in (runs.get, runs.delete, lambda id: runs.rename(id, "title")):
        with pytest.raises(Refused):
            attempt(name)
    if name:
        with pytest.raises(Refused):
            runs.create(spec(), name)


def test_a_run_is_found_without_a_look_at_the_others(root, monkeypatch):
    run, ship = runs.create(spec()), shipped("ship", root)
    monkeypatch.setattr(store, "listing", fail)
    assert (runs.find(run.id), runs.find("ship")) == (run, ship)
    assert [runs.find(name) for name in ("nobody", "..", "", ".engine")] == [None] * 4


def test_what_killed_processes_left_is_swept_away_after_an_hour(root, monkeypatch):
    run = runs.create(spec())
    left = [root / ".new-0123", root / ".gone-4567"]
    for path in left:
        path.mkdir()
        (path / "spec.json").write_text("{}")
    (root / ".engine").mkdir()
    runs.sweep()
    assert all(path.exists() for path in left)  # somebody may still be at it
    monkeypatch.setattr(store, "LEFT", 0.0)
    runs.sweep()
    assert sorted(path.name for path in root.iterdir()) == [".engine", run.id]


def test_an_unknown_run_is_refused_with_choices():
    runs.create(spec(), "simclr-one")
    with pytest.raises(Refused, match="did you mean 'simclr-one'"):
        runs.get("simclr-ones")


def test_the_newest_run_comes_first_and_shipped_ones_last(root):
    ship = shipped("ship", root)
    ids = [runs.create(spec()).id for _ in range(3)]
    runs.create(spec("map", models=("pixels",)))
    assert [run.id for run in runs.listing()] == [*reversed(ids), ship.id]
    assert [run.id for run in runs.listing(shipped=False)] == [*reversed(ids)]
    assert [run.shipped for run in runs.listing()] == [False, False, False, True]


def test_200_runs_are_listed_with_their_states_in_100_ms():
    for number in range(200):
        runs.create(spec(), f"run-{number:03d}")
    runs.listing()
    assert fastest(runs.listing) < 0.1
    assert fastest(lambda: [run.status for run in runs.listing()]) < 0.2
    assert {run.status.state for run in runs.listing()} == {"queued"}
    assert len(runs.listing()) == 200


def test_other_things_in_the_folder_are_no_runs(root):
    run = runs.create(spec())
    (root / "notes.txt").write_text("mine")
    (root / "empty").mkdir()
    (root / ".engine").mkdir()
    assert runs.listing(kind=None) == [run]


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


# ------------------------------------------------------------------------------------------------ metrics and arrays


def test_metrics_grow_row_by_row():
    run = runs.create(spec())
    for step in range(3):
        run.append({"step": step, "loss": np.float32(0.5), "parts": np.arange(2)})
        assert len(run.metrics()) == step + 1
    assert run.metrics()[2] == {"step": 2, "loss": 0.5, "parts": [0, 1]}


def test_a_torn_last_line_is_ignored():
    run = runs.create(spec())
    run.append({"step": 1})
    run.append({"step": 2})
    path = run.folder / "metrics.jsonl"
    path.write_bytes(path.read_bytes() + b'{"step": 3, "lo')
    assert [row["step"] for row in run.metrics()] == [1, 2]
    run.append({"step": 3})
    assert [row["step"] for row in run.metrics()] == [1, 2, 3]
    assert path.read_bytes().count(b"\n") == 3


def test_a_resumed_run_forgets_what_came_after_its_checkpoint():
    run = runs.create(spec())
    for step in (1, 2, 3):
        run.append({"step": step})
        run.write_frame(step, x=np.zeros(1))
    assert len(run.metrics()) == 3
    run.rewind(1)
    assert ([row["step"] for row in run.metrics()], run.frames()) == ([1], [1])


def test_a_curve_of_100000_rows_is_read_on_in_milliseconds():
    run = runs.create(spec())
    (run.folder / "metrics.jsonl").write_text("".join(f'{{"step": {i}, "loss": 0.5}}\n' for i in range(100_000)))
    run.metrics()
    run.append({"step": 100_000})
    assert len(run.metrics()) == 100_001
    assert fastest(run.metrics) < 0.05


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


def fail(*_):
    raise OSError("broken")


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


def test_the_log_tail_is_its_last_lines():
    run = runs.create(spec())
    assert run.log_tail() == ""
    (run.folder / "log.txt").write_text("\n".join(f"line {i}" for i in range(20_000)))
    assert run.log_tail(2) == "line 19998\nline 19999"


# ------------------------------------------------------------------------------------------------ locks, stop, delete


def test_only_one_holds_a_run():
    run = runs.create(spec())
    with run.lock():
        assert run.held()
        with pytest.raises(Busy, match=run.id), run.lock():
            pass
    assert not run.held()


def test_the_kernel_frees_the_lock_of_a_killed_process():
    run = runs.create(spec())
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(str(run.folder),))
    process.start()
    _until(run.held)
    process.kill()
    process.join()
    assert not run.held()


def _hold(folder):
    with Run(Path(folder)).lock():
        time.sleep(60)


def _until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


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


def test_a_running_run_cannot_be_deleted():
    run = runs.create(spec())
    run.update(state="running")
    with run.lock(), pytest.raises(Refused, match="stop it, then delete it"):
        runs.delete(run.id)
    assert runs.listing() == [run]
    runs.delete(run.id)
    assert runs.listing() == [] and not run.folder.exists()


def test_a_shipped_run_neither_changes_nor_goes(root):
    ship = shipped("ship", root)
    for attempt in (runs.delete, lambda id: runs.rename(id, "mine"), lambda id: runs.get(id).update(step=1)):
        with pytest.raises(Refused, match="shipped"):
            attempt(ship.id)
    ship.request_stop()
    assert not ship.stop_requested()


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
    monkeypatch.setattr(run_module, "_disk_bytes", lambda path: looks.append(path) or len(looks))
    assert [run.disk_bytes(), run.disk_bytes()] == [1, 2]
    run.update(state="done")
    assert [run.disk_bytes(), run.disk_bytes()] == [3, 3]
    runs.rename(run.id, "another title")
    assert run.disk_bytes() == 4


def test_importing_runs_and_jobs_imports_nothing_heavy():
    code = "import sys, explorer.runs, explorer.engine; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=runs.REPOSITORY, check=True)
    assert not {"torch", "sklearn", "distributed", "dask"} & set(told.stdout.split())


def test_deleting_a_run_deletes_what_was_made_from_it_and_nothing_else():
    run, other = runs.create(spec()), runs.create(spec())
    asked = {"kind": "map", "method": None, "params": {"how": "pca"}}
    mine, best = runs.create(spec(**asked, models=(run.id,))), runs.create(spec(**asked, models=(f"{run.id}@best",)))
    kept = runs.create(spec(**asked, models=(other.id,)))
    runs.delete(run.id)
    assert not mine.folder.exists()
    assert not best.folder.exists()
    assert {run.id for run in runs.listing(kind=None)} == {other.id, kept.id}


def test_what_is_shipped_is_found_by_those_who_ask_for_the_same(root):
    asked = spec("map", method=None, models=("digits-simclr",), params={"how": "pca"})
    made = runs.create(asked)
    (root.parent / "shipped").mkdir()
    made.folder.rename(root.parent / "shipped" / made.id)
    assert runs.create(asked).shipped
