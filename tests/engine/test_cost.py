"""What the engine costs: seconds until the first number of a real training, and memory while it has nothing to do."""

import subprocess
import sys
import time

import pytest

from explorer import engine, runs
from explorer.tasks.training import request as training_request
from tests.engine.tools import command, engine_in, prepare, processes, state, until

COLD, WARM, IDLE = 12.0, 2.0, 460  # seconds, seconds, MB: scikit-learn takes 60 there and saves each run 50 of its own
TRAINING = {"epochs": 1, "batch": 64, "encoder": "conv"}


@pytest.fixture
def real(tmp_path, monkeypatch):
    """An engine as a user has it, with torch in its forkserver."""
    prepare(monkeypatch, tmp_path / "runs")
    for name in ("EXPLORER_WORK", "EXPLORER_PRELOAD"):
        monkeypatch.delenv(name, raising=False)
    with engine_in(tmp_path / "runs") as root:
        yield root


def pressed():
    """Seconds from the press of Train to the first row of the curve."""
    spec = training_request.train("simclr", "digits", {}, TRAINING)
    start = time.perf_counter()
    run = engine.submit(spec)
    until(lambda: run.status.state == "failed" or any("loss" in row for row in run.metrics()))
    taken = time.perf_counter() - start
    state(run, "done")
    return taken


@pytest.mark.slow
def test_a_training_begins_soon_and_an_idle_engine_is_small(real):
    cold, warm = pressed(), min(pressed() for _ in range(3))
    sizes = {name(process): shared(process) for process in processes(real)}
    rss = sum(process.memory_info().rss for process in processes(real)) / 2**20
    total = sum(sizes.values())
    print(f"\nTrain pressed to the first number of SimCLR on digits: {cold:.1f} s cold, {warm:.1f} s warm; "
          f"the idle engine takes {total:.0f} MB (PSS; RSS {rss:.0f}): {sizes}")  # fmt: skip
    assert cold <= COLD and warm <= WARM and total <= IDLE


def name(process):
    words = command(process)
    for kind in ("dask scheduler", "dask worker", "forkserver", "resource_tracker", "spawn_main"):
        if kind in words:
            return kind
    return words[-40:]


def shared(process):
    """Its memory in MB, where what it shares with others counts in part (PSS)."""
    return round(process.memory_full_info().pss / 2**20)


def test_submitting_imports_nothing_heavy():
    """What a page does before its first paint, and on a press of Train."""
    code = """
import sys
from explorer import engine, runs
engine.reconcile(), engine.queue(), engine.machine()
engine.submit(runs.Spec(kind="map", title="a map", dataset="digits", models=("pixels",)))
print([name for name in ("torch", "sklearn", "umap", "distributed", "dask", "torchvision") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
    until(lambda: not [p for p in processes(runs.root()) if "deliver" in command(p)], 60)
    engine.shutdown()
