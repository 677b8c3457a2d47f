"""Everything is killed in the middle of a training: the next server, on the same runs, shows it going on and done."""

import os
import signal
import time

import psutil
import pytest

from explorer import runs
from explorer.runs import locks
from tests.browser.conftest import launch, start
from tests.browser.test_train import FORM, POINTS, STANDS


def kill_engine(server) -> None:
    """The engine's two processes and the run's own, at once and without a word."""
    holders = [*(server.runs / ".engine").glob("*.lock"), *server.runs.glob("*/lock")]
    groups = {locks.holder(lock) for lock in holders} - {None}
    for group in groups:
        os.killpg(group, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid) for pid in groups if psutil.pid_exists(pid)], timeout=10)


@pytest.mark.slow
def test_a_training_that_is_watched_goes_on_when_the_engine_dies(server, visit, monkeypatch):
    page = visit(server, FORM.format(epochs=1000))
    id = start(page)
    page.wait_for_function(f"{STANDS}.includes('running') && {STANDS}.includes('epoch')")
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))
    kill_engine(server)
    run, since = runs.get(id), time.monotonic()
    assert not run.held()
    while run.status.attempts < 2:  # nobody touches the page, and nobody else looks
        assert time.monotonic() - since < 60
        page.wait_for_timeout(100)
    print(f"taken up again after {time.monotonic() - since:.1f} s")
    page.wait_for_function(f"{STANDS}.includes('running') && {STANDS}.includes('epoch')")
    run.request_stop()
    page.wait_for_function(f"{STANDS}.includes('stopped')")


@pytest.mark.slow
def test_a_training_survives_the_death_of_everything(server, visit, monkeypatch):
    page = visit(server, FORM.format(epochs=600))
    id = start(page)
    page.wait_for_function(f"{POINTS} > 3 && {STANDS}.includes('running')")
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))
    run = runs.get(id)
    page.wait_for_function(f"{STANDS}.includes('epoch')")
    page.close()
    server.process.kill()
    kill_engine(server)
    server.process.wait()
    assert not run.held() and not run.status.final
    server.process = (again := launch(server.folder)).process
    server.url = again.url

    page = visit(server, f"/runs?run={id}")
    page.wait_for_function(f"{STANDS}.includes('running')")
    page.get_by_text("Scores on the").wait_for(timeout=120_000)
    page.wait_for_function(f"{STANDS} === ''")
    steps = [row["step"] for row in run.metrics() if "train_loss" in row]
    print(f"killed and shown again: {run.status.state} after {run.status.attempts} attempts, {len(steps)} epochs")
    assert run.status.state == "done" and run.status.attempts == 2
    assert steps == sorted(set(steps)) and len(steps) == 600
