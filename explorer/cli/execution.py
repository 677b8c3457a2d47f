"""How a command has its work done: in this process, or by the engine; and how it writes a file."""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from explorer import Refused, engine, runs
from explorer.cli.arguments import Parser
from explorer.runs import Busy, Run, Spec

POLL = 0.2  # seconds between two looks at a run that the engine works on
REPORT_EVERY = 2.0  # seconds between two lines that say how far a run has come


def print_answer(args: argparse.Namespace, lines: Iterable[str], fields: dict[str, Any]) -> None:
    """Lines for a person, or one JSON object."""
    print(json.dumps(fields) if args.json else "\n".join(lines))


def scheduler_option(sub: Parser) -> None:
    """The engine elsewhere."""
    words = "a scheduler elsewhere, tcp://… or tls://…, that works on the same folder of runs [EXPLORER_SCHEDULER]"
    sub.add_argument("--scheduler", metavar="ADDRESS", help=words)


def use_scheduler(args: argparse.Namespace) -> bool:
    """Whether the engine is elsewhere; from here on everything that is submitted goes there."""
    if args.scheduler:
        if not args.scheduler.startswith(("tcp://", "tls://")):
            raise Refused(f"--scheduler {args.scheduler} is no address: give tcp://HOST:PORT or tls://HOST:PORT")
        os.environ["EXPLORER_SCHEDULER"] = args.scheduler
    return bool(os.environ.get("EXPLORER_SCHEDULER"))


def run_job(spec: Spec, args: argparse.Namespace) -> Run:
    """The run that does what the spec says, done: at once if it was done before, else here, or by the engine elsewhere.

    Raises `Refused` with its error if it fails, and then nothing is left of it.
    """
    elsewhere = use_scheduler(args)
    run = engine.submit(spec) if elsewhere else runs.create(spec)
    if run.status.final:
        return run
    return wait_for(run) if elsewhere else run_in_process(run)


def run_in_process(run: Run) -> Run:
    """Do a job in this process, unless another one does it by now."""
    from explorer.engine import worker

    try:
        with reporting(run):
            worker.here(run)
    except Busy:
        return wait_for(run)
    return finish(run)


def train_in_process(spec: Spec, name: str | None) -> Run:
    """Train in this process; the run is nobody else's from the first moment."""
    from explorer.engine import worker

    with ExitStack() as keep:
        run = runs.create(spec, name, keep)
        with reporting(run):
            worker.here(run, mine=True)
    return finish(run)


def wait_for(run: Run) -> Run:
    """Wait for a job that the engine does."""
    with reporting(run):
        while not run.status.final:
            engine.reconcile()
            time.sleep(POLL)
    return finish(run)


def finish(run: Run) -> Run:
    """The run; raises `Refused` if it failed, and leaves nothing of one that nothing came of."""
    status = run.status
    if status.state == "failed":
        if not run.has_weights():
            runs.delete(run.id)
        raise Refused(status.error or "the run failed")
    if status.caveat:
        print(f"note: {status.caveat}", file=sys.stderr)
    if status.state == "stopped" and run.spec.kind != "train":
        raise KeyboardInterrupt
    return run


@contextmanager
def reporting(run: Run) -> Iterator[None]:
    """Tell every other second on stderr how far the run has come."""
    over = threading.Event()
    threading.Thread(target=_report, args=(run, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _report(run: Run, over: threading.Event) -> None:
    while not over.wait(REPORT_EVERY):
        status = run.status
        far = f"step {status.step} of {status.steps}  " if status.steps else ""
        rate = f"{status.rate:,.0f} images/s  " if status.rate else ""
        print(f"{far}{rate}{status.message or status.state}", file=sys.stderr)


@contextmanager
def file_at(place: str, suffix: str) -> Iterator[Callable[[Callable[[Path], None]], None]]:
    """A file that appears whole or not at all: `with file_at(…) as write: … write(how)`.

    Raises `Refused` before any work where the file cannot be.
    """
    out = Path(place)
    part = out.parent / f".{os.getpid()}-{out.name[:99]}"  # a name of the greatest length has room for no more
    try:
        with _writable(out, suffix):
            if out.suffix != suffix or not out.parent.is_dir() or out.is_dir():
                raise Refused(f"--out {out} is not allowed: name a {suffix} file in a folder that exists")
            part.touch()
        yield lambda how: _write(part, out, suffix, how)
    finally:
        with suppress(OSError):  # a name that cannot be: there is nothing
            part.unlink(missing_ok=True)


def _write(part: Path, out: Path, suffix: str, how: Callable[[Path], None]) -> None:
    with _writable(out, suffix):
        how(part)
        part.replace(out)


@contextmanager
def _writable(out: Path, suffix: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise Refused(f"--out {out} cannot be written ({why}): name a {suffix} file in another folder") from None
