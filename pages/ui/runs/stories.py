"""Stories: a finished training as one zip for others, and opening such a zip where runs are listed."""

import tempfile
from pathlib import Path

import streamlit as st

from explorer.errors import Refused
from explorer.runs import Run
from explorer.runs.locks import Busy
from explorer.tasks import request
from explorer.tasks.stories import layout, opening, replayed
from pages.ui.kit import identity, messages, url_state
from pages.ui.runs import download, ownership

ABOUT = (
    "Curves, frames, small pictures of the probe images, scores and your words, as one zip that another Unfold shows "
    "without training. It holds no weights. The pictures stay under the terms of their data set."
)
OPENED = "_story_opened"  # in the session: the file that was opened last, and the run or the refusal that came of it
MEGABYTES = layout.LARGEST // 2**20


def export(run: Run) -> None:
    """What is said in a story of this run, and the way to its file."""
    with st.popover("Story", icon=":material/auto_stories:", type="tertiary", key=f"story-of-{run.id}"):
        messages.caption(ABOUT)
        words = st.text_area(
            "Words", max_chars=layout.WORDS, key=f"story-words-{run.id}", placeholder="What to look at"
        )
        asked = " ".join(words.split())
        download.offer(lambda: request.request("story", run.id, words=asked), f"story-{run.id}", "Make the story")


def words(run: Run) -> None:
    """What the author of the story of this run says; nothing of a run that was trained here."""
    told = replayed.about(run)
    if told and told.words:
        st.markdown(f"> {messages.plain(told.words)}")


def offer() -> None:
    """The button that opens a story; what came of the last file stands below it."""
    with st.popover("Open a story", icon=":material/auto_stories:", key="open-story"), messages.guard():
        help = f"A zip that Unfold has written, at most {MEGABYTES} MB. All of it is checked before anything is kept."
        given = st.file_uploader("The zip of a story", ["zip"], key="story-file", max_upload_size=MEGABYTES, help=help)
        if given is None:
            st.session_state.pop(OPENED, None)
            st.caption("A training that somebody else has exported: it is replayed here without training.")
            return
        known, came = st.session_state.get(OPENED, ("", ""))
        if known != given.file_id:
            came = _came_of(given.name, given.getbuffer())
            st.session_state[OPENED] = given.file_id, came
        if isinstance(came, Refused):
            raise came
        st.success(_where(came), icon=":material/check:")
        url_state.link("runs", "Open it", "open_in_new", run=came)


def _where(run_id: str) -> str:
    """Whose the run is: of two people who open the same file, the first has it."""
    run = ownership.find(run_id)
    mine = run is not None and run.spec.user == identity.me()
    return "It is among your runs now." if mine else "It is here already: somebody else has opened it."


def _came_of(name: str, content: memoryview) -> str | Refused:
    """The id of the run, or why there is none: a file that was refused is not checked at every rerun."""
    try:
        return _opened(name, content)
    except Busy:
        raise
    except Refused as error:
        return error


def _opened(name: str, content: memoryview) -> str:
    """The id of the run that the uploaded file was opened as."""
    with st.spinner("Checking the story"), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (Path(name).name[-80:] or "story.zip")
        path.write_bytes(content)
        return opening.open_story(path, identity.me()).id
