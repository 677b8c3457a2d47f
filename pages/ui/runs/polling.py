"""What a page draws again by itself while a job goes on."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from explorer import engine
from pages.ui.kit import actions, watch
from pages.ui.runs import ownership


def poll(
    id: str | None, draw: Callable[..., None], every: float | None, source: Callable[[], watch.Source] = watch.Source
) -> None:
    """Draw a run now and again after `every` seconds, or once where that is None: `draw(run)`, without `id` `draw()`.

    With a `source`, it is drawn again only when that says so. The whole page runs again when the run was deleted
    meanwhile, and after a click in what was drawn.
    """
    watch.draw(partial(_tick, id, draw), every, source)


def _tick(id: str | None, draw: Callable[..., None]) -> None:
    run = None if id is None else ownership.find(id)
    if actions.done() or (id is not None and run is None):  # it may be deleted in another tab
        st.rerun()
    engine.reconcile()  # whoever watches sees to it that the job goes on, should the engine have died
    draw(*([] if run is None else [run]))
