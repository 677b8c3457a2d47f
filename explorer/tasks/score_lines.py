"""What scores say, in lines for a terminal: each accuracy beside its baseline where the classes are imbalanced."""

from collections.abc import Mapping
from typing import Any

from explorer.evaluation import balance
from explorer.tasks.task import rounded

BESIDE = (*balance.NUMBERS, "caveats", "references")  # are no numbers of their own line


def lines(scores: Mapping[str, Any]) -> list[str]:
    """A line for each number, for each class where that matters, and for what has to be said of the images."""
    numbers = [
        f"{name}: {rounded(value)}{beside(scores, name)}" for name, value in scores.items() if name not in BESIDE
    ]
    return [*numbers, *per_class(scores), *notes(scores)]


def beside(scores: Mapping[str, Any], name: str) -> str:
    """What stands beside an accuracy where the classes are imbalanced; else empty."""
    balanced = scores.get("balanced_accuracy", {}).get(name)
    if balanced is None or not balance.is_imbalanced(scores):
        return ""
    always = f"always naming the most frequent class: {rounded(scores['majority_share'])}"
    return f" ({always}; balanced accuracy: {rounded(balanced)})"


def per_class(scores: Mapping[str, Any]) -> list[str]:
    """A line with the recalls of each class where the classes are imbalanced."""
    if not balance.is_imbalanced(scores):
        return []
    return [f"class {each.name}: {_recalls(each)}" for each in balance.classes_of(scores)]


def notes(scores: Mapping[str, Any]) -> list[str]:
    """What has to be said beside these scores."""
    return [f"note: {text}" for text in scores.get("caveats", [])]


def _recalls(each: balance.PerClass) -> str:
    recalls = ", ".join(f"{name} {rounded(value)}" for name, value in each.recalls.items())
    return f"recall {recalls} (n = {each.n:,})" if recalls else "no test images"
