"""The folder of runs: made, addressed, found, listed, deleted."""

import subprocess
import sys
import time

import pytest

from explorer import Refused, runs
from explorer.runs import Run, atomic, store
from tests.runs.run_cases import fail, fastest, spec


def shipped(name, root):
    made = runs.create(spec(title=name))
    made.update(state="done")
    (root.parent / "shipped").mkdir(exist_ok=True)
    made.folder.rename(root.parent / "shipped" / name)
    return runs.get(name)


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


@pytest.mark.parametrize("place", ["a file", "a folder of the kernel"])
def test_a_folder_in_which_nobody_may_write_is_said(place, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    root = tmp_path / "file" / "runs" if place == "a file" else "/proc/nothing"
    monkeypatch.setenv("EXPLORER_RUNS", str(root))
    with pytest.raises(Refused, match=r"the folder of runs, .* cannot be written .*EXPLORER_RUNS"):
        runs.create(spec())
    assert not [run for run in runs.listing() if not run.shipped]
