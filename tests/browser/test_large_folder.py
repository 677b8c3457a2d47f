"""A folder of 240,000 photographs: opened again at once, looked at without waiting, trained on within 4 GB."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

import numpy as np
import pytest
from PIL import Image

from explorer import data
from tests.browser.conftest import end, launch
from tests.source_cases import ROOT, python

pytestmark = pytest.mark.slow

IMAGES, CLASSES, SIDE = 240_000, 12, 64
MEMORY = 4 * 2**30
REOPENED, THUMBNAIL = 0.3, 0.05  # seconds
REOPEN = """
import time
from explorer import data
start = time.perf_counter()
data.catalogue()
data.load("many")
print(time.perf_counter() - start)
"""
LOOKS = 200  # at pictures, from the first second of a server on


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The folders of a server, where the data set `many` has been decoded once."""
    root = tmp_path_factory.mktemp("many")
    for label in range(CLASSES):
        (root / f"data/many/train/class{label:02}").mkdir(parents=True)
    drawn = np.moveaxis(np.asarray(data.load("shapes", SIDE).splits["train"].x[:1000]), 1, -1)
    for i in range(IMAGES):
        picture = drawn[i % len(drawn)].copy()
        picture[:8, :8] = (i // 1000, i % 251, i % 241)  # no two are alike
        Image.fromarray(picture).save(root / f"data/many/train/class{i % CLASSES:02}/{i:06}.jpg", quality=85)
    env = {f"EXPLORER_{name.upper()}": str(root / name) for name in ("data", "cache", "runs")}
    python("from explorer import data; data.load('many')", env=env)
    return env


def test_a_large_folder_is_opened_again_at_once(folders):
    opened = [float(python(REOPEN, env=folders)) for _ in range(5)]
    print(f"opened again, in {', '.join(f'{1000 * each:.0f}' for each in opened)} ms")
    assert median(opened) <= REOPENED


def test_a_picture_of_a_large_folder_comes_at_once(folders):
    server = launch(Path(folders["EXPLORER_DATA"]).parent)
    try:
        taken = [fetched(f"{server.url}/thumb/many/train/{row}.png") for row in range(0, 500 * LOOKS, 500)]
    finally:
        end(server)
    first, late = taken[0], quantiles(taken, n=20)[-1]
    print(f"the first {1000 * first:.0f} ms, median {1000 * median(taken):.1f} ms, 95% within {1000 * late:.1f} ms")
    assert late <= THUMBNAIL


def fetched(address: str) -> float:
    """The seconds that it takes."""
    start = time.perf_counter()
    urllib.request.urlopen(address).read()
    return time.perf_counter() - start


@contextmanager
def memory_group():
    """A control group of 4 GB, where this user may make one."""
    folder = Path("/sys/fs/cgroup/memory/unfold-test")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("no control group can be made here")
    try:
        (folder / "memory.limit_in_bytes").write_text(str(MEMORY))
        yield folder
    finally:
        folder.rmdir()


def test_a_large_folder_is_trained_on_and_scored_within_4_gb(folders):
    words = ["train", "autoencoder", "many", "--foreground", "--epochs", "1", "--name", "large"]
    with memory_group() as group:
        command = f"echo $$ > {group}/cgroup.procs; exec {sys.executable} -m explorer {' '.join(words)}"
        ended = subprocess.run(
            ["sh", "-c", command], cwd=ROOT, env=os.environ | folders, capture_output=True, text=True
        )
        peak = int((group / "memory.max_usage_in_bytes").read_text())
        killed = "oom_kill 0" not in (group / "memory.oom_control").read_text()
    assert ended.returncode == 0 and not killed, ended.stderr
    run = Path(folders["EXPLORER_RUNS"]) / "large"
    scores, status = (json.loads((run / f"{name}.json").read_text()) for name in ("scores", "status"))
    print(f"{status['images']:,} images; peak with the pages of files {peak / 2**30:.2f} GiB; scores {sorted(scores)}")
    assert status["state"] == "done" and scores
