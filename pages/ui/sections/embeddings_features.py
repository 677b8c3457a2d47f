"""Features of images that are on no map, computed beside the page: a network that is large takes seconds for them."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from explorer import Refused
from explorer.data import DataSet
from pages.ui.kit import messages
from pages.ui.kit.background import background, settle
from pages.ui.runs import model_cache, polling

if TYPE_CHECKING:
    from explorer.models.model import Model

EVERY = 1.0  # seconds between two looks


def of(
    ref: str, dataset: DataSet, key: Hashable, what: str, features: Callable[["Model"], np.ndarray]
) -> np.ndarray | None:
    """The features `[M, D]` by this model, kept under this key; None while they are being computed, which is said.

    Raises what the model raises; whoever asks again then starts anew.
    """
    stamp = model_cache.stamp(ref, dataset)
    future = background().ask(
        ("features", ref, dataset.name, stamp, key), lambda: features(model_cache.opened(ref, dataset))
    )
    if not settle([future]):
        polling.poll(None, partial(_wait, future, what), EVERY)
        return None
    if error := future.exception():
        if not isinstance(error, Refused):
            background().drop(future)
        raise error
    return future.result()


def _wait(future: Future[Any], what: str) -> None:
    if future.done():
        st.rerun()
    messages.caption(f":material/hourglass_top: The features of {what} are being computed.")
