"""The command: `python -m explorer.benchmarks.maps [PROJECTION …] [--many]`."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from explorer import Refused, choose
from explorer.benchmarks import results
from explorer.benchmarks.maps import report
from explorer.benchmarks.speed.comparison import Row
from explorer.benchmarks.speed.pairs import ALONE, ROOT, read
from explorer.evaluation.projections import PROJECTIONS
from explorer.system.machine import KEEPS_MEMORY, cores, processor

POINTS = (500, 2_000, 10_000)
MANY = 60_000  # on request
TIMES = 5
PACKAGES = ("openTSNE", "umap-learn", "numba", "scikit-learn", "numpy")


def main(words: list[str] | None = None) -> int:
    """Measure, write each row at once, and print their tables; 2 where a request or a process was refused."""
    args = options().parse_args(words)
    try:
        rows = []
        for asked in requests(args):
            for row in process(asked):
                rows.append({**header(asked["kind"]), **row})
                print(json.dumps(row), file=sys.stderr, flush=True)
                results.append(Path(args.out), rows[-1])
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(report.chapter(rows))
    return 0


def options() -> argparse.ArgumentParser:
    """Which maps."""
    parser = argparse.ArgumentParser("python -m explorer.benchmarks.maps", description=main.__doc__)
    names = f"of {', '.join(PROJECTIONS)}, or lecture [all]"
    parser.add_argument("names", nargs="*", metavar="PROJECTION", help=names)
    parser.add_argument("--dims", type=int, choices=(2, 3), action="append", help="of the maps [2 and 3]")
    parser.add_argument("--points", type=int, action="append", help=f"of each map [{', '.join(map(str, POINTS))}]")
    parser.add_argument("--many", action="store_true", help=f"PCA, t-SNE and UMAP of {MANY:,} points on a plane alone")
    parser.add_argument("--out", default=str(report.PLACE), help="the .jsonl file of the rows [maps.jsonl]")
    return parser


def requests(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """What each process is asked for; a projection whose memory grows with the square takes as many as it may."""
    for name in args.names:
        choose("map", name, {**PROJECTIONS, "lecture": None})
    chosen = args.names or ["lecture", *PROJECTIONS]
    if "lecture" in chosen and not args.many:
        yield {"kind": "lecture", "n": 500, "times": TIMES}
    for how in [name for name in PROJECTIONS if name in chosen]:
        if args.many and not PROJECTIONS[how].squared:
            yield {"kind": "whole", "how": how, "points": [MANY], "dims": 2}
        for dims in () if args.many else args.dims or (2, 3):
            points = sorted({min(n, PROJECTIONS[how].most) for n in args.points or POINTS})
            yield {"kind": "whole", "how": how, "points": points, "dims": dims}


def process(asked: dict[str, Any]) -> Iterator[Row]:
    """The rows of a process of its own, with one thread; raises `Refused` with its last words where it fails."""
    words = [sys.executable, "-m", "explorer.benchmarks.maps.worker", json.dumps(asked)]
    env = {**os.environ, **ALONE, **KEEPS_MEMORY, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        for line in child.stdout or ():
            if row := read(line):
                yield row
        reason = child.stderr.read() if child.stderr else ""
    if child.returncode:
        raise Refused(f"a map was not measured: {(reason.strip().splitlines() or ['it ended'])[-1]}")


def header(kind: str) -> Row:
    """Where, with what, and when."""
    versions = {package: version(package) for package in PACKAGES}
    when = datetime.now(UTC).isoformat(timespec="seconds")
    machine = {"hardware": f"{processor()}, 1 thread, {cores()} cores", "python": platform.python_version()}
    return {"kind": kind, **machine, "versions": versions, "date": when, "load": os.getloadavg()[0]}


if __name__ == "__main__":
    sys.exit(main())
