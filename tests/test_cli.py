"""The command line as a stranger uses it."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest


def explorer(*words, **env):
    command = [sys.executable, "-m", "explorer", *words]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1", **env})


def answer(*words):
    done = explorer(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_data_and_methods_are_listed():
    assert {"digits", "shapes", "fashion_mnist", "mnist", "cifar10"} <= set(answer("data")["datasets"])
    assert {"autoencoder", "simclr", "supervised"} <= set(answer("methods")["methods"])


def test_train_evaluate_map_and_transfer_follow_each_other(tmp_path):
    made = answer("train", "supervised", "digits", "--foreground", "--epochs", "2", "--batch", "64")
    assert made["state"] == "done"
    scores = answer("evaluate", made["run"], "digits")
    assert scores["knn"] == pytest.approx(made["scores"]["knn"], abs=1e-6)
    out = tmp_path / "map.npz"
    about = answer("map", made["run"], "digits", "--how", "pca", "--seed", "3", "--out", str(out))
    with np.load(out) as arrays:
        assert arrays["coords"].shape == (about["n"], 2)
    moved = answer(
        "transfer",
        made["run"],
        "shapes",
        "--arms",
        "frozen,finetune,scratch",
        "--labels-per-class",
        "5",
        "--epochs",
        "2",
    )
    assert set(moved["test_accuracy"]) == {"frozen", "finetune", "scratch"}
    assert len(moved["curves"]) == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("train", "simlcr", "digits"), "did you mean 'simclr'"),
        (("train", "simclr", "digitz"), "did you mean 'digits'"),
        (("train", "simclr", "digits", "--temprature", "1"), "did you mean '--temperature'"),
        (("train", "simclr", "digits", "--temperature", "9"), "temperature='9'"),
        (("train", "simclr", "digits", "--epochs", "many"), "epochs='many'"),
        (("evaluate", "nobody", "digits"), "no model 'nobody'"),
        (("map", "pixels", "digits", "--how", "tsnee", "--out", "x.npz"), "did you mean 'tsne'"),
        (("map", "pixels", "digits", "--how", "pca", "--out", "x.csv"), "name a .npz file"),
        (("transfer", "pixels", "digits", "--arms", "finetune"), "no weights to train"),
        (("transfer", "random", "digits", "--arms", "molten"), "arms"),
        (("paint",), "invalid choice: 'paint'"),
    ],
)
def test_a_mistake_is_one_sentence_on_stderr_and_status_2(words, said, tmp_path):
    done = explorer(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    runs = tmp_path / "runs"
    assert not runs.exists() or not list(runs.iterdir())


def test_a_missing_data_root_is_said_with_the_way_out():
    done = explorer("data", EXPLORER_DATA="/no/such/folder")
    assert done.returncode == 2
    assert "/no/such/folder" in done.stderr
