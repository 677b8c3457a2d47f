"""What is promised when something is killed."""

import os
import signal
import subprocess

import psutil

from explorer import engine, runs
from explorer.engine import api
from explorer.runs import locks
from tests.engine.tools import alive, command, python, spec, state, until


def test_a_killed_process_is_tried_again_and_after_three_attempts_fails(shared):
    run = engine.submit(spec("die"))
    status = state(run, "failed")
    assert [row["attempt"] for row in run.metrics()] == [1, 2, 3]
    assert status.attempts == 3
    assert "3 times" in status.error and "SIGKILL" in status.error and "allocating a great deal" in status.error


def test_a_killed_process_is_resumed(shared):
    run = engine.submit(spec("die_once", steps=4))
    assert state(run, "done").attempts == 2
    assert [row["step"] for row in run.metrics()] == [1, 2, 3, 4]


def test_killing_the_worker_loses_no_run(shared):
    run, after = engine.submit(spec(steps=40)), engine.submit(spec())
    until(run.metrics)
    nanny = psutil.Process(locks.holder(shared / ".engine" / "worker.lock"))
    next(child for child in nanny.children() if "spawn_main" in command(child)).kill()
    assert state(run, "done").attempts == 2
    assert [row["step"] for row in run.metrics()] == list(range(1, 41))
    state(after, "done")


def test_killing_worker_and_scheduler_loses_no_run(shared, monkeypatch):
    monkeypatch.setattr(api, "PATIENCE", 1.0)
    running, after = engine.submit(spec(steps=40)), engine.submit(spec())
    until(running.metrics)
    process = psutil.Process(locks.holder(running.folder / "lock"))
    for name in ("scheduler", "worker"):
        os.killpg(locks.holder(shared / ".engine" / f"{name}.lock"), signal.SIGKILL)
    until(lambda: not alive(process), 5)  # a run's process does not outlive its worker
    until(lambda: engine.reconcile() or (running.status.final and after.status.final))  # as a page does
    assert running.status.state == after.status.state == "done"
    assert running.status.attempts == 2
    assert [row["step"] for row in running.metrics()] == list(range(1, 41))


def test_a_killed_scheduler_is_noticed_without_help(shared, monkeypatch):
    run = engine.submit(spec(steps=40))
    until(run.metrics)
    os.killpg(locks.holder(shared / ".engine" / "scheduler.lock"), signal.SIGKILL)

    monkeypatch.setattr(api, "PATIENCE", 1.0)
    until(lambda: engine.reconcile() or run.status.state == "done")  # as a page does
    assert [row["step"] for row in run.metrics()] == list(range(1, 41))


def test_a_killed_interface_does_not_touch_its_run(shared):
    code = "import os; run = engine.submit(spec(steps=30)); print(run.id, flush=True); os.kill(0, 9)"
    interface = subprocess.run(**python(code), capture_output=True, text=True, start_new_session=True)
    assert interface.returncode == -signal.SIGKILL
    state(runs.get(interface.stdout.strip()), "done")
