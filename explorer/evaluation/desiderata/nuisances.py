"""What does the code keep of what does not matter for the classes?"""

import numpy as np

from explorer.data.shapes import CIRCULAR
from explorer.errors import Refused
from explorer.evaluation.desiderata.registry import Found, Number, Subject, desideratum

ALPHAS = (0.01, 1.0, 100.0, 10_000.0)  # of ridge regression; the best one by leaving one out
MOST = 2000  # training images that it learns from


@desideratum(
    "Nuisances", order=8, source="linear read-out of factors, as in Higgins et al. 2017 and Eastwood and Williams 2018",
    numbers={"kept": Number("kept of nuisances", "R² of ridge regression from the features to each factor that does "
                            "not tell the class, on images that it has not learned from, in the mean over factors: 0 = "
                            "nothing is kept, 1 = all", "")},
)  # fmt: skip
def nuisances(subject: Subject) -> Found:
    """What does the code keep of factors that do not matter for the class?"""
    known = nuisance_factors(subject.bank_factors, subject.bank.y, subject.bank_images)
    asked = nuisance_factors(subject.factors, subject.queries.y, subject.images)
    names = [name for name in known if name in asked]
    if not names:
        raise Refused("there are no factors to keep: these are no images, and none were drawn from known ones")
    some = np.unique(np.linspace(0, len(subject.bank.y) - 1, MOST).astype(int))
    bank, queries = np.asarray(subject.bank.z)[some], np.asarray(subject.queries.z)
    kept = {name: read_out(bank, known[name][some], queries, asked[name]) for name in names}
    return Found({"kept": float(np.mean(list(kept.values())))}, {"factors": kept})


def nuisance_factors(
    factors: dict[str, np.ndarray], y: np.ndarray, images: np.ndarray | None
) -> dict[str, np.ndarray]:  # fmt: skip
    """The factors `[N, 1 or 2]` of images, without those that are the class; a circular one as sine and cosine.

    Of images that were not drawn, what can be measured of their pixels.
    """
    if not factors:
        return {} if images is None else measured(images)
    others = {name: v for name, v in factors.items() if not np.array_equal(v, y) and np.issubdtype(v.dtype, np.number)}
    return {name: _around(v) if name in CIRCULAR else v[:, None].astype(np.float64) for name, v in others.items()}


def measured(images: np.ndarray) -> dict[str, np.ndarray]:
    """Brightness, contrast and the centre of mass of images `uint8 [N, C, H, W]`."""
    grey = images.astype(np.float64).mean(1) / 255
    mass = np.maximum(grey.sum((1, 2)), 1e-9)
    down, along = (np.linspace(-1, 1, side) for side in grey.shape[1:])
    return {
        "brightness": grey.mean((1, 2))[:, None], "contrast": grey.std((1, 2))[:, None],
        "horizontal centre": ((grey.sum(1) @ along) / mass)[:, None],
        "vertical centre": ((grey.sum(2) @ down) / mass)[:, None],
    }  # fmt: skip


def read_out(bank: np.ndarray, known: np.ndarray, queries: np.ndarray, asked: np.ndarray) -> float:
    """R² `[0, 1]` of a factor `[Q, 1 or 2]` read off features `[Q, D]`, learned from `[N, D]`; 0 if it is constant."""
    from sklearn.linear_model import RidgeCV

    mean, deviation = bank.mean(0), bank.std(0)
    scale = np.where(deviation > 1e-12 * max(1e-30, np.abs(bank).max(initial=0)), deviation, np.inf)
    found = RidgeCV(ALPHAS).fit((bank - mean) / scale, known).predict((queries - mean) / scale).reshape(asked.shape)
    total = ((asked - asked.mean(0)) ** 2).sum()
    return float(max(0.0, 1 - ((asked - found) ** 2).sum() / total)) if total > 1e-12 else 0.0


def _around(values: np.ndarray) -> np.ndarray:
    angle = 2 * np.pi * values.astype(np.float64)
    return np.stack([np.sin(angle), np.cos(angle)], 1)
