"""From how many images a training has learned."""

from explorer import data
from explorer.errors import Refused
from explorer.runs import Run
from explorer.tasks.evaluate import LABELS


def images(run: Run) -> int | None:
    """How many training images its method saw: those of its classes, at most its subset; None where nothing tells.

    The probes of its end took as many labelled ones as there were, without its subset, up to `LABELS`.
    """
    there = (run.scores() or {}).get("n_train")
    subset = int(run.spec.train.get("subset") or 0)
    if there is not None and subset and subset <= there:
        return subset
    if there is None or there >= LABELS:
        there = _there(run)
    return there if there is None or not subset else min(subset, there)


def _there(run: Run) -> int | None:
    """The training images of its classes, if its data set is still there and was decoded before."""
    try:
        dataset = data.ready(run.spec.dataset, int(run.spec.train.get("size") or 0))
        return None if dataset is None else len(dataset.chosen("train", run.spec.train.get("classes", ()))[0])
    except Refused:
        return None
