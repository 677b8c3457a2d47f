"""Shipping a model: what is kept, what a request then finds, and what is never touched."""

import errno
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from explorer import Refused, data, runs
from explorer.engine import worker
from explorer.evaluation import probes, unfolding
from explorer.evaluation.projections import PROJECTIONS
from explorer.models import loading
from explorer.runs import atomic, store
from explorer.tasks import request
from explorer.tasks.publish import card, frames, maps, publishing
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
    monkeypatch.setattr(maps, "PROJECTIONS", {how: PROJECTIONS[how] for how in ("pca", "kernel_pca")})
    return place


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_shipped_model_is_whole_and_its_maps_are_found(trained, shipped):
    before = time.time()
    folder = publishing.publish(trained[0], "small")
    run = runs.get("small")
    assert (folder, run.folder, run.shipped) == (shipped / "small", shipped / "small", True)
    of = runs.get(trained[0])
    kept = {"spec.json", "status.json", "metrics.jsonl", "scores.json", "card.json", "model.safetensors", "frames"}
    assert {path.name for path in folder.iterdir()} == {*kept, unfolding.FILE}
    assert {0, of.frames()[-1]} <= set(run.frames())
    assert len(run.frames()) <= frames.FRAMES
    assert (run.spec.created, run.spec.hyperparameters) == (of.spec.created, of.spec.hyperparameters)
    assert card.read(run).name == "small" and card.read(of) is None
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
    publishing.publish(trained[0], "small")
    before = names(shipped.parent)
    with pytest.raises(Refused):
        publishing.publish(trained[0], name)
    assert names(shipped.parent) == before


def test_a_shipped_model_is_not_shipped_onto_itself(trained, shipped):
    publishing.publish(trained[0], "small")
    before = names(shipped)
    with pytest.raises(Refused, match="shipped already"):
        publishing.publish("small", "small")
    assert names(shipped) == before


def test_another_run_takes_the_place_of_a_model_and_of_its_maps(trained, shipped):
    publishing.publish(trained[0], "small")
    first = runs.create(request.request("map", "small", "digits", how="pca")).result()["coords"]
    publishing.publish(trained[1], "small")
    assert runs.get("small").spec.seed == 1
    second = runs.create(request.request("map", "small", "digits", how="pca")).result()["coords"]
    assert not np.array_equal(first, second)
    assert len(list(shipped.iterdir())) == 3


def test_a_failure_leaves_the_older_model_as_it_was(trained, shipped, monkeypatch):
    publishing.publish(trained[0], "small")
    before = names(shipped)

    def fails(*_, **__):
        raise OSError("the disk is full")

    monkeypatch.setattr(maps, "draw", fails)
    with pytest.raises(OSError, match="the disk is full"):
        publishing.publish(trained[1], "small")
    assert names(shipped) == before
    assert runs.get("small").spec.seed == 0


def test_only_a_finished_training_is_shipped(shipped):
    run = runs.create(training_request.train("supervised", "digits", {}, {}))
    with pytest.raises(Refused, match="only a training that is done"):
        publishing.publish(run.id, "small")
    assert not names(shipped)


def test_a_map_of_all_frames_that_cannot_be_written_leaves_the_one_before(trained, tmp_path, monkeypatch):
    run, dataset = runs.get(trained[0]), data.load("digits")
    copied = SimpleNamespace(folder=tmp_path / "model", frames=run.frames, frame=run.frame)
    copied.folder.mkdir()
    (copied.folder / unfolding.FILE).write_bytes(b"before")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        maps.unfold(copied, dataset)
    assert [path.read_bytes() for path in copied.folder.iterdir()] == [b"before"]


def test_the_weights_are_stored_in_half_precision_and_loaded_as_float32(trained, shipped):
    publishing.publish(trained[0], "small")
    stored = load_file(shipped / "small/model.safetensors")
    assert {tensor.dtype for tensor in stored.values() if tensor.is_floating_point()} == {torch.float16}
    module = loading.load("small").module
    assert {parameter.dtype for parameter in module.parameters()} == {torch.float32}
    x = data.load("digits").splits["test"].x
    before, after = (loading.load(ref).embed(x) for ref in (trained[0], "small"))
    assert not np.array_equal(before, after)
    assert np.abs(before - after).max() < 0.01 * np.abs(before).max()


def test_the_scores_are_those_of_the_stored_weights_and_stand_on_the_card(trained, shipped):
    publishing.publish(trained[0], "small")
    run, digits = runs.get("small"), data.load("digits")
    scores = run.scores()
    assert scores == card.read(run).scores
    assert set(scores["references"]) == {"Untrained", "Raw pixels", "PCA of the pixels"}
    again = probes.evaluate(loading.load("small"), digits)
    untrained = probes.evaluate(loading.load("small@0"), digits)
    for probe in probes.PROBES:
        assert scores[probe] == again[probe]
        assert scores[probe] == pytest.approx(runs.get(trained[0]).scores()[probe], abs=0.01)
        assert scores["references"]["Untrained"][probe] == untrained[probe]


def test_weights_that_were_changed_have_other_scores(trained, shipped):
    """The scores are computed, not copied from the run."""
    fake = runs.get(trained[0]).scores() | {"knn": 0.123}
    runs.get(trained[0]).write_scores(fake)
    publishing.publish(trained[0], "small")
    assert runs.get("small").scores()["knn"] > 0.5


def test_a_shipped_model_has_no_best_weights_of_its_own(trained, shipped):
    publishing.publish(trained[0], "small")
    for ask in (lambda: loading.load("small@best"), lambda: request.request("embed", "small@best", "digits")):
        with pytest.raises(Refused, match="small has no best weights, only its last ones"):
            ask()


def test_the_curve_is_thinned_and_keeps_epochs_and_frames():
    rows = [{"step": 0, "knn": 0.1}, *({"step": i, "rate": 1.0, "loss": 0.1} for i in range(1000))]
    rows += [{"step": 1000, "train_loss": 0.2}, {"step": 1000, "knn": 0.5}]
    thinned = publishing.thinned(rows)
    curve = [row["step"] for row in thinned if "rate" in row]
    assert (len(curve), curve[0], curve[-1]) == (publishing.CURVE, 0, 999)
    assert [row for row in thinned if "rate" not in row] == [row for row in rows if "rate" not in row]
    assert thinned == sorted(thinned, key=rows.index)


def test_pictures_and_maps_of_sets_that_do_not_come_along_are_left_out(trained, shipped, monkeypatch):
    entries = data.catalogue()
    fields = {**vars(entries["digits"]), "kind": "folder"}
    monkeypatch.setattr(data, "catalogue", lambda: {**entries, "digits": type(entries["digits"])(**fields)})
    publishing.publish(trained[0], "small")
    assert [path.name for path in shipped.iterdir()] == ["small"]


def test_the_maps_hold_no_features_and_no_images(trained, shipped):
    publishing.publish(trained[0], "small")
    stored = runs.create(request.request("map", "small", "digits", how="pca")).result()
    assert {"coords", "rows", "y", "neighbours", "seconds", "trustworthiness", "continuity"} <= set(stored)
    assert not {"features", "images"} & set(stored)
    wide = {name: array.shape for name, array in stored.items() if array.ndim > 1 and array.shape[1] > 10}
    assert wide == {}, "ten neighbours are the most numbers of a point"


def test_a_card_names_the_file_that_stood_in_for_a_published_set(tmp_path):
    entry = data.catalogue()["cifar10"]
    zipped = type(entry)(**{**vars(entry), "kind": "zip", "path": tmp_path / "cifar10.zip"})
    assert publishing.source(zipped) == f"{entry.source}, read from cifar10.zip"
    assert publishing.source(entry) == entry.source
