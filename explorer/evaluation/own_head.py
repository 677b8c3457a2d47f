"""What a network that was trained on ImageNet names without any training: only the scores of given classes compete.

The trap of a transfer: a target whose classes ImageNet contains is no new task, and the untouched network may be better
than what is trained on its features.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.data import DataSet
from explorer.evaluation.imagenet import Counterparts, counterparts
from explorer.evaluation.statistics import interval, percent
from explorer.models.model import Model

TITLE = "Its own head, no training"
FEWEST = 2  # classes that must compete


@dataclass(frozen=True)
class OwnHead:
    """The classes that a network names by itself, counted on images whose classes it knows."""

    correct: int
    n: int  # images of classes that ImageNet has
    classes: Counterparts  # of the data set, with ImageNet's numbers
    outside: tuple[str, ...]  # classes that ImageNet lacks, whose images are not counted
    predicted: np.ndarray  # [N] the class that it names of each image of the split, int64

    @property
    def accuracy(self) -> float:
        """The share of these images whose class it names."""
        return self.correct / self.n

    def sentence(self) -> str:
        """In words, with the number of images and the interval."""
        low, high = (percent(bound, self.n) for bound in interval(self.accuracy, self.n))
        images = f"{self.correct:,} of {self.n:,} test images ({percent(self.accuracy, self.n)}, {low} to {high})"
        left = f", without those of {', '.join(self.outside)}, which ImageNet lacks" if self.outside else ""
        has = "the other classes" if self.outside else "these classes"
        return f"Without any training its own head names {images}{left}: ImageNet contains {has}."

    def scores(self) -> dict[str, Any]:
        """For the scores of a transfer, beside those of its arms."""
        return {
            "title": TITLE, "test_accuracy": self.accuracy, "correct": self.correct, "n": self.n,
            "interval": interval(self.accuracy, self.n), "outside": list(self.outside),
            "imagenet": {name: list(numbers) for name, numbers in self.classes.items()},
            "predicted": self.predicted.tolist(), "sentence": self.sentence(),
        }  # fmt: skip


def own_head(model: Model, dataset: DataSet, split: str = "test") -> OwnHead | None:
    """What it names on a split; None where it has no head for ImageNet, or ImageNet has fewer than two of the classes.

    A class that is several of ImageNet's has the logarithm of the sum of their exponentials: their joint probability.
    """
    if not model.knows_imagenet:
        return None
    classes = counterparts(dataset.name, dataset.classes, model.imagenet_names())
    x, y = dataset.splits[split].x, dataset.splits[split].y
    labels = np.array([dataset.classes.index(name) for name in classes], np.int64)
    counted = np.isin(y, labels)
    if len(classes) < FEWEST or not counted.any():
        return None
    scores = model.imagenet_scores(x)
    joint = np.stack([np.logaddexp.reduce(scores[:, list(numbers)], 1) for numbers in classes.values()], 1)
    predicted = labels[joint.argmax(1)]
    correct = int((predicted == y).sum())  # it never names a class that does not count
    outside = tuple(name for name in dataset.classes if name not in classes)
    return OwnHead(correct, int(counted.sum()), classes, outside, predicted)
