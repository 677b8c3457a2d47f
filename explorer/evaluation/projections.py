"""Maps: features `[N, D]` to the plane or to space, and how far each map preserves neighbours.

Every projection says which options it reads, how few points it needs and, where its memory grows with their square, how
many it takes. What must be said of a map beside its picture is a note of the map.
"""

import warnings
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from explorer import Refused, choose
from explorer.evaluation import faithfulness
from explorer.evaluation import neighbours as neighbour_search
from explorer.evaluation.faithfulness import Faithfulness
from explorer.evaluation.linear import PCA, KernelPCA
from explorer.evaluation.manifolds import LLE, Isomap
from explorer.evaluation.preparation import Metric, different_rows, preparation
from explorer.evaluation.tsne import TSNE, effective_perplexity
from explorer.evaluation.umap_maps import UMAP
from explorer.evaluation.watching import Watch

TRUST_AT = faithfulness.K  # nearest neighbours at which maps are measured, whatever a map was drawn with
SQUARED = 5_000  # points that a projection takes whose memory grows with their square
MANY = 100_000  # points that any projection takes
PLACES, SHARE = 5, 0.9  # so few places that hold so much of all points are a degenerate map
HALTED = 1_000  # points of a map that was stopped up to which all are measured
GRAIN = 100  # places along the longer side of a map


class Options(NamedTuple):
    """What a projection can be told; each reads its own (`Projection.reads`)."""

    seed: int = 0
    neighbours: int = 10
    dims: int = 2
    perplexity: float = 0.0  # 0 = three times the neighbours
    min_dist: float = 0.1
    kernel_width: float = 1.0  # 1 = a kernel's gamma is one over D
    metric: Metric = "euclidean"


class Projection(NamedTuple):
    """One way to draw a map."""

    title: str
    make: Callable[[Options, Watch | None], Any]  # something with fit_transform and notes
    reads: tuple[str, ...]  # options, besides dims and metric, which all read
    least: int = 3  # points
    most: int = MANY  # points
    films: bool = False  # whether it is optimised step by step, which can be looked at and stopped

    @property
    def squared(self) -> bool:
        """Whether its memory grows with the square of the points."""
        return self.most == SQUARED


class Map(NamedTuple):
    """A drawn map."""

    coords: np.ndarray  # [N, dims] float32
    seconds: float
    faithful: Faithfulness
    notes: tuple[str, ...] = ()  # sentences that belong beside the picture
    stopped: int = 0  # the step at which it was stopped; 0 = it was not

    @property
    def trustworthiness(self) -> float:
        """In [0, 1]: 1 = all of the 10 nearest neighbours on the map are neighbours in the features."""
        return self.faithful.trustworthiness


def _kernel_pca(options: Options, watch: Watch | None) -> Any:
    return KernelPCA(options.seed, options.dims, options.kernel_width)


def _tsne(options: Options, watch: Watch | None) -> Any:
    return TSNE(options.perplexity or 3 * options.neighbours, options.seed, watch, options.dims)


def _umap(options: Options, watch: Watch | None) -> Any:
    return UMAP(options.seed, options.neighbours, options.dims, options.min_dist, watch)


PROJECTIONS: dict[str, Projection] = {
    "pca": Projection("PCA", lambda it, _: PCA(it.seed, it.dims), ()),
    "kernel_pca": Projection("Kernel PCA", _kernel_pca, ("kernel_width",), most=SQUARED),
    "lle": Projection("LLE", lambda it, _: LLE(it.seed, it.neighbours, it.dims), ("neighbours",), 5, SQUARED),
    "isomap": Projection("Isomap", lambda it, _: Isomap(it.seed, it.neighbours, it.dims), ("neighbours",), 4, SQUARED),
    "tsne": Projection("t-SNE", _tsne, ("perplexity", "seed"), 4, films=True),
    "umap": Projection("UMAP", _umap, ("neighbours", "min_dist", "seed"), 4, films=True),
}


def project(
    features: np.ndarray, how: str, seed: int = 0, neighbours: int = 10, watch: Watch | None = None, **more: Any
) -> Map:
    """The map of features `[N, D]`; the columns are centred and share one scale, for a kernel's width to mean the same.

    `more` are further `Options`. Its seconds are those of the computation alone, after all imports. t-SNE and UMAP call
    `watch` with the steps done, of all, and the coordinates so far. Raises `Refused` where there is nothing to map, or
    too few or too many points.
    """
    options = Options(seed, neighbours, **more)
    features = np.asarray(features)
    check(how, len(features), neighbours, options.dims)
    x = preparation(features, options.metric, options.dims).apply(features)
    options, notes = fitted(how, options, len(x))
    last: list[tuple[int, int]] = []

    def looking(done: int, of: int, coords: np.ndarray) -> bool | None:
        last[:] = [(done, of)]
        return watch(done, of, coords)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters of disconnected graphs and forced single threads is noted
        estimator = PROJECTIONS[how].make(options, looking if watch else None)
        start = perf_counter()
        coords = np.asarray(estimator.fit_transform(x), np.float32)
        seconds = perf_counter() - start
    if not np.isfinite(coords).all():
        raise Refused(f"{how} found no map of these features: choose another projection or a larger neighbourhood size")
    done, of = last[0] if last else (0, 0)
    halted = (f"it was stopped at step {done} of {of}, and shows how far it had come",) if done < of else ()
    notes = (*notes, *estimator.notes, *halted, *_said_of(x, coords))
    at_once = {"most": HALTED} if halted else {}  # whoever stops a map does not wait for what it keeps
    return Map(coords, round(seconds, 3), faithfulness.measure(x, coords, **at_once), notes, done if halted else 0)


def check(how: str, points: int, neighbours: int = 10, dims: int = 2) -> None:
    """Raises `Refused` where a projection of so many points cannot be drawn; costs nothing."""
    projection = choose("projection", how, PROJECTIONS)
    if neighbours < 2:
        raise Refused(f"a neighbourhood size of {neighbours} is too small for {how}: take at least 2")
    if dims not in (2, 3):
        raise Refused(f"a map of {dims} dimensions cannot be drawn: take 2 or 3")
    least = max(projection.least, dims + 1) + (2 if how in ("lle", "umap", "tsne") and dims == 3 else 0)
    if points < least:
        few = f"{points} points are too few for {projection.title}"
        raise Refused(f"{few}{' in 3 dimensions' if dims == 3 else ''}: take at least {least}")
    if points > projection.most:
        why = f", as its memory grows with the square of them ({8 * points**2 / 1e9:.0f} GB here)"
        many = f"{points:,} points are too many for {projection.title}"
        rule = f"take at most {projection.most:,}{', or PCA, t-SNE or UMAP' if projection.squared else ''}"
        raise Refused(f"{many}{why if projection.squared else ''}: {rule}")


def fitted(how: str, options: Options, points: int) -> tuple[Options, tuple[str, ...]]:
    """The options as far as so many points allow them, and what has to be said of those that had to give way."""
    notes = []
    if "neighbours" in PROJECTIONS[how].reads and options.neighbours >= points:
        notes.append(f"{points} points have {points - 1} neighbours at most: that many were taken instead of "
                     f"{options.neighbours}")  # fmt: skip
        options = options._replace(neighbours=points - 1)
    if "perplexity" in PROJECTIONS[how].reads:
        asked = options.perplexity or 3.0 * options.neighbours
        allowed = effective_perplexity(asked, points)
        if allowed < asked:
            enough = f"a perplexity of {asked:g} needs {round(3 * asked) + 1} points"
            notes.append(f"{enough}: with {points}, that of {allowed:.1f} was taken")
        options = options._replace(perplexity=asked)
    return options, tuple(notes)


def _said_of(x: np.ndarray, coords: np.ndarray) -> tuple[str, ...]:
    """What has to be said of points that are copies, and of a map that holds them in a few places."""
    different, notes = len(different_rows(x)), []
    if different < len(x):
        notes.append(f"{len(x) - different:,} of {len(x):,} points are copies of others and lie on or beside them")
    places = places_of(coords)
    if places <= PLACES and different > 4 * places:
        one = "one place" if places == 1 else f"{places} places"
        notes.append(f"{SHARE:.0%} of the points lie in {one}: this map is degenerate; take more neighbours, or "
                     "another projection")  # fmt: skip
    return tuple(notes)


def places_of(coords: np.ndarray) -> int:
    """How many squares, a hundredth of the map wide, hold 90 % of the points."""
    extent = max(float(np.ptp(coords, axis=0).max()), 1e-30)
    cells = np.floor((coords - coords.min(0)) / extent * GRAIN).astype(np.int64)
    counts = np.sort(np.unique(cells, axis=0, return_counts=True)[1])[::-1]
    return int(np.searchsorted(counts.cumsum(), SHARE * len(coords)) + 1)


def trust(x: np.ndarray, coords: np.ndarray) -> float:
    """Trustworthiness at 10 neighbours, Venna and Kaski 2001: maps of all sizes are comparable.

    Of fewer than 21 points it is that at the largest number for which it is defined.
    """
    return faithfulness.measure(x, coords).trustworthiness


def nearest(features: np.ndarray, n: int = 10) -> np.ndarray:
    """`[N, n]` positions of the nearest others by cosine after centring, nearest first."""
    z = np.asarray(features, np.float32)
    return neighbour_search.nearest(z, z, n, own=np.arange(len(z))).index


def scaled(features: np.ndarray) -> np.ndarray:
    """Features `[N, D]` around their mean, with a length of 1 on average: frames of all steps share one scale.

    At least two columns; what is no number counts as 0.
    """
    features = np.nan_to_num(features.astype(np.float32))
    features = features if features.shape[1] > 1 else np.pad(features, ((0, 0), (0, 1)))
    centred = features - features.mean(0)
    return centred / max(float(np.sqrt((centred**2).sum(1).mean())), 1e-9)


def common_axes(last_features: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The two principal axes `[D, 2]` of a run's last frame, on which all its frames are drawn: `scaled(f) @ axes`.

    An axis of a PCA has no sign: each points to where the classes lie in their order as on a clock, as far as it can.
    """
    features = scaled(last_features)
    axes = _principal(features)
    classes = np.unique(y)
    centres = np.stack([(features[y == label] @ axes).mean(0) for label in classes])
    clock = 2 * np.pi * np.arange(len(classes)) / len(classes)
    agree = (centres * np.stack([np.sin(clock), np.cos(clock)], 1)).sum(0)
    return axes * np.where(agree < 0, -1, 1)


def following_axes(features: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The two principal axes `[D, 2]` of a frame, turned so that its images lie nearest to `before` `[N, 2]`.

    Orthogonal Procrustes: the map of a run that is still training neither turns nor flips from frame to frame.
    """
    features = scaled(features)
    axes = _principal(features)
    left, _, right = np.linalg.svd((features @ axes).T @ before)
    return axes @ (left @ right)


def _principal(features: np.ndarray) -> np.ndarray:
    """The directions `[D, 2]` of largest variance of centred features."""
    return np.linalg.eigh(features.T @ features)[1][:, :-3:-1]


def on_axes(features: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Coordinates `[N, 2]` of features `[N, D]`, scaled as ever, on axes `[D, 2]` such as those of `common_axes`."""
    return scaled(features) @ axes
