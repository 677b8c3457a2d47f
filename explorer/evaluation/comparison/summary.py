"""All that is said of two to four models on the same images, as plain numbers and as arrays."""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from explorer.errors import Refused
from explorer.evaluation.comparison.agreement import Pair, pairs
from explorer.evaluation.comparison.calibration import Interrupted, Prepared, by_image, calibrated, prepared
from explorer.evaluation.comparison.change import Change, by_class, change
from explorer.evaluation.finite import check_finite
from explorer.evaluation.mistakes import confusion
from explorer.evaluation.neighbours import nearest
from explorer.evaluation.statistics import interval

MOST = 20  # images that are named as the most changed


class Member(NamedTuple):
    """One of the models."""

    ref: str
    features: np.ndarray  # [N, D] of the compared images
    untrained: np.ndarray | None  # [N, D] before the first step; its `features` where nothing trains
    predicted: dict[str, np.ndarray]  # by probe, the classes `[N]` that its features name


class Images(NamedTuple):
    """The images that are compared."""

    rows: np.ndarray  # [N] of their splits
    split: np.ndarray  # [N] names
    y: np.ndarray  # [N]
    classes: tuple[str, ...]
    judged: np.ndarray | None = None  # bool [N] those of classes that the probes know; None = all

    def of_known_classes(self) -> tuple["Images", np.ndarray]:
        """Those on which a probe can be right, and which these are."""
        known = np.ones(len(self.y), bool) if self.judged is None else self.judged
        return self._replace(rows=self.rows[known], split=self.split[known], y=self.y[known], judged=None), known


class Options(NamedTuple):
    """How they are compared."""

    neighbours: int = 10
    permutations: int = 200
    seed: int = 0


def check(members: Sequence[Member], options: Options) -> None:
    """Raises `Refused` where there is nothing to compare: too few images, or features that are no numbers."""
    n = len(members[0].features)
    if options.neighbours > n - 2:
        wrong = f"{n} images are too few for the {options.neighbours} nearest neighbours of each"
        raise Refused(f"{wrong}: take fewer neighbours, or more images")
    for each in members:
        check_finite(each.ref, each.features)


def summary(
    members: Sequence[Member],
    images: Images,
    options: Options,
    progress: Callable[[str], object] = lambda _: None,
    stops: Callable[[], bool] = lambda: False,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The numbers, and for each pair of models and each image what has changed, `[P, N]`, and what it adds to each
    similarity; of each model its nearest images `[M, N, k]`. `progress` hears of each pair, `stops` is asked before
    each permutation; where either says True, it raises `Interrupted`.
    """
    check(members, options)
    ready = [prepared(each.features, options.neighbours) for each in members]
    before = [_before(each, of, options) for each, of in zip(members, ready, strict=True)]
    couples = list(combinations(range(len(members)), 2))
    asked, known = images.of_known_classes()
    probes = members[0].predicted
    agreed = {probe: pairs([each.predicted[probe][known] == asked.y for each in members]) for probe in probes}
    compared, changes, added = [], [], []
    for i, (a, b) in enumerate(couples):
        if progress(f"comparing {members[a].ref} with {members[b].ref}"):
            raise Interrupted
        found = change(members[a].features, members[b].features, ready[a].near, ready[b].near)
        alike = _plain(calibrated(ready[a], ready[b], options.permutations, options.seed, stops))
        own = {"first": members[a].ref, "second": members[b].ref, **_changes(found, images, alike)}
        own |= {"untrained": _untrained(before[a], before[b], (ready[a], ready[b]), options, stops)}
        own |= {"agreement": {probe: _agreement(of[i], asked, members) for probe, of in agreed.items()}}
        compared.append(own)
        changes.append(found)
        added.append(by_image(ready[a], ready[b]))
    arrays = {name: np.stack([getattr(each, name) for each in changes]) for name in Change._fields}
    arrays |= {f"of_{name}": np.stack([each[name] for each in added]) for name in added[0]}
    arrays["near"] = np.stack([_nearest(each.features, options.neighbours) for each in members])
    arrays |= {f"predicted_{probe}": np.stack([each.predicted[probe] for each in members]) for probe in agreed}
    numbers = {"models": [_member(each, images) for each in members], "pairs": compared, "notes": notes(members, ready)}
    return numbers, arrays | {
        "pairs": np.array(couples),
        "y": images.y,
        "rows": images.rows,
        "split": images.split,
        "judged": known,
    }


def _nearest(features: np.ndarray, k: int) -> np.ndarray:
    """The k nearest of each image, nearest first, int32 `[N, k]`; of equally near ones the first by their row."""
    x = np.asarray(features, np.float32)
    return nearest(x, x, k, own=np.arange(len(x))).index.astype(np.int32)


def notes(members: Sequence[Member], ready: Sequence[Prepared]) -> list[str]:
    """What has to be said beside the numbers, in sentences."""
    refs = [each.ref for each in members]
    said = [f"{ref} is named more than once: there is no difference to be found" for ref in dict.fromkeys(refs)
            if refs.count(ref) > 1]  # fmt: skip
    for each, prep in zip(members, ready, strict=True):
        if not prep.kernel.any():
            everyone = "everyone is everyone's neighbour, and its CKA with any model is 0"
            said.append(f"all images have the same features in {each.ref}, which has collapsed: {everyone}")
    for a, b in combinations(members, 2):
        if a.ref != b.ref and _equal(a.untrained, b.untrained):
            said.append(f"{a.ref} and {b.ref} began as the same network: before training there is no difference")
    return said


def _equal(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is not None and b is not None and np.array_equal(a, b)


def _member(each: Member, images: Images) -> dict[str, Any]:
    """A model: how wide, and how often its features name the class, with the confusion matrix."""
    found = {}
    images, known = images.of_known_classes()
    for probe, predicted in ((name, of[known]) for name, of in each.predicted.items()):
        share = float((predicted == images.y).mean())
        low, high = interval(share, len(images.y))
        table = confusion(predicted, images.y, len(images.classes)).tolist()
        found[probe] = {"accuracy": share, "low": low, "high": high, "confusion": table}
    return {"model": each.ref, "dim": each.features.shape[1], "probes": found}


def _changes(found: Change, images: Images, alike: dict[str, Any]) -> dict[str, Any]:
    """Neighbourhood change and similarities with their level of chance; by class; and the images that changed most."""
    classes = [{"class": images.classes[row.label], **row._asdict()} for row in by_class(found, images.y)]
    first = np.lexsort((-found.moved, -found.neighbours))[:MOST]
    most = [
        {"row": int(images.rows[i]), "split": str(images.split[i]), "class": images.classes[images.y[i]],
         **{name: float(getattr(found, name)[i]) for name in Change._fields}}
        for i in first
    ]  # fmt: skip
    similarity = {name: value for name, value in alike.items() if name != "neighbour_change"}
    return {"change": alike["neighbour_change"], "similarity": similarity, "by_class": classes, "most_changed": most}


def _before(each: Member, ready: Prepared, options: Options) -> Prepared | None:
    """A model before training, made once for all its pairs; None where that is not known."""
    if each.untrained is None:
        return None
    return ready if each.untrained is each.features else prepared(each.untrained, options.neighbours)


def _untrained(
    a: Prepared | None, b: Prepared | None, now: tuple[Prepared, Prepared], options: Options, stops: Callable[[], bool]
) -> dict[str, Any] | None:
    """The same numbers before training; None where that of either is not known, or neither was trained."""
    if a is None or b is None or (a is now[0] and b is now[1]):
        return None
    return _plain(calibrated(a, b, options.permutations, options.seed, stops))


def _plain(found: dict[str, Any]) -> dict[str, dict[str, float]]:
    return {name: each._asdict() for name, each in found.items()}


def _agreement(pair: Pair, images: Images, members: Sequence[Member]) -> dict[str, Any]:
    """Who is right where, by rows of the images' splits, and whether one is better."""
    rows = {name: images.rows[at].tolist() for name, at in pair.cells._asdict().items()}
    better = None if pair.better is None else members[pair.better].ref
    tested = {"difference": pair.difference.difference, "low": pair.difference.low, "high": pair.difference.high}
    counts = {name: len(each) for name, each in rows.items()}
    return {"n": counts, **tested, "p": pair.p, "better": better, "rows": rows}
