"""Which epoch's weights are tested, and what the choice does to the figure.

The images that choose the best epoch flatter it: of 15 accuracies on 153 images the largest lies above what the same
weights have elsewhere. So the images that choose are others than those that test. Where there are no others, as in
PyTorch's transfer learning tutorial, each half of the images is tested by the epoch that the other half has chosen.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.evaluation.transfer.learner import Learner, Named


class Epoch(NamedTuple):
    """What an epoch named for the watched images."""

    predicted: np.ndarray  # [N]
    confidence: np.ndarray  # [N]


class Selection:
    """Follows the accuracy on the watched images, whose labels are `y` `[N]`; `keep` is last or best."""

    def __init__(self, keep: str, y: np.ndarray) -> None:
        self.keep, self.y = keep, y
        self.epochs: list[Epoch] = []
        self.accuracies: list[float] = []
        self.best: dict[str, Tensor] | None = None  # what of the learner moves, as it was in the best epoch

    @property
    def accuracy(self) -> float | None:
        """That of the last epoch; None without watched images."""
        return self.accuracies[-1] if len(self.y) else None

    def see(self, epoch: int, named: "Named", learner: "Learner") -> None:
        """An epoch is over."""
        seen = Epoch(named.predicted.cpu().numpy(), named.confidence.cpu().numpy())
        self.epochs.append(seen)
        self.accuracies.append(float((seen.predicted == self.y).mean()) if len(self.y) else 0.0)
        if self.keep == "best" and len(self.y) and self.chosen == epoch:
            self.best = learner.snapshot()

    @property
    def chosen(self) -> int:
        """The epoch whose weights are tested: the last, or the first of those with the best accuracy."""
        return 1 + int(np.argmax(self.accuracies)) if self.keep == "best" and len(self.y) else len(self.epochs)

    def restore(self, learner: "Learner") -> None:
        """Give the learner the weights of the chosen epoch."""
        if self.best is not None:
            learner.restore(self.best)

    def facts(self) -> dict[str, Any]:
        """The chosen epoch, and the accuracy on the images that chose it."""
        return {"kept_epoch": self.chosen, "val_accuracy": self.accuracies[self.chosen - 1] if len(self.y) else None}

    def on_the_same_images(self) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
        """The same where the watched images are the test images: with the classes named for them and the confidences.

        Of the best epoch these are cross-fitted. Beside them stand the accuracy of the best epoch on the very images
        that chose it (`chosen_accuracy`, the tutorial's figure) and that of the last epoch, which nobody chose.
        """
        facts = {"kept_epoch": self.chosen, "val_accuracy": self.accuracies[self.chosen - 1]}
        if self.keep == "last":
            return facts, *self.epochs[-1]
        predicted, confidence = self.crossed()
        more = {"chosen_accuracy": max(self.accuracies), "last_accuracy": self.accuracies[-1]}
        return facts | more, predicted, confidence

    def crossed(self) -> tuple[np.ndarray, np.ndarray]:
        """For each image what the epoch names that is best on the other half of the images, halved class by class."""
        half = np.empty(len(self.y), bool)
        for label in np.unique(self.y):
            half[self.y == label] = np.arange((self.y == label).sum()) % 2
        predicted, confidence = (np.array(each) for each in self.epochs[-1])
        for own in (half, ~half):
            if not own.all() and own.any():
                best = int(np.argmax([(each.predicted == self.y)[~own].mean() for each in self.epochs]))
                predicted[own], confidence[own] = (part[own] for part in self.epochs[best])
        return predicted, confidence
