"""The command line as a stranger uses it."""

import os
import subprocess
import sys

import numpy as np
import pytest

from explorer import data, runs
from explorer.__main__ import main
from explorer.runs import store
from explorer.tasks.publish import maps


def test_train_evaluate_map_and_transfer_follow_each_other(answer, tmp_path):
    made = answer("train", "supervised", "digits", "--foreground", "--epochs", "2", "--batch", "64")
    assert made["state"] == "done"
    scores = answer("evaluate", made["run"], "digits")
    assert scores["knn"] == pytest.approx(made["scores"]["knn"], abs=0.02)  # its weights are in half
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
        (("map", "pixels", "digits", "--how", "tsnee", "--out", "/no/such/x.npz"), "did you mean 'tsne'"),
        (("map", "pixels", "nothing-is-loaded", "--how", "tsnee", "--out", "x.npz"), "did you mean 'tsne'"),
        (("map", "pixels", "digits", "--how", "pca", "--out", "x.csv"), "name a .npz file"),
        (("map", "pixels", "digits", "--how", "pca", "--out", "/no/such/x.npz"), "in a folder that exists"),
        (("map", "pixels", "digits", "--how", "pca", "--out", f"{'x' * 300}.npz"), "x.npz cannot be written"),
        (("map", "pixels", "digits", "--how", "pca", "--out", "x.npz", "--seed", "-1"), "seed='-1'"),
        (("map", "pixels", "digits", "--how", "pca", "--out", "x.npz", "--n", "0"), "n='0'"),
        (("map", "pixels", "digits", "--how", "pca", "--out", "x.npz", "--n", "-5"), "n='-5'"),
        (("map", "pixels", "digits", "--how", "lle", "--out", "x.npz", "--n", "10"), "10 points allow 2 to 9"),
        (("map", "pixels", "digits", "--how", "pca", "--out", "x.npz", "--neighbours", "0"), "neighbours='0'"),
        (("map", "pixels", "digits", "--how", "pca", "--out", "x.npz", "--neighbours", "400"), "neighbours='400'"),
        (("map", "pixels", "digits", "--ho", "pca", "--out", "x.npz"), "did you mean '--how'"),
        (("evaluate", "pixels", "digits", "--labels", "1"), "labels='1'"),
        (("evaluate", "pixels", "digits", "--labels", "some"), "labels='some'"),
        (("evaluate", "pixels", "digits", "--size", "-3"), "size -3"),
        (("evaluate", "pixels", "digits", "more"), "'more' is one word too many"),
        (("evaluate", "pixels", "digits", "-q"), "no option '-q'"),
        (("ship", "nobody", "--as", "x"), "no run 'nobody'"),
        (("train", "simclr", "digits", "--epoch", "1"), "no option '--epoch'; did you mean '--epochs'"),
        (("transfer", "pixels", "digits", "--arms", "finetune"), "no weights to train"),
        (("transfer", "random", "digits", "--arms", "molten"), "no arm 'molten'"),
        (("paint",), "no command 'paint'"),
        (("continue", "digits-simclr"), "is done: give the number of further epochs"),
        (("continue", "digits-simclr", "--epochs", "some"), "--epochs some is not allowed"),
        (("continue", "digits-simclr", "--epoch", "1"), "did you mean '--epochs'"),
        (("clone", "nobody"), "no run 'nobody'"),
        (("clone", "digits-simclr", "--temprature", "1"), "did you mean '--temperature'"),
        (("clone", "digits-simclr", "--temperature", "9"), "temperature='9'"),
        (("sweep", "simclr", "digits", "--over", "seed", "--values", "1,1"), "seed=1 is given twice"),
        (("sweep", "simclr", "digits", "--over", "seed", "--values", "1"), "give 2 to 50"),
        (("sweep", "simclr", "digits", "--values", "1,2"), "--over"),
        (("stop", "nobody"), "no run 'nobody'"),
        (("embed", "digits-simclr", "digits", "--split", "tset", "--out", "x.npz"), "split='tset'"),
        (("embed", "digits-simclr", "digits", "--out", "x.zip"), "name a .npz file"),
        (("export", "digits-simclr", "--out", "x.npz"), "name a .zip file"),
        (("export", "nobody", "--out", "x.zip"), "no run 'nobody'"),
        (("train", "simclr", "digits", "--scheduler", "10.0.0.7"), "--scheduler 10.0.0.7 is no address"),
        ((), "(python -m explorer --help"),
        (("evaluate",), "(python -m explorer evaluate --help"),
    ],
)
def test_a_mistake_is_one_sentence_on_stderr_and_status_2(words, said, tmp_path, capsys, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main(list(words)) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert err.count("\n") == 1
    assert out == ""
    runs = tmp_path / "runs"
    assert not runs.exists() or not list(runs.iterdir())
    assert not list((tmp_path / "here").iterdir())


def test_a_map_is_not_written_onto_a_folder(tmp_path, capsys):
    out = tmp_path / "folder.npz"
    out.mkdir()
    assert main(["map", "pixels", "digits", "--how", "pca", "--out", str(out)]) == 2
    assert f"--out {out} is not allowed" in capsys.readouterr().err


@pytest.mark.parametrize(("cause", "status"), [(OSError("the disk is full"), 2), (RuntimeError("not foreseen"), 1)])
def test_a_map_that_fails_leaves_nothing_behind(cause, status, tmp_path, capsys, monkeypatch):
    def fails(*_, **__):
        raise cause

    monkeypatch.setattr(np, "savez_compressed", fails)
    out = tmp_path / "out" / "map.npz"
    out.parent.mkdir()
    out.write_text("an older map")
    assert main(["map", "pixels", "digits", "--how", "pca", "--out", str(out)]) == status
    assert str(cause) in capsys.readouterr().err
    assert [path.name for path in out.parent.iterdir()] == ["map.npz"]
    assert out.read_text() == "an older map"


def test_what_nobody_foresaw_is_one_sentence_and_a_traceback_only_on_request(capsys, monkeypatch):
    def fails():
        raise KeyError("lost\nand found")

    monkeypatch.setattr(data, "catalogue", fails)
    assert main(["data"]) == 1
    assert capsys.readouterr().err == "unexpected: KeyError: 'lost\\nand found'\n"
    monkeypatch.setenv("EXPLORER_DEBUG", "1")
    assert main(["data"]) == 1
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.splitlines()[-1].startswith("unexpected: KeyError")


def test_a_shipped_model_answers_like_its_run(answer, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setattr(maps, "PROJECTIONS", {"pca": maps.PROJECTIONS["pca"]})
    made = answer("train", "supervised", "digits", "--foreground", "--epochs", "1", "--subset", "200")
    assert answer("ship", made["run"], "--as", "small")["model"] == "small"
    score = answer("evaluate", "small", "digits")["knn"]
    assert score == pytest.approx(made["scores"]["knn"], abs=0.02)  # its weights are in half precision
    for name in ("", "../runs"):
        assert main(["ship", made["run"], "--as", name]) == 2
    assert main(["ship", "small", "--as", "small"]) == 2
    assert runs.get(made["run"]).weights()


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


@pytest.mark.parametrize("name", ["", "a" * 300 + ".npz", "nothing/m.npz", "."])
def test_a_file_that_cannot_be_is_refused_in_one_sentence(name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["map", "pixels", "digits", "--how", "pca", "--out", name]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: --out") and said.count("\n") == 1 and len(said) < 400
    assert not list(tmp_path.glob(".*npz"))


def test_a_file_with_the_longest_name_is_written(tmp_path):
    place = tmp_path / ("a" * 251 + ".npz")
    assert main(["map", "pixels", "digits", "--how", "pca", "--n", "50", "--out", str(place)]) == 0
    assert place.exists()
