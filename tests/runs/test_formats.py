"""Folders that the version before has made open; those of a version to come are refused and left as they are."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save

from explorer import Refused, data, runs
from explorer.models import loading
from explorer.models.devices import half
from explorer.models.weights import FORMAT as WEIGHTS_FORMAT
from explorer.runs.records import FORMAT
from explorer.tasks.request import request

OLD = Path(__file__).parents[1] / "fixtures/format_1"
RUN, MAP = "small-autoencoder", "map-87710073307311bb"
TRANSFER, EVALUATION = "transfer-1be34315aa2a1208", "evaluate-ae50960c2596e1e3"
FUTURE = 9


@pytest.fixture
def old(root):
    """The folder of runs as the version before left it."""
    shutil.copytree(OLD, root)
    return root


def files(folder):
    """What lies in a folder, byte by byte."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def map_again():
    return request("map", RUN, "digits", how="pca", n=60)


def test_a_run_of_before_opens(old):
    run = runs.get(RUN)
    assert (run.status.state, run.status.step, run.damage(), run.sound()) == ("done", 2, "", True)
    assert run.spec.hyperparameters == {"latent": 10, "hidden": 16, "error": "bce", "linear": False}
    assert (run.spec.pool, run.spec.models, run.spec.format) == ("training", (), FORMAT)
    assert run.frames() == [0, 1, 2] and run.metrics()[-1]["step"] == 2
    assert set(run.scores()["references"]) == {"Untrained", "Raw pixels", "PCA of the pixels"}
    assert [run.id for run in runs.listing("train", shipped=False)] == [RUN]


def test_weights_of_before_have_the_features_that_they_had(old):
    digits, frame = data.load("digits"), runs.get(RUN).frame(2)
    for ref in (RUN, f"{RUN}@last", f"{RUN}@best"):  # one epoch: its weights are the best
        features = loading.load(ref).features(digits, "validation", frame["rows"])
        assert np.allclose(half(features), frame["features"], atol=2e-3)
    assert (frame["y"] == digits.splits["validation"].y[frame["rows"]]).all()
    untrained = loading.load(f"{RUN}@0").features(digits, "validation", frame["rows"])
    assert not np.allclose(untrained, frame["features"], atol=2e-3)


@pytest.mark.parametrize("id", [MAP, TRANSFER, EVALUATION])
def test_a_result_of_before_opens_and_knows_its_model(id, old):
    run = runs.get(id)
    assert (run.status.state, run.spec.models, run.spec.pool) == ("done", (RUN,), "interactive")
    assert (run.sound(), run.damage()) == (True, "")
    assert run.scores() or len(run.result()["coords"]) == 60


def test_results_of_before_are_found_under_their_address_and_not_made_again(old):
    before = files(old)
    asked = {
        MAP: map_again(),
        TRANSFER: request("transfer", RUN, "digits", labels_per_class=2, epochs=2),
        EVALUATION: request("evaluate", RUN, "digits"),
    }
    assert {id: runs.find(runs.address(spec)).id for id, spec in asked.items()} == {id: id for id in asked}
    assert all(runs.create(spec).status.state == "done" for spec in asked.values())
    assert files(old) == before


@pytest.mark.parametrize("name", ["spec.json", "status.json"])
def test_a_record_of_a_format_to_come_is_refused_and_left_as_it_is(name, old):
    spec = map_again()
    fields = json.loads((old / MAP / name).read_bytes())
    (old / MAP / name).write_text(json.dumps({**fields, "format": FUTURE, "colour": "blue"}))
    before, run = files(old), runs.get(MAP)
    assert run.status.state == "failed"
    assert run.status.error == (
        f"{name} has format {FUTURE}, and this Unfold reads up to {FORMAT}: open it with a newer one"
    )
    with pytest.raises(Refused, match=f"{name} has format {FUTURE}, and this Unfold reads up to {FORMAT}"):
        runs.create(spec)
    with pytest.raises(Refused):
        run.update(state="running")
    run.request_stop()
    assert files(old) == before


def test_a_result_of_a_format_to_come_is_refused_and_left_as_it_is(old):
    run, packed = runs.get(MAP), io.BytesIO()
    np.savez(packed, **{**run.result(), "format": FUTURE})
    run.store("result.npz", packed.getbuffer())
    before = files(old)
    with pytest.raises(Refused, match=f"has format {FUTURE}, and this Unfold reads up to {FORMAT}: open it with a new"):
        run.result()
    assert runs.create(map_again()).id == MAP
    assert files(old) == before


def test_weights_of_a_format_to_come_are_refused_and_left_as_they_are(old):
    path = runs.get(RUN).folder / "last/000002/model.safetensors"
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()["unfold"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    written = save(tensors, {"unfold": json.dumps({**about, "format": FUTURE})})
    runs.get(RUN).store("last/000002/model.safetensors", written)
    before = files(old)
    with pytest.raises(Refused, match=f"has format {FUTURE}, and this Unfold reads up to {WEIGHTS_FORMAT}"):
        loading.load(RUN)
    assert files(old) == before


@pytest.mark.parametrize("format", ["x", None, 1.5, True, [2]])
def test_a_format_that_is_no_number_is_damage(format, old):
    fields = json.loads((old / MAP / "spec.json").read_bytes())
    (old / MAP / "spec.json").write_text(json.dumps({**fields, "format": format}))
    run = runs.get(MAP)
    assert run.status.state == "failed" and "spec.json" in run.status.error
    assert [run.id for run in runs.listing(shipped=False)] == [RUN], "one damaged run hides no other"

    path = runs.get(RUN).folder / "last/000002/model.safetensors"
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()["unfold"])
    written = save({"nothing": torch.zeros(1)}, {"unfold": json.dumps({**about, "format": format})})
    runs.get(RUN).store("last/000002/model.safetensors", written)
    with pytest.raises(Refused, match=r"cannot be read \(its format is .*: train it again"):
        loading.load(RUN)


@pytest.mark.parametrize(("before", "today"), [("random", "untrained"), ("random:mlp", "untrained:mlp")])
def test_a_kind_of_model_that_was_renamed_keeps_the_address_of_its_results(before, today):
    specs = [request("map", name, "digits", how="pca", n=60) for name in (before, today)]
    assert runs.address(specs[0]) == runs.address(specs[1])
    as_before = specs[1].model_copy(update={"models": (before,)})
    assert runs.address(as_before) == runs.address(specs[1])
