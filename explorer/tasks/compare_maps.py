"""The maps of several models laid on one another by the images that all of them show."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from explorer.data import DataSet
from explorer.evaluation.comparison import alignment
from explorer.evaluation.comparison.rows import Rows
from explorer.evaluation.comparison.rows import common as in_common
from explorer.tasks import compare_rows
from explorer.tasks.compare_rows import Every
from explorer.tasks.map_result import MapResult


class Laid(NamedTuple):
    """A map that lies on the first one."""

    coords: np.ndarray  # [N, d] in the coordinates of the first map
    split: np.ndarray  # [N] numbers of `map_rows.SPLITS`, in the data set of the first
    rows: np.ndarray  # [N]
    y: np.ndarray  # [N] in the classes of the first
    neighbours: np.ndarray  # [N, k] positions, nearest first; -1 for one that the data set of the first lacks
    common: int  # of its images the first shows, too
    left: float  # the share of its variance that is left after Procrustes: 0 = the same, 1 = no relation


def lay(maps: Sequence[tuple[MapResult, DataSet]], dataset: DataSet) -> list[Laid]:
    """Maps, each of its own data set, by rows of one data set, on the first; raises `Refused`.

    What that data set lacks is left out.
    """
    first, *others = (_brought(each, own, dataset) for each, own in maps)
    first = first._replace(common=len(first.rows))
    return [first, *(_on(first, each, dataset) for each in others)]


def _brought(result: MapResult, own: DataSet, dataset: DataSet) -> Laid:
    """The map by rows of the data set, in whatever data set its own are."""
    plain = Laid(result.coords, result.split, result.rows, result.y, result.neighbours, 0, 0.0)
    if own.name == dataset.name:
        return plain
    mine, theirs, _ = compare_rows.common(dataset, own)
    every, place = Every.of(dataset), np.full(len(Every.of(own).y), -1)
    place[theirs] = mine
    found = place[Every.of(own).positions(result.split, result.rows)]  # [N] positions among all rows of the first
    kept = np.flatnonzero(found >= 0)
    now = np.full(len(found), -1)
    now[kept] = np.arange(len(kept))
    at, near = found[kept], now[result.neighbours[kept]]
    return Laid(result.coords[kept], every.split[at], every.rows[at], every.y[at], near, 0, 0.0)


def _on(base: Laid, other: Laid, dataset: DataSet) -> Laid:
    asked = [Rows(dataset.name, dataset.source, each.split, each.rows) for each in (other, base)]
    mine, theirs = in_common(*asked)
    transform = alignment.fit(other.coords[mine], base.coords[theirs], same_size=True)
    coords = transform.apply(other.coords).astype(np.float32)
    return other._replace(coords=coords, common=len(mine), left=transform.left)
