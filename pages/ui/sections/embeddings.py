"""Maps of the same features: the stored ones, the one that stands at once, and what all of them say in a sentence."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from explorer import Refused, data, runs
from explorer.data import DataSet
from explorer.evaluation import map_neighbours, neighbours, statistics
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import Run, Spec
from explorer.tasks import map_family, map_rows
from pages.ui.kit import legend as class_legend
from pages.ui.kit import point_ids
from pages.ui.kit.point_map import Colouring
from pages.ui.runs import job_progress, model_cache
from pages.ui.sections import data as data_section

DIGITS = 2  # of a trustworthiness in a sentence; maps that are equal in these are alike


class Map(NamedTuple):
    """A drawn map of N images."""

    coords: np.ndarray  # [N, 2] or [N, 3]
    rows: np.ndarray  # [N], of the split
    y: np.ndarray  # [N]
    neighbours: np.ndarray  # [N, 10] positions, nearest in the space of features first
    seconds: float
    trust: float
    parts: np.ndarray | None = None  # [N] the split of each row, as numbers of `point_ids.SPLITS`; None: validation
    more: Mapping[str, np.ndarray] = {}  # what else is stored of the map
    version: str = ""  # changes when the map does

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return self.coords.shape[1]

    @property
    def ids(self) -> np.ndarray:
        """The images `[N]` by their ids."""
        return point_ids.of(self.rows, self.parts)

    def by_split(self) -> Iterator[tuple[str, np.ndarray]]:
        """Each split that is here, and the positions of its images."""
        if self.parts is None:
            yield point_ids.SPLITS[0], np.arange(len(self.rows))
            return
        for part in np.unique(self.parts):
            yield point_ids.SPLITS[part], np.flatnonzero(self.parts == part)

    def column(self, dataset: DataSet, name: str) -> np.ndarray:
        """What the data say of each image `[N]` under this name."""
        parts = dict(self.by_split())
        values = {split: np.asarray(dataset.splits[split].factors[name])[self.rows[at]] for split, at in parts.items()}
        found = np.empty(len(self.rows), np.result_type(*values.values()))
        for split, at in parts.items():
            found[at] = values[split]
        return found

    def columns(self, dataset: DataSet) -> list[str]:
        """The names of all that the data say of these images."""
        first, *others = (dataset.splits[split].factors for split, _ in self.by_split())
        return [name for name in data_section.columns(first) if all(name in each for each in others)]

    def thumbnails(self, dataset: DataSet, at: np.ndarray) -> np.ndarray:
        """Pictures of the images at these positions."""
        named = [point_ids.split_and_row(id) for id in self.ids[at]]
        splits = {split: [i for i, (own, _) in enumerate(named) if own == split] for split in point_ids.SPLITS}
        found = {}
        for split, places in splits.items():
            made = data.thumbnails(dataset, split, [named[i][1] for i in places]) if places else ()
            found.update(zip(places, made, strict=True))
        return np.stack([found[i] for i in range(len(named))])

    def agreement(self) -> map_neighbours.Agreement:
        """Who is near on the map, and which of those near in the space are."""
        return _agreement(self.version or self.coords.tobytes(), self.neighbours, self.coords)


@st.cache_data(show_spinner=False, max_entries=64)
def _agreement(version: object, _near: np.ndarray, _coords: np.ndarray) -> map_neighbours.Agreement:
    return map_neighbours.agreement(_near, _coords)


def opened(run: Run) -> Map | None:
    """The map of a job that is done, or that was stopped and has kept how far it had come; None where there is none."""
    state, stored = run.status.state, run.folder / "result.npz"
    if state != "done" and not (state == "stopped" and stored.exists()):
        return None
    return _opened(run.id, stored.stat().st_mtime_ns)


@st.cache_data(show_spinner=False, max_entries=64)
def _opened(id: str, changed: int) -> Map:
    run = runs.get(id)
    return _read(run.result(), f"{id}-{changed}")


def _read(stored: Mapping[str, Any], version: str) -> Map:
    """A map as a job stores it; what it stores beside what every map has goes along by its name."""
    own = ("coords", "rows", "y", "neighbours", "seconds", "trustworthiness")
    coords, rows, y, near, seconds, trust = (np.asarray(stored[name]) for name in own)
    more = {name: np.asarray(stored[name]) for name in stored if name not in (*own, "features", "split")}
    parts = None
    if "split" in stored:
        order = np.array([point_ids.SPLITS.index(name) for name in map_rows.SPLITS])
        parts = order[np.asarray(stored["split"], np.int64)]
    return Map(coords, rows, y, near, float(seconds), float(trust), parts, more, version)


def at_once(spec: Spec, ref: str, dataset: DataSet) -> Map:
    """The map of this spec, computed here: a PCA of few points does not queue behind others. Raises `Refused`."""
    run = map_family.draw_now(spec, model_cache.opened(ref, dataset), dataset)
    found = opened(run)
    if found is None:
        raise Refused(run.status.error or "this map is being computed elsewhere: reload the page in a moment")
    return found


def drawn(jobs: Mapping[str, Run], dataset: DataSet) -> dict[str, Map]:
    """The maps that are there, but for those of data that have changed since."""
    done = {how: projection for how, run in jobs.items() if (projection := opened(run))}
    return {how: projection for how, projection in done.items() if not stale(jobs[how], dataset)}


def stale(run: Run, dataset: DataSet) -> bool:
    """Whether the map of a job is there and of other data; one that is shipped stays as it is."""
    return not run.shipped and (projection := opened(run)) is not None and _stale(projection, dataset)


def _stale(projection: Map, dataset: DataSet) -> bool:
    """Whether the data set has changed since the map was drawn."""
    parts = projection.by_split()
    return any(_differs(projection.rows[at], projection.y[at], dataset.splits[split].y) for split, at in parts)


def _differs(rows: np.ndarray, labels: np.ndarray, y: np.ndarray) -> bool:
    return bool(rows.max() >= len(y) or (y[rows] != labels).any())


# ------------------------------------------------------------------------------------------------ in words


def summary(maps: Mapping[str, Map], pending: int, one: str = "image") -> str:
    """What these maps show, in a sentence or two of Markdown; `one` is what a point is."""
    if not maps and not pending:
        return "No map could be drawn; the reasons stand below."
    if not maps:
        return "**The maps are being computed**: each projects the same features onto a plane in its own way."
    some = next(iter(maps.values()))
    if len(np.unique(some.y)) == 1:
        return _unlabelled(maps, pending, one)
    same, chance = agreement(some).mean(), neighbours.chance_agreement(some.y)
    whose, n = f"{'an' if one[0] in 'aeiou' else 'a'} {one}'s", some.neighbours.shape[1]
    text = (
        f"In the representation, **{statistics.percent(same)} of {whose} {n} nearest neighbours share its class** "
        f"(chance {statistics.percent(chance)})."
    )
    return f"{text} {_rest(maps, pending)}".rstrip()


def _unlabelled(maps: Mapping[str, Map], pending: int, one: str) -> str:
    """Where all are of one class, nothing is said of it: neighbours can share no other."""
    some = next(iter(maps.values()))
    many = f"{len(some.y):,} points" if len(some.y) > 1 else f"1 {one}"
    text = f"**{many} of one class**: colour them by a column or by clusters to compare groups."
    return f"{text} {_rest(maps, pending)}".rstrip()


def _rest(maps: Mapping[str, Map], pending: int) -> str:
    if pending:
        return f"{pending} more {'map is' if pending == 1 else 'maps are'} being computed."
    return _ranking(maps) if len(maps) > 1 else ""


def _ranking(maps: Mapping[str, Map]) -> str:
    """Which maps keep the nearest neighbours best, and which one worst, by the digits that the sentence shows."""
    first, last = leaders(maps), min(maps, key=lambda how: maps[how].trust)
    best, worst = (f"{maps[how].trust:.{DIGITS}f}" for how in (first[0], last))
    leading = [PROJECTIONS[how].title for how in first]
    if len(leading) == len(maps):
        return f"**All maps keep them equally well** (trustworthiness {best})."
    who = f"{len(leading)} maps keep" if len(leading) > 2 else f"{leading[0]} keeps"
    who = f"{' and '.join(leading)} keep" if len(leading) == 2 else who
    return f"**{who} them best** (trustworthiness {best}), {PROJECTIONS[last].title} worst ({worst})."


def leaders(maps: Mapping[str, Map]) -> list[str]:
    """The maps of the highest trustworthiness, best first; equal in the digits of a sentence is alike."""
    ranked = sorted(maps, key=lambda how: -maps[how].trust)
    return [how for how in ranked if round(maps[how].trust, DIGITS) == round(maps[ranked[0]].trust, DIGITS)]


def agreement(projection: Map) -> np.ndarray:
    """For each image the share `[N]` of its neighbours in the space of features that are of its class."""
    return neighbours.label_agreement(projection.y, projection.neighbours)


# ------------------------------------------------------------------------------------------------ the jobs


def request(specs: Mapping[str, Spec]) -> dict[str, Run]:
    """The job of each map, before anything is drawn: what is not there is submitted, what is not wanted is stopped."""
    jobs = {how: job_progress.request(spec) for how, spec in specs.items()}
    job_progress.withdraw(run.id for run in jobs.values())
    return jobs


def legend(dataset: DataSet) -> None:
    """One legend for all maps: colours and shapes of the classes."""
    class_legend.of(Colouring("class", dataset.splits["validation"].y, tuple(dataset.classes)))
