"""A row of images to choose one from, by click or by keyboard."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import streamlit as st

_css, _js = (Path(__file__).with_suffix(kind).read_text("utf-8") for kind in (".css", ".js"))
_component = st.components.v2.component("unfold_tray", css=_css, js=_js, isolate_styles=False)


def tray(
    key: str,
    label: str,
    url: str,
    alts: Mapping[int, str],
    chosen: int | None,
    on_choose: Callable[[int], None],
    *,
    marked: Collection[int] = (),
    wrap: bool = False,
) -> None:
    """Show `url` with each id of `alts` in the place of `{id}`; a click calls `on_choose` before the page runs.

    Those that are `marked` wear a dashed frame, which their words should explain; with `wrap` they stand in rows.
    """
    items = [{"id": int(id), "alt": alt, "marked": id in marked} for id, alt in alts.items()]

    def clicked() -> None:
        on_choose(int(st.session_state[key].clicked))

    data = {"label": label, "url": url, "items": items, "chosen": chosen, "wrap": wrap}
    _component(key=key, data=data, on_clicked_change=clicked)
