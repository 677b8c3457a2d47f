"""The process that decodes pictures: it reads encoded ones, writes pixels, and may do nothing else.

It is started as `python -m explorer.pictures.child` and ends with its input, or when nothing came for a while. A batch
comes as a line of JSON with the length of each file, then the files; each is answered by a line of JSON, then pixels.
"""

import json
import math
import os
import resource
import select
import signal
import warnings
from contextlib import suppress
from typing import IO

from explorer.pictures.decode import Picture, Wanted, decode
from explorer.pictures.limits import MEMORY, SECONDS, Unfit

IDLE = 20.0  # seconds


def main() -> None:
    """Answer batches until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: whoever started this says when it is over
    with os.fdopen(0, "rb", closefd=False) as batches, os.fdopen(os.dup(1), "wb", buffering=0) as answers:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)  # what a library prints is no answer
        os.dup2(nowhere, 2)
        warnings.simplefilter("ignore")  # of what is refused with a reason
        _limit()
        answers.write(b"ready\n")
        with suppress(BrokenPipeError):
            while select.select([batches], [], [], IDLE)[0] and (line := batches.readline()):
                _answer(json.loads(line), batches, answers)


def _answer(batch: dict, batches: IO[bytes], answers: IO[bytes]) -> None:
    files = [batches.read(length) for length in batch["lengths"]]  # all, before the first is answered
    for file in files:
        _allow(SECONDS)
        try:
            rest = memoryview(_packed(decode(file, Wanted(*batch["wanted"]), _allow)))
        except Unfit as reason:
            rest = memoryview(json.dumps({"why": str(reason)}).encode() + b"\n")
        while len(rest):  # before the next one is tried, which may be the last
            rest = rest[answers.write(rest) :]


def _packed(picture: Picture) -> bytes:
    about = {"shape": picture.pixels.shape, "mark": picture.mark.hex(), "notes": picture.notes, "bits": picture.bits}
    return json.dumps(about).encode() + b"\n" + picture.pixels.tobytes()


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
