"""Models that pages look into: one bounded cache, read-only, shared by everyone. Torch is imported on the first use."""

from typing import TYPE_CHECKING

import streamlit as st

from explorer import data
from explorer.data import DataSet
from explorer.models.reference import ModelRef
from explorer.runs import Run
from pages.ui.kit import messages

if TYPE_CHECKING:
    from explorer.models.model import Model


def trained(ref: str) -> Run | None:
    """The training behind a reference; None for pixels, components and untrained encoders."""
    return ModelRef.parse(ref).run


def title(ref: str, dataset: str) -> str:
    """What a reference is called."""
    return ModelRef.parse(ref).title(dataset)


def caveat(ref: str) -> None:
    """What has to be said of a model before one looks into it: that its newest checkpoint is damaged."""
    run = trained(ref)
    if run and (damage := run.damage()):
        messages.caveat(damage)


def opened(ref: str, dataset: DataSet) -> "Model":
    """The model of a reference; raises `Refused`. Do not change it: others look into the same one."""
    return _opened(ref, dataset.name, dataset.size, stamp(ref, dataset))


def stamp(ref: str, dataset: DataSet) -> str:
    """Changes when the model or the data do: for caches of what was computed from them."""
    run = trained(ref)
    weights = run and run.newest_weights()
    return f"{dataset.hash}-{weights.stat().st_mtime_ns if weights and weights.exists() else 0}"


@st.cache_resource(max_entries=8, show_spinner=False)
def _opened(ref: str, dataset: str, size: int, stamp: str) -> "Model":
    from explorer.models import loading

    return loading.load(ref, data.load(dataset, size))
