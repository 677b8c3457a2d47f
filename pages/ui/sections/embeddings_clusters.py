"""Clusters in the space: how many, how compact, how far they agree with the labels, and the images each is about."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from explorer.data import DataSet
from explorer.runs import Run, Spec
from explorer.tasks import request
from explorer.tasks.task import TASKS
from pages.ui.kit import actions, forms, image_picker, messages, pictures, point_ids, url_state
from pages.ui.runs import job_progress, run_list
from pages.ui.sections import embeddings_choice, embeddings_point
from pages.ui.sections.embeddings import Map
from pages.ui.sections.embeddings_choice import Jobs

FORM, HEIGHT = "cluster", 150  # the options stand in the address as `cluster.NAME`; pixels of a job's place
SHARED = ("n", "split")  # options that are those of the maps
SHOWN = 12  # clusters whose images are shown


def attach(there: Jobs, ref: str, dataset: DataSet, options: Mapping[str, Any]) -> Jobs:
    """The same maps; where clusters of their points are known, each carries them, to be coloured by."""
    run = _existing(ref, dataset, options)
    if run is None or run.status.state != "done":
        return there
    found = run.result()
    return there._replace(maps={how: _with(projection, found, run.id) for how, projection in there.maps.items()})


def _with(projection: Map, found: Mapping[str, np.ndarray], id: str) -> Map:
    if not np.array_equal(found["rows"], projection.rows):
        return projection
    more = {**projection.more, "cluster": np.asarray(found["cluster"])}
    return projection._replace(more=more, version=f"{projection.version}-{id}")


def _existing(ref: str, dataset: DataSet, options: Mapping[str, Any]) -> Run | None:
    """The job that the form, as it stood when the page was drawn last, describes."""
    fields = [name for name in TASKS["cluster"].Config.model_fields if name not in SHARED]
    known = {name: st.session_state[key] for name in fields if (key := f"{FORM}.{name}") in st.session_state}
    spec = _spec(ref, dataset, {**known, **_shared(options)})
    return embeddings_choice.beside(spec)


def _shared(options: Mapping[str, Any]) -> dict[str, Any]:
    config = TASKS["cluster"].Config
    most = config.model_json_schema()["properties"]["n"]["maximum"]
    return {"n": min(options["n"], most), "split": options["split"]}


def _spec(ref: str, dataset: DataSet, options: Mapping[str, Any]) -> Spec:
    return request.request("cluster", ref, dataset.name, **options)


def show(projection: Map, ref: str, dataset: DataSet, options: Mapping[str, Any]) -> None:
    """The form, and below it what came of it."""
    asked = any(key.startswith(f"{FORM}.") for key in url_state.names()) or _existing(ref, dataset, options) is not None
    with st.expander("Clusters", icon=":material/workspaces:", expanded=asked), messages.guard():
        values = forms.hyperparameters(TASKS["cluster"].Config, FORM, skip=SHARED, columns=3)
        spec = _spec(ref, dataset, {**values, **_shared(options)})
        run = embeddings_choice.beside(spec)
        if run is None:
            style = {"icon": ":material/play_arrow:", "key": "compute-clusters"}
            actions.button("Find clusters", embeddings_choice.ask, [spec], **style)
        elif run.status.state != "done":
            job_progress.wait(run, HEIGHT, stop=partial(run_list.stop, name="clusters"))
        else:
            _result(run, projection, dataset)


def _result(run: Run, projection: Map, dataset: DataSet) -> None:
    found = run.result()
    messages.prose(summary(found))
    if "cluster" not in projection.more:
        messages.caption("These are clusters of other points than those of the maps: maps of one class have none.")
        return
    messages.caption("Colour the maps by cluster to see them. Each row: the images that a cluster is about.")
    url, ids = pictures.thumbs(dataset, point_ids.ANY), projection.ids
    for i, (size, label, purity) in enumerate(zip(found["sizes"], found["labels"], found["purity"], strict=True)):
        if i == SHOWN:
            messages.caption(f"The {SHOWN} largest of {len(found['sizes'])} clusters.")
            break
        at = [place for place in found["typical"][i] if place >= 0]
        name, share = messages.plain(dataset.classes[label]), messages.percent(float(purity))
        messages.prose(f"**Cluster {i + 1}**: {int(size):,} points, {share} of them {name}")
        alts = {int(ids[place]): f"{dataset.classes[projection.y[place]]}, typical of cluster {i + 1}" for place in at}
        image_picker.tray(f"cluster-{i}", f"Cluster {i + 1}", url, alts, None, embeddings_point.set_point)


def summary(found: Mapping[str, np.ndarray]) -> str:
    """How many, how compact, how alike to the labels."""
    n, outside = len(found["sizes"]), int((np.asarray(found["cluster"]) < 0).sum())
    parts = [f"**{n} {'cluster' if n == 1 else 'clusters'}**"]
    parts += [f"{outside:,} points in none"] if outside else []
    named = {"silhouette": "silhouette", "ari": "beside the labels: ARI", "nmi": "NMI"}
    numbers = {title: float(found[name]) for name, title in named.items() if np.isfinite(found[name])}
    return " · ".join([*parts, *(f"{title} **{value:.2f}**" for title, value in numbers.items())])
