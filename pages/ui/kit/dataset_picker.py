"""Choosing a data set: it stands in the address and is the same on every page."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import Refused, data
from pages.ui.kit import messages, url_state, visibility

WIDTH = 220  # pixels
STOPPED = "_decoding_stopped"  # in the session: the data set whose decoding the visitor has stopped


def choose(
    key: str = "data",
    label: str = "Data",
    where: Callable[[data.Entry], bool] | None = None,
    place: DeltaGenerator | None = None,
    default: str | None = None,
) -> data.DataSet:
    """Let the visitor choose a data set, and open it; one that must be fetched offers its download and ends the page.

    `where` keeps only some entries of the catalogue; `place` is where the offer stands, if not here; `default` is
    preselected, else the first. The choice is shared by all pages that use the same `key`.
    """
    entries = {name: entry for name, entry in visibility.catalogue().items() if where is None or where(entry)}
    if not entries:
        messages.empty("No suitable data set", "The Data page says how to add your own.", "data", "Open the Data page")
        messages.stop()
    more = {"format_func": lambda name: _title(entries[name]), "width": WIDTH, "missing": visibility.missing}
    default = default if default in entries else None
    name = url_state.choice(st.selectbox, label, list(entries), key=key, default=default, **more)
    if not entries[name].available and not entries[name].problem:
        with place or st.container():
            _fetch(entries[name])
        messages.stop()
    return load(name, place=place)


def is_image(entry: data.Entry) -> bool:
    """Whether a data set holds images: some pages are about pictures alone."""
    return entry.modality == "image"


def can_be_learned(entry: data.Entry) -> bool:
    """Whether a method may learn from a data set: vectors are what one has learned."""
    return entry.modality != "vector"


def _title(entry: data.Entry) -> str:
    return entry.title if entry.available else f"{entry.title} ({'cannot be read' if entry.problem else 'download'})"


def load(name: str, size: int = 0, place: DeltaGenerator | None = None) -> data.DataSet:
    """The data set of this name; while its images are decoded for the first time, a bar shows how far it is."""
    above = st.empty()
    try:
        visibility.check(name)
        if name == st.session_state.get(STOPPED) and data.ready(name, size) is None:
            with place or st.container():
                _stopped(name)
            messages.stop()
        return data.load(name, size, _Bar(above, name))
    except Refused as error:
        messages.unexpected(error)
        messages.stop()
    finally:
        above.empty()


class _Bar:
    """How far a decoding is, with a button that stops it; it appears with the first report."""

    def __init__(self, place: DeltaGenerator, name: str) -> None:
        self.place, self.name, self.bar = place, name, None

    def __call__(self, share: float, text: str) -> None:
        """One report; Streamlit ends the run of the page here, once the button was clicked."""
        if self.bar is None:
            with self.place.container(horizontal=True, vertical_alignment="center"):
                self.bar = st.progress(0.0)
                key = f"decoding-stop-{self.name}"  # a page may open two
                st.button("Stop", icon=":material/stop_circle:", key=key, on_click=_stop, args=(self.name,))
        self.bar.progress(min(max(share, 0.0), 1.0), text)


def _stop(name: str) -> None:
    st.session_state[STOPPED] = name


def _stopped(name: str) -> None:
    """In the place of a data set whose decoding the visitor has stopped."""
    with st.container(border=True):
        st.markdown(f"**{messages.plain(data.catalogue()[name].title)} is not decoded**: you stopped the decoding.")
        again = {"icon": ":material/play_circle:", "key": "decoding-again"}
        st.button("Decode it", on_click=st.session_state.pop, args=(STOPPED,), **again)


def _fetch(entry: data.Entry) -> None:
    """The card of a data set that is not on this machine yet."""
    with st.container(border=True):
        st.markdown(f"**{messages.plain(entry.title)} is not on this machine yet.** {entry.summary}")
        st.caption(entry.source)
        if not st.button("Download", type="primary", icon=":material/download:", key=f"download-{entry.name}"):
            return
        bar = st.progress(0.0, "Connecting")
        with messages.guard():
            data.download(entry.name, lambda share, text: bar.progress(min(max(share, 0.0), 1.0), text))
            st.rerun()
        bar.empty()
