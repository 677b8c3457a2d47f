"""Do few numbers of a code say what there is?"""

import numpy as np

from explorer.errors import Refused
from explorer.evaluation.desiderata.registry import Found, Number, Subject, desideratum


@desideratum(
    "Sparsity", order=6, source="Hoyer 2004, Journal of Machine Learning Research 5, p. 1460",
    numbers={
        "hoyer": Number("Hoyer sparsity", "(sqrt(D) - |z|_1 / |z|_2) / (sqrt(D) - 1) of a code, in the mean over "
                        "images: 0 = all numbers alike, 1 = one alone is not zero"),
        "zeros": Number("zeros", "the share of numbers that are exactly zero"),
    },
)  # fmt: skip
def sparsity(subject: Subject) -> Found:
    """Do a few numbers of a code say what there is?"""
    z = np.asarray(subject.queries.z, np.float64)
    return Found({"hoyer": float(hoyer(z).mean()), "zeros": float((z == 0).mean())})


def hoyer(z: np.ndarray) -> np.ndarray:
    """Of each code of `[N, D]` that is not zero, in [0, 1]; raises `Refused` where all are, or have one number only."""
    length = np.linalg.norm(z, axis=1)
    if z.shape[1] < 2 or not length.any():
        what = "codes of a single number" if z.shape[1] < 2 else "codes that are all zero"
        raise Refused(f"{what} are neither sparse nor dense: choose another model")
    z, length, root = z[length > 0], length[length > 0], np.sqrt(z.shape[1])
    return (root - np.abs(z).sum(1) / length) / (root - 1)
