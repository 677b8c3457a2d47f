"""What a training must beat, measured once for each state of its data in the background: no page waits for it."""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from threading import Lock

from explorer import Refused, data
from explorer.evaluation import reference_levels
from explorer.models.loading import load
from explorer.runs import Spec

MODELS = {"pixels": "pixels", "PCA": "pca"}  # role: reference
AGAIN = 60.0  # seconds after which a measurement that failed is tried again
Key = tuple[str, str, int, tuple[str, ...]]  # data set, fingerprint of its files, size, classes
_known: dict[Key, Future[dict[str, float]]] = {}
_failed: dict[Key, float] = {}  # when; by the monotonic clock
_lock = Lock()  # of both: sessions ask at once


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "reference-lines")


def knn(spec: Spec, patience: float = 0.0) -> dict[str, float]:
    """What a run must beat on the images that it is watched on, by role; empty until known.

    The kNN accuracy of raw pixels and of their PCA, and of imbalanced classes the accuracy of naming the largest.

    A page that is not drawn again by itself has some `patience`, in seconds.
    """
    try:
        fingerprint = data.fingerprint(spec.dataset)
    except Refused:  # there is no such data set any more
        return {}
    key = spec.dataset, fingerprint, int(spec.train.get("size") or 0), tuple(spec.train.get("classes") or ())
    future = _future(key)
    return _result(key, future, patience) if future else {}


def _future(key: Key) -> Future[dict[str, float]] | None:
    """The measurement, begun if there is none; None for a while after one that failed."""
    with _lock:
        if key not in _known and time.monotonic() - _failed.get(key, -AGAIN) >= AGAIN:
            _known[key] = _pool().submit(_measured, key)
        return _known.get(key)


def _result(key: Key, future: Future[dict[str, float]], patience: float) -> dict[str, float]:
    """What was measured, if it is known by now."""
    wait([future], patience)
    if not future.done():
        return {}
    if error := future.exception():
        _fail(key, future, error)
        return {}
    return future.result()


def _fail(key: Key, future: Future[dict[str, float]], error: BaseException) -> None:
    """Keep a failure for `AGAIN` seconds and not for ever; the first session that learns of it writes it to the log."""
    with _lock:
        if _known.get(key) is not future:
            return
        del _known[key]
        _failed[key] = time.monotonic()
    if not isinstance(error, Refused):  # else the data are not on this machine
        logging.getLogger(__name__).warning("the baselines on '%s' could not be measured", key[0], exc_info=error)


def _measured(key: Key) -> dict[str, float]:
    name, _, size, classes = key
    dataset = data.load(name, size)
    majority = reference_levels.watched_majority(dataset, classes)
    known = {} if majority is None else {"most frequent class": majority}
    if dataset.modality != "image":
        return known
    return known | {
        role: reference_levels.watched_knn(load(ref, dataset), dataset, classes) for role, ref in MODELS.items()
    }
