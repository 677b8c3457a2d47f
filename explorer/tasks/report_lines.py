"""What the command line says of a report card: a table of all numbers, and what could not be measured."""

from collections.abc import Mapping
from typing import Any

from explorer.tasks.compare_report import table
from explorer.tasks.task import rounded

ARROWS = {"higher": "higher is better", "lower": "lower is better", "": ""}


def lines(scores: Mapping[str, Any]) -> list[str]:
    """A row for each number, a column for each model; then why some are missing."""
    if not scores:
        return []
    rows = [["", *scores["columns"], ""]]
    for each in scores["desiderata"]:
        rows.append([each["title"], *[""] * (1 + len(scores["columns"]))])
        for number in each["numbers"].values():
            values = ["-" if value is None else rounded(value) for value in number["values"]]
            rows.append([f"  {number['title']}", *values, ARROWS[number["better"]]])
    head = f"{scores['n']:,} images, {scores['labels']:,} labelled training images"
    return [head, "", *table(rows), *_missing(scores)]


def _missing(scores: Mapping[str, Any]) -> list[str]:
    said: dict[str, list[str]] = {}
    for each in scores["desiderata"]:
        for column, why in zip(scores["columns"], each["refused"], strict=True):
            if why:
                said.setdefault(f"{each['title'].lower()}: {why}", []).append(column)
    every = len(scores["columns"])
    return [f"note: {why}" + ("" if len(of) == every else f" ({', '.join(of)})") for why, of in said.items()]
