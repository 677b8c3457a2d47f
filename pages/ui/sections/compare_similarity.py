"""How alike the models are: matrices of a similarity beside its level by chance and before training, and its images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from explorer.data import DataSet
from explorer.tasks.compare_report import TITLES, sign
from explorer.tasks.compare_result import CompareResult
from pages.ui.kit import matrix, messages, pictures, url_state
from pages.ui.sections import compare_agreement
from pages.ui.sections.compare_choice import Model

MEASURES = {name: title for name, title in TITLES.items() if name != "neighbour_change"}
MEANT = {
    "cka": "CKA: 1 = the same but for rotation and scale; it grows where images are few.",
    "debiased_cka": "CKA without what grows with the width: 0 in the mean for features without any relation.",
    "mutual_neighbours": "The share of an image's nearest images that both models give it.",
}
SHOWN, PX = 7, 52
PAIR = "pair"  # in the address: the letters of two models


def pair(result: CompareResult, models: Sequence[Model]) -> int:
    """Let the visitor choose two of the models, where there are more; the position among all pairs."""
    names = [f"{models[a].letter}-{models[b].letter}" for a, b in result.pairs()]
    if len(names) == 1:
        return 0
    more = {"format_func": lambda name: name.replace("-", " and ")}
    return names.index(url_state.choice(st.segmented_control, "Which two", names, key=PAIR, **more))


def lead(result: CompareResult, pair: int, models: Sequence[Model]) -> str:
    """What two models have to do with each other, in a sentence."""
    it = result.scores["pairs"][pair]["change"]
    a, b = (models[i].letter for i in result.pairs()[pair])
    if it["value"] == 0:
        return f"**{a} and {b} give every image the same neighbours**: there is no difference."
    lost = f"**{a} and {b} disagree on {messages.percent(it['value'])} of an image's neighbours**"
    return f"{lost} (by chance {messages.percent(it['level'])}; CKA {_cka(result, pair):.2f})."


def _cka(result: CompareResult, pair: int) -> float:
    return result.scores["pairs"][pair]["similarity"]["cka"]["value"]


def show(result: CompareResult, pair: int, models: Sequence[Model], dataset: DataSet) -> None:
    """The matrices, and the images that make the cell of two models."""
    messages.heading("How alike they are")
    measure = url_state.choice(st.segmented_control, "Measure", list(MEASURES), key="measure", format_func=MEASURES.get)
    messages.caption(MEANT[measure])
    kinds = {"": "Now", "level": "By chance", "untrained": "Before training"}
    with st.grid(3, min_column_width=200, gap="medium"):
        for kind, title in kinds.items():
            with st.container(key=f"similar-{kind or 'now'}"):
                messages.prose(f"**{title}**")
                _matrix(result, pair, models, measure, kind)
    _words(result, pair, models, measure)
    _images(result, pair, models, measure, dataset)


def _matrix(result: CompareResult, pair: int, models: Sequence[Model], measure: str, kind: str) -> None:
    pairs, n = result.pairs(), len(models)
    texts, shares = [["1"] * n for _ in range(n)], np.ones((n, n))
    for place, (a, b) in enumerate(pairs):
        value = _value(result.scores["pairs"][place], measure, kind)
        text, share = ("–", 0.0) if value is None else (f"{value:.2f}", value)
        for i, j in ((a, b), (b, a)):
            texts[i][j], shares[i, j] = text, share
    if kind == "level":
        for i in range(n):
            texts[i][i], shares[i, i] = "", 0.0

    def choose(row: int, column: int) -> None:
        if row != column:
            url_state.put(PAIR, "-".join(models[i].letter for i in sorted((row, column))))

    letters = [it.letter for it in models]
    label = f"{MEASURES[measure]} of every two models, {kind or 'now'}; Enter opens a cell"
    key = f"similarity-{measure}-{kind or 'now'}-{n}"
    matrix.values(key, label, letters, texts, shares.tolist(), pairs[pair], choose)


def _value(of: dict[str, Any], measure: str, kind: str) -> float | None:
    """A number of a pair: as it is, by chance, or before training."""
    if kind == "untrained":
        return of["untrained"] and of["untrained"][measure]["value"]
    return of["similarity"][measure][kind or "value"]


def _words(result: CompareResult, pair: int, models: Sequence[Model], measure: str) -> None:
    """The numbers of two models in a sentence: value, chance with its interval, p, and before training."""
    of = result.scores["pairs"][pair]
    it, before = of["similarity"][measure], of["untrained"]
    a, b = (models[i].letter for i in result.pairs()[pair])
    words = f"**{a} and {b}**: {it['value']:.2f}; by chance {it['level']:.2f} ({it['low']:.2f} to {it['high']:.2f})"
    words += f", p {sign(it['p'])}; beyond chance **{it['above']:.2f}** of what is possible"
    if before:
        untrained = before[measure]
        words += f"; before training {untrained['value']:.2f}, beyond chance {untrained['above']:.2f}"
    words += "." if before else "; before training it is not known, or neither was trained."
    messages.prose(words)


def _images(result: CompareResult, pair: int, models: Sequence[Model], measure: str, dataset: DataSet) -> None:
    """The images that add most to the similarity of two models, and those that add least."""
    order = result.most_alike(measure, pair)
    a, b = (models[i].letter for i in result.pairs()[pair])
    ends = {f"**Most alike** in {a} and {b}": order[:SHOWN], f"**Least alike** in {a} and {b}": order[::-1][:SHOWN]}
    for place, (title, at) in zip(st.columns(2, gap="medium"), ends.items(), strict=True):
        with place, st.container(key=f"similar-{'most' if title.startswith('**Most') else 'least'}"):
            messages.prose(title)
            words = [dataset.classes[result.y[i]] for i in at]
            alts = [f"{result.arrays['split'][i]} {result.rows[i]}" for i in at]
            pictures.strip(compare_agreement.thumbnails(result, at, dataset), words, PX, alts)
