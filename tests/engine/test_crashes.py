"""What crashes at its start is tried a few times, not for ever, and the run says why."""

import os
import runpy
import signal
import subprocess
import sys
import threading
import time

import pytest

from explorer import engine, runs
from explorer.engine import worker
from explorer.engine.dask import cluster, dispatch
from explorer.runs import locks
from explorer.system import cgroups as control
from tests.engine.tools import processes, spec, state, until

machine = sys.modules["explorer.system.machine"]  # the package has a function of that name


def test_a_worker_that_crashes_at_import_fails_the_run_after_three_tries(own, monkeypatch):
    starts = []
    monkeypatch.setattr(cluster, "_start", lambda *a, start=cluster._start: starts.append(a[0]) or start(*a))
    options = [*cluster.worker_options(), "--preload", "tests.engine.broken_at_import"]
    monkeypatch.setattr(cluster, "worker_options", lambda: options)
    run = runs.create(spec())
    dispatch.deliver(time.time())
    status = run.status
    assert (status.state, status.attempts, starts.count("worker")) == ("failed", 3, 3)
    assert "RuntimeError: this processor lacks an instruction" in status.error and "\n" not in status.error
    assert "broken_at_import.py" in run.log_tail(60)  # where it happened
    until(lambda: not processes(own), 10)
    print(f"\na worker that crashes at import: {status.error}")


def test_a_forkserver_that_crashes_at_import_fails_the_run_after_three_tries(own, monkeypatch):
    monkeypatch.setenv("EXPLORER_PRELOAD", "tests.engine.broken_at_import")
    run = engine.submit(spec())
    status = state(run, "failed")
    assert status.attempts == 3 and "3 times" in status.error
    assert "this processor lacks an instruction" in run.log_tail(60)
    print(f"\na forkserver that crashes at import: {status.error}")


def test_an_engine_that_does_not_start_is_counted_against_the_first_run_alone(monkeypatch):
    first, second, third = (runs.create(spec(user=user)) for user in "ABC")
    starts = []

    def slow():
        starts.append(1)
        raise cluster.NotStarted("the engine did not start: it was slow")

    monkeypatch.setattr(cluster, "ensure", slow)
    dispatch.deliver()
    assert (len(starts), first.status.state, first.status.attempts) == (3, "failed", 3)
    assert "tried 3 times" in first.status.error and "engine's log" in first.log_tail()
    for run in (second, third):
        assert (run.status.state, run.status.attempts) == ("queued", 0)
        assert run.status.message == "Waiting for the engine: the engine did not start: it was slow"


def test_a_shutdown_that_has_to_wait_is_a_sentence(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.02)
    monkeypatch.setattr(sys, "argv", ["explorer.engine", "shutdown"])
    words = "^the engine is being started at this very moment: shut it down in a minute$"
    with locks.hold(cluster.home() / "starter.lock"), pytest.raises(SystemExit, match=words):
        runpy.run_module("explorer.engine", run_name="__main__")


def test_a_shutdown_ends_the_wait_for_an_engine_that_starts(monkeypatch):
    monkeypatch.setattr(cluster, "alive", lambda: True)
    monkeypatch.setattr(cluster, "last", lambda event: time.time())
    with pytest.raises(cluster.ShutDown):
        cluster._await_engine()


def test_an_order_is_carried_out_by_a_process_that_was_ordered_before_the_last_shutdown(monkeypatch):
    """It waited while the engine was shut down, and a new order was left to it."""
    brought = []
    monkeypatch.setattr(dispatch, "_deliver", lambda: brought.append(1))
    early = time.time()
    cluster._stamp("shutdown")
    dispatch.deliver(early)
    assert brought == []
    with locks.hold(cluster.home() / "pending.lock"):
        cluster.wake()  # starts nobody
    dispatch.deliver(early)
    assert brought == [1]


def test_a_start_that_succeeds_in_the_end_is_no_failure(own, monkeypatch):
    real = cluster.ensure

    def first_time_broken():
        monkeypatch.setattr(cluster, "ensure", real)
        raise cluster.NotStarted("the engine did not start: bad luck")

    monkeypatch.setattr(cluster, "ensure", first_time_broken)
    run = runs.create(spec())
    dispatch.deliver(time.time())
    assert state(run, "done").attempts == 2


def test_a_status_that_cannot_be_written_is_not_tried_again_at_once(tmp_path, monkeypatch):
    run, tries = runs.create(spec()), []

    def full(*_, **__):
        tries.append(time.monotonic())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runs.Run, "update", full)
    monkeypatch.setattr(worker, "RETRY", 1.0)
    ended = []
    thread = threading.Thread(target=lambda: ended.append(worker.run_job(str(run.folder), {})))
    thread.start()
    until(run.held, 5)  # so that no interface sends it again
    thread.join(10)
    assert (ended, len(tries), run.held()) == (["not recorded"], 1, False)


class Ended:
    exitcode = -signal.SIGKILL


def test_a_process_that_the_system_ended_for_want_of_memory_says_so():
    assert "memory ran out" in worker._cause(Ended(), memory=True)
    assert worker._cause(Ended(), memory=False) == "by SIGKILL"


@pytest.mark.parametrize(
    ("groups", "file", "text"),
    [
        ("0::/job", "job/memory.events", "low 0\noom 3\noom_kill 2\n"),
        ("0::/job/own", "job/memory.events", "oom_kill 2\n"),
        ("0::/elsewhere", "memory.events", "oom_kill 2\noom_group_kill 0\n"),
        ("4:cpu:/\n3:memory:/job\n0::/", "memory/job/memory.oom_control", "under_oom 0\noom_kill 2\n"),
    ],
)
def test_the_kernels_count_is_read_from_either_kind_of_control_group(groups, file, text, tmp_path, monkeypatch):
    monkeypatch.setattr(control, "PROC", tmp_path / "proc")
    monkeypatch.setattr(control, "CONTROL_GROUPS", tmp_path)
    assert machine.memory_kills() == 0
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(groups)
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    assert machine.memory_kills() == 2


def test_the_kernel_ends_a_run_that_takes_more_memory_than_its_group_may(own, tmp_path):
    """With a control group of the test's own, where the system allows one."""
    group = control.CONTROL_GROUPS / "memory" / f"unfold-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(600 * 2**20))
    except OSError:
        pytest.skip("inconclusive: no control group can be made here")
    try:
        run = runs.create(spec("hoard"))
        inside = f"echo $$ > {group}/cgroup.procs; exec {sys.executable} -m explorer.engine deliver"
        subprocess.run(["sh", "-c", inside], env=cluster.environment(), check=True)
        status = state(run, "failed")
        print(f"\na run that takes more memory than there is: {status.error}")
        assert "memory ran out" in status.error
    finally:
        engine.shutdown()
        until(lambda: not (group / "cgroup.procs").read_text().split(), 10)
        group.rmdir()
