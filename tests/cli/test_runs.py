"""Commands that make runs out of runs, and those that wait for what the engine makes."""

import os
import subprocess
import sys
import time
import zipfile
from threading import Thread

import numpy as np
import pytest

from explorer import runs
from explorer.__main__ import main
from explorer.engine import worker
from explorer.engine.dask import cluster
from explorer.tasks import map as map_task
from explorer.tasks.training import driver


@pytest.fixture
def quick(monkeypatch):
    """Trainings are not scored, and nothing is brought to an engine."""
    monkeypatch.setattr(driver, "score", lambda *_: None)
    monkeypatch.setattr(cluster, "wake", lambda: None)


TINY = ("--epochs", "1", "--subset", "100", "--batch", "50", "--threads", "1")


def test_a_run_is_cloned_and_continued(answer, quick):
    first = answer("train", "autoencoder", "digits", "--foreground", *TINY)
    clone = answer("clone", first["run"], "--foreground", "--latent", "3", "--seed", "1")
    assert clone["changed"] == {"latent": {"from": 10, "to": 3}, "seed": {"from": 0, "to": 1}}
    assert (clone["state"], clone["parent"]) == ("done", first["run"])
    more = answer("continue", clone["run"], "--epochs", "2", "--foreground", "--title", "Further")
    assert (more["state"], more["parent"]) == ("done", clone["run"])
    run = runs.get(more["run"])
    assert (run.status.step, run.title, run.spec.hyperparameters["latent"]) == (6, "Further", 3)
    assert [row["epoch"] for row in run.metrics() if "val_loss" in row] == [1, 2, 3]


def test_a_sweep_trains_once_for_each_value(answer, quick):
    made = answer("sweep", "autoencoder", "digits", "--over", "seed", "--values", "0, 1,2", "--foreground", *TINY)
    assert [row["state"] for row in made["runs"]] == ["done"] * 3
    assert [runs.get(row["run"]).spec.seed for row in made["runs"]] == [0, 1, 2]
    assert {runs.get(row["run"]).spec.group for row in made["runs"]} == {made["group"]}


def test_runs_are_listed_with_their_place_in_the_queue_and_stopped(answer, quick, capsys):
    made = [answer("train", "autoencoder", "digits", *TINY)["run"] for _ in range(3)]
    rows = {row["run"]: row for row in answer("runs")["runs"]}
    assert [rows[id]["position"] for id in made] == [1, 2, 3]
    assert rows[made[0]]["state"] == "queued"
    assert answer("stop", made[1])["state"] == "stopped"
    rows = {row["run"]: row for row in answer("runs")["runs"]}
    assert [(rows[id]["state"], rows[id]["position"]) for id in made] == [("queued", 1), ("stopped", 0), ("queued", 2)]
    assert main(["stop", made[1]]) == 2
    assert "is stopped already" in capsys.readouterr().err
    assert main(["runs"]) == 0
    shown = capsys.readouterr().out
    assert all(id in shown for id in made) and "position 1 in the queue" in shown


def test_features_and_an_archive_are_written(answer, quick, tmp_path):
    made = answer("train", "autoencoder", "digits", "--foreground", *TINY)["run"]
    out = tmp_path / "features.npz"
    about = answer("embed", made, "digits", "--split", "validation", "--n", "30", "--out", str(out))
    assert (about["n"], about["dim"]) == (30, 10)
    with np.load(out) as arrays:
        assert arrays["features"].shape == (30, 10)
    packed = answer("export", made, "--out", str(tmp_path / "run.zip"))
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        assert "weights.safetensors" in archive.namelist()
    assert packed["bytes"] == (tmp_path / "run.zip").stat().st_size
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"features.npz", "run.zip"}


def test_what_was_computed_before_is_not_computed_again(answer, tmp_path, monkeypatch):
    words = ("map", "pixels", "digits", "--how", "pca", "--n", "60", "--out")
    first = answer(*words, str(tmp_path / "1.npz"))
    monkeypatch.setattr(map_task, "draw", lambda *_, **__: 1 / 0)
    again = answer(*words, str(tmp_path / "2.npz"))
    assert {**again, "out": ""} == {**first, "out": ""}
    with np.load(tmp_path / "1.npz") as one, np.load(tmp_path / "2.npz") as two:
        assert (one["coords"] == two["coords"]).all()


def test_another_scheduler_is_named_for_the_engine(answer, quick, monkeypatch):
    monkeypatch.setenv("EXPLORER_SCHEDULER", "")
    answer("train", "autoencoder", "digits", "--scheduler", "tcp://10.0.0.7:8786", *TINY)
    assert os.environ["EXPLORER_SCHEDULER"] == "tcp://10.0.0.7:8786"


def test_what_is_shipped_is_taken_as_it_is(answer, tmp_path):
    about = answer("map", "digits-simclr", "digits", "--how", "tsne", "--out", str(tmp_path / "map.npz"))
    assert about["n"] > 100
    assert not list(runs.SHIPPED.glob("*/lock")), "nobody works on it"


def test_a_job_that_the_engine_does_is_waited_for(answer, quick, monkeypatch, tmp_path):
    """The engine elsewhere is this test: it works on the run as soon as it was brought there."""
    monkeypatch.setenv("EXPLORER_SCHEDULER", "tcp://10.0.0.7:8786")
    monkeypatch.setattr(worker, "here", lambda run: pytest.fail("it was done here"))
    sent = []

    def order():
        waiting = [run for run in runs.unfinished() if run.id not in sent]
        sent.extend(run.id for run in waiting)
        for run in waiting:
            run.update(state="running")
            Thread(target=work_on, args=(run,)).start()

    def work_on(run):
        time.sleep(0.3)
        run.write_result(features=np.zeros((4, 2)), rows=np.arange(4), y=np.arange(4), classes=np.array(["a"]))
        run.update(state="done")

    monkeypatch.setattr(cluster, "wake", order)
    about = answer("embed", "pixels", "digits", "--out", str(tmp_path / "f.npz"))
    assert (about["n"], about["dim"], len(sent)) == (4, 2, 1)


def test_a_reader_who_has_had_enough_is_no_error():
    command = [sys.executable, "-m", "explorer", "methods"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert (process.wait(), process.stderr.read()) == (0, "")
