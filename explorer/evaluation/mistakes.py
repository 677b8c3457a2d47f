"""Which images a classifier takes for which class, how sure it is, and where two disagree. Numpy only."""

import numpy as np


def confusion(predicted: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    """Counts `[classes, classes]`: images of the class of the row that were taken for that of the column."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def in_cell(
    predicted: np.ndarray, confidence: np.ndarray, truth: np.ndarray, row: int, column: int
) -> np.ndarray:  # fmt: skip
    """The images of a cell of the confusion matrix, the surest first."""
    return surest(np.flatnonzero((truth == row) & (predicted == column)), confidence)


def confident(predicted: np.ndarray, confidence: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The images that are named wrongly, those first that it is surest of."""
    return surest(np.flatnonzero(predicted != truth), confidence)


def only_first_right(
    first: np.ndarray, second: np.ndarray, truth: np.ndarray, confidence: np.ndarray
) -> np.ndarray:  # fmt: skip
    """The images that the first names rightly and the second wrongly, those first that the second is surest of."""
    return surest(np.flatnonzero((first == truth) & (second != truth)), confidence)


def surest(rows: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """Rows by descending confidence; equals in their order."""
    return rows[np.argsort(-confidence[rows], kind="stable")]
