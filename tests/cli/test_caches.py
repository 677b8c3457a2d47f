"""The caches on the command line."""

import shutil
import subprocess
import sys

import pytest

from explorer import data, runs
from explorer.__main__ import main
from explorer.system import caches
from tests.data.test_cache import wait_until


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_caches_are_listed_with_their_sizes_and_places(answer, root, capsys):
    data.load("digits", 8)
    about = answer("cache")
    sizes = {kind["cache"]: kind["bytes"] for kind in about["caches"]}
    on_disk = sum(path.stat().st_size for path in (root / "data").rglob("*") if path.is_file())
    assert sizes["data"] == about["bytes"] == on_disk > 0
    assert main(["cache"]) == 0
    said = capsys.readouterr().out
    assert "EXPLORER_CACHE_LIMIT" in said and f"Decoded data sets, in {root / 'data'}" in said


def test_one_kind_or_all_are_cleared_and_what_stays_is_said(answer, root, capsys):
    dataset = data.load("digits", 8)
    (root / "features").mkdir()
    (root / "features/a.npy").write_bytes(bytes(1500))
    assert answer("cache", "--clear", "features") == {"freed": 1500, "removed": 1, "stays": []}
    (stays,) = answer("cache", "--clear")["stays"]
    assert (stays["cache"], stays["why"], dataset.size) == ("data", "in use", 8)
    assert main(["cache", "--clear"]) == 0
    assert "0 B freed, 0 removed\nstays: digits-8-" in capsys.readouterr().out
    del dataset
    assert answer("cache", "--clear", "data")["removed"] == 1


def test_a_cache_that_there_is_not_is_one_sentence(capsys):
    assert main(["cache", "--clear", "pictures"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: no cache 'pictures';") and "choose from data, features, maps" in said


def test_a_training_goes_on_when_its_caches_are_cleared_and_even_deleted(root, tmp_path):
    words = ("train", "autoencoder", "digits", "--foreground", "--epochs", "200", "--name", "mine", "--size", "9")
    command = [sys.executable, "-m", "explorer", *words]
    with subprocess.Popen(command, cwd=runs.REPOSITORY, stdout=-1, stderr=-1, text=True) as training:
        wait_until(lambda: runs.find("mine") and runs.get("mine").status.step > 5, "it has begun", 120)
        assert [(stays.kind, stays.why) for stays in caches.clear().stays] == [("data", "in use")]
        shutil.rmtree(root)
        step = runs.get("mine").status.step
        wait_until(lambda: runs.get("mine").status.step > step or runs.get("mine").status.final, "it goes on", 120)
        runs.get("mine").request_stop()
        said = training.communicate()
    assert runs.get("mine").status.state in ("stopped", "done"), said
    assert data.load("digits", 9).size == 9
