"""A table of counts whose cells are buttons: by click, or by arrow keys and Enter."""

from collections.abc import Callable, Sequence
from pathlib import Path

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
) -> None:
    """Show counts `[K, K]`, rows and columns with the same `names`; a cell calls `on_choose` before the page runs.

    The diagonal has the primary colour, all else vermilion, the deeper the larger its share of the row (of
    mistakes the square root: few are seen). `sides` say what rows and columns are.
    """

    def clicked() -> None:
        row, column = st.session_state[key].clicked
        on_choose(int(row), int(column))

    data = {"label": label, "names": list(names), "counts": [[int(n) for n in row] for row in counts],
            "chosen": None if chosen is None else list(chosen), "sides": list(sides)}  # fmt: skip
    _component(key=key, data=data, on_clicked_change=clicked)
