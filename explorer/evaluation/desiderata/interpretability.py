"""Can single dimensions be read: does one answer to a class, and which images does it answer to most?"""

import numpy as np

from explorer.errors import Refused
from explorer.evaluation.desiderata.registry import Found, Number, Subject, desideratum

SHOWN, TOP = 5, 8  # dimensions with their top images


@desideratum(
    "Interpretability", order=2, source="class selectivity after Morcos et al. 2018, arXiv:1803.06959; "
    "top images after Zhou et al. 2015, arXiv:1412.6856",
    numbers={
        "selectivity": Number(
            "selectivity of a dimension", "2 AUC - 1 of telling the class that the dimension answers to from all "
            "others by it alone, in the mean over dimensions; class and direction are chosen on training images: "
            "0 = chance",
        ),
        "best": Number(
            "best dimension of a class", "the same for the dimension that answers best to a class, in the mean over "
            "classes; it is chosen on training images"
        ),
    },
)  # fmt: skip
def interpretability(subject: Subject) -> Found:
    """Does a single dimension answer to something that has a name?"""
    chosen, held_out = (separation(of.z, of.y, len(subject.classes)) for of in (subject.bank, subject.queries))
    there = ~(np.isnan(chosen).any(1) | np.isnan(held_out).any(1))
    if there.sum() < 2:
        raise Refused(
            "there are not two classes, so no dimension can answer to one: choose a data set with two or more"
        )
    chosen, held_out, labels = chosen[there], held_out[there], np.flatnonzero(there)
    sign = np.sign(chosen)
    of_dimension = np.abs(chosen).argmax(0)  # [D] the class of each
    dims = np.arange(chosen.shape[1])
    selective = (held_out * sign)[of_dimension, dims]
    of_class = np.abs(chosen).argmax(1)
    best = (held_out * sign)[np.arange(len(labels)), of_class]
    shown = np.argsort(-np.abs(chosen)[of_dimension, dims], kind="stable")[:SHOWN]
    tops = [_top(subject, int(d), labels[of_dimension[d]], sign[of_dimension[d], d], selective[d]) for d in shown]
    return Found({"selectivity": float(selective.mean()), "best": float(best.mean())}, {"dimensions": tops})


def separation(z: np.ndarray, y: np.ndarray, classes: int) -> np.ndarray:
    """2 AUC - 1 `[classes, D]` of telling each class from all others by each dimension of `[N, D]` alone, in [-1, 1].

    From the ranks, as Mann and Whitney 1947; NaN for a class without images, or where it is the only one.
    """
    from scipy.stats import rankdata

    ranks, member = rankdata(np.asarray(z), axis=0), y[None] == np.arange(classes)[:, None]  # [N, D], [classes, N]
    own = member.sum(1)[:, None].astype(float)
    others = len(y) - own
    with np.errstate(invalid="ignore", divide="ignore"):
        auc = (member @ ranks - own * (own + 1) / 2) / (own * others)
    return 2 * auc - 1


def _top(subject: Subject, dim: int, label: int, sign: float, value: float) -> dict:
    """A dimension: the class that it answers to, and the images at its end, by position among the measured ones."""
    z = np.asarray(subject.queries.z)[:, dim] * (sign or 1)
    top = np.argsort(-z, kind="stable")[:TOP]
    named = [subject.classes[k] for k in subject.queries.y[top]]
    return {"dimension": dim, "class": subject.classes[label], "selectivity": float(value), "top": top.tolist(),
            "top_classes": named}  # fmt: skip
