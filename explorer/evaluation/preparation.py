"""Features as a map is drawn of: checked, centred, on one scale; and new points brought to the very same place."""

from typing import Literal, NamedTuple

import numpy as np

from explorer.errors import Refused

Metric = Literal["euclidean", "cosine"]
METRICS: dict[str, str] = {"euclidean": "Euclidean", "cosine": "cosine"}
FLAT = 1e-7  # of the largest number: the spread below which all points are one


class Preparation(NamedTuple):
    """What was taken away from the features, and what they were divided by."""

    mean: np.ndarray  # [D]
    scale: float
    metric: Metric
    dims: int = 2  # of the map

    def apply(self, features: np.ndarray) -> np.ndarray:
        """Features `[M, D]` as the map sees them `[M, at least dims]`: for the cosine each has length one."""
        x = (np.asarray(features, np.float64) - self.mean) / self.scale
        if self.metric == "cosine":
            x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
        return np.pad(x, ((0, 0), (0, max(0, self.dims - x.shape[1]))))


def preparation(features: np.ndarray, metric: Metric = "euclidean", dims: int = 2) -> Preparation:
    """That of features `[N, D]`; raises `Refused` where there is nothing to map: no numbers, or all the same."""
    x = np.asarray(features, np.float64)
    bad = np.flatnonzero(~np.isfinite(x).all(1))
    if len(bad):
        some = "some features are not finite"
        where = f"those of point {bad[0] + 1} are the first of {len(bad):,}"
        raise Refused(f"{some}, so no map can be drawn ({where}): train with a lower learning rate, or leave them out")
    size = np.abs(x).max(initial=0)
    mean = x.mean(0)
    scale = (x - mean).std()
    if scale <= FLAT * size or scale == 0:
        raise Refused("all images have the same features, so no map can be drawn: the representation has collapsed")
    return Preparation(mean, float(scale), metric, dims)


def different_rows(x: np.ndarray) -> np.ndarray:
    """Of points `[N, D]` the position of one of each, ascending: copies are equal to the last bit."""
    x = np.ascontiguousarray(x)
    rows = x.view(np.dtype((np.void, x.dtype.itemsize * x.shape[1])))
    return np.sort(np.unique(rows.reshape(-1), return_index=True)[1])
