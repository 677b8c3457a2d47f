"""What a map's job has made, as a page reads it; and who is near whom, in the space and on the map."""

from typing import NamedTuple

import numpy as np

from explorer.evaluation.neighbours import nearest
from explorer.runs import Run
from explorer.tasks.map_rows import SPLITS, VALIDATION

OF_POINTS, OF_PAIRS = ("measured", "trust", "keeps"), ("shown", "false", "near", "missing")


class MapResult(NamedTuple):
    """A drawn map. Positions are those of its points; a map of an earlier version lacks what is None or empty."""

    coords: np.ndarray  # [N, dims] float32
    rows: np.ndarray  # [N] rows of their splits
    split: np.ndarray  # int8 [N] numbers of `map_rows.SPLITS`
    y: np.ndarray  # [N]
    neighbours: np.ndarray  # [N, 10] positions of the nearest in the space by cosine, nearest first
    seconds: float
    trustworthiness: float
    continuity: float | None
    measured: np.ndarray  # [M] positions of the points whose faithfulness was measured: all, but of many a sample
    trust: np.ndarray  # [M] trustworthiness of each; low = it has false neighbours
    keeps: np.ndarray  # [M] continuity of each; low = it misses neighbours
    shown: np.ndarray  # [M, k] positions of the nearest on the map
    false: np.ndarray  # [M, k] bool: which of these are not near in the space
    near: np.ndarray  # [M, k] positions of the nearest in the space, by the distance of the map
    missing: np.ndarray  # [M, k] bool: which of these are not near on the map
    nats: float | None  # structure per dimension beyond a Gaussian, see `evaluation.null_twin`
    warning: str  # a sentence where that is no more than chance
    notes: tuple[str, ...]  # sentences that belong beside the picture, the warning among them
    stopped: int  # the step at which it was stopped; 0 = it was not

    @property
    def dims(self) -> int:
        """2 or 3."""
        return self.coords.shape[1]

    def split_names(self) -> np.ndarray:
        """The split of each point `[N]`, by name."""
        return np.array(SPLITS)[self.split]

    def position(self, row: int, split: str = "validation") -> int | None:
        """Where a row of a split is among the points; None where it is not on the map."""
        at = np.flatnonzero((self.rows == row) & (self.split == SPLITS.index(split)))
        return int(at[0]) if len(at) else None

    def distortion(self) -> np.ndarray:
        """1 less the lower of trustworthiness and continuity of each point `[N]`; nan where it was not measured."""
        found = np.full(len(self.rows), np.nan, np.float32)
        found[self.measured] = 1 - np.minimum(self.trust, self.keeps)
        return found


class Around(NamedTuple):
    """Who is near a point, in the space and on the map, nearest first."""

    near: np.ndarray  # [k] positions of the nearest in the space
    missing: np.ndarray  # [k] bool: these are not near on the map
    shown: np.ndarray  # [k] positions of the nearest on the map
    false: np.ndarray  # [k] bool: these are not near in the space


def read(run: Run) -> MapResult | None:
    """The map of a job, also of one that was stopped; None where there is none yet. Raises `Refused` if damaged."""
    arrays = run.result()
    if arrays is None:
        return None
    n, empty = len(arrays["rows"]), np.empty(0, np.int32)
    one = {name: round(float(arrays[name]), 4) if name in arrays else None for name in ("continuity", "nats")}
    return MapResult(
        arrays["coords"], arrays["rows"], arrays.get("split", np.full(n, VALIDATION, np.int8)), arrays["y"],
        arrays["neighbours"], float(arrays["seconds"]), round(float(arrays["trustworthiness"]), 4), one["continuity"],
        *(arrays.get(name, empty) for name in OF_POINTS), *(arrays.get(name, empty[:, None]) for name in OF_PAIRS),
        one["nats"], str(arrays.get("warning", "")), tuple(map(str, arrays.get("notes", ()))),
        int(arrays.get("stopped", 0)),
    )  # fmt: skip


def around(result: MapResult, at: int, features: np.ndarray | None = None) -> Around | None:
    """Who is near the point at position `at`; of a point that was not measured it takes the features `[N, D]`."""
    place = np.flatnonzero(result.measured == at)
    if len(place):
        i = int(place[0])
        return Around(result.near[i], result.missing[i], result.shown[i], result.false[i])
    if features is None:
        return None
    k, own = min(10, max(1, (len(result.rows) - 1) // 2)), np.array([at])
    near, shown = (
        nearest(x, x[own], k, "euclidean", own=own).index[0] for x in (features, result.coords.astype(np.float64))
    )
    return Around(near, ~np.isin(near, shown), shown, ~np.isin(shown, near))


def nearest_to(features: np.ndarray, vectors: np.ndarray, k: int = 10) -> np.ndarray:
    """`[M, k]` positions of the features `[N, D]` nearest to given vectors `[M, D]` by cosine, nearest first."""
    return nearest(np.asarray(features, np.float32), np.atleast_2d(np.asarray(vectors, np.float32)), k).index
