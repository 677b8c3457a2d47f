"""Results that take longer than a click may: computed one after another beside the pages, kept for all visitors.

For what is too much for a page's own script and too little for a job: it needs no folder and no place in a queue, and
its inputs, such as an uploaded image, stay in memory. What it calls must not draw anything.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

Work = tuple[Future[Any], Callable[[], Any]]

KEPT = 256  # results
PATIENCE = 0.4  # seconds that a page waits for what is nearly done


class Background:
    """One thread, whose turns go around the sessions that wait; and the results that were asked for last."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept, self._futures = kept, OrderedDict[Hashable, Future[Any]]()
        self._waiting = OrderedDict[str, deque[Work]]()  # by session, the one whose turn is next first
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="background")

    def ask(self, key: Hashable, make: Callable[[], Any], session: str | None = None) -> Future[Any]:
        """The result of this key, which is being made if nobody has asked for it before; it is never cancelled.

        The key is kept as long as the result: where it stands for an array, take a digest.
        """
        with self._lock:
            future = self._futures.get(key)
            if future is None:
                future = self._futures[key] = Future()
                self._waiting.setdefault(_session() if session is None else session, deque()).append((future, make))
                self._pool.submit(self._next)
            self._futures.move_to_end(key)
            done = [key for key, it in self._futures.items() if it.done()]  # what is not, somebody waits for
            for key in done[: max(len(self._futures) - self._kept, 0)]:
                del self._futures[key]
            return future

    def drop(self, future: Future[Any]) -> None:
        """Forget a result, such as a failure: whoever asks for it again starts anew."""
        with self._lock:
            for key in [key for key, it in self._futures.items() if it is future]:
                del self._futures[key]

    def _next(self) -> None:
        """Make one result; its session then stands behind the others."""
        with self._lock:
            session, line = self._waiting.popitem(last=False)
            future, make = line.popleft()
            if line:
                self._waiting[session] = line
        future.set_running_or_notify_cancel()
        try:
            future.set_result(make())
        except BaseException as error:
            future.set_exception(error)


def _session() -> str:
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


@st.cache_resource(show_spinner=False)
def background() -> Background:
    """The one of this server; it outlives a reload of this module."""
    return Background()


def settle(futures: Iterable[Future[Any]], patience: float = PATIENCE) -> bool:
    """Wait a moment for all of them; whether they are done."""
    return not wait(list(futures), patience).not_done
