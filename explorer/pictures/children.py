"""Where pictures are decoded: in processes with limits of memory and time, several at once, never in this one."""

import atexit
import json
import math
import mmap
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

import numpy as np

from explorer.errors import Refused
from explorer.pictures.child import DONE
from explorer.pictures.decode import NOTES, Picture, Wanted

MOST = 4  # processes at once for one caller
BATCH, BATCH_BYTES = 32, 4_000_000  # files that are handed over in one go
PATIENCE = 60.0  # seconds without an answer: then it hangs, as what computes is ended by its limit
PIPE = 2**20  # bytes
COMMAND = (sys.executable, "-m", "explorer.pictures.child")
SOURCE = Path(__file__).parents[2]


class GivenUp(str):
    """The reason why a file was given up while it was decoded: it took a process with it."""


class _Lost(Exception):
    """The process has ended, or does not answer."""


class _Child:
    """One process; raises `_Lost` once it has ended."""

    def __init__(self) -> None:
        path = os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH")]))
        env = os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with tempfile.TemporaryFile() as shared:
            shared.truncate(DONE)
            self.done = mmap.mmap(shared.fileno(), DONE)
            number = shared.fileno()
            self.process = subprocess.Popen([*COMMAND, str(number)], env=env, bufsize=0, pass_fds=[number], **pipes)
        self.buffer, self.at, self.answers = bytearray(), 0, 0
        _widen(self.process.stdin, self.process.stdout)
        try:
            self._line()  # it is ready
        except _Lost:
            self.process.kill()
            said = self.process.stderr.read().decode("utf-8", "replace").strip().rpartition("\n")[2][:300]
            self.end()
            raise Refused(
                f"no process that decodes pictures can be started ({said or 'it ended at once'}): see that "
                f"{sys.executable} has Pillow and numpy, and that there is memory"
            ) from None

    def send(self, files: Sequence[bytes], wanted: Wanted) -> None:
        """Hand a batch over; `group` gives some of its answers after the other."""
        self.done[:] = bytes(DONE)
        head = json.dumps({"wanted": wanted, "lengths": [len(file) for file in files]}).encode() + b"\n"
        try:
            for part in [b"".join([head, *files])] if sum(map(len, files)) < PIPE else [head, *files]:
                self._write(part)
        except OSError as error:
            raise _Lost from error

    def group(self, wanted: Wanted) -> list[Picture | str]:
        """The next pictures, or why there are none; what is no such answer ends the process."""
        try:
            group = [self._answer(about, wanted) for about in json.loads(self._line())]
            if not group:
                raise _Lost
        except (ValueError, KeyError, TypeError) as error:
            raise _Lost from error
        self.answers += len(group)
        return group

    def place(self) -> int:
        """Which file of the batch is being decoded."""
        return int.from_bytes(self.done[:], "big")

    def _answer(self, about: dict, wanted: Wanted) -> Picture | str:
        if "why" in about:
            return str(about["why"])
        shape = tuple(map(int, about["shape"]))
        if not _fits(shape, wanted):
            raise _Lost
        pixels = np.frombuffer(self._read(math.prod(shape)), np.uint8).reshape(shape)
        notes = tuple(note for note in NOTES if note in about["notes"]) if about["notes"] else ()
        bits, stored = map(int, about["bits"])
        return Picture(pixels, bytes.fromhex(about["mark"]), notes, bits, stored)

    def is_idle(self) -> bool:
        """Whether it still waits for work."""
        return self.process.poll() is None and not select.select([self.process.stdout], [], [], 0)[0]

    def end(self) -> int:
        """End it; the number of the signal that it has got, as a negative number."""
        with suppress(subprocess.TimeoutExpired):  # the end of its answers comes a moment before its own
            self.process.wait(0.5)
        self.process.kill()
        self.done.close()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with suppress(OSError):
                pipe.close()
        return self.process.wait()

    def _write(self, part: bytes) -> None:
        rest = memoryview(part)
        while len(rest):
            rest = rest[self.process.stdin.write(rest) :]

    def _line(self) -> bytes:
        while (end := self.buffer.find(b"\n", self.at)) < 0:
            self._more()
        line, self.at = bytes(self.buffer[self.at : end]), end + 1
        return line

    def _read(self, size: int) -> bytes:
        while len(self.buffer) < self.at + size:
            self._more()
        found, self.at = bytes(self.buffer[self.at : self.at + size]), self.at + size
        if self.at == len(self.buffer):
            self.buffer, self.at = bytearray(), 0
        return found

    def _more(self) -> None:
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            self.process.kill()
            raise _Lost
        part = os.read(self.process.stdout.fileno(), PIPE)
        if not part:
            raise _Lost
        self.buffer += part


_idle: deque[_Child] = deque()  # started and free; each ends by itself where it is not needed for a while


def decode(files: Sequence[bytes], wanted: Wanted) -> list[Picture | str]:
    """For each file its picture or the reason why it is none; a file that breaks a process is tried once.

    Raises `Refused` where no process can be started.
    """
    answers: list[Picture | str] = [""] * len(files)
    waiting = list(range(len(files)))
    while waiting:
        child = _borrowed()
        got, used = 0, child.answers > 0
        try:
            child.send([files[i] for i in waiting], wanted)
            while got < len(waiting):
                group = child.group(wanted)
                for i, answer in zip(waiting[got:], group, strict=False):
                    answers[i] = answer
                got += len(group)
            _idle.append(child)
            break
        except _Lost:
            place = max(got, min(child.place(), len(waiting) - 1))
            code = child.end()
            if used and not place and code != -signal.SIGXCPU:  # it may have ended before, idle: a new one tells
                end_all()
                continue
            answers[waiting[place]] = GivenUp(_why(code))
            waiting = [i for i in waiting[got:] if i != waiting[place]]
        except BaseException:
            child.process.kill()
            child.end()
            raise
    return answers


def decode_all(
    read: Callable[[str], bytes], names: Sequence[str], wanted: Wanted, workers: int
) -> Iterator[Picture | str]:
    """For each name its picture or why it is left out, in order; `read` gives a file, or raises `ValueError`."""
    parts = deque(names[at : at + BATCH] for at in range(0, len(names), BATCH))
    running: deque[Future[list[Picture | str]]] = deque()
    pool = ThreadPoolExecutor(workers, "pictures")
    try:
        while parts or running:
            while parts and len(running) <= workers:
                running.append(pool.submit(_part, read, parts.popleft(), wanted))
            yield from running.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _part(read: Callable[[str], bytes], names: Sequence[str], wanted: Wanted) -> list[Picture | str]:
    """A few files that are read and decoded together; large ones one by one."""
    answers: list[Picture | str] = []
    batch: list[bytes] = []
    places: list[int] = []

    def flush() -> None:
        for place, answer in zip(places, decode(batch, wanted), strict=True):
            answers[place] = answer
        batch.clear()
        places.clear()

    for name in names:
        try:
            batch.append(read(name))
            places.append(len(answers))
            answers.append("")
        except ValueError as error:
            answers.append(str(error))
        if sum(map(len, batch)) >= BATCH_BYTES:
            flush()
    flush()
    return answers


def _borrowed() -> _Child:
    """A process that is free, or a new one."""
    while _idle:
        with suppress(IndexError):  # somebody else was faster
            child = _idle.pop()
            if child.is_idle():
                return child
            child.end()
    return _Child()


def _fits(shape: tuple[int, ...], wanted: Wanted) -> bool:
    if wanted.size:
        return shape == (3, wanted.size, wanted.size)
    return len(shape) == 3 and shape[0] == 3 and min(shape) > 0 and shape[1] * shape[2] <= wanted.most


def _why(code: int) -> str:
    if code == -signal.SIGXCPU:
        return "an image that takes too long to decode"
    if code == -signal.SIGKILL:
        return "an image that takes too long or too much memory to decode"
    return f"an image that breaks off its decoder ({signal.Signals(-code).name if code < 0 else f'status {code}'})"


def _widen(*pipes: IO[bytes]) -> None:
    with suppress(ImportError, AttributeError, OSError):  # Linux alone
        import fcntl

        for pipe in pipes:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE)


def end_all() -> None:
    """End those that are free."""
    while _idle:
        child = _idle.pop()
        child.process.kill()
        child.end()


atexit.register(end_all)
os.register_at_fork(after_in_child=lambda: _idle.clear())  # those of the parent are its own
