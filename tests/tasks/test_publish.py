"""Shipping a model: what is kept, what a request then finds, and what is never touched."""

import time

import numpy as np
import pytest

from explorer import Refused, runs
from explorer.engine import worker
from explorer.evaluation.projections import PROJECTIONS
from explorer.models import loading
from explorer.runs import store
from explorer.tasks import publish, request
from explorer.tasks.training import request as training_request


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The ids of two short trainings, in a folder of runs that this module shares."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_RUNS", str(tmp_path_factory.mktemp("shipping") / "runs"))
        ids = []
        for seed in (0, 1):
            hyperparameters = {"epochs": 1, "subset": 200, "batch": 50, "seed": seed}
            run = runs.create(training_request.train("supervised", "digits", {}, hyperparameters), f"one-{seed}")
            assert worker.here(run) == "done"
            ids.append(run.id)
        yield ids


@pytest.fixture(autouse=True)
def shipped(tmp_path, monkeypatch):
    """An empty folder of shipped models, beside other folders; two quick maps instead of six."""
    place = tmp_path / "checkpoints" / "shipped"
    place.mkdir(parents=True)
    (tmp_path / "checkpoints" / "runs" / "mine").mkdir(parents=True)
    monkeypatch.setattr(store, "SHIPPED", place)
    monkeypatch.setattr(publish, "PROJECTIONS", {how: PROJECTIONS[how] for how in ("pca", "kernel_pca")})
    return place


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_shipped_model_is_whole_and_its_maps_are_found(trained, shipped):
    before = time.time()
    folder = publish.publish(trained[0], "small")
    run = runs.get("small")
    assert (folder, run.folder, run.shipped) == (shipped / "small", shipped / "small", True)
    of = runs.get(trained[0])
    weights = {"model.safetensors": of.weights(), "best.safetensors": of.weights("best")}
    for name in ("model.safetensors", "best.safetensors", "metrics.jsonl", "scores.json"):
        assert (folder / name).read_bytes() == weights.get(name, of.folder / name).read_bytes()
    assert not (folder / "resume.pt").exists()
    assert {0, runs.get(trained[0]).frames()[-1]} <= set(run.frames())
    assert len(run.frames()) <= publish.FRAMES
    x = np.zeros((1, 1, 8, 8), np.uint8)
    for which in ("", "@best"):
        assert (loading.load(f"small{which}").embed(x) == loading.load(f"{trained[0]}{which}").embed(x)).all()
    drawn = runs.create(request.request("map", "small", "digits", how="pca"))
    assert drawn.shipped
    assert drawn.result()["coords"].shape[1] == 2
    status = drawn.status
    assert before <= status.started <= status.finished <= time.time()
    assert status.device
    assert drawn.spec.model == "small"
    assert "one-0" not in drawn.title
    assert not [name for name in names(shipped) if name.startswith(".")]


@pytest.mark.parametrize("name", ["", ".", "..", "../runs", "/tmp/x", "a/b", ".hidden", "pixels", "one-1"])
def test_a_name_that_is_not_one_is_refused_and_nothing_is_touched(trained, shipped, name):
    publish.publish(trained[0], "small")
    before = names(shipped.parent)
    with pytest.raises(Refused):
        publish.publish(trained[0], name)
    assert names(shipped.parent) == before


def test_a_shipped_model_is_not_shipped_onto_itself(trained, shipped):
    publish.publish(trained[0], "small")
    before = names(shipped)
    with pytest.raises(Refused, match="shipped already"):
        publish.publish("small", "small")
    assert names(shipped) == before


def test_another_run_takes_the_place_of_a_model_and_of_its_maps(trained, shipped):
    publish.publish(trained[0], "small")
    first = runs.create(request.request("map", "small", "digits", how="pca")).result()["coords"]
    publish.publish(trained[1], "small")
    assert runs.get("small").spec.seed == 1
    second = runs.create(request.request("map", "small", "digits", how="pca")).result()["coords"]
    assert not np.array_equal(first, second)
    assert len(list(shipped.iterdir())) == 3


def test_a_failure_leaves_the_older_model_as_it_was(trained, shipped, monkeypatch):
    publish.publish(trained[0], "small")
    before = names(shipped)

    def fails(*_, **__):
        raise OSError("the disk is full")

    monkeypatch.setattr(publish, "draw_map", fails)
    with pytest.raises(OSError, match="the disk is full"):
        publish.publish(trained[1], "small")
    assert names(shipped) == before
    assert runs.get("small").spec.seed == 0


def test_only_a_finished_training_is_shipped(shipped):
    run = runs.create(training_request.train("supervised", "digits", {}, {}))
    with pytest.raises(Refused, match="only a training that is done"):
        publish.publish(run.id, "small")
    assert not names(shipped)
