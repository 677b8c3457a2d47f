"""UMAP, McInnes et al. 2018, with its compiled functions kept on the disk: the first process of a machine compiles.

numba chooses the place: beside the installed packages, or the user's cache folder where that is not writable, or
NUMBA_CACHE_DIR. What it finds there counts only for the same source, processor and version of numba.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np


@cache
def compiled_umap() -> Any:
    """The class UMAP with all that a map needs compiled or loaded, which is no part of a map's time."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # it tries to import tensorflow
    with _pynndescent_later():
        from umap import UMAP, umap_

    from explorer.evaluation.umap_distances import distances

    umap_.pairwise_distances = distances
    for function in compiled_functions():
        with suppress(RuntimeError):  # no place is writable: this process compiles for itself
            function.enable_caching()
    few = np.random.default_rng(0).normal(size=(60, 4))
    UMAP(n_neighbors=10, n_epochs=2, random_state=0, n_jobs=1).fit(few)
    return UMAP


@contextmanager
def _pynndescent_later() -> Iterator[None]:
    """Lets UMAP be imported without pynndescent, which is most of its import and only needed from 4,096 points on.

    It is imported when it is needed; its distances are those that UMAP knows by other names.
    """
    stand_in = ModuleType("pynndescent")
    stand_in.NNDescent, stand_in.named_distances, stand_in.sparse_named_distances = _nn_descent, {}, {}
    names = () if "pynndescent" in sys.modules else ("pynndescent", "pynndescent.distances", "pynndescent.sparse")
    sys.modules.update(dict.fromkeys(names, stand_in))
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


def _nn_descent(*data: Any, **options: Any) -> Any:
    from pynndescent import NNDescent

    return NNDescent(*data, **options)


def compiled_functions() -> list[Any]:
    """Those of UMAP's functions that a map with a seed uses and that UMAP does not keep by itself.

    The optimiser for several threads is left out: numba would take its code for that of the one for a single thread.
    """
    from umap import layouts, umap_, utils

    from explorer.evaluation.umap_distances import all_euclidean

    return [
        all_euclidean,
        utils.fast_knn_indices,
        umap_.smooth_knn_dist,
        umap_.compute_membership_strengths,
        layouts._nb_optimize_layout_euclidean_single_epoch,
    ]
