"""What shall be learned, and how: the method, its hyperparameters, those of the training. This imports torch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from explorer.core import DataSpec, Method, TrainConfig
from explorer.data import DataSet
from explorer.methods import METHODS
from explorer.models import bfloat16
from explorer.models.build import check_fit
from pages.ui.kit import forms, messages, method_labels, url_state

__all__ = ["METHODS", "TrainConfig", "check", "hyperparameters", "method", "spec", "training"]
# the hyperparameters of a training that are always in sight
MAIN = ("epochs", "encoder", "batch", "lr", "subset", "seed")
FIRST = "autoencoder"  # the method of who chooses none


def spec(dataset: DataSet) -> DataSpec:
    """The kind and shape of a data set, as methods ask for it."""
    return DataSpec.of(dataset, dataset.classes, len(dataset.splits["train"].y))


def check(name: str, dataset: DataSet, hyperparameters: Mapping[str, Any], training: Mapping[str, Any]) -> int:
    """The number of images of a training.

    Raises `Refused` where hyperparameters and data do not fit each other, now that it is known.
    """
    cls, y = METHODS[name], dataset.splits["train"].y
    cfg, config = cls.training(training), cls.hyperparameters(hyperparameters)
    kept = dataset.kept(cfg.classes)
    rows = int(np.isin(y, [dataset.classes.index(each) for each in kept]).sum())
    rows = min(cfg.subset or rows, rows)
    check_fit(name, config, cfg, DataSpec.of(dataset, kept, rows, cfg.size))
    return rows


def method(dataset: DataSet, default: str = FIRST) -> type[Method]:
    """Let the visitor choose a method that can learn from this data; the others fold away with the rule they break."""
    shape = spec(dataset)
    rules = {name: METHODS[name].info.needs.unmet(shape) for name in method_labels.ordered()}
    offered = [name for name in rules if not rules[name]]
    default = default if default in offered else None

    def unmet(name: str) -> str:
        rule = rules.get(name)
        title = METHODS[name].info.title if rule else ""
        return f"{title} {rule}: choose another data set or method." if rule else ""

    more = {"format_func": method_labels.label, "missing": unmet}
    name = url_state.choice(st.selectbox, "Method", offered, key="method", default=default, **more)
    messages.caption(METHODS[name].info.summary)
    _left_out([f"{METHODS[name].info.title} {rule}" for name, rule in rules.items() if rule])
    return METHODS[name]


def _left_out(reasons: list[str]) -> None:
    """The methods that are not offered, each with its rule: one in a line, several behind one."""
    if len(reasons) == 1:
        st.caption(f"Not offered here: {messages.plain(reasons[0])}.")
    elif reasons:
        with st.popover(f"{len(reasons)} methods are not offered here", type="tertiary", key="left-out"):
            st.markdown("\n".join(f"- {messages.plain(each)}" for each in reasons))


def hyperparameters(cls: type[Method], columns: int = 1) -> dict[str, Any]:
    """The hyperparameters of a method."""
    return forms.hyperparameters(cls.Config, cls.info.name, columns=columns)


def training(cls: type[Method], dataset: DataSet) -> dict[str, Any]:
    """The hyperparameters of a training, with the method's own defaults; those that are rarely turned fold away."""
    key, own, choices = f"{cls.info.name}.train", cls.train_defaults, {"classes": dataset.classes}
    if reason := method_labels.why_idle(cls):
        st.caption(reason)
    main = [name for name in MAIN if name not in method_labels.idle(cls)]
    values = forms.hyperparameters(TrainConfig, key, own, only=main, columns=2)
    with st.expander("More hyperparameters"):
        pixels = () if dataset.modality == "image" else ("size",)
        skip = (*MAIN, *method_labels.idle(cls), *pixels)
        values |= forms.hyperparameters(TrainConfig, key, own, skip=skip, choices=choices, columns=1)
        if fast := bfloat16.recommendation():
            st.caption(fast)
        return values
