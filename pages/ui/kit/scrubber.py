"""A slider over the steps of a training, with a button that plays them: it moves all panels of its group at once.

Charts follow by their film, curves by their cursor, and all else by its place: what stands in an element of
`place(run, part)` is exchanged for what the address of the run answers, for several runs at the same share of training.
"""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from pages.ui.kit import chart, content
from pages.ui.kit.plain_text import markup

HEIGHT = 40  # pixels
_component = st.components.v2.component(
    "unfold_scrubber", html="<div class='unfold-scrubber'></div>\n", js=chart.LOADER, isolate_styles=False
)


class Moving(NamedTuple):
    """A run whose pictures move with the slider."""

    id: str
    steps: list[int]  # of its frames
    of: int  # steps that its training takes
    address: str  # JSON with the HTML of each part at a step, which stands there as `{step}`


def show(key: str, steps: Sequence[int], at: int, group: str, of: int = 0, runs: Sequence[Moving] = ()) -> None:
    """Put it on the page, at one of its steps; without steps it waits. See `moment` for what the visitor chose.

    `of` are the steps that its training takes; `runs` are those whose pictures move with it.
    """
    data = {"module": content.script("chart_scrubber.js"), "steps": list(steps), "at": at, "group": group, "of": of}
    _component(
        key=key, data={**data, "runs": [each._asdict() for each in runs]}, height=HEIGHT, on_step_change=_nothing
    )


def place(run: str, part: str, html: str) -> None:
    """An element of the page whose content moves with the slider."""
    st.html(f'<div data-moment="{markup(run)}/{markup(part)}">{html}</div>')


def moment(key: str) -> int | None:
    """The step that was chosen last on the slider of this key; or None."""
    step = chart.state(key).get("step")
    return None if step is None else int(step)


def _nothing() -> None:
    """A component keeps only state that has a callback."""
