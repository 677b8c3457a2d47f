"""All pairs of one comparison, as one row of a file that only grows."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version

from explorer.benchmarks.speed import peers
from explorer.benchmarks.speed.comparison import Comparison, Row, Side
from explorer.benchmarks.speed.pairs import alternate, process
from explorer.runs import SHIPPED
from explorer.system.machine import cores, processor

PLACE = SHIPPED.parent / "results" / "speed.jsonl"
WORKER = "explorer.benchmarks.speed.worker"


def compare(compared: type[Comparison], pairs: int, small: bool = False) -> Row:
    """Ours and the peer in turn, after one small pair that is not counted; raises `Refused` where a side fails."""
    folders = [peers.prepare()] if compared.installed else []

    def measure(side: Side, size: int) -> Row:
        words = ["-m", WORKER, compared.name, side, str(size)]
        return process(words, folders if side == "peer" else [], compared.environment(side))

    size = compared.small if small else compared.size
    if not small:
        alternate(lambda side: measure(side, compared.small), 1)
    return {**header(compared, size), "pairs": alternate(lambda side: measure(side, size), pairs)}


def header(compared: type[Comparison], size: int) -> Row:
    """What was compared, where, with what, and when."""
    about = {"comparison": compared.name, "title": compared.title(), "size": size, "unit": compared.unit}
    where = {"hardware": f"{processor()}, 1 thread, {cores()} cores", "goal": compared.goal, "peer": compared.against}
    where |= {"by": compared.by}
    versions = {"torch": version("torch"), "python": platform.python_version()}
    when = datetime.now(UTC).isoformat(timespec="seconds")
    return {**about, **where, **versions, "date": when, "load": os.getloadavg()[0]}
