"""A table of counts whose cells are buttons: by click, or by arrow keys and Enter."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

_css, _js = (Path(__file__).with_suffix(kind).read_text("utf-8") for kind in (".css", ".js"))
_component = st.components.v2.component("unfold_matrix", css=_css, js=_js, isolate_styles=False)


def matrix(
    key: str,
    label: str,
    names: Sequence[str],
    counts: Sequence[Sequence[int]],
    chosen: tuple[int, int] | None,
    on_choose: Callable[[int, int], None],
    sides: tuple[str, str] = ("class", "named"),
    totals: Sequence[int] | None = None,
) -> None:
    """Show counts `[K, K]`, rows and columns with the same `names`; a cell calls `on_choose` before the page runs.

    The diagonal has the primary colour, all else vermilion, the deeper the larger its share of the row (of
    mistakes the square root: few are seen). `sides` say what rows and columns are; `totals` `[K]` are those of the
    whole rows where columns are hidden: these stand together in a last column.
    """

    data = {"label": label, "names": list(names), "counts": [[int(n) for n in row] for row in counts],
            "chosen": None if chosen is None else list(chosen), "sides": list(sides)}  # fmt: skip
    _show(key, data | _shades(counts, totals), on_choose)


def values(
    key: str,
    label: str,
    names: Sequence[str],
    texts: Sequence[Sequence[str]],
    shares: Sequence[Sequence[float]],
    chosen: tuple[int, int] | None,
    on_choose: Callable[[int, int], None],
    sides: tuple[str, str] = ("first", "second"),
) -> None:
    """The same of numbers: `texts` `[K, K]` stand in the cells, which are as deep as `shares` `[K, K]` in [0, 1] say.

    A cell without a text is no button.
    """
    data = {"label": label, "names": list(names), "counts": [[1] * len(names)] * len(names), "texts": texts,
            "shares": [[min(max(float(it), 0.0), 1.0) for it in row] for row in shares], "others": None,
            "chosen": None if chosen is None else list(chosen), "sides": list(sides)}  # fmt: skip
    _show(key, data, on_choose)


def _show(key: str, data: dict[str, Any], on_choose: Callable[[int, int], None]) -> None:
    def clicked() -> None:
        row, column = st.session_state[key].clicked
        on_choose(int(row), int(column))

    _component(key=key, data=data, on_clicked_change=clicked)


def _shades(counts: Sequence[Sequence[int]], totals: Sequence[int] | None) -> dict[str, Any]:
    """How deep each cell is, in [0, 1], and of each row what its hidden columns hold; None where they hold nothing."""
    shown = [int(sum(row)) for row in counts]
    whole = shown if totals is None else [int(n) for n in totals]
    others = [total - n for total, n in zip(whole, shown, strict=True)]
    return {
        "shares": [[_shade(n, total, i == j) for j, n in enumerate(row)]
                   for i, (row, total) in enumerate(zip(counts, whole, strict=True))],
        "others": others if any(others) else None,
        "otherShares": [_shade(n, total, False) for n, total in zip(others, whole, strict=True)],
    }  # fmt: skip


def _shade(n: int, total: int, right: bool) -> float:
    share = int(n) / total if total else 0.0
    return share if right else math.sqrt(share)
