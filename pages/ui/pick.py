"""Choosing a data set, a run, a model: each stands in the address and is the same on every page."""

from collections.abc import Callable

import streamlit as st

from explorer import Refused, data, runs
from pages.ui import address, say


def dataset(
    key: str = "data", label: str = "Data set", where: Callable[[data.Entry], bool] | None = None
) -> data.DataSet:
    """Let the visitor choose a data set, and open it; one that must be fetched offers its download and ends the page.

    `where` keeps only some entries of the catalogue. The choice is shared by all pages that use the same `key`.
    """
    entries = {name: entry for name, entry in data.catalogue().items() if where is None or where(entry)}
    if not entries:
        say.empty("No data set fits", "The Data page says how to add one of your own.", "data", "To the data")
        st.stop()
    name = address.choice(st.selectbox, label, list(entries), key=key, format_func=lambda name: _title(entries[name]))
    if not entries[name].available:
        _fetch(entries[name])
        st.stop()
    return opened(name)


def _title(entry: data.Entry) -> str:
    return entry.title if entry.available else f"{entry.title} (download)"


def opened(name: str, size: int = 0) -> data.DataSet:
    """The data set of this name; while its images are decoded for the first time, a bar shows how far it is."""
    bar = st.empty()
    try:
        return data.load(name, size, lambda share, text: bar.progress(min(max(share, 0.0), 1.0), text))
    except Refused as error:
        say.unexpected(error)
        st.stop()
    finally:
        bar.empty()


def _fetch(entry: data.Entry) -> None:
    """The card of a data set that is not on this machine yet."""
    with st.container(border=True):
        st.markdown(f"**{entry.title} is not on this machine yet.** {entry.summary}")
        st.caption(entry.source)
        if not st.button("Download", type="primary", icon=":material/download:", key=f"download-{entry.name}"):
            return
        bar = st.progress(0.0, "Connecting")
        with say.guard():
            data.download(entry.name, lambda share, text: bar.progress(min(max(share, 0.0), 1.0), text))
            st.rerun()
        bar.empty()


def run(key: str = "run", label: str = "Run", kind: str = "train", shipped: bool = True) -> runs.Run:
    """Let the visitor choose a run, newest first, shipped ones last; without any, the page ends with a way to one."""
    found = {run.id: run for run in runs.listing(kind, shipped)}
    if not found:
        say.empty(
            "No run yet",
            "Train one: a small network on the digits takes a few seconds.",
            "train",
            "Train",
            "play_circle",
        )
        st.stop()
    return found[address.choice(st.selectbox, label, list(found), key=key, format_func=lambda name: found[name].title)]


def model(dataset: str, key: str = "model", label: str = "Model", where: Callable[[str], bool] | None = None) -> str:
    """Let the visitor choose a model to look at on this data set; returns its reference for `models.load`."""
    titles = _references(dataset)
    titles = {ref: title for ref, title in titles.items() if where is None or where(ref)}
    if not titles:
        say.empty(
            "No model yet", "Train one first; it then appears here.", "train", "Train", "play_circle", data=dataset
        )
        st.stop()
    return address.choice(st.selectbox, label, list(titles), key=key, format_func=lambda ref: titles[ref])


def _references(dataset: str) -> dict[str, str]:
    with st.skeleton(height=70):  # the first visit waits for torch
        from explorer import models

        return dict(models.references(dataset))
