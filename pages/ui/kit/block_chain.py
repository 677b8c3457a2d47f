"""A network as a chain of blocks with a cut that is dragged, or moved by arrow keys: what stands behind it learns."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

_css, _js = (Path(__file__).with_suffix(kind).read_text("utf-8") for kind in (".css", ".js"))
_component = st.components.v2.component("unfold_chain", css=_css, js=_js, isolate_styles=False)


def chain(
    key: str, label: str, blocks: Sequence[tuple[str, int]], head: int, last: int, on_cut: Callable[[int], None]
) -> None:
    """Show blocks by name and numbers from input to output, and the classifier with its `head` numbers at the end.

    The `last` of them learn; `on_cut` is called with another number before the page runs.
    """

    def moved() -> None:
        on_cut(int(st.session_state[key].cut))

    data = {"label": label, "blocks": [[name, int(n)] for name, n in blocks], "head": int(head),
            "last": min(last, len(blocks))}  # fmt: skip
    _component(key=key, data=data, on_cut_change=moved)
