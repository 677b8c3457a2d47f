"""The process that decodes pictures: it reads encoded ones, writes pixels, and may do nothing else.

It is started as `python -m explorer.pictures.child FD` and ends with its input, or when nothing came for a while. A
batch comes as a line of JSON with the length of each file, then the files. Answers go back in groups: a line of JSON
with one object for each file, then the pixels of all. How many files of the batch are done stands at the beginning of
the file FD, so that the one is known at which this process ends.
"""

import json
import math
import mmap
import os
import resource
import select
import signal
import sys
import warnings
from contextlib import suppress
from typing import IO

from explorer.pictures.decode import Picture, Wanted, decode
from explorer.pictures.limits import MEMORY, SECONDS, Unfit, seconds

IDLE = 20.0  # seconds
GROUP = 2_000_000  # bytes of pixels that are answered in one go
FEW = 1_000_000  # pixels: fewer are decoded in no time
DONE = 8  # bytes


def main() -> None:
    """Answer batches until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: whoever started this says when it is over
    done = mmap.mmap(int(sys.argv[-1]), DONE)
    with os.fdopen(0, "rb", closefd=False) as batches, os.fdopen(os.dup(1), "wb", buffering=0) as answers:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)  # what a library prints is no answer
        os.dup2(nowhere, 2)
        warnings.simplefilter("ignore")  # of what is refused with a reason
        _limit()
        answers.write(b"ready\n")
        with suppress(BrokenPipeError):
            while select.select([batches], [], [], IDLE)[0] and (line := batches.readline()):
                _answer(json.loads(line), batches, answers, done)


def _answer(batch: dict, batches: IO[bytes], answers: IO[bytes], done: mmap.mmap) -> None:
    files = [batches.read(length) for length in batch["lengths"]]  # all, before the first is answered
    group, size, allowance = [], 0, _Allowance()
    for i, file in enumerate(files):
        done[:] = i.to_bytes(DONE, "big")
        try:
            found = decode(file, Wanted(*batch["wanted"]), allowance.need)
            size += found.pixels.nbytes
        except Unfit as reason:
            found = str(reason)
        group.append(found)
        if size > GROUP or i == len(files) - 1:
            _write(answers, group)
            group, size = [], 0


def _write(answers: IO[bytes], group: list[Picture | str]) -> None:
    about = [{"why": it} if isinstance(it, str) else _described(it) for it in group]
    pixels = (it.pixels.tobytes() for it in group if isinstance(it, Picture))
    rest = memoryview(b"".join([json.dumps(about).encode(), b"\n", *pixels]))
    while len(rest):
        rest = rest[answers.write(rest) :]


def _described(it: Picture) -> dict:
    return {"shape": it.pixels.shape, "mark": it.mark.hex(), "notes": it.notes, "bits": [it.bits, it.stored]}


class _Allowance:
    """How long a processor may work: a new allowance for each large picture, and for each few small ones."""

    def __init__(self) -> None:
        self.pixels = 0  # since the last allowance
        _allow(SECONDS)

    def need(self, pixels: int) -> None:
        """A picture of so many pixels is next."""
        self.pixels += pixels
        if self.pixels > FEW:
            self.pixels = 0
            _allow(seconds(pixels))


def _limit() -> None:
    """No more memory than any picture takes; no file that is written, and none of a crash."""
    with suppress(OSError, ValueError):  # systems without /proc, or without such a limit
        with open("/proc/self/statm") as file:  # noqa: PTH123 - pathlib is not imported here
            has = int(file.read().split()[0]) * resource.getpagesize()
        _set(resource.RLIMIT_AS, has + MEMORY)
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        with suppress(OSError, ValueError):
            _set(limit, 0)


def _allow(seconds: int) -> None:
    """So many seconds of a processor from now on; then the system ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    with suppress(OSError, ValueError):
        _set(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime) + seconds)


def _set(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


if __name__ == "__main__":
    main()
