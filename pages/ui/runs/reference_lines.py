"""What a training must beat, measured once for each data set in the background: no page waits for it."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache

from explorer import Refused, data
from explorer.evaluation import reference_levels
from explorer.models.loading import load
from explorer.runs import Spec

MODELS = {"pixels": "pixels", "PCA": "pca"}  # role: reference
_known: dict[tuple[str, int, tuple[str, ...]], Future[dict[str, float]]] = {}


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "reference-lines")


def knn(spec: Spec, patience: float = 0.0) -> dict[str, float]:
    """The kNN accuracy of raw pixels and of their PCA on the images that this run is watched on; empty until known.

    A page that is not drawn again by itself has some `patience`, in seconds.
    """
    key = spec.dataset, int(spec.train.get("size") or 0), tuple(spec.train.get("classes") or ())
    if key not in _known:
        _known[key] = _pool().submit(_measured, *key)
    future = _known[key]
    wait([future], patience)
    return future.result() if future.done() else {}


def _measured(name: str, size: int, classes: tuple[str, ...]) -> dict[str, float]:
    try:
        dataset = data.load(name, size)
    except Refused:  # the data are not on this machine
        return {}
    if dataset.modality != "image":
        return {}
    return {role: reference_levels.watched_knn(load(ref, dataset), dataset, classes) for role, ref in MODELS.items()}
