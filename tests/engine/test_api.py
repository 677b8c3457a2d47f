"""The engine with real processes: what is promised of it when all goes well."""

import time
from contextlib import suppress

import psutil

from explorer import engine
from explorer.engine import worker
from tests.engine.tools import processes, spec, state, until

IMPORTED_BEFORE = worker.PRELOAD


def test_a_submitted_job_runs_and_its_metrics_grow_while_it_runs(shared):
    start = time.perf_counter()
    run = engine.submit(spec(steps=50))
    assert time.perf_counter() - start < 0.5
    first = until(run.metrics)
    until(lambda: len(run.metrics()) > len(first) and run.status.state == "running")
    status = state(run, "done")
    assert (status.step, status.attempts, status.device, status.error) == (50, 1, "cpu", None)
    assert len(run.metrics()) == 50
    assert status.started <= status.finished


def test_torch_is_there_before_the_job_starts(shared):
    run = engine.submit(spec(steps=1))
    state(run, "done")
    assert run.metrics()[0]["torch"]


def test_a_refusal_fails_the_run_with_its_sentence(shared):
    run = engine.submit(spec("refuse"))
    assert state(run, "failed").error == "digits are 8 pixels wide; choose a data set of at least 16"
    assert "Traceback" not in run.log_tail()


def test_an_error_is_one_sentence_and_its_traceback_stands_in_the_log_only(shared):
    run = engine.submit(spec("stumble"))
    assert state(run, "failed").error == "ZeroDivisionError: division by zero; the log says where."
    assert "Traceback" in run.log_tail() and "in stumble" in run.log_tail()
    assert run.status.attempts == 1


def test_a_run_has_the_threads_it_asked_for_and_the_settings_of_its_submission(shared, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", "/somewhere/else")
    run = engine.submit(spec("where", train={"threads": 3}))
    state(run, "done")
    expected = {"EXPLORER_DATA": "/somewhere/else", "OMP_NUM_THREADS": "3", "OMP_WAIT_POLICY": "PASSIVE", "threads": 3}
    assert run.scores().items() >= expected.items()


def test_a_run_keeps_the_memory_that_its_next_step_needs(shared):
    run = engine.submit(spec("where"))
    state(run, "done")
    assert int(run.scores()["MALLOC_TRIM_THRESHOLD_"]) >= 2**28, "Dask asks glibc to give it back"
    assert int(run.scores()["MALLOC_MMAP_THRESHOLD_"]) == 2**25, "glibc ignores more, and maps each larger tensor anew"


def test_the_engine_listens_on_the_loopback_interface_only(shared):
    state(engine.submit(spec()), "done")
    open_to = set()
    for process in processes(shared):
        with suppress(psutil.Error):  # ended meanwhile
            connections = process.net_connections("inet")
            open_to |= {connection.laddr.ip for connection in connections if connection.status == psutil.CONN_LISTEN}
    assert open_to == {"127.0.0.1"}
