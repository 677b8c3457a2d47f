"""The interface and the worker are killed together, again and again: no run is lost, each is done exactly once."""

import os
import random
import signal
import subprocess
import time

import psutil
import pytest

from explorer import engine, runs
from explorer.engine import api
from explorer.runs import locks
from tests.engine.tools import alive, command, engine_in, prepare, processes, python, until

KILLS = int(os.environ.get("KILLS") or 25)  # tests/conftest.py hides what is called EXPLORER_…
SERVER = """
import time
from explorer.engine import api
api.PATIENCE = 1.0
run = engine.submit(spec(steps={steps}))
print(run.id, flush=True)
while True:
    engine.reconcile()
    time.sleep(0.2)
"""


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_killing_server_and_worker_together_loses_nothing(tmp_path, monkeypatch):
    """The server does what Streamlit's does for a page: it submits, and looks after the runs; the next one goes on."""
    root, chance = prepare(monkeypatch, tmp_path / "runs"), random.Random(1)
    monkeypatch.setenv("EXPLORER_PRELOAD", "numpy")
    monkeypatch.setattr(api, "PATIENCE", 1.0)
    with engine_in(root):
        sent = []
        for _ in range(KILLS):
            code = SERVER.format(steps=chance.randint(60, 100))
            server = subprocess.Popen(**python(code), stdout=subprocess.PIPE, text=True, start_new_session=True)
            sent.append(runs.get(server.stdout.readline().strip()))
            until(lambda: all(run.status.final for run in sent[:-1]) and sent[-1].metrics(), 150)  # the last one too
            time.sleep(chance.random())
            os.killpg(server.pid, signal.SIGKILL)
            kill_worker(root)
            server.wait()
        until(lambda: engine.reconcile() or all(run.status.final for run in sent), 300)
    ends = [run.status for run in sent]
    once = [[row["step"] for row in run.metrics()] == list(range(1, run.status.steps + 1)) for run in sent]
    lost, resumed = sum(end.state != "done" for end in ends), sum(end.attempts > 1 for end in ends)
    print(f"\n{KILLS} kills of server and worker: {lost} lost, {resumed} resumed, {sum(once)} done exactly once")
    assert lost == 0 and all(once)
    assert sum(end.attempts - 1 for end in ends) >= 0.8 * KILLS  # the kills did hit a run


def kill_worker(root):
    """Dask's worker and the process that watches it; the runs' own processes have to notice by themselves."""
    if holder := locks.holder(root / ".engine" / "worker.lock"):
        nanny = psutil.Process(holder)
        for process in (nanny, *(child for child in nanny.children() if "spawn_main" in command(child))):
            process.kill()
        until(lambda: not alive(nanny), 10)
    until(lambda: not any("dask worker" in command(process) for process in processes(root)), 10)
