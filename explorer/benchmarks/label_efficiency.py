"""The horizontal gap between curves of accuracy over labels: how many labels one needs for what the other has."""

import math
from statistics import mean

from explorer.benchmarks.report import grid, mean_and_range
from explorer.benchmarks.results import Row
from explorer.evaluation.label_curve import Curve, labels_needed

WANTED = "supervised"  # its curve is walked along


def summary_table(rows: dict[str, dict[int, Row]]) -> str:
    """The curves of one protocol as a table, and for each point how many labels supervised learning needs for it."""
    seeds = sorted({seed for of in rows.values() for seed in of})
    own = {seed: supervised(rows, seed) for seed in seeds}
    theirs = {
        arm: {seed: linear_probe(row) for seed, row in of.items()}
        for arm, of in rows.items()
        if not arm.startswith(WANTED)
    }
    points = sorted({n for curve in own.values() for n in curve})
    if not points or not theirs:
        return ""
    title = ["labels", WANTED]
    for arm in theirs:
        title += [arm, f"labels that {WANTED} needs for it"]
    lines = []
    for n in points:
        line = [f"{n:,}", mean_and_range([curve[n] for curve in own.values() if n in curve], 3)]
        for curves in theirs.values():
            reached = {seed: curve[n] for seed, curve in curves.items() if n in curve}
            wanted = [labels_needed(own[seed], value) for seed, value in reached.items() if own[seed]]
            line += [mean_and_range(reached.values(), 3), gap(n, wanted, max(points))]
        lines.append(line)
    return grid(title, lines)


def supervised(rows: dict[str, dict[int, Row]], seed: int) -> Curve:
    """The accuracy of supervised learning from scratch along the labels, with one seed."""
    mine = [of[seed] for arm, of in rows.items() if arm.startswith(WANTED) and seed in of]
    return {row["n_train"]: row["accuracy"] for row in mine if "accuracy" in row}


def linear_probe(row: Row) -> Curve:
    """The linear probe along the labels."""
    if "failed" in row:
        return {}
    return {int(n): value for n, value in row.get("linear_at", {}).items()} | {row["n_bank"]: row["linear_100"]}


def gap(n: int, labels: list[float], most: int) -> str:
    """How many, and how many times as many; where a curve ends, more or fewer than it has."""
    if not labels:
        return ""
    if math.inf in labels:
        return f"more than {most:,} ({labels.count(math.inf)} of {len(labels)} seeds)"
    if 0.0 in labels:
        return "fewer than the fewest"
    return f"{mean(labels):,.0f} ({mean_and_range([each / n for each in labels], 1)} times)"
