"""Looking on while UMAP optimises, which knows no callback: its loop calls a compiled function for each epoch.

The function that hands out that compiled one is replaced once; what is called besides belongs to the thread that asks.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

import numpy as np

from explorer.evaluation.watching import Stopped, Watch

EPOCH = 16  # place of the number of the epoch among the arguments; the coordinates come first
_asking = local()


def install(layouts: Any) -> None:
    """Replace the function in UMAP's module of layouts; in a version without it there is no film, and nothing else."""
    handed_out = getattr(layouts, "_get_optimize_layout_euclidean_single_epoch_fn", None)
    if handed_out is None or hasattr(handed_out, "watched"):
        return

    def watched(*args: Any, **kwargs: Any) -> Callable[..., Any]:
        one_epoch = handed_out(*args, **kwargs)
        watch = getattr(_asking, "watch", None)
        return one_epoch if watch is None else _watched(one_epoch, watch)

    watched.watched = True
    layouts._get_optimize_layout_euclidean_single_epoch_fn = watched


def _watched(one_epoch: Callable[..., Any], watch: Callable[[int, np.ndarray], None]) -> Callable[..., Any]:
    def epoch(coords: np.ndarray, *rest: Any) -> Any:
        answer = one_epoch(coords, *rest)
        watch(int(rest[EPOCH - 1]) + 1, coords)
        return answer

    return epoch


@contextmanager
def watching(watch: Watch | None, epochs: int) -> Iterator[None]:
    """Within it this thread's UMAP calls `watch` after each epoch, and raises `Stopped` where that says True."""

    def look(done: int, coords: np.ndarray) -> None:
        if watch(done, epochs, coords) is True:
            raise Stopped(np.array(coords))

    _asking.watch = look if watch else None
    try:
        yield
    finally:
        _asking.watch = None
