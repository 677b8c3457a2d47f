"""Show me the code: a script that trains a run again, to be read and copied."""

import streamlit as st

from explorer import runs
from explorer.runs import Run
from pages.ui.kit import messages, preload

ALONE = "It imports nothing of Unfold: {} lines of Python and torch reach the same loss at the same seed."
WITH = "This one needs Unfold: run it in its folder. It reaches the same loss at the same seed."
LATER = "Torch is being loaded: open this again in a moment."


def show(run: Run) -> None:
    """The script, made when somebody asks for it."""
    fold = st.expander("Show me the code", icon=":material/code:", on_change="rerun", key=f"code-{run.id}")
    if not fold.open:
        return
    with fold, messages.guard():
        if not preload.done():
            messages.caption(LATER)
            return
        text, alone = _script(run.id, run.status.step)
        messages.caption(ALONE.format(len(text.splitlines())) if alone else WITH)
        st.code(text, language="python")


@st.cache_data(show_spinner="Writing the script", max_entries=64)
def _script(run_id: str, step: int) -> tuple[str, bool]:
    """The text, and whether it runs without Unfold; `step` is there for the cache alone."""
    from explorer.tasks.code.script import script

    made = script(runs.get(run_id))
    return made.text, made.alone
