"""What a piece of work costs: the seconds of the clock, and the core-seconds of this process and of its children."""

from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import perf_counter


class Clock:
    """Runs inside `with clock:`, and adds up where it is entered several times."""

    def __init__(self) -> None:
        self.seconds = self.core_seconds = 0.0

    def __enter__(self) -> None:
        self._before = perf_counter(), used()

    def __exit__(self, *_: object) -> None:
        seconds, core_seconds = self._before
        self.seconds += perf_counter() - seconds
        self.core_seconds += used() - core_seconds


def used() -> float:
    """The processor time of all threads of this process, and of its children that have ended."""
    parts = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in parts)
