"""What a training must beat, measured once for each state of its data in the background: no page waits for it."""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache

from explorer import Refused, data
from explorer.evaluation import reference_levels
from explorer.models.loading import load
from explorer.runs import Spec

MODELS = {"pixels": "pixels", "PCA": "pca"}  # role: reference
AGAIN = 60.0  # seconds after which a measurement that failed is tried again
Key = tuple[str, str, int, tuple[str, ...]]  # data set, fingerprint of its files, size, classes
_known: dict[Key, Future[dict[str, float]]] = {}
_failed: dict[Key, float] = {}  # when; by the monotonic clock


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "reference-lines")


def knn(spec: Spec, patience: float = 0.0) -> dict[str, float]:
    """The kNN accuracy of raw pixels and of their PCA on the images that this run is watched on; empty until known.

    A page that is not drawn again by itself has some `patience`, in seconds.
    """
    try:
        fingerprint = data.fingerprint(spec.dataset)
    except Refused:  # there is no such data set any more
        return {}
    key = spec.dataset, fingerprint, int(spec.train.get("size") or 0), tuple(spec.train.get("classes") or ())
    if key not in _known and time.monotonic() - _failed.get(key, -AGAIN) >= AGAIN:
        _known[key] = _pool().submit(_measured, key)
    return _result(key, patience) if key in _known else {}


def _result(key: Key, patience: float) -> dict[str, float]:
    """What was measured, if it is known by now; a failure is kept for `AGAIN` seconds and not for ever."""
    future = _known[key]
    wait([future], patience)
    if not future.done():
        return {}
    if error := future.exception():
        if not isinstance(error, Refused):  # else the data are not on this machine
            logging.getLogger(__name__).warning("the baselines on '%s' could not be measured", key[0], exc_info=error)
        _known.pop(key, None)
        _failed[key] = time.monotonic()
        return {}
    return future.result()


def _measured(key: Key) -> dict[str, float]:
    name, _, size, classes = key
    dataset = data.load(name, size)
    if dataset.modality != "image":
        return {}
    return {role: reference_levels.watched_knn(load(ref, dataset), dataset, classes) for role, ref in MODELS.items()}
