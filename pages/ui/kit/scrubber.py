"""A slider over the steps of a training, with a button that plays them: it moves all maps of its group at once."""

from collections.abc import Sequence

import streamlit as st

from pages.ui.kit import chart, content

HEIGHT = 40  # pixels
_component = st.components.v2.component(
    "unfold_scrubber", html="<div class='unfold-scrubber'></div>\n", js=chart.LOADER, isolate_styles=False
)


def show(key: str, steps: Sequence[int], at: int, group: str) -> None:
    """Put it on the page, at one of its steps; without steps it waits. See `moment` for what the visitor chose."""
    data = {"module": content.script("chart_scrubber.js"), "steps": list(steps), "at": at, "group": group}
    _component(key=key, data=data, height=HEIGHT, on_step_change=_nothing)


def moment(key: str) -> int | None:
    """The step that was chosen last on the slider of this key; or None."""
    step = chart.state(key).get("step")
    return None if step is None else int(step)


def _nothing() -> None:
    """A component keeps only state that has a callback."""
