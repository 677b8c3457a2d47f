"""What the scores of a finished training say, in a sentence or two of Markdown."""

from collections.abc import Mapping
from typing import Any

from explorer import data
from explorer.evaluation import probes, statistics
from explorer.runs import Run
from pages.ui.kit import messages


def of(scores: Mapping[str, Any], chance: float | None = None) -> str:
    """The kNN accuracy beside chance and the baselines, and whether the linear probe says the opposite.

    `chance` is for scores from before it was measured.
    """
    measured = probes.chance_in(scores)
    chance = chance if measured is None else measured
    return " ".join(filter(None, [_against_pixels(scores, chance), _disagreement(scores)]))


def chance(run: Run) -> float | None:
    """The kNN accuracy of a representation that says nothing, where the scores are from before it was measured.

    The data sets of the models that come with Unfold are balanced; of others it is not known.
    """
    entry = data.catalogue().get(run.spec.dataset) if run.shipped else None
    return 1 / len(run.spec.train.get("classes") or entry.classes) if entry and entry.classes else None


def _against_pixels(scores: Mapping[str, Any], chance: float | None) -> str:
    """The kNN accuracy beside the baselines that it must beat."""
    pixels, untrained = (scores["references"].get(name, {}).get("knn") for name in ("Raw pixels", "Untrained"))
    knn, n = scores["knn"], scores["n_test"]
    shown, text = messages.percent(knn, n), f"**kNN accuracy {messages.percent(knn, n)}** on {n:,} test images"
    text += "" if chance is None else f" (chance {messages.percent(chance, n)})"
    if pixels is None:
        return text + "."
    before = "" if untrained is None else f"; untrained network {messages.percent(untrained, n)}"
    raw = messages.percent(pixels, n)
    if statistics.difference_is_significant(knn, pixels, n):
        return f"{text}: {'above' if knn > pixels else 'below'} raw pixels ({raw}){before}."
    margin = statistics.points(statistics.margin_of_difference(knn, pixels, n), n)
    return f"{text}, raw pixels {raw if raw != shown else 'the same'}: no clear difference (± {margin}){before}."


def _disagreement(scores: Mapping[str, Any]) -> str:
    """A sentence where one of kNN and the linear probe is clearly above raw pixels and the other clearly below."""
    pixels, n = scores["references"].get("Raw pixels", {}), scores["n_test"]
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
