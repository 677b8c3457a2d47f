"""Who is right where: four cells of two models, a confusion matrix of each, and whether one is better at all."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from explorer import data
from explorer.data import DataSet
from explorer.evaluation import mistakes, statistics
from explorer.evaluation.probes import PROBES
from explorer.tasks.compare_report import sign
from explorer.tasks.compare_result import CELLS, CompareResult
from pages.ui.kit import matrix, messages, pictures, url_state
from pages.ui.sections.compare_choice import Model

CLASSES, SHOWN, PX = 14, 14, 64  # in a matrix; images of a cell; pixels of one
CELL, CONFUSED = "_compare_cell", "_compare_confused"  # in the session: which cell is open


def show(result: CompareResult, pair: int, models: Sequence[Model], dataset: DataSet) -> None:
    """The agreement of two models by one probe, and below it the mistakes of each."""
    messages.heading("Who is right where")
    probes = result.probes()
    if not probes:
        messages.caption(_why(result))
        return
    two = tuple(models[i] for i in result.pairs()[pair])
    titles = {name: PROBES[name].title if name in PROBES else name for name in probes}
    probe = url_state.choice(st.segmented_control, "Probe", probes, key="probe", format_func=titles.get)
    it = result.scores["pairs"][pair]["agreement"][probe]
    messages.prose(verdict(it, two))
    _grid(result, pair, probe, two, dataset)
    _confusions(result, pair, probe, two, dataset)


def _why(result: CompareResult) -> str:
    """Why nobody is right or wrong."""
    notes = [note for note in result.scores["notes"] if "nobody is right or wrong" in note]
    return messages.sentence(notes[0]) if notes else "No probe has named a class."


def verdict(it: Mapping[str, Any], two: Sequence[Model]) -> str:
    """Whether one is better, in a sentence: what McNemar's test says of the images that one alone names rightly."""
    n = it["n"]
    first, second = (f"**{each.letter} alone {n[cell]:,}**" for each, cell in zip(two, CELLS[1:3], strict=True))
    by = {two[0].ref: two[0], two[1].ref: two[1]}
    better = by.get(it["better"])
    said = f"**{better.letter} is better**" if better else "**no difference**"
    amount = statistics.signed_points(it["difference"], it["low"], it["high"])
    return f"Right by {first}, {second}: {said} (McNemar's exact test, p {sign(it['p'])}; difference {amount})."


def _grid(result: CompareResult, pair: int, probe: str, two: Sequence[Model], dataset: DataSet) -> None:
    """The four cells as buttons, and the images of the open one."""
    cells = result.agreement(probe, pair)
    a, b = two
    words = {"both": "both right", "first": f"{a.letter} alone", "second": f"{b.letter} alone", "none": "none"}
    opened = st.session_state.get(CELL, "first")
    opened = opened if len(cells[opened]) else max(CELLS[1:], key=lambda name: len(cells[name]))
    left, right = st.columns([0.36, 0.64], gap="medium")
    with left:
        rows = [["both", "first"], ["second", "none"]]
        counts = [[len(cells[name]) for name in row] for row in rows]
        place = next((i, j) for i, row in enumerate(rows) for j, name in enumerate(row) if name == opened)
        names = ("right", "wrong")
        label = f"Images by whose probe is right: rows {a.letter}, columns {b.letter}; Enter opens a cell"

        def choose(row: int, column: int) -> None:
            st.session_state[CELL] = rows[row][column]

        matrix.matrix(f"agreement-{probe}", label, names, counts, place, choose, (a.letter, b.letter))
        messages.caption(f"Rows: {a.letter}, columns: {b.letter}. A click on a cell shows its images.")
    with right:
        _images(result, cells[opened], f"**{words[opened].capitalize()}**", dataset, "agreement-images",
                [result.arrays[f"predicted_{probe}"][i] for i in result.pairs()[pair]], two)  # fmt: skip


def _images(
    result: CompareResult, at: np.ndarray, what: str, dataset: DataSet, key: str,
    named: Sequence[np.ndarray], two: Sequence[Model],
) -> None:  # fmt: skip
    """The first images of a cell, each with its class and what each model names."""
    many = data.DISPLAYS[dataset.modality].many
    messages.prose(f"{what}: {len(at):,} of {int(result.judged().sum()):,} {many}")
    if not len(at):
        messages.caption("There is none.")
        return
    some = at[:SHOWN]
    taken = [
        ", ".join(f"{it.letter} {dataset.classes[of[i]]}" for it, of in zip(two, named, strict=True)) for i in some
    ]
    words = [f"{dataset.classes[result.y[i]]} → {said}" for i, said in zip(some, taken, strict=True)]
    with st.container(key=key):
        alts = [f"{result.arrays['split'][i]} {result.rows[i]}" for i in some]
        pictures.strip(thumbnails(result, some, dataset), words, PX, alts)
    if len(at) > SHOWN:
        messages.caption(f"The first {SHOWN} of {len(at):,}.")


def thumbnails(result: CompareResult, at: np.ndarray, dataset: DataSet) -> np.ndarray:
    """Pictures of the images at these positions."""
    split, rows = result.arrays["split"], result.rows
    return np.concatenate([data.thumbnails(dataset, str(split[i]), [int(rows[i])]) for i in at])


# ------------------------------------------------------------------------------------------------ confusion


def _confusions(result: CompareResult, pair: int, probe: str, two: Sequence[Model], dataset: DataSet) -> None:
    """A confusion matrix of each; the images of the cell that was opened last."""
    places = result.pairs()[pair]
    tables = [np.array(result.scores["models"][i]["probes"][probe]["confusion"]) for i in places]
    classes = mistakes.worst_classes(tables[0] + tables[1], CLASSES)
    shown = [table[np.ix_(classes, classes)] for table in tables]
    which, row, column = _opened(classes, shown)
    with st.grid(2, min_column_width=300, gap="medium"):
        for i, (it, table) in enumerate(zip(two, shown, strict=True)):
            with st.container(key=f"confusion-{it.letter}"):
                about = result.scores["models"][places[i]]["probes"][probe]
                shares = [statistics.percent(about[end], int(table.sum())) for end in ("accuracy", "low", "high")]
                messages.prose(f"**{it.letter}**: right on {shares[0]} ({shares[1]} to {shares[2]})")
                names = [dataset.classes[k] for k in classes]
                label = f"Confusion matrix of {it.title}: rows the class, columns what was named; Enter opens a cell"
                whole = tables[i].sum(1)[classes].tolist()
                cell = (row, column) if which == i else None
                key = f"confusion-matrix-{it.letter}-{probe}"
                matrix.matrix(key, label, names, table.tolist(), cell, _opener(i, classes), ("is", "named"), whole)
    is_, taken = int(classes[row]), int(classes[column])
    at = result.in_confusion(probe, places[which], is_, taken)
    names = [messages.plain(dataset.classes[k]) for k in (is_, taken)]
    what = f"{names[0]}, named rightly" if is_ == taken else f"{names[0]} taken for {names[1]}"
    named = [result.arrays[f"predicted_{probe}"][i] for i in places]
    _images(result, at, f"**{two[which].letter}: {what}**", dataset, "confusion-images", named, two)


def _opener(which: int, classes: np.ndarray) -> Any:
    def opened(row: int, column: int) -> None:
        st.session_state[CONFUSED] = which, int(classes[row]), int(classes[column])

    return opened


def _opened(classes: np.ndarray, shown: Sequence[np.ndarray]) -> tuple[int, int, int]:
    """The open cell: which of the two, its place among the shown classes; at first that with the most mistakes."""
    places = {int(of): place for place, of in enumerate(classes)}
    which, *cell = st.session_state.get(CONFUSED) or (0, -1, -1)
    if not places.keys() >= {*cell}:
        return (0, *mistakes.most_frequent(shown[0]))
    return which, places[cell[0]], places[cell[1]]
