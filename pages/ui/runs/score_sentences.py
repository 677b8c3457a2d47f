"""What the scores of a finished training say, in sentences of Markdown."""

from collections.abc import Mapping
from typing import Any

from explorer import data
from explorer.evaluation import probes, statistics
from explorer.runs import Run
from pages.ui.kit import messages
from pages.ui.runs import class_balance


def of(scores: Mapping[str, Any], chance: float | None = None, brief: bool = False) -> str:
    """The kNN accuracy beside chance and the baselines that it must beat; of imbalanced classes the balanced accuracy.

    `chance` is for scores from before it was measured. A sentence that would be long is, where it must be `brief`,
    without the untrained network.
    """
    measured, n = probes.chance_in(scores), scores["n_test"]
    chance = chance if measured is None else measured
    text = f"**kNN accuracy {messages.percent(scores['knn'], n)}** on {n:,} test images"
    if imbalanced := class_balance.clause(scores, "knn"):
        return f"{text} ({imbalanced})."
    return f"{text}{'' if chance is None else f' (chance {messages.percent(chance, n)})'}{_beside(scores, brief)}."


def _beside(scores: Mapping[str, Any], brief: bool) -> str:
    """The end of the sentence: above or below raw pixels, and the untrained network."""
    pixels, untrained = (scores["references"].get(name, {}).get("knn") for name in ("Raw pixels", "Untrained"))
    if pixels is None:
        return ""
    knn, n = scores["knn"], scores["n_test"]
    shown, raw = messages.percent(knn, n), messages.percent(pixels, n)
    before = "" if untrained is None else f"; untrained network {messages.percent(untrained, n)}"
    if statistics.difference_is_significant(knn, pixels, n):
        return f": {'above' if knn > pixels else 'below'} raw pixels ({raw}){before}"
    margin = statistics.points(statistics.margin_of_difference(knn, pixels, n), n)
    alike = f", raw pixels {raw if raw != shown else 'the same'}: no clear difference (± {margin})"
    return alike if brief else alike + before


def disagreement(scores: Mapping[str, Any]) -> str:
    """A sentence where one of kNN and the linear probe is clearly above raw pixels and the other clearly below."""
    pixels, n = scores.get("references", {}).get("Raw pixels", {}), scores["n_test"]
    pairs = {name: (scores.get(name), pixels.get(name)) for name in ("knn", "linear")}
    if any(None in pair or not statistics.difference_is_significant(*pair, n) for pair in pairs.values()):
        return ""
    above = {name: own > raw for name, (own, raw) in pairs.items()}
    if above["knn"] == above["linear"]:
        return ""
    return (
        f"The linear probe is {'above' if above['linear'] else 'below'} raw pixels: it asks whether a hyperplane "
        "separates the classes, kNN whether neighbours share a class."
    )


def chance(run: Run) -> float | None:
    """The kNN accuracy of a representation that says nothing, where the scores are from before it was measured.

    The data sets of the models that come with Unfold are balanced; of others it is not known.
    """
    entry = data.catalogue().get(run.spec.dataset) if run.shipped else None
    return 1 / len(run.spec.train.get("classes") or entry.classes) if entry and entry.classes else None
