"""What an accuracy says where some classes have more images than others: its baseline, balanced accuracy, recalls.

Scores hold these numbers beside each accuracy, by the name of the probe (or of the arm of a transfer). Torch-free.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

NUMBERS = ("majority_share", "balanced_accuracy", "per_class")  # the keys in scores
CLEARLY = 1.5  # times as many images of the most frequent class as of the others: from then on classes are imbalanced


class PerClass(NamedTuple):
    """One class in the scores of a model."""

    name: str
    n: int  # test images
    recalls: dict[str, float]  # by probe, the share of them that is recognised; empty where there are none


def measure(
    predicted: Mapping[str, Sequence[int] | np.ndarray], truth: np.ndarray, training: np.ndarray, classes: Sequence[str]
) -> dict[str, Any]:
    """What stands beside the accuracies of predictions `[Q]`, or in the mean of several seeds' `[S, Q]`.

    These are plain numbers, by the names in `NUMBERS`.
    `majority_share` is the accuracy of always naming the most frequent class of the labels in `training` `[N]`.
    """
    counts = np.bincount(truth, minlength=len(classes))
    recalls = {name: recall(np.asarray(each), truth, len(classes)) for name, each in predicted.items()}
    return {
        "majority_share": majority_share(np.bincount(training, minlength=len(classes)), counts),
        "balanced_accuracy": {name: balanced_accuracy(each) for name, each in recalls.items()},
        "per_class": {"class": list(classes), "n": counts.tolist(), **recalls},
    }


def recall(predicted: np.ndarray, truth: np.ndarray, classes: int) -> list[float | None]:
    """Of each class the share of its images that is recognised, in the mean over the rows of `[S, Q]`; None where it
    has no image.
    """
    rows = np.atleast_2d(predicted)
    counts = np.bincount(truth, minlength=classes)
    right = np.bincount(np.broadcast_to(truth, rows.shape)[rows == truth], minlength=classes) / len(rows)
    return [float(hits / n) if n else None for hits, n in zip(right, counts, strict=True)]


def balanced_accuracy(recalls: Sequence[float | None]) -> float:
    """The mean recall over the classes that have images."""
    return float(np.mean([each for each in recalls if each is not None]))


def majority_share(training: np.ndarray, test: np.ndarray) -> float:
    """The accuracy of always naming the class with the most training images, from the images of each class `[K]`.

    Classes that are equally frequent in training are named equally often.
    """
    return float(test[training == training.max()].mean() / test.sum())


def is_imbalanced(scores: Mapping[str, Any]) -> bool:
    """Whether naming one of the classes that have test images is clearly better than guessing; not where that was not
    measured.
    """
    counts = [n for n in scores.get("per_class", {}).get("n", []) if n]
    if not counts or "majority_share" not in scores:
        return False
    share = max(scores["majority_share"], max(counts) / sum(counts))
    return len(counts) == 1 or share * (len(counts) - 1) > CLEARLY * (1 - share)


def classes_of(scores: Mapping[str, Any]) -> list[PerClass]:
    """The classes of scores, with their test images and recalls; none where they were not measured."""
    columns = dict(scores.get("per_class", {"class": [], "n": []}))
    names, counts = columns.pop("class"), columns.pop("n")
    recalls = [{name: of[at] for name, of in columns.items() if of[at] is not None} for at in range(len(names))]
    return [PerClass(*each) for each in zip(names, counts, recalls, strict=True)]
