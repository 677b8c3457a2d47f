"""The tables of what maps cost, from their rows alone: of several of one kind the last."""

from statistics import median

from explorer.benchmarks.report import grid
from explorer.benchmarks.speed.comparison import Row
from explorer.benchmarks.speed.report import date, number
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import SHIPPED

PLACE = SHIPPED.parent / "results" / "maps.jsonl"
PREFACE = (
    "Made from the rows in `maps.jsonl`, which `make bench-maps` adds to, those of 60,000 points by `python -m "
    "explorer.benchmarks.maps --many`. Times are core-seconds of one thread, after a small map that imports and "
    "compiles; *load* is the load average of the machine."
)
LECTURE = (
    "The first 500 test images by the codes of the lecture's autoencoder (784-128-128-10, five epochs): the seconds "
    "that the lecture printed on its machine, and on this one scikit-learn as the lecture called it and the estimator "
    "behind our map, in turn, as medians over n runs (fastest to slowest). These are the coordinates alone."
)
WHOLE = (
    "All that the job of a map computes once the features are there: neighbours in the space, coordinates, "
    "trustworthiness and continuity, and whether the features can be told from a Gaussian. *Peak* is the most memory "
    "of the process until then, with the images and the model. More than 10,000 points are measured on a fifth as many."
)


def chapter(rows: list[Row]) -> str:
    """Both tables; empty where nothing was measured."""
    of = {kind: [row for row in rows if row["kind"] == kind] for kind in ("lecture", "whole")}
    parts = [part(text, table(of[kind]), of[kind]) for kind, text, table in
             (("lecture", LECTURE, _lecture), ("whole", WHOLE, _whole)) if of[kind]]  # fmt: skip
    return "\n\n".join(["## Maps", PREFACE, *parts]) if parts else ""


def part(text: str, table: str, rows: list[Row]) -> str:
    """What was measured and where, and the table."""
    machines = dict.fromkeys(f"{row['hardware']}; Python {row['python']}, {_versions(row)}" for row in rows)
    return "\n\n".join([text, f"{'; '.join(machines)}.", table])


def _versions(row: Row) -> str:
    return ", ".join(f"{name} {version}" for name, version in row["versions"].items())


def _lecture(rows: list[Row]) -> str:
    last = {row["how"]: row for row in rows}
    titles = ["map", "the lecture, s", "scikit-learn here, s", "ours, s", "n", "trustworthiness, theirs and ours",
              "load", "date"]  # fmt: skip
    return grid(titles, [_lecture_line(last[how]) for how in PROJECTIONS if how in last])


def _lecture_line(row: Row) -> list[str]:
    took, trust = row["took"], row["trust"]
    peer = spread(took["peer"]) if "peer" in took else ""
    both = " and ".join(f"{trust[side]:.3f}" for side in ("peer", "ours") if side in trust)
    printed = f"{row['lecture']:g}" if row["lecture"] else ""
    return [PROJECTIONS[row["how"]].title, printed, peer, spread(took["ours"]), str(len(took["ours"])), both,
            f"{row['load']:.1f}", date(row)]  # fmt: skip


def spread(values: list[float]) -> str:
    """The median, and the fastest to the slowest."""
    return f"{number(median(values))} ({number(min(values))} to {number(max(values))})"


def _whole(rows: list[Row]) -> str:
    last = {(row["how"], row["dims"], row["n"]): row for row in rows}
    order = sorted(last, key=lambda key: (list(PROJECTIONS).index(key[0]), *key[1:]))
    titles = ["map", "dimensions", "points", "core-seconds", "peak, GB", "trustworthiness", "continuity", "features",
              "load", "date"]  # fmt: skip
    return grid(titles, [_whole_line(last[key]) for key in order])


def _whole_line(row: Row) -> list[str]:
    worth = [f"{row[name]:.3f}" for name in ("trustworthiness", "continuity")]
    of = f"{row['features']} of {row['model']}, {row['data']}"
    return [PROJECTIONS[row["how"]].title, str(row["dims"]), f"{row['n']:,}", number(row["core_seconds"]),
            f"{row['peak_gb']:.2f}", *worth, of, f"{row['load']:.1f}", date(row)]  # fmt: skip
