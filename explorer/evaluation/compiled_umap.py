"""UMAP, McInnes et al. 2018, with its compiled functions kept on the disk: the first process of a machine compiles.

numba chooses the place: beside the installed packages, or the user's cache folder where that is not writable, or
NUMBA_CACHE_DIR. What it finds there counts only for the same source, processor and version of numba.
"""

import os
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np


@cache
def compiled_umap() -> Any:
    """The class UMAP with all that a map needs compiled or loaded, which is no part of a map's time."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # it tries to import tensorflow
    from umap import UMAP

    for function in compiled_functions():
        with suppress(RuntimeError):  # no place is writable: this process compiles for itself
            function.enable_caching()
    few = np.random.default_rng(0).normal(size=(60, 4))
    UMAP(n_neighbors=10, n_epochs=2, random_state=0, n_jobs=1).fit(few)
    return UMAP


def compiled_functions() -> list[Any]:
    """Those of UMAP's functions that a map with a seed uses and that UMAP does not keep by itself.

    The optimiser for several threads is left out: numba would take its code for that of the one for a single thread.
    """
    from umap import distances, layouts, umap_, utils

    return [
        utils.fast_knn_indices,
        umap_.smooth_knn_dist,
        umap_.compute_membership_strengths,
        distances.euclidean,
        layouts._nb_optimize_layout_euclidean_single_epoch,
    ]
