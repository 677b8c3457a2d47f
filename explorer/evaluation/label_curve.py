"""A curve of accuracy over labels, and how many labels an accuracy takes."""

import math
from itertools import pairwise

Curve = dict[int, float]  # labels: accuracy


def labels_needed(curve: Curve, accuracy: float) -> float:
    """The labels at which a curve reaches an accuracy, between its points along the logarithm; else infinity or 0."""
    points = sorted(curve.items())
    if accuracy <= points[0][1]:
        return 0.0
    for (a, low), (b, high) in pairwise(points):
        if low < accuracy <= high:
            return math.exp(math.log(a) + (accuracy - low) / (high - low) * math.log(b / a))
    return math.inf
