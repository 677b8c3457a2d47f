"""Features and archives as jobs: what comes out of them is what the model says, and is made once."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from explorer import Refused, data, engine, runs
from explorer.engine import worker
from explorer.evaluation import balance, probes
from explorer.evaluation.transfer import TransferConfig, transfer
from explorer.models import feature_cache, loading
from explorer.models.model import Network, Pixels
from explorer.tasks import embed, evaluate, export, request
from explorer.tasks.training import driver
from explorer.tasks.training import request as training_request
from tests.engine.tools import state


def done(spec):
    """The run that does it, here."""
    run = runs.create(spec)
    if not run.status.final:
        worker.here(run)
    assert run.status.state == "done", run.status.error
    return run


@pytest.fixture
def unscored(monkeypatch):
    monkeypatch.setattr(driver, "score", lambda *_: None)


def trained(method="autoencoder", **hyperparameters):
    return done(
        training_request.train(
            method, "digits", {}, {"epochs": 2, "subset": 200, "batch": 64, "threads": 1, **hyperparameters}
        )
    )


def test_the_engine_embeds_and_exports_a_model(own, monkeypatch):
    monkeypatch.delenv("EXPLORER_WORK")
    made, packed = (engine.submit(spec) for spec in (request.request("embed", "digits-autoencoder", "digits"),
                                                   request.request("export", "digits-autoencoder")))  # fmt: skip
    digits = data.load("digits")
    state(made, "done")
    found, features = made.result(), loading.load("digits-autoencoder").embed(digits.splits["test"].x)
    assert np.allclose(found["features"], features, atol=1e-5)
    assert (found["y"] == digits.splits["test"].y).all()
    assert found["classes"].tolist() == list(digits.classes)
    assert made.status.step == made.status.steps == len(features)
    state(packed, "done")
    with zipfile.ZipFile(packed.folder / "export.zip") as archive:
        assert archive.testzip() is None
        assert "SimCLR" not in archive.read("README.txt").decode()


PARTS = {"pooling": 2, "half_resolution": 0.5}  # of four parts, and at half the resolution in the first steps


@pytest.mark.parametrize("train", [{}, PARTS], ids=["plain", "parts"])
def test_an_archive_trains_its_run_again_to_the_same_weights(train, unscored, tmp_path):
    """A stopped run that was continued by an epoch more: two trainings in a row, and still to the last bit."""
    first = trained("simclr", **train)
    second = done(training_request.continue_spec(first.id, 1))
    packed = done(request.request("export", second.id))
    with zipfile.ZipFile(packed.folder / "export.zip") as archive:
        archive.extractall(tmp_path / "export")
    names = {path.name for path in (tmp_path / "export").iterdir()}
    assert names == {"weights.safetensors", "best.safetensors", "config.json", "metrics.csv", "scores.json",
                     "features.npz", "features_head.csv", "reproduce.py", "README.txt"}  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(runs.REPOSITORY)}
    again = subprocess.run([sys.executable, tmp_path / "export/reproduce.py"], capture_output=True, text=True, env=env)
    print(again.stdout)
    assert again.returncode == 0, again.stdout + again.stderr
    told = json.loads((tmp_path / "export/config.json").read_text())
    assert export.digest(tmp_path / "export/reproduced.safetensors") == told["weights_sha256"]
    assert [stage["until"] for stage in told["stages"]] == [first.status.steps, second.status.steps]
    assert "user" not in told["spec"]


@pytest.mark.parametrize(("method", "train"), [("autoencoder", {}), ("rotation", PARTS)], ids=["plain", "parts"])
def test_an_archive_can_be_read_without_us(method, train, unscored):
    run = trained(method, **train)
    packed = done(request.request("export", run.id))
    with zipfile.ZipFile(packed.folder / "export.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    rows = list(csv.DictReader(io.StringIO(files["metrics.csv"].decode())))
    assert [float(row["val_loss"]) for row in rows if row["val_loss"]] == [
        row["val_loss"] for row in run.metrics() if "val_loss" in row
    ]
    digits = data.load("digits")
    with np.load(io.BytesIO(files["features.npz"])) as found:
        assert (found["features"] == loading.load(run.id).embed(digits.splits["test"].x)).all()
    head = list(csv.DictReader(io.StringIO(files["features_head.csv"].decode())))
    assert [row["class"] for row in head] == [digits.classes[label] for label in digits.splits["test"].y[:100]]
    for words in (run.id, run.status.device, run.spec.versions["torch"], digits.hash, "arXiv", "Seed: 0"):
        assert words in files["README.txt"].decode().replace("doi", "arXiv"), words


def test_an_archive_is_made_without_the_data_too(unscored, monkeypatch):
    run = trained()
    monkeypatch.setattr(export, "load", lambda *_: (_ for _ in ()).throw(Refused("digits are gone")))
    with zipfile.ZipFile(done(request.request("export", run.id)).folder / "export.zip") as archive:
        assert "features.npz" not in archive.namelist()
        assert "digits are gone" in archive.read("README.txt").decode()


@pytest.mark.parametrize(
    "make", [partial(request.request, "export"), lambda id: request.request("embed", id, "digits")]
)
def test_a_stop_is_obeyed_between_two_portions(make, unscored, monkeypatch):
    trained_one = trained()
    run = runs.create(make(trained_one.id))
    monkeypatch.setattr(embed, "AT_ONCE", 50)
    whole, seen = Network.embed, []

    def stop_after_two(self, x, batch=500):
        seen.append(len(x))
        if len(seen) == 2:
            run.request_stop()
        return whole(self, x, batch)

    monkeypatch.setattr(Network, "embed", stop_after_two)
    worker.here(run)
    assert run.status.state == "stopped"
    assert seen == [50, 50]
    assert not (run.folder / "result.npz").exists() and not (run.folder / "export.zip").exists()


def test_nothing_is_computed_twice(monkeypatch):
    run, calls = trained("supervised"), []
    digits, probed = data.load("digits"), probes.evaluate
    fresh = probed(loading.load(run.id), digits)
    monkeypatch.setattr(probes, "evaluate", lambda *args: (calls.append(args), probed(*args))[1])
    assert done(request.request("evaluate", run.id, "digits")).scores()["knn"] == fresh["knn"]
    assert evaluate.scores_of(f"{run.id}@0", digits) == run.scores()["references"]["Untrained"]
    assert calls == []
    evaluate.scores_of(run.id, digits, labels=100)
    evaluate.scores_of(f"{run.id}@best", digits)
    evaluate.scores_of(run.id, digits, classes=("1", "2"))
    assert len(calls) == 3, "other labels, other weights and other classes are measured"
    first = done(request.request("embed", run.id, "digits", n=50))
    assert runs.create(request.request("embed", run.id, "digits", n=50)).status.finished == first.status.finished
    assert len(first.result()["rows"]) == 50


@pytest.mark.parametrize("name", ["knn_chance", "chance"])
def test_stored_scores_name_the_accuracy_at_chance_also_where_it_had_another_name(name):
    run, digits = trained("supervised"), data.load("digits")
    scores = run.scores()
    level = scores.pop("knn_chance")
    run.write_scores({**scores, name: level})
    stored = evaluate.stored_scores(run.id, digits, 10_000, digits.kept())
    assert stored["knn_chance"] == pytest.approx(0.1, abs=0.01) and "chance" not in stored


def test_scores_of_other_images_are_not_taken_for_these(monkeypatch):
    run, digits = trained("supervised"), data.load("digits")
    assert evaluate.stored_scores(run.id, digits, 10_000, digits.kept())
    monkeypatch.setattr(evaluate, "training_data_hash", lambda _: "other images")
    assert evaluate.stored_scores(run.id, digits, 10_000, digits.kept()) is None


def test_stored_scores_without_the_numbers_of_imbalanced_classes_serve_only_balanced_ones(monkeypatch):
    run, digits = trained("supervised"), data.load("digits")
    now = evaluate.stored_scores(run.id, digits, 10_000, digits.kept())
    assert now["majority_share"] == pytest.approx(0.1, abs=0.02) and now["caveats"] == []
    new = (*balance.NUMBERS, "caveats")
    run.write_scores({name: value for name, value in run.scores().items() if name not in new})
    assert evaluate.stored_scores(run.id, digits, 10_000, digits.kept()).keys() == now.keys() - {*new}
    with monkeypatch.context() as patch:
        patch.setattr(balance, "is_imbalanced", lambda scores: True)
        assert evaluate.stored_scores(run.id, digits, 10_000, digits.kept()) is None
    monkeypatch.setattr(evaluate.caveats, "of_scores", lambda *_: ["1 of 2 test images is a copy."])
    assert evaluate.stored_scores(run.id, digits, 10_000, digits.kept()) is None


@pytest.fixture
def one_class(monkeypatch):
    """The digits, if all of them were threes."""
    digits = data.load("digits")
    splits = {name: images._replace(y=np.full_like(images.y, 3)) for name, images in digits.splits.items()}
    alone = replace(digits, splits=splits)
    monkeypatch.setattr(data, "load", lambda *_: alone)
    return alone


def test_one_class_alone_is_refused_where_something_must_be_told_apart(one_class):
    words = "of one class only (3)"
    with pytest.raises(Refused, match=re.escape(words)):
        next(transfer(loading.load("pixels", one_class), one_class, TransferConfig(arms=("frozen",))))
    run = runs.create(request.request("evaluate", "pixels", "digits"))
    worker.here(run)
    assert words in run.status.error
    run = trained()
    assert run.scores() is None and run.status.state == "done", "it was trained all the same"
    assert f"there are no scores: digits has training images {words}" in run.status.caveat


@pytest.mark.parametrize("change", ["CODE", "EVALUATION", "numerics", "version", None])
def test_scores_of_references_are_measured_again_by_other_code_and_other_libraries(change, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    dataset, probed, calls = data.load("digits"), probes.evaluate, []
    monkeypatch.setattr(probes, "evaluate", lambda *args: (calls.append(args), probed(*args))[1])
    evaluate.scores_of("pixels", dataset, labels=100)
    if change in ("CODE", "EVALUATION"):
        monkeypatch.setattr(feature_cache, change, "of another version")
    elif change:
        monkeypatch.setattr(evaluate if change == "version" else feature_cache, change, lambda *_: "another")
    evaluate.scores_of("pixels", dataset, labels=100)
    assert len(calls) == (2 if change else 1)


def test_scores_of_a_reference_by_code_of_somebody_else_are_not_remembered(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    dataset = data.load("digits")
    monkeypatch.setattr(Pixels, "identity", lambda self: "")
    evaluate.scores_of("pixels", dataset, labels=100)
    assert not (tmp_path / "cache/scores").exists()


@pytest.mark.parametrize("content", [b"", b'{"knn": 0.', None])
def test_scores_of_references_are_measured_again_where_their_cache_is_damaged_or_in_the_way(
    content, tmp_path, monkeypatch
):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    dataset = data.load("digits")
    first = evaluate.scores_of("pixels", dataset, labels=100)
    (file,) = (tmp_path / "cache/scores").iterdir()
    if content is None:
        shutil.rmtree(file.parent)
        file.parent.write_text("in the way")
    else:
        file.write_bytes(content)
    assert evaluate.scores_of("pixels", dataset, labels=100)["knn"] == first["knn"]
    assert content is None or json.loads(file.read_text())["knn"] == first["knn"]
