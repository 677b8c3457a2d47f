"""Where a transfer goes wrong: the confusion matrix with its images, the surest mistakes, and where two arms differ."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from explorer import data
from explorer.data import DataSet
from explorer.evaluation import mistakes, statistics
from explorer.runs import Run
from explorer.tasks import transfer_outcomes
from explorer.tasks.task import TASKS
from explorer.tasks.transfer_outcomes import Named
from pages.ui.kit import matrix, messages, pictures
from pages.ui.sections.transfer_words import ARMS

CLASSES, SHOWN, PX = 14, 12, 68  # in the matrix; images of a cell or a list; pixels of one
CELL = "_transfer_cell"  # in the session: the run and the cell that is open

Facts = Mapping[str, Any]


def show(run: Run, target: DataSet) -> None:
    """The mistakes of one of its trainings, and beside it those of another on the same labels."""
    ended = transfer_outcomes.facts(run, TASKS["transfer"].config(run.spec))
    truth = target.splits["test"].y
    messages.heading("Where it goes wrong")
    if not ended:
        messages.caption("An earlier version has stored no class of a single image: start the transfer again.")
        return
    if transfer_outcomes.has_changed(run.scores() or {}, ended, target):
        messages.caption(
            f"{messages.plain(target.title)} has changed since: its test images are others than those that were named."
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="transfer-trainings"):
        labels = _choose("Labels per class", [each["labels"] for each in ended], last=True)
        seed = _choose("Seed", [each["seed"] for each in ended if each["labels"] == labels])
        same = {each["arm"]: each for each in ended if (each["labels"], each["seed"]) == (labels, seed)}
        order = [arm for arm in ARMS if arm in same]
        arm = _choose("Variant", order, titled=True)
    named = transfer_outcomes.named(run, same[arm])
    _matrix(run, target, arm, named, truth)
    if len(order) > 1:
        _apart(run, target, same, order)


def _choose(label: str, options: Sequence[Any], last: bool = False, titled: bool = False) -> Any:
    """One of these; where there is only one, nothing is asked."""
    options = list(dict.fromkeys(options))
    if len(options) == 1:
        return options[0]
    shown = {option: ARMS[option][0] if titled else str(option) for option in options}
    more = {"index": len(options) - 1 if last else 0, "format_func": shown.get, "width": 190}
    return st.selectbox(label, options, key=f"transfer-{label}", **more)


# ---------------------------------------------------------------------------------------------- the matrix


def _matrix(run: Run, target: DataSet, arm: str, named: Named, truth: np.ndarray) -> None:
    counts = mistakes.confusion(named.predicted, truth, len(target.classes))
    classes = mistakes.worst_classes(counts, CLASSES)
    shown = counts[np.ix_(classes, classes)]
    cell = _cell(run, classes, shown)
    left, right = st.columns([0.55, 0.45], gap="medium")
    with left:
        messages.prose(f"**Confusion matrix**: {ARMS[arm][0].lower()}, right on {_share(named.predicted == truth)}")
        names = [target.classes[i] for i in classes]
        label = "Confusion matrix: test images by their class and the class that was named; Enter opens a cell"
        key, totals = f"transfer-matrix-{run.id}", counts.sum(1)[classes].tolist()
        matrix.matrix(key, label, names, shown.tolist(), cell, _opener(run, classes), ("is", "named"), totals)
        some = f"The {len(classes)} of {len(counts)} classes with the most mistakes. " * (len(classes) < len(counts))
        rest = " The last column: all other classes." * (sum(totals) > int(shown.sum()))
        messages.caption(
            f"{some}Rows: the class of an image, columns: what was named.{rest} A click on a cell shows its images."
        )
    row, column = (int(classes[i]) for i in cell)
    rows = mistakes.in_cell(named.predicted, named.confidence, truth, row, column)
    with right:
        is_, taken = (messages.plain(target.classes[i]) for i in (row, column))
        what = f"{taken}, named rightly" if row == column else f"{is_} taken for {taken}"
        messages.prose(f"**{what}**: {len(rows):,} test images" + ", the surest first" * (len(rows) > 1))
        _images(target, rows, named, "transfer-cell", classes=False)
        _surest(target, arm, named, truth)


def _opener(run: Run, classes: np.ndarray) -> Any:
    """What keeps an opened cell by its classes: another variant may show others."""

    def opened(row: int, column: int) -> None:
        st.session_state[CELL] = run.id, int(classes[row]), int(classes[column])

    return opened


def _cell(run: Run, classes: np.ndarray, counts: np.ndarray) -> tuple[int, int]:
    """Where among the shown classes the cell stands that the visitor has opened, or that with the most mistakes."""
    id, *opened = st.session_state.get(CELL) or (None,)
    places = {int(of): place for place, of in enumerate(classes)}
    if id != run.id or not places.keys() >= {*opened}:
        return mistakes.most_frequent(counts)
    row, column = (places[of] for of in opened)
    return row, column


# ---------------------------------------------------------------------------------------------- lists of images


def _surest(target: DataSet, arm: str, named: Named, truth: np.ndarray) -> None:
    rows = mistakes.confident(named.predicted, named.confidence, truth)
    messages.prose(f"**Most confident mistakes** of {ARMS[arm][0].lower()} ({len(rows):,} in all)")
    _images(target, rows, named, "transfer-surest")


def _apart(run: Run, target: DataSet, same: Mapping[str, Facts], order: Sequence[str]) -> None:
    """The images that one arm names rightly and another wrongly, both ways."""
    truth = target.splits["test"].y
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="transfer-two"):
        first = _choose("One variant", order, titled=True)
        second = _choose("against", [arm for arm in order if arm != first], titled=True)
    of = {arm: transfer_outcomes.named(run, same[arm]) for arm in (first, second)}
    for place, (a, b) in zip(st.columns(2, gap="medium"), ((first, second), (second, first)), strict=True):
        with place:
            rows = mistakes.only_first_right(of[a].predicted, of[b].predicted, truth, of[b].confidence)
            messages.prose(f"**{ARMS[a][0]} right, {ARMS[b][0].lower()} wrong**: {len(rows):,} of {len(truth):,}")
            _images(target, rows, of[b], f"transfer-only-{a}")


def _images(target: DataSet, rows: np.ndarray, named: Named, key: str, classes: bool = True) -> None:
    """The first of these test images, each with what was named and how surely."""
    if not len(rows):
        messages.caption("There is none.")
        return
    some, truth = rows[:SHOWN], target.splits["test"].y
    with st.container(key=key):
        sure = [statistics.percent(float(named.confidence[row])) for row in some]
        taken = [f"{target.classes[truth[row]]} → {target.classes[named.predicted[row]]} " * classes for row in some]
        words = [f"{name}{share}" for name, share in zip(taken, sure, strict=True)]
        alts = [f"{target.classes[truth[row]]} (test image {row}), named" for row in some]
        pictures.strip(data.thumbnails(target, "test", some), words, PX, alts)
        if len(rows) > SHOWN:
            messages.caption(f"The first {SHOWN} of {len(rows):,}.")


def _share(right: np.ndarray) -> str:
    return f"{statistics.percent(right.mean(), len(right))} of {len(right):,} test images"
