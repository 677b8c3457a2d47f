"""Saves that die or fail at any of their system calls, and what they leave.

A child waits on a pipe just before it saves; `strace` is attached to it there, so its counting starts at the save.
"""

import gc
import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from explorer import runs
from explorer.runs import Run, Spec

WAITING = {"pselect6", "restart_syscall"}  # for the pipe
SAVED, FAILED = 0, 3  # exit codes


def forked(save, run):
    """A child that saves as soon as something comes through the pipe; its exit code says how it ended."""
    (gate, go), (hear, say) = os.pipe(), os.pipe()
    if not (child := os.fork()):
        code = FAILED
        with suppress(BaseException):
            gc.disable()  # what the parent left to be collected would be closed here, and counted
            os.close(go)
            os.write(say, b"!")  # from here on it does nothing but wait, or its last steps would be counted
            select.select([gate], [], [])  # not in a read, which a save may make too
            save(run)
            code = SAVED
        os._exit(code)
    os.read(hear, 1)
    for end in (gate, hear, say):
        os.close(end)
    return child, go


def traced(options, save, run, log):
    """Saves in a child under `strace`; returns its exit code, negative for a signal."""
    for _ in range(3):
        child, go = forked(save, run)
        words = ["strace", "-qq", "-o", str(log), *options, "-p", str(child)]
        tracer = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        ready = attached(child, tracer)
        if not ready:
            os.kill(child, signal.SIGKILL)
        with suppress(BrokenPipeError):  # it has just been killed
            os.write(go, b"!")
        os.close(go)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = tracer.communicate(timeout=20)[1]
        if ready:
            return code
    return pytest.skip(f"inconclusive: strace may not attach here, or not in time ({said.strip()[:200]})")


def attached(child, tracer):
    """Waits until the child is traced and sleeps in its read again; False if the tracer gives up, or after a while."""
    deadline = time.monotonic() + 5
    while tracer.poll() is None and time.monotonic() < deadline:
        facts = dict(
            line.split(":\t") for line in Path(f"/proc/{child}/status").read_text().splitlines() if ":\t" in line
        )
        if facts["TracerPid"] == str(tracer.pid) and facts["State"].startswith("S"):
            return True
        time.sleep(0.001)
    return False


class Bench:
    """Saves in copies of one run's folder."""

    def __init__(self, place, weights):
        self.place, self.weights, self.number = place, weights, 0

    def calls(self, kind):
        """How often a save makes which system call."""
        self.kind = kind(self.weights)
        self.first = runs.create(Spec(kind="train", title="one", dataset="digits"))
        self.kind.before(self.first)
        log = self.place / "calls.txt"
        assert traced([], self.kind.save, self.fresh(), log) == SAVED
        calls = re.findall(r"^(\w+)\(", log.read_text(), re.MULTILINE)
        self.order = [call for call in calls if call not in WAITING]
        return Counter(self.order)

    def fresh(self):
        """A copy of the run before the save."""
        self.number += 1
        return Run(shutil.copytree(self.first.folder, self.place / f"copy-{self.number}"))

    def try_at(self, call, n, fault):
        """One save with a fault at the n-th `call`: an empty string, or what is wrong with what it left."""
        run = self.fresh()
        options = ["-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={n}"]
        code = traced(options, self.kind.save, run, os.devnull)
        untold = code == SAVED and call in ("write", "fsync", "rename") and fault == "error=EIO"
        wrong = "the error was not told" if untold else self.wrong(run, code, fault)
        shutil.rmtree(run.folder)
        return f"{call} {n} {fault}: {wrong}" if wrong else ""

    def wrong(self, run, code, fault):
        if fault == "signal=KILL" and code != -9:
            return f"it was not killed but ended with {code}"
        if code not in (SAVED, FAILED, -9):
            return f"it ended with {code}"
        try:
            found = self.kind.found(run)
        except Exception as error:
            return f"unreadable: {error!r}"
        if found is None or (code == SAVED and found != 1):
            return f"found {found} after exit code {code}"
        self.kind.save(run)  # what it left behind is in nobody's way
        return "" if self.kind.found(run) == 1 and not litter(run) else f"litter {litter(run)}"


def litter(run):
    return [path.name for path in run.folder.glob("*/.*")]


def tried(bench, kind, calls, faults):
    """Every fault at every one of these calls; prints the figure."""
    counted = {call: times for call, times in bench.calls(kind).items() if calls(call)}
    assert {"openat", "write", "fsync", "rename"} <= set(counted)
    points = [(call, n, fault) for call, times in counted.items() for n in range(1, times + 1) for fault in faults]
    wrong = [said for point in points if (said := bench.try_at(*point))]
    print(f"{kind.__name__}: {len(points)} points ({', '.join(faults)}) at {counted}: {len(wrong)} bad")
    assert not wrong, wrong
    assert points
