"""Archives that were handed out run on: their own script of before, and the one line of today."""

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from explorer import runs
from explorer.engine import worker
from explorer.tasks import export
from explorer.tasks.request import request

OLD = Path(__file__).parents[1] / "fixtures/format_1"


def unpacked(archive, folder):
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    return folder


def trained_again(folder):
    """The weights that the folder's own script has trained; it says by its status whether they are the same."""
    env = {**os.environ, "PYTHONPATH": str(runs.REPOSITORY), "OMP_NUM_THREADS": "1"}
    script = [sys.executable, folder / "reproduce.py"]
    done = subprocess.run(script, capture_output=True, text=True, env=env, cwd=folder)
    assert done.returncode in (0, 1), done.stderr
    said = "the same weights" if done.returncode == 0 else "other weights"  # the rounding of another machine
    assert done.stdout.splitlines()[0].startswith("epoch 1 of 1: "), done.stdout
    assert f"reproduced.safetensors: {said}" in done.stdout, done.stdout + done.stderr
    return load_file(folder / "reproduced.safetensors")


def of_full_batches(folder):
    """The same archive with a batch of 100: versions of before also made a smaller one of an epoch's last images."""
    text = (folder / "config.json").read_text()
    assert '"batch": 128' in text
    (folder / "config.json").write_text(text.replace('"batch": 128', '"batch": 100'))
    return folder


@pytest.fixture
def fresh(tmp_path):
    """An archive that is exported today, of the run that the old one is of."""
    shutil.copytree(OLD / "small-autoencoder", runs.root() / "small-autoencoder")
    run = runs.create(request("export", "small-autoencoder"))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    return unpacked(run.folder / "export.zip", tmp_path / "fresh")


def test_an_archive_of_before_trains_its_run_again_as_one_of_today_does(fresh, tmp_path):
    old = unpacked(OLD / "small-autoencoder.zip", tmp_path / "old")
    assert b"explorer.jobs" in (old / "reproduce.py").read_bytes()
    assert export.digest(fresh / "weights.safetensors") == export.digest(old / "weights.safetensors")
    stored, before, now = (
        load_file(old / "weights.safetensors"),
        *map(trained_again, map(of_full_batches, (old, fresh))),
    )
    assert stored.keys() == before.keys() == now.keys()
    for name in stored:
        assert np.array_equal(before[name], now[name]), "on one machine, both train to the same bits"


def test_a_training_of_more_steps_than_there_are_now_is_trained_for_those_and_says_so(fresh):
    """Of 200 images in batches of 128 there were two steps, the second with 72."""
    script = [sys.executable, fresh / "reproduce.py"]
    env = {**os.environ, "PYTHONPATH": str(runs.REPOSITORY), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(script, capture_output=True, text=True, env=env, cwd=fresh)
    assert done.returncode == 1 and not done.stderr, done.stderr
    assert "an older version made 2 steps of it, this one makes 1: of full batches alone" in done.stdout
    assert "other weights" in done.stdout


def test_a_fresh_archive_calls_one_public_entry_and_nothing_else_of_ours(fresh):
    tree = ast.parse((fresh / "reproduce.py").read_text())
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    sources = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert (imported, sources) == (["sys", "explorer"], ["pathlib"])
    used = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name) and node.value.id == "explorer"]  # fmt: skip
    assert used == ["reproduce"]
