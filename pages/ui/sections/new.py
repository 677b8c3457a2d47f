"""Before a training: what the network will see, what it must beat, what can be switched off. This imports torch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from explorer import Refused, runs
from explorer.core import Method, TrainConfig
from explorer.data import DISPLAYS, DataSet
from explorer.evaluation import statistics
from explorer.methods import METHODS
from explorer.tasks.evaluate import training_data_hash
from pages.ui.kit import forms, messages, method_labels, pictures
from pages.ui.runs import ownership
from pages.ui.sections import views as views_section

IMAGES, SEED = 3, 0  # images whose views are shown
BASELINES = ("Untrained", "Raw pixels", "PCA of the pixels")  # as scores call them


def summary(method: type[Method], dataset: DataSet) -> str:
    """What will happen, in a sentence or two of Markdown."""
    n, many = len(dataset.splits["train"].y), DISPLAYS[dataset.modality].many
    return f"**{method.info.title}** on {n:,} training {many} of {messages.plain(dataset.title)}. {method.info.summary}"


def views(method: type[Method], dataset: DataSet, hyperparameters: Mapping[str, Any]) -> None:
    """Six draws of the method's views of a few training images: the tensors that training uses."""
    messages.heading("Views: what the network will see")
    name, images = method.info.name, dataset.splits["train"]
    rows = np.flatnonzero(np.isin(images.y, np.unique(images.y)[:IMAGES]))
    rows = [int(rows[images.y[rows] == label][0]) for label in np.unique(images.y)[:IMAGES]]
    try:
        drawn = [
            views_section.draws(name, dict(hyperparameters), dataset.name, dataset.hash, row, SEED) for row in rows
        ]
    except Refused as refused:
        st.caption(messages.plain(messages.sentence(method_labels.titled(name, str(refused)))))
        return
    if not drawn[0]:
        st.caption("The images themselves, as vectors of pixels.")
        return
    for row, some in zip(rows, drawn, strict=True):
        views_section.show(images.x[row], some)
    messages.provenance(
        data=f"{dataset.title}, train", model=method.info.title, seed=SEED, lines=pictures.seams(drawn[0])
    )


def baselines(dataset: DataSet, encoder: str = "") -> None:
    """What will be watched, and what the representation must beat, as far as an earlier run has measured it.

    An untrained network is one of this `encoder` where some run has measured it, else of another one.
    """
    messages.heading("Baselines to beat")
    messages.prose(
        f"During training, kNN accuracy is measured on {len(dataset.probe()[0]):,} validation images. At the end, the "
        "features are compared on the test images with those of an untrained network, raw pixels and PCA."
    )
    measured = [run for run in ownership.listing("train") if _comparable(run, dataset)]
    if not measured:
        messages.caption("No baselines on this data set yet: the first training measures them.")
        return
    of = next((run for run in measured if _encoder(run) == encoder), measured[0])
    scores = of.scores() or {}
    for column, name in zip(st.columns(len(BASELINES)), _names(dataset), strict=False):
        column.metric(name, statistics.percent(scores["references"][name]["knn"], scores["n_test"]))
    data = f"{dataset.title}, {scores['n_test']:,} test images"
    messages.provenance(data=data, encoder=_encoder(of), measured="kNN accuracy")


def _comparable(run: runs.Run, dataset: DataSet) -> bool:
    """Whether a run has an encoder that others may have too, and has measured all baselines of these very images."""
    if run.status.state != "done" or run.spec.dataset != dataset.name or run.spec.train.get("classes"):
        return False
    known = (run.scores() or {}).get("references", {})
    return bool(_encoder(run)) and known.keys() >= set(_names(dataset)) and training_data_hash(run) == dataset.hash


def _encoder(run: runs.Run) -> str:
    """The encoder of a run; empty for a method with a model of its own."""
    method = METHODS.get(run.spec.method)
    return run.spec.train.get("encoder", TrainConfig().encoder) if method and method.uses_encoder else ""


def _names(dataset: DataSet) -> tuple[str, ...]:
    """The baselines that a finished training on these data has measured."""
    return BASELINES if dataset.modality == "image" else BASELINES[:1]


def ablations(method: type[Method]) -> None:
    """What can be switched off on purpose, why that matters, and the button that does it in the form."""
    fields = {
        name: about for name, about in method.Config.model_json_schema()["properties"].items() if "ablation" in about
    }
    if not fields:
        return
    messages.heading("Ablations: switch something off")
    for name, about in fields.items():
        rule, key = about["ablation"], f"{method.info.name}.{name}"
        if not rule["at"]:
            continue
        value, off = rule["at"][0], st.session_state.get(key) in rule["at"]
        with st.container(horizontal=True, vertical_alignment="center", key=f"ablate-{key}"):
            messages.prose(
                f"**{forms.label(name)} {forms.setting(value)}**: {messages.plain(rule['why'])}", width="stretch"
            )
            target, words = (about.get("default"), "Restore") if off else (value, "Switch off")
            st.button(words, on_click=_set, args=(key, target), key=f"set-{key}")


def _set(key: str, value: Any) -> None:
    """Another value in the form."""
    st.session_state[key] = value
