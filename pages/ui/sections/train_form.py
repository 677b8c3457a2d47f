"""What shall be learned, and how: the method, its hyperparameters, those of the training. This imports torch."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from explorer.core import DataSpec, Method, TrainConfig
from explorer.data import DataSet
from explorer.methods import METHODS
from explorer.models.build import check_fit
from pages.ui.kit import forms, messages, url_state

__all__ = [
    "METHODS",
    "TrainConfig",
    "check",
    "hyperparameters",
    "idle",
    "label",
    "method",
    "ordered",
    "spec",
    "titled",
    "training",
    "why_idle",
]
MAIN = (
    "epochs",
    "encoder",
    "batch",
    "lr",
    "subset",
    "seed",
)  # the hyperparameters of a training that are always in sight
FAMILIES = ("reference", "classical", "autoencoder", "pretext", "contrastive")  # others follow
FIRST = "autoencoder"  # the method of who chooses none
NETWORK = ("encoder", "width")
STEPS = ("epochs", "batch", "optimizer", "lr", "schedule", "weight_decay", "precision", "devices")


def ordered() -> list[str]:
    """The names of all methods, one family after another, in each by title."""

    def place(name: str) -> tuple[int, str, str]:
        info = METHODS[name].info
        known = FAMILIES.index(info.family) if info.family in FAMILIES else len(FAMILIES)
        return known, info.family, info.title.lower()

    return sorted(METHODS, key=place)


def label(name: str) -> str:
    """What a method is called in a list: its title and its family, both of which a search finds."""
    info = METHODS[name].info
    return f"{info.title}  ·  {info.family}"


def titled(name: str, said: str) -> str:
    """A sentence about a method, such as a refusal, with its title in the place of its name in the code."""
    return re.sub(rf"^{re.escape(name)}\b", lambda _: METHODS[name].info.title, said)


def spec(dataset: DataSet) -> DataSpec:
    """The kind and shape of a data set, as methods ask for it."""
    return DataSpec.of(dataset, dataset.classes, len(dataset.splits["train"].y))


def check(name: str, found: DataSet, hyperparameters: Mapping[str, Any], training: Mapping[str, Any]) -> None:
    """Raises `Refused` where hyperparameters and data do not fit each other, now that the number of images is known."""
    cls, y = METHODS[name], found.splits["train"].y
    cfg, config = cls.training(training), cls.hyperparameters(hyperparameters)
    kept = found.kept(cfg.classes)
    rows = int(np.isin(y, [found.classes.index(each) for each in kept]).sum())
    rows = min(cfg.subset or rows, rows)
    check_fit(name, config, cfg, DataSpec.of(found, kept, rows, cfg.size))


def method(found: DataSet, default: str = FIRST) -> type[Method]:
    """Let the visitor choose a method that can learn from this data; the others fold away with the rule they break."""
    shape = spec(found)
    rules = {name: METHODS[name].info.needs.unmet(shape) for name in ordered()}
    offered = [name for name in rules if not rules[name]]
    default = default if default in offered else None

    def unmet(name: str) -> str:
        rule = rules.get(name)
        title = METHODS[name].info.title if rule else ""
        return f"{title} {rule}: choose other data, or another method, as here." if rule else ""

    look = {"format_func": label, "missing": unmet}
    name = url_state.choice(st.selectbox, "Method", offered, key="method", default=default, **look)
    st.caption(METHODS[name].info.summary)
    _left_out([f"{METHODS[name].info.title} {rule}" for name, rule in rules.items() if rule])
    return METHODS[name]


def _left_out(said: list[str]) -> None:
    """The methods that are not offered, each with its rule: one in a line, several behind one."""
    if len(said) == 1:
        st.caption(f"Not offered here: {messages.plain(said[0])}.")
    elif said:
        with st.popover(f"{len(said)} methods are not offered here", type="tertiary", key="left-out"):
            st.markdown("\n".join(f"- {messages.plain(each)}" for each in said))


def idle(cls: type[Method]) -> tuple[str, ...]:
    """The hyperparameters of a training that do nothing for this method."""
    return (*(() if cls.uses_encoder else NETWORK), *(STEPS if _solved(cls) else ()))


def _solved(cls: type[Method]) -> bool:
    """Whether it is not learned in steps."""
    return cls.solve is not Method.solve


def why_idle(cls: type[Method]) -> str:
    """Why some hyperparameters of a training are not offered, in a sentence; empty where all are."""
    parts = [] if cls.uses_encoder else ["is a model of its own, so there is no encoder to choose"]
    parts += ["is not learned in steps, so there is no epoch, batch or learning rate to set"] if _solved(cls) else []
    return f"{cls.info.title} {'; it '.join(parts)}." if parts else ""


def hyperparameters(cls: type[Method], columns: int = 1) -> dict[str, Any]:
    """The hyperparameters of a method."""
    return forms.hyperparameters(cls.Config, cls.info.name, columns=columns)


def training(cls: type[Method], found: DataSet) -> dict[str, Any]:
    """The hyperparameters of a training, with the method's own defaults; those that are rarely turned fold away."""
    key, own, choices = f"{cls.info.name}.train", cls.train_defaults, {"classes": found.classes}
    if said := why_idle(cls):
        st.caption(said)
    main = [name for name in MAIN if name not in idle(cls)]
    values = forms.hyperparameters(TrainConfig, key, own, only=main, columns=2)
    with st.expander("More hyperparameters"):
        pixels = () if found.modality == "image" else ("size",)
        skip = (*MAIN, *idle(cls), *pixels)
        return values | forms.hyperparameters(TrainConfig, key, own, skip=skip, choices=choices, columns=1)
