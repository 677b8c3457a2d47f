"""Is it of use for a task with labels, and for how few of them?"""

from dataclasses import replace

import numpy as np

from explorer.data.dataset import balanced
from explorer.errors import Refused
from explorer.evaluation.desiderata.registry import Found, Number, Subject, desideratum
from explorer.evaluation.label_curve import labels_needed
from explorer.evaluation.probes import PROBES
from explorer.evaluation.probes.registry import Features
from explorer.evaluation.statistics import interval

PER_CLASS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
DRAWS, FEW = 3, 20  # draws of up to so many labels for each class; of more, one
SHARE = 0.9  # of what all labels gain over always naming the most frequent class

NO_GAIN = "the linear probe is not better than always naming the most frequent class, so no number of labels is enough"


@desideratum(
    "Downstream use", order=1, source="Alain and Bengio 2016, arXiv:1610.01644; Hénaff et al. 2020, arXiv:1905.09272",
    numbers={
        "accuracy": Number("linear probe", "accuracy of logistic regression on the features, with all labels"),
        "labels_90": Number(
            "labels for 90% of its gain", "labels, balanced over classes, with which that accuracy has 90% of its "
            "gain over always naming the most frequent class: interpolated along the logarithm, at least one for each "
            "class", "lower",
        ),
    },
)  # fmt: skip
def downstream(subject: Subject) -> Found:
    """Is it of use for a task with labels, and how many labels does that take?"""
    y, classes = subject.bank.y, len(np.unique(subject.bank.y))
    if classes < 2:
        raise Refused("there is one class only, so there is nothing to tell apart: choose a data set with two or more")
    subject, unknown = _asked(subject)
    full = PROBES["linear"](subject.bank, subject.queries)
    curve = {len(y): full}
    for each in PER_CLASS:
        if each * classes < len(y):
            draws = DRAWS if each <= FEW else 1
            curve[each * classes] = float(np.mean([_accuracy(subject, each * classes, draw) for draw in range(draws)]))
    low, high = interval(full, len(subject.queries.y))
    most = float(np.bincount(subject.queries.y).max() / len(subject.queries.y))  # who knows nothing is right so often
    more = {"curve": {str(n): curve[n] for n in sorted(curve)}, "low": low, "high": high, "majority_share": most}
    if low <= most:
        return Found({"accuracy": full}, more, "; ".join(filter(None, [unknown, NO_GAIN])))
    needed = max(labels_needed(curve, most + SHARE * (full - most)), min(curve))
    return Found({"accuracy": full, "labels_90": float(needed)}, more, unknown)


def _asked(subject: Subject) -> tuple[Subject, str]:
    """The same with the queries alone whose class the bank has, and what is said of the others."""
    known = np.isin(subject.queries.y, subject.bank.y)
    if known.all():
        return subject, ""
    if not known.any():
        raise Refused("no training image has a class of the images that it is measured on: choose another data set")
    queries = Features(np.asarray(subject.queries.z)[known], subject.queries.y[known])
    left = f"{(~known).sum():,} images are of classes without labelled training images, and are not counted"
    return replace(subject, queries=queries), left


def _accuracy(subject: Subject, n: int, draw: int) -> float:
    """Of the linear probe with n of the labels."""
    rows = balanced(subject.bank.y, n, np.random.default_rng((subject.seed, draw)))
    return PROBES["linear"](Features(np.asarray(subject.bank.z)[rows], subject.bank.y[rows]), subject.queries)
