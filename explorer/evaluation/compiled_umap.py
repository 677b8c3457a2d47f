"""UMAP, McInnes et al. 2018, with its compiled functions kept on the disk: the first process of a machine compiles.

numba chooses the place: beside the installed packages, or the user's cache folder where that is not writable, or
NUMBA_CACHE_DIR. What it finds there counts only for the same source, processor and version of numba.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from threading import Lock
from types import ModuleType
from typing import Any

import numpy as np

from explorer.evaluation.packages import needed

_one_at_a_time = Lock()


def compiled_umap() -> Any:
    """The class UMAP with all that a map needs compiled or loaded, which is no part of a map's time."""
    with _one_at_a_time:  # two threads would import it twice
        return _prepared()


@cache
def _prepared() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # it tries to import tensorflow
    UMAP = _imported()
    with suppress(Exception):  # in another version it is faster or slower; the map that follows says what is wrong
        _prepare(UMAP)
    return UMAP


def _prepare(UMAP: Any) -> None:
    """Compile or load by a small map; where that fails, UMAP has its own distances again."""
    from umap import umap_

    plain = umap_.pairwise_distances
    try:
        _keep_compiled()
        few = np.random.default_rng(0).normal(size=(60, 4))
        UMAP(n_neighbors=10, n_epochs=2, random_state=0, n_jobs=1).fit(few)
    except Exception:
        umap_.pairwise_distances = plain
        raise


def _imported() -> Any:
    """The class UMAP, without what a map does not need where that can be had."""
    before = set(sys.modules)
    with suppress(Exception), _pynndescent_later():  # a version that wants more of it at once
        from umap import UMAP

        return UMAP
    for name in [name for name in sys.modules if name.partition(".")[0] == "umap" and name not in before]:
        del sys.modules[name]  # half imported
    with needed("umap-learn", "umap", "UMAP"):
        from umap import UMAP
    return UMAP


def _keep_compiled() -> None:
    from umap import layouts, umap_

    from explorer.evaluation import umap_watching
    from explorer.evaluation.umap_distances import distances

    umap_watching.install(layouts)
    umap_.pairwise_distances = distances
    for function in compiled_functions():
        with suppress(RuntimeError, AttributeError):  # no place is writable, or not numba's: it is compiled each time
            function.enable_caching()


@contextmanager
def _pynndescent_later() -> Iterator[None]:
    """Lets UMAP be imported without pynndescent, which is most of its import and only needed from 4,096 points on.

    It is imported when it is needed; its distances are those that UMAP knows by other names.
    """
    stand_in = ModuleType("pynndescent")
    stand_in.NNDescent, stand_in.named_distances, stand_in.sparse_named_distances = _NNDescent, {}, {}
    names = () if "pynndescent" in sys.modules else ("pynndescent", "pynndescent.distances", "pynndescent.sparse")
    sys.modules.update(dict.fromkeys(names, stand_in))
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


class _NNDescent:
    """Stands for pynndescent's, which UMAP also asks for the type of an index."""

    def __new__(cls, *data: Any, **options: Any) -> Any:
        from pynndescent import NNDescent

        return NNDescent(*data, **options)


def compiled_functions() -> list[Any]:
    """Those of UMAP's functions that a map with a seed uses and that UMAP does not keep by itself.

    The optimiser for several threads is left out: numba would take its code for that of the one for a single thread.
    """
    from umap import layouts, umap_, utils

    from explorer.evaluation.umap_distances import all_euclidean

    named = [
        (utils, "fast_knn_indices"),
        (umap_, "smooth_knn_dist"),
        (umap_, "compute_membership_strengths"),
        (layouts, "_nb_optimize_layout_euclidean_single_epoch"),
    ]
    theirs = (getattr(module, name, None) for module, name in named)  # another version may have other names
    return [all_euclidean, *filter(None, theirs)]
