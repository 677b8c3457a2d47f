"""The map of a training in time: all frames on two axes of one plane, which nothing refits from frame to frame."""

from collections.abc import Mapping

import numpy as np

from explorer.evaluation import projections


def coordinates(features: Mapping[int, np.ndarray], y: np.ndarray) -> dict[int, np.ndarray]:
    """Where the probe images lie `[N, 2]` at each step, of features `[N, D]` by step, on the axes of the last frame.

    The axes are carried from the first frame to the last, turned as little as possible, as on the page of a run.
    """
    first, *later = sorted(features)
    axes = projections.common_axes(features[first], y)
    before = projections.on_axes(features[first], axes)
    for step in later:
        axes = projections.following_axes(features[step], before)
        before = projections.on_axes(features[step], axes)
    return {step: projections.on_axes(features[step], axes) for step in sorted(features)}


def box(coords: Mapping[int, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The corners of what all frames fill, with a margin: one scale through time; stray points may leave it."""
    parts = [np.percentile(each, [1, 99], axis=0) for each in coords.values()]
    low, high = np.min([part[0] for part in parts], 0), np.max([part[1] for part in parts], 0)
    last = coords[max(coords)]
    low, high = np.minimum(low, last.min(0)), np.maximum(high, last.max(0))
    margin = 0.04 * (high - low) + 1e-6
    return low - margin, high + margin
