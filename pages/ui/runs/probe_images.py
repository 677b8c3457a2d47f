"""Whether two trainings were shown the same images, which alone makes their maps comparable point by point."""

from functools import lru_cache

import numpy as np

from explorer.evaluation.comparison import alignment
from explorer.runs import Run
from explorer.tasks.stories import replayed


def same(run: Run, other: Run) -> bool:
    """Whether two runs with frames were shown the same images: of one data set and size, by its hash and its labels.

    The hash is that of the images themselves; runs of this machine may come from a version that did not store it.
    """
    a, b = run.spec, other.spec
    if (a.dataset, a.train.get("size") or 0) != (b.dataset, b.train.get("size") or 0):
        return False
    hashes = {replayed.hash_of(run), replayed.hash_of(other)}
    if not (replayed.about(run) or replayed.about(other)):
        hashes.discard("")
    return hashes != {""} and len(hashes) < 2 and _same_rows(run, other)


@lru_cache(maxsize=4096)
def _same_rows(run: Run, other: Run) -> bool:
    """Whether enough of their rows are the same, with the same labels: the images of a run are those of its frames."""
    (rows, y), (others, of_others) = replayed.labels(run), replayed.labels(other)
    _, i, j = np.intersect1d(rows, others, return_indices=True)
    return len(i) >= alignment.LEAST and np.array_equal(y[i], of_others[j])
