"""Attempts: the processes that a run may use up, what does not count as one, and what is said after the last.

They are counted in the run's status alone, by whoever holds its lock.
"""

import time

from explorer.engine import failures
from explorer.runs import Run, Status

ATTEMPTS = 3


def begin(run: Run) -> bool:
    """Counts an attempt; False if the run has ended, by now or herewith."""
    status = run.status
    if status.final:
        return False
    if run.stop_requested():
        run.update(state="stopped")
        return False
    if status.attempts >= ATTEMPTS:
        run.update(state="failed", message="", error=_epitaph(run))
        return False
    now = status.started or time.time()
    run.update(state="running", attempts=status.attempts + 1, started=now, message="")
    return True


def cut_short(run: Run, cause: str, message: str = "", counts: bool = True) -> Status:
    """The process of a run is gone. It `counts` unless the engine was ended in order, which is not the run's fault."""
    attempts = max(0, run.status.attempts - (not counts))
    return run.update(state="interrupted", attempts=attempts, message=message or cause, cause=cause)


def engine_failed(run: Run, why: str, log: list[str]) -> bool:
    """Counts a start of the engine that failed; the last one fails the run, with the engine's log in its own."""
    attempts = run.status.attempts + 1
    if run.status.final:
        return False
    if attempts < ATTEMPTS:
        run.update(attempts=attempts, message=f"Waiting for the engine: {why}")
        return True
    with (run.folder / "log.txt").open("a") as file:
        file.write("\n".join(["The engine's log ends with:", *log, ""]))
    error = f"{why[:1].upper()}{why[1:]} (tried {ATTEMPTS} times; the log of the run has more)."
    run.update(state="failed", attempts=attempts, message="", error=error)
    return False


def _epitaph(run: Run) -> str:
    last = next((line.strip() for line in reversed(run.log_tail().splitlines()) if line.strip()), "")
    log = f"the last line of its log is: {last[:300]}" if last else "its log is empty"
    why = run.status.cause.rstrip(".") or "unknown reason"
    return (
        f"The process ended unexpectedly {ATTEMPTS} times ({why}); {log}. Remove the cause, then {failures.again(run)}."
    )
