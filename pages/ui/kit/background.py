"""Results that take longer than a click may: computed one after another beside the pages, kept for all visitors.

For what is too much for a page's own script and too little for a job: it needs no folder and no place in a queue, and
its inputs, such as an uploaded image, stay in memory. What it calls must not draw anything.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import streamlit as st

KEPT = 256  # results
PATIENCE = 0.4  # seconds that a page waits for what is nearly done


class Background:
    """One thread, and the results that were asked for last."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept, self._futures = kept, OrderedDict[Hashable, Future[Any]]()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="background")

    def ask(self, key: Hashable, make: Callable[[], Any]) -> Future[Any]:
        """The result of this key, which is being made if nobody has asked for it before."""
        with self._lock:
            if key not in self._futures:
                self._futures[key] = self._pool.submit(make)
            self._futures.move_to_end(key)
            while len(self._futures) > self._kept:
                self._futures.popitem(last=False)[1].cancel()
            return self._futures[key]


@st.cache_resource(show_spinner=False)
def background() -> Background:
    """The one of this server; it outlives a reload of this module."""
    return Background()


def settle(futures: Iterable[Future[Any]], patience: float = PATIENCE) -> bool:
    """Wait a moment for all of them; whether they are done."""
    return not wait(list(futures), patience).not_done
