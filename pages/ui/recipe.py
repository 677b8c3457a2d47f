"""What shall be learned, and how: the method, its knobs, those of the training. Importing this imports torch."""

from typing import Any

import streamlit as st

from explorer.core import DataSpec, Method, TrainConfig
from explorer.data import DataSet
from explorer.methods import METHODS
from pages.ui import address, forms

__all__ = ["METHODS", "TrainConfig", "knobs", "method", "training"]
MAIN = ("epochs", "encoder", "batch", "lr", "subset", "seed")  # the knobs of a training that are always in sight


def method(found: DataSet, default: str | None = None) -> type[Method]:
    """Let the visitor choose a method that can learn from this data; the others are named with the rule they break."""
    shape = DataSpec(found.name, found.channels, found.size, found.classes, len(found.splits["train"].y))
    rules = {name: cls.info.needs.unmet(shape) for name, cls in METHODS.items()}
    titles = {name: cls.info.title for name, cls in METHODS.items()}
    offered = [name for name in METHODS if not rules[name]]
    default = default if default in offered else None
    name = address.choice(st.selectbox, "Method", offered, key="method", default=default, format_func=titles.get)
    st.caption(METHODS[name].info.summary)
    if left_out := [f"{titles[name]} {rule}" for name, rule in rules.items() if rule]:
        st.caption("Not offered here: " + "; ".join(left_out) + ".")
    return METHODS[name]


def knobs(cls: type[Method], columns: int = 1) -> dict[str, Any]:
    """The knobs of a method."""
    return forms.knobs(cls.Config, cls.info.name, columns=columns)


def training(cls: type[Method], found: DataSet) -> dict[str, Any]:
    """The knobs of a training, with the method's own defaults; those that are rarely turned fold away."""
    key, own, choices = f"{cls.info.name}.train", cls.train_defaults, {"classes": found.classes}
    values = forms.knobs(TrainConfig, key, own, only=MAIN, columns=2)
    with st.expander("More knobs"):
        return values | forms.knobs(TrainConfig, key, own, skip=MAIN, choices=choices, columns=1)
