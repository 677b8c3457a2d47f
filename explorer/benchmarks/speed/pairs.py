"""Ours and the peer in turn, each in a process of its own: a machine that slows down slows down both."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

from explorer import Refused
from explorer.benchmarks.speed.comparison import Row, Side

ROOT = Path(__file__).resolve().parents[3]
THREADS = ("OMP", "MKL", "OPENBLAS", "NUMBA")
ALONE = {**{f"{library}_NUM_THREADS": "1" for library in THREADS}, "CUDA_VISIBLE_DEVICES": ""}


class Ratio(NamedTuple):
    """How many times as fast ours is: the median over the pairs, the lowest and the highest."""

    median: float
    lowest: float
    highest: float


def process(words: list[str], folders: list[Path], environment: dict[str, str] | None = None) -> Row:
    """The last line of what a Python process prints, as JSON; it has one thread, and finds packages in `folders`.

    Raises `Refused` with its last words where it fails.
    """
    env = {**os.environ, **ALONE, **(environment or {}), "PYTHONPATH": os.pathsep.join(map(str, [*folders, ROOT]))}
    ended = subprocess.run([sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True)
    last = (ended.stdout.strip().splitlines() or [""])[-1]
    if not ended.returncode and (row := read(last)):
        return row
    reason = (ended.stderr.strip().splitlines() or [f"it ended with '{last}', which is no row"])[-1]
    raise Refused(f"{' '.join(words)} failed: {reason}")


def read(line: str) -> Row | None:
    """A row of JSON, where a line is one."""
    with suppress(ValueError):
        row = json.loads(line)
        return row if isinstance(row, dict) else None
    return None


def alternate(measure: Callable[[Side], Row], pairs: int) -> list[Row]:
    """Ours, the peer, ours, the peer …: so many pairs, each with the load of the machine before it."""
    return [{"load": os.getloadavg()[0], "ours": measure("ours"), "peer": measure("peer")} for _ in range(pairs)]


def rate(side: Row, by: str = "core_seconds") -> float:
    """How much is done in a second `by` the clock or in a core-second."""
    return side["n"] / side[by]


def ratio(pairs: list[Row], by: str = "core_seconds") -> Ratio:
    """The rate of ours over the peer's, pair by pair."""
    ratios = [rate(pair["ours"], by) / rate(pair["peer"], by) for pair in pairs]
    return Ratio(median(ratios), min(ratios), max(ratios))
