"""Choosing a data set, a run, a model: each stands in the address and is the same on every page."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import Refused, data, runs
from explorer.models.reference import references, variant
from pages.ui.kit import identity, messages, url_state


def is_image(entry: data.Entry) -> bool:
    """Whether a data set holds images: some pages are about pictures alone."""
    return entry.modality == "image"


def dataset(
    key: str = "data",
    label: str = "Data set",
    where: Callable[[data.Entry], bool] | None = None,
    place: DeltaGenerator | None = None,
) -> data.DataSet:
    """Let the visitor choose a data set, and open it; one that must be fetched offers its download and ends the page.

    `where` keeps only some entries of the catalogue; `place` is where the offer stands, if not here. The choice is
    shared by all pages that use the same `key`.
    """
    entries = {name: entry for name, entry in data.catalogue().items() if where is None or where(entry)}
    if not entries:
        messages.empty("No data set fits", "The Data page says how to add one of your own.", "data", "To the data")
        messages.stop()
    name = url_state.choice(st.selectbox, label, list(entries), key=key, format_func=lambda name: _title(entries[name]))
    if not entries[name].available and not entries[name].problem:
        with place or st.container():
            _fetch(entries[name])
        messages.stop()
    return opened(name)


def _title(entry: data.Entry) -> str:
    return entry.title if entry.available else f"{entry.title} ({'cannot be read' if entry.problem else 'download'})"


def opened(name: str, size: int = 0) -> data.DataSet:
    """The data set of this name; while its images are decoded for the first time, a bar shows how far it is."""
    bar = st.empty()
    try:
        return data.load(name, size, lambda share, text: bar.progress(min(max(share, 0.0), 1.0), text))
    except Refused as error:
        messages.unexpected(error)
        messages.stop()
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
        with messages.guard():
            data.download(entry.name, lambda share, text: bar.progress(min(max(share, 0.0), 1.0), text))
            st.rerun()
        bar.empty()


def run() -> runs.Run | None:
    """Let the visitor choose a training: their own, newest first, shipped ones, those of others; None without any."""
    every = _nearest_first()
    found = {run.id: run for run in every}
    if not found:
        return None
    labels = _labels(found.values())
    hidden = {"label_visibility": "collapsed", "format_func": labels.get, "default": _first(every).id}
    hidden["missing"] = "There is no training '{:.80}' here (any more); this is another one.".format
    return found[url_state.choice(st.selectbox, "Training", list(found), key="run", always=True, **hidden)]


def _nearest_first() -> list[runs.Run]:
    return sorted(runs.listing("train"), key=_distance)


def _distance(run: runs.Run) -> int:
    return 1 if run.shipped else 0 if identity.mine(run) else 2


def _first(every: Sequence[runs.Run]) -> runs.Run:
    """What a visitor sees who asks for no run: the newest of their own, else one that learns, else a shipped one."""
    if _distance(every[0]) == 0:
        return every[0]
    learns = (run for run in every if run.status.state == "running" and run.status.step)
    return next(learns, None) or next((run for run in every if run.shipped), every[0])


def _labels(found: Iterable[runs.Run]) -> dict[str, str]:
    """What each run is called in a list, no two alike: a select box tells its options apart by what they show."""
    labels: dict[str, str] = {}
    for run in found:
        when = f"{datetime.fromtimestamp(run.created, UTC).astimezone():%d %b, %H:%M:%S}"
        parts = [run.title, "comes with Unfold"] if run.shipped else [when, run.title]  # what is cut off is the end
        label = "  ·  ".join(parts if run.shipped or identity.mine(run) else [*parts, "another browser's"])
        labels[run.id] = f"{label}  ·  {run.id}" if label in labels.values() else label
    return labels


def models(dataset: str) -> dict[str, str]:
    """References and titles of all that can be looked at on this data set, nearest first: own runs on it, shipped ones,
    those of others, then runs on other data of its kind, then what needs no training.
    """

    def farness(ref: str) -> tuple[int, int]:
        run = runs.find(ref)
        return (2, 0) if run is None else (run.spec.dataset != dataset, _distance(run))

    kinds = {name: entry.modality for name, entry in data.catalogue().items()}

    def fits(ref: str) -> bool:
        run = runs.find(ref)
        return kinds.get(run.spec.dataset if run else "", "image") == kinds.get(dataset, "image")

    offered = [each for each in references(dataset) if fits(each[0])]
    return dict(sorted(offered, key=lambda each: farness(each[0])))


def model(dataset: str, key: str = "model", label: str = "Model", default: str | None = None) -> str:
    """Let the visitor choose a model to look at on this data set; returns its reference for `models.load`.

    The address may also name other weights (`…@best`, `…@0`) or sizes (`pca:64`) than those that are offered.
    """
    titles = models(dataset)
    if not titles:
        messages.empty("No model has learned from such data", "Train one first.", "train", "To training", data=dataset)
        messages.stop()
    asked = st.query_params.get(key)
    for ref in (asked, st.session_state.get(key)):
        if ref and ref not in titles and (title := variant(ref, dataset)):
            titles[ref] = title
    default = default if default in titles else next(iter(titles))
    alike = Counter(titles.values())  # a select box tells its options apart by what they show
    words = {ref: f"{title}  ·  {ref}" if alike[title] > 1 else title for ref, title in titles.items()}
    look = {"format_func": words.get, "missing": _missing}
    return url_state.choice(st.selectbox, label, list(titles), key=key, default=default, **look)


def _missing(ref: str) -> str:
    """Why a model is not among those that can be looked at: what still learns would be another one at each look."""
    run = runs.find(ref.partition("@")[0])
    if run and run.spec.kind == "train" and not run.status.final:
        why = f"'{run.title}' still learns, and can be looked into once it has ended or was stopped"
    else:
        why = f"There is no model '{ref[:80]}' here"
    return f"{why}; this is another one."
