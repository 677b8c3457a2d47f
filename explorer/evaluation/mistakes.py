"""Which images a classifier takes for which class, how sure it is, and where two disagree. Numpy only."""

import numpy as np


def confusion(predicted: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    """Counts `[classes, classes]`: images of the class of the row that were taken for that of the column."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def worst_classes(counts: np.ndarray, n: int) -> np.ndarray:
    """Of a confusion matrix the `n` classes that take part in the most mistakes, in their order; all if there are as
    many.
    """
    wrong = counts * ~np.eye(len(counts), dtype=bool)
    return np.sort(np.argsort(-(wrong.sum(0) + wrong.sum(1)), kind="stable")[:n])


def most_frequent(counts: np.ndarray) -> tuple[int, int]:
    """The cell with the most mistakes; without any the class with the most images."""
    wrong = counts * ~np.eye(len(counts), dtype=bool)
    row, column = np.unravel_index((wrong if wrong.any() else counts).argmax(), counts.shape)
    return int(row), int(column)


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
