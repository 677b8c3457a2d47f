"""A part of a page that is drawn again and again, as its browser asks for it: watch.js is the clock.

Streamlit's own clock (`run_every`) asks whether the last answer has come or not: on a server that does not keep up,
each run then throws away what the one before has drawn and not yet sent, and nobody sees anything new. Here a browser
asks again when it has the answer, and the later the longer that took.

A `Source` spares most runs: an address whose answer is made once for all browsers. It holds the addresses of charts,
and words, which are put in their places at once; the part is drawn again only where the `stamp` of the rest changes.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from pages.ui.kit import content, messages
from pages.ui.kit.plain_text import markup

LOADER = """
export default async function (component) {
  const { watch } = await import(new URL(component.data.module, location.origin).href);
  return watch(component);
}
"""
log = logging.getLogger("unfold")
SERVER = f"{time.time_ns():x}"  # tells this start of the server from all others
_component = st.components.v2.component("unfold_watch", html="<i></i>\n", js=LOADER, isolate_styles=False)


class Source(NamedTuple):
    """Where a browser looks for what has changed: JSON with `stamp`, `charts` and `words`; and the stamp by now."""

    address: str = ""
    stamp: str = ""


def draw(part: Callable[[], None], every: float | None, source: Callable[[], Source] = Source) -> None:
    """Draw a part now and again every so many seconds, or once where that is None; a fragment of Streamlit."""
    st.fragment(_draw)(part, every, source)


def _draw(part: Callable[[], None], every: float | None, source: Callable[[], Source]) -> None:
    """The watch stands before the part, where nothing moves it, and is sent after it: the answer is complete then."""
    own = ThreadState.get().fragment_id  # of this place on the page
    place = st.container(key=f"watch-{own}")
    before = _known(source) if every else Source()  # no newer than what is drawn
    st.session_state["_failed"] = False
    with messages.guard():  # the clock goes on after an error
        part()
    if every is None:
        return
    if st.session_state["_failed"]:
        before = before._replace(stamp="")  # another one than any answer has: it is tried again
    data = {"module": content.script("watch.js"), "every": every, "answer": time.time_ns(), "server": SERVER}
    with place:
        _component(key=f"clock-{own}", data=data | before._asdict(), on_due_change=_nothing)


def _known(source: Callable[[], Source]) -> Source:
    """Where a browser looks; without that it has the part drawn again at every look."""
    try:
        return source()
    except Exception as error:
        log.error("What has changed cannot be looked up", exc_info=error)
        return Source()


def word(name: str, text: str, spoken: Mapping[str, str] | None = None) -> None:
    """A text that a watch keeps up to date under this name; changes of what is `spoken`, by name, are read out."""
    parts = [f'<p class="unfold-word" data-live="{markup(name)}">{markup(text)}</p>']
    for key, words in (spoken or {}).items():
        parts.append(f'<p role="status" class="unfold-spoken" data-live="{markup(key)}">{markup(words)}</p>')
    st.html("".join(parts), width="stretch")


def bar(name: str, share: float, label: str) -> None:
    """A progress bar that a watch keeps up to date under this name."""
    words = f'aria-label="{markup(label)}" data-live="{markup(name)}"'
    st.html(f'<progress class="unfold-bar" max="1" value="{share:.4f}" {words}></progress>')


def _nothing() -> None:
    """A component keeps only what has a callback."""
