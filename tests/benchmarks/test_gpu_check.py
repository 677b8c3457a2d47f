"""The check for a GPU, on the processor: what it says of methods, of a continued training, and of what fails."""

import json

import pytest

from explorer.benchmarks import gpu_check
from explorer.train import Fit

AT_ONCE = ("autoencoder", "pca")  # one that takes steps, and one that is solved


@pytest.fixture
def rows(tmp_path, monkeypatch):
    """The rows of the first part, as the file has them, and the exit status."""
    monkeypatch.setattr(gpu_check, "_long", lambda *args: {})

    def check(*methods: str) -> tuple[list[dict], int]:
        status = gpu_check.main([str(tmp_path), "--methods", ",".join(methods)])
        return list(map(json.loads, (tmp_path / "rows.jsonl").read_text().splitlines()))[:-1], status

    return check


def test_a_method_is_continued_to_the_same_weights(rows):
    (trained, solved), status = rows(*AT_ONCE)
    assert status == 0
    assert trained["steps"] == gpu_check.STEPS and trained["finite"] and trained["apart"] == 0.0
    assert trained["hardware"] and trained["dataset"] == "shapes"
    assert solved["steps"] == 1 and "apart" not in solved


def test_a_training_that_goes_on_otherwise_is_seen(rows, monkeypatch):
    load = Fit.load

    def forgetful(self, state):
        load(self, {**state, "optimizers": {}})

    monkeypatch.setattr(Fit, "load", forgetful)
    (trained,), status = rows("autoencoder")
    assert status == 1 and trained["apart"] > 0


def test_a_method_that_fails_does_not_end_the_others(rows):
    (unknown, solved), status = rows("nobody", "pca")
    assert status == 1 and "nobody" in unknown["error"] and solved["finite"]


def test_without_time_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu_check, "_long", lambda *args: {})
    first, long = gpu_check.check(tmp_path, -1, ("pca",))
    assert first["error"] == "no time was left" and long["part"] == "long"


@pytest.mark.slow
@pytest.mark.parametrize(("least", "state"), [(600.0, "done"), (20.0, "stopped")])
def test_the_long_training_leaves_checkpoints_in_its_time_or_at_its_end(tmp_path, monkeypatch, least, state):
    monkeypatch.setattr(gpu_check, "LEAST", least)
    monkeypatch.setattr(gpu_check, "_epochs", lambda *args: (1 if state == "done" else 500, 1.0))
    row = list(gpu_check.check(tmp_path, 0, ("pca",), "digits"))[-1]
    assert row["state"] == state and (state == "stopped" or row["knn"] > 0.2)
    assert list((tmp_path / "runs" / row["run"]).rglob("*.safetensors"))
