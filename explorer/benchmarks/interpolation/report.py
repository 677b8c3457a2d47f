"""The table of interpolations, from their rows alone: of several of one arm and seed the last."""

from collections.abc import Iterable, Mapping
from statistics import mean
from typing import Any

from explorer.benchmarks.report import grid
from explorer.benchmarks.speed.comparison import Row
from explorer.evaluation.statistics import percent
from explorer.evaluation.straying import collapsed
from explorer.runs import SHIPPED

PLACE = SHIPPED.parent / "results" / "interpolation.jsonl"
WAYS = {"linear": "linear", "spherical": "spherical", "data": "through the data"}
PREFACE = (
    "Made from the rows in `interpolation.jsonl`, which `python -m explorer.benchmarks.interpolation` adds to. Pairs "
    "of validation images of different classes; *straying* is the distance of the pictures between the two ends to "
    "the nearest training image, 1 = that of a real image which is not in training; *over its ends* is what that is "
    "more than at the way's own two ends, so that a decoder's blur, which lies nearer to all images, counts on "
    "neither side; *ends apart* is the distance of these two ends over that of the two images: near 0 the code has "
    "collapsed, and below 0.1 nothing is compared: a way that goes nowhere adds nothing. Ways through the data run "
    "along one half of the training images, and all ways are measured to the other. The pictures are looked at in "
    "spaces that no way lives in: pixels, an untrained encoder's features, and those of a SimCLR that comes along. "
    "Each cell is the mean over the seeds of the trainings (lowest to highest) on the same pairs; *surely* counts the "
    "seeds whose 95% interval over the pairs, with shared images accounted for, leaves out zero on this side. PCA has "
    "as many dimensions as the code."
)
NOWHERE = "collapsed"  # in place of a comparison
TITLES = ["data", "space", "arm", "way", "n", "straying", "minus blend", "surely", "nearer than the blend", "minus PCA",
          "surely", "over its ends", "over its ends, minus blend", "surely", "ends apart"]  # fmt: skip


def chapter(rows: list[Row]) -> str:
    """The table of each data set and space; empty where nothing was measured."""
    rows = current(rows)
    if not rows:
        return ""
    last = {(row["dataset"], row["arm"], row["seed"]): row for row in rows}
    body = []
    for dataset in dict.fromkeys(row["dataset"] for row in rows):
        here = [row for key, row in last.items() if key[0] == dataset]
        for space in here[0]["spaces"]:
            body += [line for arm in dict.fromkeys(row["arm"] for row in here)
                     for line in _arm(dataset, space, arm, [row for row in here if row["arm"] == arm])]  # fmt: skip
            body += [_reference(dataset, space, name, here) for name in ("pca", "blend")]
    about = "; ".join(dict.fromkeys(
        f"`{row['dataset']}`: {row['pairs']} pairs of {row['images']} images, {row['steps']} pictures each, "
        f"measured to {row['training']:,} training images, ways through the data along {row['along']:,} others, codes "
        f"of {row['dimensions']}" for row in last.values()
    ))  # fmt: skip
    return "\n\n".join(["## Interpolation", PREFACE, f"{about}.", grid(TITLES, body)])


def current(rows: list[Row]) -> list[Row]:
    """Rows whose ways through the data do not run along the images that they are measured to."""
    return [row for row in rows if "along" in row]


def _arm(dataset: str, space: str, arm: str, rows: list[Row]) -> list[list[str]]:
    """A line for each way of one arm."""
    lines = []
    for way, title in WAYS.items():
        of = [row["spaces"][space][way] for row in rows]
        live = [each for each in of if not collapsed(each)]
        nearer = percent(mean(each["against_blend"]["nearer"] for each in live)) if live else NOWHERE
        lines.append([
            dataset, space, arm, title, counted(of), over([each["stray"][0] for each in of]),
            *against(live, "blend", "difference"), nearer, *against(live, "pca", "difference"),
            over([each["added"][0] for each in live], "+") if live else NOWHERE, *against(live, "blend", "added"),
            over([each["reach"] for each in of]),
        ])  # fmt: skip
    return lines


def counted(ways: list[Mapping[str, Any]]) -> str:
    """How many trainings, and how many of them are left out of every comparison."""
    lost = sum(map(collapsed, ways))
    return f"{len(ways)}, {lost} collapsed" if lost else str(len(ways))


def against(ways: Iterable[Mapping[str, Any]], other: str, name: str) -> tuple[str, str]:
    """The difference from another way in those that go somewhere, and how many are sure; or that none does."""
    live = [each[f"against_{other}"][name] for each in ways if not collapsed(each)]
    return both(live) if live else (NOWHERE, "")


def _reference(dataset: str, space: str, name: str, rows: list[Row]) -> list[str]:
    """PCA of equal size or the blend: the same for all arms and seeds."""
    way = rows[0]["spaces"][space][name]
    line = [dataset, space, {"pca": "PCA of equal size", "blend": "pixel blend"}[name], "linear", "1",
            over([way["stray"][0]])]  # fmt: skip
    if name == "blend":
        return [*line, "", "", "", "", "", over([way["added"][0]], "+"), "", "", "1.000"]
    against = way["against_blend"]
    return [*line, *both([against["difference"]]), percent(against["nearer"]), "", "", over([way["added"][0]], "+"),
            *both([against["added"]]), over([way["reach"]])]  # fmt: skip


def over(values: list[float], sign: str = "") -> str:
    """The mean, and the lowest to the highest."""
    texts = [f"{value:{sign}.3f}".replace("-", "−") for value in (mean(values), min(values), max(values))]
    return texts[0] if len(values) == 1 else f"{texts[0]} ({texts[1]} to {texts[2]})"


def both(intervals: list[list[float]]) -> tuple[str, str]:
    """The mean difference, and in how many seeds its interval leaves out zero on the side of that mean."""
    middle = [each[0] for each in intervals]
    sure = sum(low > 0 if mean(middle) > 0 else high < 0 for _, low, high in intervals)
    return over(middle, "+"), f"{sure} of {len(intervals)}"
