"""The engine with real processes: what is promised of it when all goes well, and when something is killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from explorer import jobs, runs
from explorer.jobs import delivery, engine
from explorer.runs import Spec, locks

ENVIRONMENT = {
    "EXPLORER_WORK": "engine_work:perform",
    "EXPLORER_GRACE": "1",
    "EXPLORER_IDLE": "3 minutes",  # should the tests themselves be killed
    "PYTHONPATH": os.pathsep.join([str(runs.REPOSITORY), str(Path(__file__).parent)]),
}


def until(condition, seconds=90.0):
    """Waits for something to become true; what it was is the answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, condition
        time.sleep(0.01)
    return answer


def processes(root):
    """The living processes that belong to a folder of runs, but for the tests themselves."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("EXPLORER_RUNS") == str(root) and alive(process) and process.pid != os.getpid():
                found.append(process)
        except psutil.Error:
            continue
    return found


def alive(process):
    """A zombie, which nobody has waited for, is not."""
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def command(process):
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


@contextmanager
def engine_in(root):
    """An engine that will be ended, whatever happens."""
    try:
        yield root
    finally:
        with pytest.MonkeyPatch.context() as patch:
            prepare(patch, root)
            jobs.shutdown()
        until(lambda: not processes(root), 10)


def prepare(patch, root):
    for name, value in {**ENVIRONMENT, "EXPLORER_RUNS": str(root)}.items():
        patch.setenv(name, value)
    patch.delenv("EXPLORER_SCHEDULER", raising=False)
    patch.setattr(jobs, "_last_order", float("-inf"))
    return root


@pytest.fixture(scope="module")
def shared_root(tmp_path_factory):
    with engine_in(tmp_path_factory.mktemp("engine") / "runs") as root:
        yield root


@pytest.fixture
def shared(shared_root, monkeypatch):
    """One engine for the tests that leave it as it was."""
    return prepare(monkeypatch, shared_root)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """An engine of the test's own, or none at all."""
    monkeypatch.setenv("EXPLORER_PRELOAD", "numpy")  # torch costs seconds at every start of an engine
    with engine_in(prepare(monkeypatch, tmp_path / "runs")) as root:
        yield root


def spec(do="count", steps=5, train=None, **params):
    params = {"do": do, "steps": steps, **params}
    return Spec(kind="train", title="a test", method=do, dataset="digits", params=params, train=train or {})


def state(run, *states, seconds=90.0):
    def reached():
        status = run.status  # read once: it may change between two looks
        if status.final and status.state not in states:
            pytest.fail(str(status))
        return status if status.state in states else None

    return until(reached, seconds)


def python(code):
    """How another interface is started."""
    return {"args": [sys.executable, "-c", f"from explorer import jobs; from test_engine import spec; {code}"]}


# ------------------------------------------------------------------------------------------------ all goes well


def test_a_submitted_job_runs_and_its_metrics_grow_while_it_runs(shared):
    start = time.perf_counter()
    run = jobs.submit(spec(steps=50))
    assert time.perf_counter() - start < 0.5
    first = until(run.metrics)
    until(lambda: len(run.metrics()) > len(first) and run.status.state == "running")
    status = state(run, "done")
    assert (status.step, status.attempts, status.device, status.error) == (50, 1, "cpu", None)
    assert len(run.metrics()) == 50
    assert status.started <= status.finished


def test_torch_is_there_before_the_job_starts(shared):
    run = jobs.submit(spec(steps=1))
    state(run, "done")
    assert run.metrics()[0]["torch"]


def test_jobs_start_in_the_order_they_were_submitted(shared):
    submitted = [jobs.submit(spec(steps=3)) for _ in range(6)]
    ids = [run.id for run in submitted]
    until(lambda: submitted[0].status.state != "queued")
    waiting = jobs.queue()
    assert waiting == ids[-len(waiting) :]
    for run in submitted:
        state(run, "done")
    rows = [row["at"] for run in submitted for row in run.metrics()]
    assert all(earlier < later for earlier, later in pairwise(rows))  # and one at a time
    assert jobs.queue() == []


def test_an_older_run_goes_first_even_if_it_comes_to_the_engine_later(shared, monkeypatch):
    before = jobs.submit(spec(steps=10_000))
    until(before.metrics)
    waiting = [runs.create(spec(steps=2)) for _ in range(3)]
    monkeypatch.setattr(delivery.runs, "unfinished", lambda: waiting[::-1])
    delivery.deliver(time.time())
    jobs.request_stop(before.id)
    for run in waiting:
        state(run, "done")
    assert sorted(waiting, key=lambda run: run.status.started) == waiting


def test_stop_takes_effect_within_two_seconds(shared):
    run = jobs.submit(spec(steps=10_000))
    until(run.metrics)
    jobs.request_stop(run.id)
    status = state(run, "stopped", seconds=2)
    assert status.step == len(run.metrics()) > 0


def test_a_run_that_does_not_listen_is_ended_by_force_with_all_it_started(shared):
    run = jobs.submit(spec("deaf"))
    other = psutil.Process(until(run.metrics)[0]["child"])
    jobs.request_stop(run.id)
    state(run, "stopped", seconds=5)
    until(lambda: not alive(other), 5)
    until(lambda: not run.held(), 5)


def test_a_queued_run_can_be_stopped_before_it_starts(shared):
    before, run, deleted, after = jobs.submit(spec(steps=50)), *(jobs.submit(spec()) for _ in range(3))
    until(before.metrics)
    jobs.request_stop(run.id)
    assert run.status.state == "stopped"
    runs.delete(deleted.id)
    assert jobs.queue() == [after.id]
    state(before, "done")
    state(after, "done")
    assert (run.status.attempts, run.metrics(), deleted.folder.exists()) == (0, [], False)


def test_a_refusal_fails_the_run_with_its_sentence(shared):
    run = jobs.submit(spec("refuse"))
    assert state(run, "failed").error == "digits are 8 pixels wide; choose a data set of at least 16"
    assert "Traceback" not in run.log_tail()


def test_an_error_is_one_sentence_and_its_traceback_stands_in_the_log_only(shared):
    run = jobs.submit(spec("stumble"))
    assert state(run, "failed").error == "ZeroDivisionError: division by zero; the log says where."
    assert "Traceback" in run.log_tail() and "in stumble" in run.log_tail()
    assert run.status.attempts == 1


def test_a_run_has_the_threads_it_asked_for_and_the_settings_of_its_submission(shared, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", "/somewhere/else")
    run = jobs.submit(spec("where", train={"threads": 3}))
    state(run, "done")
    expected = {"EXPLORER_DATA": "/somewhere/else", "OMP_NUM_THREADS": "3", "OMP_WAIT_POLICY": "PASSIVE", "threads": 3}
    assert run.scores() == expected


def test_the_engine_listens_on_the_loopback_interface_only(shared):
    state(jobs.submit(spec()), "done")
    open_to = set()
    for process in processes(shared):
        with suppress(psutil.Error):  # ended meanwhile
            found = process.net_connections("inet")
            open_to |= {connection.laddr.ip for connection in found if connection.status == psutil.CONN_LISTEN}
    assert open_to == {"127.0.0.1"}


# ------------------------------------------------------------------------------------------------ something dies


def test_a_killed_process_is_tried_again_and_after_three_attempts_fails(shared):
    run = jobs.submit(spec("die"))
    status = state(run, "failed")
    assert [row["attempt"] for row in run.metrics()] == [1, 2, 3]
    assert status.attempts == 3
    assert "3 times" in status.error and "SIGKILL" in status.error and "allocating a great deal" in status.error


def test_a_killed_process_is_resumed(shared):
    run = jobs.submit(spec("die_once", steps=4))
    assert state(run, "done").attempts == 2
    assert [row["step"] for row in run.metrics()] == [1, 2, 3, 4]


def test_killing_the_worker_loses_no_run(shared):
    run, after = jobs.submit(spec(steps=40)), jobs.submit(spec())
    until(run.metrics)
    nanny = psutil.Process(locks.holder(shared / ".engine" / "worker.lock"))
    next(child for child in nanny.children() if "spawn_main" in command(child)).kill()
    assert state(run, "done").attempts == 2
    assert [row["step"] for row in run.metrics()] == list(range(1, 41))
    state(after, "done")


def test_killing_worker_and_scheduler_loses_no_run(shared, monkeypatch):
    monkeypatch.setattr(jobs, "PATIENCE", 1.0)
    running, after = jobs.submit(spec(steps=40)), jobs.submit(spec())
    until(running.metrics)
    process = psutil.Process(locks.holder(running.folder / "lock"))
    for name in ("scheduler", "worker"):
        os.killpg(locks.holder(shared / ".engine" / f"{name}.lock"), signal.SIGKILL)
    until(lambda: not alive(process), 5)  # a run's process does not outlive its worker
    until(lambda: jobs.reconcile() or after.status.state == "done")  # as a page does
    assert running.status.state == "done"
    assert running.status.attempts == 2
    assert [row["step"] for row in running.metrics()] == list(range(1, 41))


def test_a_killed_scheduler_is_noticed_without_help(shared, monkeypatch):
    run = jobs.submit(spec(steps=40))
    until(run.metrics)
    os.killpg(locks.holder(shared / ".engine" / "scheduler.lock"), signal.SIGKILL)

    monkeypatch.setattr(jobs, "PATIENCE", 1.0)
    until(lambda: jobs.reconcile() or run.status.state == "done")  # as a page does
    assert [row["step"] for row in run.metrics()] == list(range(1, 41))


def test_a_killed_interface_does_not_touch_its_run(shared):
    code = "import os; run = jobs.submit(spec(steps=30)); print(run.id, flush=True); os.kill(0, 9)"
    interface = subprocess.run(**python(code), capture_output=True, text=True, start_new_session=True)
    assert interface.returncode == -signal.SIGKILL
    state(runs.get(interface.stdout.strip()), "done")


# ------------------------------------------------------------------------------------------------ start and end


def test_two_starters_start_one_engine(own):
    starters = [subprocess.Popen(**python("jobs.submit(spec(steps=1))")) for _ in range(3)]
    assert [starter.wait() for starter in starters] == [0, 0, 0]
    for run in runs.listing(shipped=False):
        state(run, "done")
    assert len(runs.listing(shipped=False)) == 3
    for kind in ("dask scheduler", "dask worker"):
        assert len([process for process in processes(own) if kind in command(process)]) == 1


def test_as_many_runs_run_at_once_as_there_are_slots(own, monkeypatch):
    monkeypatch.setenv("EXPLORER_SLOTS", "2")
    submitted = [jobs.submit(spec(steps=1000)) for _ in range(3)]
    until(lambda: all(run.metrics() for run in submitted[:2]))
    assert jobs.queue() == [submitted[2].id]
    for run in submitted[:2]:
        jobs.request_stop(run.id)
    until(submitted[2].metrics)


def test_a_map_does_not_wait_for_a_training(own):
    training = jobs.submit(spec(steps=1000))
    until(training.metrics)
    chart = jobs.submit(spec(steps=1).model_copy(update={"kind": "map", "model": "pixels"}))
    state(chart, "done")
    assert training.status.state == "running"
    jobs.request_stop(training.id)


def test_shutdown_leaves_no_process_and_its_runs_go_on_later(own):
    run = jobs.submit(spec(steps=500))
    until(run.metrics)
    jobs.shutdown()
    assert not processes(own)
    assert (run.status.state, run.status.attempts) == ("interrupted", 0)
    assert jobs.queue() == [run.id]
    jobs.reconcile()
    state(run, "running")
    jobs.request_stop(run.id)
    state(run, "stopped")


def test_shutdown_just_after_a_submit_leaves_no_process(own):
    run = jobs.submit(spec())
    jobs.shutdown()
    until(lambda: not processes(own), 10)
    assert run.status.state == "queued" and not engine.alive()


def test_an_engine_without_work_ends_itself(own, monkeypatch):
    monkeypatch.setenv("EXPLORER_IDLE", "1 second")
    run = jobs.submit(spec(steps=100))  # longer than the engine would wait
    state(run, "done")
    until(lambda: not processes(own), 20)
    assert not engine.alive()
    assert run.status.attempts == 1


def test_a_scheduler_elsewhere_does_the_same_work(own, monkeypatch):
    file, log = own.parent / "scheduler.json", (own.parent / "log.txt").open("wb")
    dask = [sys.executable, "-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    started = [subprocess.Popen([*dask, "--scheduler-file", str(file)], stdout=log, stderr=log)]
    try:
        address = until(
            lambda: file.exists() and file.stat().st_size and engine.json.loads(file.read_text())["address"]
        )
        worker = [sys.executable, "-m", "explorer.jobs", "worker", address]
        started.append(subprocess.Popen(worker, env=engine.environment(), stdout=log, stderr=log))
        monkeypatch.setenv("EXPLORER_SCHEDULER", address)
        run = jobs.submit(spec())
        state(run, "done")
        assert not engine.alive()  # none was started here
        jobs.shutdown()
        assert [process.poll() for process in started] == [None, None]  # nor is another's ended
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(20)
        log.close()


def test_a_scheduler_that_does_not_answer_is_named(own, monkeypatch):
    monkeypatch.setenv("EXPLORER_SCHEDULER", "tcp://127.0.0.1:9")
    monkeypatch.setattr(engine, "PATIENCE", 0.3)
    run = runs.create(spec())
    delivery.deliver(time.time())
    assert run.status.state == "queued"
    assert "tcp://127.0.0.1:9" in run.status.message


def test_the_machine_says_what_it_has():
    machine = jobs.machine()
    assert machine["cores"] >= 1 and machine["memory"] > 0 and machine["disk_free"] > 0
    assert machine["python"] and machine["device"]
