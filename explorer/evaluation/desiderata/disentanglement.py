"""Does each factor that the images were drawn from have a dimension of its own?"""

import numpy as np

from explorer.errors import Refused
from explorer.evaluation.desiderata.registry import Found, Number, Subject, desideratum

BINS = 20  # of each dimension and of each factor that is a number on a scale, equally full


@desideratum(
    "Disentanglement", order=5, source="mutual information gap (MIG): Chen et al. 2018, arXiv:1802.04942, eq. 6",
    numbers={"mig": Number("mutual information gap", "how much more one dimension says of a factor than the next one, "
                           "over the entropy of the factor, in the mean over factors: 0 = two say the same")},
)  # fmt: skip
def disentanglement(subject: Subject) -> Found:
    """Does each factor of the images have a dimension of its own?"""
    if not subject.factors:
        raise Refused("the factors of these images are not known: choose a data set that was drawn, such as shapes")
    gaps = mig(np.asarray(subject.queries.z), subject.factors)
    return Found({"mig": float(np.mean(list(gaps.values())))}, {"factors": gaps})


def mig(z: np.ndarray, factors: dict[str, np.ndarray]) -> dict[str, float]:
    """The gap of each factor `[N]` over the dimensions of codes `[N, D]`, from counts in bins; in [0, 1]."""
    codes = np.stack([binned(column) for column in z.T], 1)
    found = {}
    for name, values in factors.items():
        v = binned(values)
        shares = np.bincount(v) / len(v)
        entropy = -(shares[shares > 0] * np.log(shares[shares > 0])).sum()
        information = np.sort([mutual_information(column, v) for column in codes.T])[::-1]
        second = information[1] if len(information) > 1 else 0.0
        found[name] = float((information[0] - second) / entropy) if entropy > 0 else 0.0
    return found


def binned(values: np.ndarray) -> np.ndarray:
    """Numbers of equally full bins `[N]`; equal values are in one bin, and a few different ones have one each."""
    levels, at = np.unique(values, return_inverse=True)
    if len(levels) <= BINS:
        return at.reshape(-1)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.searchsorted(edges, values, side="right")


def mutual_information(a: np.ndarray, b: np.ndarray) -> float:
    """Of two lists of bins `[N]`, in nats."""
    width = int(b.max()) + 1
    joint = np.bincount(a * width + b, minlength=(int(a.max()) + 1) * width).reshape(-1, width) / len(a)
    apart = joint.sum(1, keepdims=True) * joint.sum(0)
    there = joint > 0
    return float((joint[there] * np.log(joint[there] / apart[there])).sum())
