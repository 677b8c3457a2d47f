"""Choosing a run or a model: each stands in the address and is the same on every page."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

import streamlit as st

from explorer import Refused, data, runs
from explorer.data import DataSet
from explorer.models.reference import ModelRef, references, variant
from explorer.moments import moment
from pages.ui.kit import dataset_picker, layout, messages, url_state, visibility
from pages.ui.runs import chosen_frame, ownership, run_labels

ALL = ""  # no run is chosen
WIDTH = 300  # pixels


def run() -> runs.Run | None:
    """Let the visitor choose a run: their own, newest first, then shipped ones, then those of others; None for all."""
    chosen_frame.follow()
    choices = {run.id: run for run in _nearest_first()}
    labels = {ALL: f"all {len(choices)}", **_labels(choices.values())}
    more = {"default": ALL, "format_func": labels.get, "width": WIDTH + 120}
    more["missing"] = "There is no training '{:.80}' here; all existing ones are listed.".format
    return choices.get(url_state.choice(st.selectbox, "Run", list(labels), key="run", **more))


def _nearest_first() -> list[runs.Run]:
    return sorted(ownership.listing("train"), key=_distance)


def _distance(run: runs.Run) -> int:
    return 1 if run.shipped else 0 if ownership.mine(run) else 2


def _labels(some: Iterable[runs.Run]) -> dict[str, str]:
    """What each run is called in a list, no two alike: a select box tells its options apart by what they show."""
    labels: dict[str, str] = {}
    titles = run_labels.titles(some := list(some))
    for run in some:
        when, title = moment(run.created, seconds=True), titles[run.id]
        parts = [title, "comes with Unfold"] if run.shipped else [when, title]  # what is cut off is the end
        label = "  ·  ".join(parts if run.shipped or ownership.mine(run) else [*parts, ownership.whose(run)])
        labels[run.id] = f"{label}  ·  {run.id}" if label in labels.values() else label
    return labels


def context(
    page: layout.Page, where: Callable[[data.Entry], bool] | None = None, default: Callable[[str], str] | None = None
) -> tuple[DataSet, str]:
    """The context line of a page about a model: its data and the reference; `default` names a model for some data.

    An address that names a model and no data means the data of that model.
    """
    if "data" not in url_state.names() and (own := _data_of(url_state.read("model"))):
        url_state.put("data", own)
    with page.context:
        dataset = dataset_picker.choose(where=where, place=page.picture)
        return dataset, model(dataset.name, default=default(dataset.name) if default else None)


def _data_of(ref: str) -> str:
    """The data set that a model was trained on, or whose rows alone it knows; empty where there is no such set."""
    if not ref:
        return ""
    run = ownership.find((model := ModelRef.parse(ref)).name)
    name = run.spec.dataset if run else model.own_data
    return name if data.catalogue().get(name) else ""


def models(dataset: str) -> dict[str, str]:
    """References and titles of all that can be looked at on this data set, nearest first: own runs on it, shipped ones,
    those of others, then runs on other data of its kind, then what needs no training.
    """

    def farness(ref: str) -> tuple[int, int]:
        run = ownership.find(ref)
        return (2, 0) if run is None else (run.spec.dataset != dataset, _distance(run))

    hidden = visibility.foreign()
    pairs = [pair for pair in references(dataset) if not _is_on(ModelRef.parse(pair[0]), hidden)]
    return dict(sorted(pairs, key=lambda each: farness(each[0])))


def _is_on(ref: ModelRef, hidden: Collection[str]) -> bool:
    """Whether a model was trained on one of these data sets."""
    return bool(hidden and ref.run and ref.run.spec.dataset in hidden)


def model(
    dataset: str,
    key: str = "model",
    label: str = "Model",
    default: str | None = None,
    more: Mapping[str, str] | None = None,
    width: int = WIDTH,
) -> str:
    """Let the visitor choose a model to look at on this data set; returns its reference for `models.load`.

    The address may also name other weights (`…@best`, `…@0`) or sizes (`pca:64`) than those that are offered. Where
    there is `more` to choose, by reference and title, the page deals with it: it cannot be loaded yet.
    """
    titles = models(dataset) | dict(more or {})
    if not titles:
        messages.empty("No model for this kind of data", "Train one first.", "new", "New training", data=dataset)
        messages.stop()
    asked = url_state.read(key)
    if asked and (spelled := str(ModelRef.parse(asked))) in titles and spelled != asked:  # an older name
        asked = spelled
        url_state.put(key, spelled)
    for ref in (asked, st.session_state.get(key)):
        if not ref or _is_on(ModelRef.parse(ref), visibility.foreign()):
            continue
        if ref not in titles and (title := _variant(ref, dataset)):
            titles[ref] = title
    default = default if default in titles else next(iter(titles))
    alike = Counter(titles.values())  # a select box tells its options apart by what they show
    words = {ref: f"{title}  ·  {ref}" if alike[title] > 1 else title for ref, title in titles.items()}
    style = {"format_func": words.get, "missing": partial(_missing, dataset=dataset), "width": width}
    return url_state.choice(st.selectbox, label, list(titles), key=key, default=default, **style)


def _variant(ref: str, dataset: str) -> str | None:
    """The title of other weights or another size, where there are such: what cannot be loaded is not offered."""
    try:
        return variant(ref, dataset)
    except Refused:
        return None


def _missing(ref: str, dataset: str) -> str:
    """Why a model is not among those on offer: one that still learns would be another one at each visit."""
    named = ModelRef.parse(ref)
    run = named.run
    try:
        variant(ref, dataset)
    except Refused as refused:
        reason = str(refused)
        why = reason if reason.startswith(f"{named.name} ") else messages.sentence(reason)  # a name keeps its case
        return f"{why.rstrip('.')}; another one is shown."
    if run and run.spec.kind == "train" and not run.status.final:
        why = f"'{run.title}' is still training, and can be examined once it is done or stopped"
    else:
        why = f"There is no model '{ref[:80]}' here"
    return f"{why}; another one is shown."
