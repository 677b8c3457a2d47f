"""The rows of a study: one for each finished run, in a file that only grows."""

import fcntl
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from explorer.benchmarks.protocol import Arm, Protocol, Study, protocol_of
from explorer.runs import SHIPPED, metrics

Row = dict[str, Any]
EXACT = ("asked", "protocol", "hyperparameters", "train")  # what is asked for; the rest is measured
NEEDED = {"arm": str, "asked": dict, "seed": int, "data": str, "n_bank": int, "n_test": int, "hardware": str}


def place(study: str, dataset: str) -> Path:
    """Where the rows of a study lie: they come with the project."""
    return SHIPPED.parent / "results" / f"{study}-{dataset}.jsonl"


def datasets(study: str) -> list[str]:
    """The data sets that a study has rows of."""
    paths = sorted((SHIPPED.parent / "results").glob(f"{study}-*.jsonl"))
    return [path.stem.removeprefix(f"{study}-") for path in paths]


def studies() -> list[str]:
    """The studies that have rows; a data set's name has no hyphen."""
    return sorted({path.stem.rpartition("-")[0] for path in (SHIPPED.parent / "results").glob("*-*.jsonl")})


def read(path: Path, study: str, dataset: str) -> list[Row]:
    """The rows of this study on this data set; a torn last line is none."""
    return [
        row for row in metrics.read(path) if (row.get("study"), row.get("dataset")) == (study, dataset) and sound(row)
    ]


def sound(row: Row) -> bool:
    """Whether a row is of this version, and has all that a table asks of it: another protocol is not mixed in."""
    return protocol_of(row) is not None and all(isinstance(row.get(name), kind) for name, kind in NEEDED.items())


def left_out(path: Path) -> int:
    """How many rows of a file are damaged or of another version."""
    return sum(not sound(row) for row in metrics.read(path))


def append(path: Path, row: Row) -> None:
    """Write one row at the end, one process after the other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    row = {name: value if name in EXACT else rounded(value) for name, value in row.items()}
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        metrics.append(path, row)


def of(known: Iterable[Row], arm: Arm, protocol: Protocol, seed: int | None = None) -> list[Row]:
    """The rows of an arm on a protocol, whatever it is called; of one seed, or of all."""
    asked = _text(arm.definition())
    rows = [row for row in known if _text(row["asked"]) == asked and protocol_of(row) == protocol]
    return [row for row in rows if seed is None or row["seed"] == seed]


def outdated_defaults(row: Row, present: Row) -> bool:
    """Whether a method has other defaults by now than when the row was written; new hyperparameters do not count."""
    pairs = [(row.get(kind, {}), present.get(kind, {})) for kind in ("hyperparameters", "train")]
    return any(then[name] != now[name] for then, now in pairs for name in then.keys() & now.keys())


def elsewhere(folder: Path, study: Study, dataset: str) -> Iterator[Row]:
    """Rows of other studies on this data set that have measured all that this one wants to know."""
    for path in sorted(folder.glob(f"*-{dataset}.jsonl")):
        for row in metrics.read(path):
            other = row.get("dataset") == dataset and row.get("study") != study.name
            if other and sound(row) and set(study.extras) <= set(row.get("extras", ())):
                yield row


def _text(asked: Any) -> str:
    return json.dumps(asked, sort_keys=True, default=list)


def rounded(value: Any) -> Any:
    """Six digits: more are noise."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
