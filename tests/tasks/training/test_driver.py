"""What a training leaves in its folder."""

import json
import math
import re
import shutil

import numpy as np
import pytest
import torch
from safetensors import safe_open

from explorer import Refused, cuda_graph, data, runs
from explorer.data.stored import StoredRows
from explorer.engine import worker
from explorer.methods import METHODS
from explorer.models import devices, loading, weights
from explorer.models.reference import ModelRef
from explorer.tasks.export import digest
from explorer.tasks.training import driver, loop, monitor
from explorer.tasks.training import request as training_request
from explorer.tasks.training.loop import frame_steps


def trained(method="autoencoder", epochs=3, training=None, **hyperparameters):
    run = runs.create(training_request.train(method, "digits", hyperparameters, {"epochs": epochs, **(training or {})}))
    worker.here(run)
    return run


def test_a_training_leaves_weights_curves_frames_and_scores():
    run = trained()
    assert run.status.state == "done", run.status.error
    assert run.scores()
    assert run.weights() and run.weights("best") and (run.checkpoint() / "resume.pt").exists()
    rows = run.metrics()
    assert rows[0]["chance"] == pytest.approx(math.log(2))
    assert 0.1 < rows[0]["floor"] < rows[0]["chance"]
    ends = [row for row in rows if "val_loss" in row]
    assert [row["epoch"] for row in ends] == [1, 2, 3]
    assert ends[-1]["train_loss"] < ends[0]["train_loss"]
    assert run.frames()[0] == 0
    assert run.frames()[-1] == run.status.steps
    scores = run.scores()
    assert {"Untrained", "Raw pixels", "PCA of the pixels"} == set(scores["references"])
    assert scores["n_test"] == len(data.load("digits").splits["test"].y)


@pytest.mark.parametrize("method", ["simclr", "pca"])
def test_a_run_whose_images_are_read_from_disk_is_the_same_run(method, monkeypatch):
    torch.set_num_threads(1)
    resident = trained(method, 2)
    monkeypatch.setattr(devices, "free", lambda where: 0)
    streamed = trained(method, 2)
    assert streamed.status.state == "done", streamed.status.error
    changing = {"seconds", "rate", "streamed"}
    courses = [
        [{k: v for k, v in row.items() if k not in changing} for row in run.metrics()] for run in (resident, streamed)
    ]
    ends = [[row for row in course if "train_loss" in row or "knn" in row or not row["step"]] for course in courses]
    assert ends[0] == ends[1]
    assert digest(resident.weights()) == digest(streamed.weights())
    assert [run.metrics()[0].get("streamed") for run in (resident, streamed)] == [None, True]


def test_a_file_that_is_lost_during_training_is_a_sentence(monkeypatch):
    monkeypatch.setattr(devices, "free", lambda where: 0)
    fill, calls = StoredRows.fill, []

    def fill_shorter(stored, *where):
        calls.append(1)
        if len(calls) > 40:  # in the middle of the training
            stored.offset = 2**40
        fill(stored, *where)

    monkeypatch.setattr(StoredRows, "fill", fill_shorter)
    run = trained("autoencoder", 3)
    assert run.status.state == "failed"
    assert re.match(
        r"the decoded images in .*train\.x\.npy cannot be read any more \(it became shorter\): leave", run.status.error
    )
    assert "Traceback" not in run.status.error


def test_a_frame_holds_the_probe_sets_features_as_the_model_gives_them():
    run = trained()
    frame, dataset = run.frame(run.frames()[-1]), data.load("digits")
    assert sorted(frame["rows"]) == sorted(dataset.probe()[0])
    assert set(frame["y"][: monitor.GALLERY]) == set(range(10)), "the gallery shows every class"
    again = loading.load(run.id).embed(dataset.splits["validation"].x[frame["rows"]])
    assert np.abs(frame["features"].astype(np.float32) - again).max() < 0.02 * np.abs(again).max()
    assert frame["gallery_reconstruction"].shape == (16, 1, 8, 8)
    first = loading.load(f"{run.id}@0").embed(dataset.splits["validation"].x[frame["rows"]])
    assert np.abs(run.frame(0)["features"].astype(np.float32) - first).max() < 0.02 * np.abs(first).max()


def test_the_best_weights_are_those_of_the_lowest_validation_loss(monkeypatch):
    losses, kept = iter([0.9, 0.2, 0.5, 0.4]), []

    def validate(method, data, cfg):
        kept.append({name: value.clone() for name, value in method.state_dict().items()})
        return {"loss": next(losses)}

    monkeypatch.setattr(loop, "validate", validate)
    run = trained(epochs=4)
    best, last = (loading.load(f"{run.id}{which}").module.state_dict() for which in ("@best", ""))
    assert all(torch.equal(best[name], kept[1][name]) for name in best)
    assert all(torch.equal(last[name], kept[3][name]) for name in last)
    assert not torch.equal(best["code.weight"], last["code.weight"])


@pytest.mark.parametrize("method", [name for name in METHODS if METHODS[name].moving_target])
def test_no_weights_are_best_where_the_losses_of_two_epochs_cannot_be_compared(method):
    run = trained(method, epochs=2, training={"subset": 200})
    assert run.status.state == "done" and run.weights() and not run.has_weights("best")
    for refuse in (lambda: loading.load(f"{run.id}@best"), lambda: ModelRef.parse(f"{run.id}@best").check()):
        with pytest.raises(Refused, match="has no best weights, only its last ones: name it without @best"):
            refuse()


def test_the_target_moves_where_a_teacher_or_a_memory_of_the_training_images_is_followed():
    assert {name for name in METHODS if METHODS[name].moving_target} == {"byol", "exemplar", "instance_discrimination"}


def test_best_weights_that_are_not_there_are_not_replaced_by_others():
    run = trained(epochs=1)
    shutil.rmtree(run.folder / "best")
    with pytest.raises(Refused, match="no best weights"):
        loading.load(f"{run.id}@best")


@pytest.mark.parametrize("method", ["autoencoder", "simclr"])
def test_a_job_that_died_ends_as_if_it_had_not(method, monkeypatch):
    torch.set_num_threads(1)
    arguments = ("digits", {}, {"epochs": 3, "encoder": "conv", "batch": 128})
    whole, cut = (runs.create(training_request.train(method, *arguments)) for _ in range(2))
    driver.train(whole)
    record, last = monitor.Monitor.record, whole.status.steps

    def die(self, step, *rest):
        if self.run.id == cut.id and step > last // 2:
            raise KeyboardInterrupt
        record(self, step, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(monitor.Monitor, "record", die)
        with pytest.raises(KeyboardInterrupt):
            driver.train(cut)
    assert 0 < torch.load(cut.checkpoint() / "resume.pt", weights_only=True)["t"] < last
    driver.train(cut)
    for ref in ("", "@best"):
        one, two = (loading.load(run.id + ref).module.state_dict() for run in (whole, cut))
        assert all(torch.equal(one[name], two[name]) for name in one)
    steps = [row["step"] for row in cut.metrics() if "loss" in row]
    assert len(steps) == len(set(steps)), "what was written after the checkpoint is forgotten"
    assert whole.frames() == cut.frames()
    assert all((whole.frame(s)["features"] == cut.frame(s)["features"]).all() for s in whole.frames())
    one, two = ([row for row in run.metrics() if "val_loss" in row or "knn" in row] for run in (whole, cut))
    assert one == two


def test_a_run_of_an_older_version_opens(monkeypatch):
    run = trained(epochs=1)
    read = json.loads

    def older(text, *rest):
        about = read(text, *rest)
        if isinstance(about, dict) and "hyperparameters" in about and "hash" in about:
            about["hyperparameters"]["forgotten"] = 3
            about["train"]["gone"] = True
        return about

    monkeypatch.setattr(weights.json, "loads", older)
    assert loading.load(run.id).embed(data.load("digits").splits["test"].x[:2]).shape == (2, 10)


def test_the_same_seed_gives_the_same_weights_and_another_seed_does_not():
    torch.set_num_threads(1)
    one, two, other = trained(), trained(), trained(training={"seed": 1})

    def weights(run):
        with safe_open(run.weights(), "pt") as file:
            return torch.cat([file.get_tensor(name).flatten() for name in sorted(file.keys())])

    assert torch.equal(weights(one), weights(two))
    assert not torch.equal(weights(one), weights(other))


def test_a_class_filter_and_a_subset_are_kept_to():
    run = trained("supervised", training={"classes": ("3", "7"), "subset": 60, "batch": 16})
    assert run.status.state == "done", run.status.error
    assert run.scores()["n_test"] < 90
    assert set(run.frame(0)["y"].tolist()) == {3, 7}
    assert run.status.images == 3 * 48, "of full batches alone"


def test_a_training_that_explodes_fails_in_one_sentence_and_keeps_its_last_finite_weights(monkeypatch):
    cls, calls = METHODS["autoencoder"], []
    loss = cls.loss

    def explode(self, image):
        calls.append(1)
        out = loss(self, image)
        return {"loss": out["loss"] * (float("nan") if len(calls) > 15 else 1)}

    monkeypatch.setattr(cls, "loss", explode)
    monkeypatch.setattr(cuda_graph, "can_capture", lambda device: False)  # a replay does not ask what step it is
    run = trained(epochs=5)
    assert run.status.state == "failed"
    assert "loss became nan" in run.status.error
    assert "lower lr" in run.status.error
    assert "Traceback" not in run.status.error
    with safe_open(run.weights(), "pt") as file:
        assert all(file.get_tensor(name).isfinite().all() for name in file.keys())  # noqa: SIM118


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("simclr", "digits", {}, {"encoder": "resnet18", "size": 4}), "at least 8x8"),
        (("simclr", "digits", {}, {"classes": ("eleven",)}), "no class of digits 'eleven'"),
        (("simclr", "digits", {}, {"epochs": 0}), "epochs=0"),
        (("simclr", "digits", {}, {"classes": ("3", "3")}), "a single class"),
        (("simclr", "digits", {"temprature": 1}, {}), "did you mean 'temperature'"),
        (("simclr", "fashion_mnist", {}, {}), "download"),
        (("simlcr", "digits", {}, {}), "did you mean 'simclr'"),
    ],
)
def test_an_impossible_request_is_refused_before_anything_is_made(arguments, words):
    with pytest.raises(Refused, match=words):
        training_request.train(*arguments)
    assert not runs.root().exists() or not list(runs.root().iterdir())


def test_frames_are_dense_at_first_and_never_too_many():
    for steps, per_epoch in ((45, 9), (1, 1), (10_000, 10), (2345, 469), (200_000, 200)):
        frames = frame_steps(steps, per_epoch)
        assert {0, steps} <= frames
        assert len(frames) <= loop.FRAMES
        assert max(frames) == steps


def test_a_stopped_training_keeps_its_weights_and_can_be_taken_up(monkeypatch):
    run = runs.create(training_request.train("autoencoder", "digits", {}, {"epochs": 50}))
    record = monitor.Monitor.record

    def stop_at_ten(self, step, *rest):
        record(self, step, *rest)
        if step >= 9:
            run.request_stop()

    monkeypatch.setattr(monitor.Monitor, "record", stop_at_ten)
    worker.here(run)
    assert run.status.state == "stopped"
    assert run.weights()
    state = torch.load(run.checkpoint() / "resume.pt", weights_only=True)
    assert 9 <= state["t"] < 450


def test_weights_of_another_program_and_broken_weights_are_refused(tmp_path):
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(Refused, match="another program"):
        weights.restore(tmp_path / "other.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"nothing")
    with pytest.raises(Refused, match="cannot be read"):
        weights.restore(tmp_path / "broken.safetensors")


def test_the_metadata_of_weights_say_what_they_are():
    run = trained()
    with safe_open(run.weights(), "pt") as file:
        about = json.loads(file.metadata()["unfold"])
    assert about["method"] == "autoencoder"
    assert (about["data"]["name"], about["data"]["modality"], about["data"]["shape"]) == ("digits", "image", [1, 8, 8])
