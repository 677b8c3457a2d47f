"""The command line as a stranger uses it."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from explorer.__main__ import main


@pytest.fixture
def answer(capsys):
    """The JSON object that a command ends with."""

    def run(*words):
        status = main([*words, "--json"])
        said = capsys.readouterr()
        assert status == 0, said.err
        return json.loads(said.out.splitlines()[-1])

    return run


def test_data_and_methods_are_listed(answer):
    assert {"digits", "shapes", "fashion_mnist", "mnist", "cifar10"} <= set(answer("data")["datasets"])
    assert {"autoencoder", "simclr", "supervised"} <= set(answer("methods")["methods"])


def test_train_evaluate_map_and_transfer_follow_each_other(answer, tmp_path):
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
def test_a_mistake_is_one_sentence_on_stderr_and_status_2(words, said, tmp_path, capsys):
    assert main(list(words)) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert err.count("\n") == 1
    assert out == ""
    runs = tmp_path / "runs"
    assert not runs.exists() or not list(runs.iterdir())


def test_a_missing_data_root_is_said_with_the_way_out():
    env = {**os.environ, "EXPLORER_DATA": "/no/such/folder"}
    done = subprocess.run([sys.executable, "-m", "explorer", "data"], capture_output=True, text=True, env=env)
    assert done.returncode == 2
    assert "/no/such/folder" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_corrupt_file_is_one_sentence_and_leaves_nothing_half_written(tmp_path, capsys):
    folder = tmp_path / "data" / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (folder / f"{name}-ubyte").write_bytes(b"not an IDX file")
    assert main(["train", "autoencoder", "mnist", "--foreground"]) == 2
    err = capsys.readouterr().err.splitlines()[-1]
    assert "ubyte" in err
    assert "Traceback" not in err
    assert not list((tmp_path / "runs").glob("autoencoder*"))
