"""What a transfer has shown, in a sentence or two."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from explorer import data
from explorer.evaluation import arms, balance, statistics
from explorer.runs import Run, Status
from pages.ui.runs import class_balance

ARMS = {arm: (title, arms.ARMS[arm].summary()) for arm, title in arms.titles().items()}
Ranked = Sequence[tuple[float, str]]  # arms with their accuracies, best first
Differ = Callable[[tuple[float, str], tuple[float, str]], bool]


def summary(run: Run, status: Status, scores: Mapping[str, Any]) -> str:
    """What this transfer has shown so far, in a sentence or two of Markdown."""
    labels = amounts(run.spec.params).rpartition(", ")[2]
    if status.state == "failed":
        return "**This transfer failed**; the reason stands below."
    if status.state == "stopped":
        return "**This transfer was stopped** before its end: there are no scores on the test images."
    accuracies = sorted(((scores[arm]["test_accuracy"], arm) for arm in ARMS if arm in scores), reverse=True)
    if not accuracies:
        return f"Each variant is trained on the same {given(labels)}: **a good representation starts high**."
    differ = _verdicts(scores, labels)
    if balance.is_imbalanced(scores):
        return f"With {given(labels, 'labels')}, {_imbalanced(accuracies, scores, differ)}"
    classes = number_of_classes(run)
    chance = 1 / classes if classes else 0.0
    return f"With {given(labels, 'labels')}, {_ranking(accuracies, scores['n_test'], chance, differ)}"


def given(labels: str, what: str = "images") -> str:
    """An amount of labels in words."""
    if labels == "all":
        return f"{what}, all there are" if what == "images" else "all labels"
    return f"{labels} of the {what}" if labels.endswith("%") else f"{labels} {what} per class"


def given_all(labels: str) -> bool:
    """Whether an amount is all labels there are: then no seed draws others."""
    return labels == "all" or (labels.endswith("%") and float(labels[:-1]) >= 100)


def _imbalanced(accuracies: Ranked, scores: Mapping[str, Any], differ: Differ) -> str:
    """The same where the classes are imbalanced: the baseline needs no network and no labels."""
    n, share, (best, arm) = scores["n_test"], scores["majority_share"], accuracies[0]
    level, named = statistics.percent(share, n), _named(accuracies, n)
    if n < statistics.FEW:
        return _ranking(accuracies, n, share, differ)
    if not statistics.is_above_chance(best, share, n):
        return f"**no variant is better than {class_balance.MAJORITY} ({level})**: {_and(named)}."
    if len(accuracies) == 1:
        words = f"{ARMS[arm][0].lower()} has an accuracy of {statistics.percent(best, n)}"
        return f"**{words}** ({class_balance.clause(scores, arm)})."
    return f"{_order(accuracies, named, differ)}; most frequent class {level}."


def _ranking(accuracies: Ranked, n: int, chance: float, differ: Differ) -> str:
    """Which arm is best, as far as `n` test images can tell; `accuracies` best first."""
    best = accuracies[0][0]
    named = _named(accuracies, n)
    if n < statistics.FEW:
        return f"{_and(named)}: **{n} test images are too few to tell them apart**, it takes at least {statistics.FEW}."
    if not statistics.is_above_chance(best, chance, n):
        level = statistics.percent(chance)
        return f"**no variant is better than chance ({level})**: {_and(named)} on {n:,} test images."
    if len(accuracies) == 1:
        guessing = f" (chance {statistics.percent(chance)})" if chance else ""
        words = f"{ARMS[accuracies[0][1]][0].lower()} has an accuracy of {statistics.percent(best, n)}"
        return f"**{words}** on {n:,} test images{guessing}."
    return f"{_order(accuracies, named, differ)} on {n:,} test images."


def _named(accuracies: Sequence[tuple[float, str]], n: int) -> list[str]:
    """The arms with their accuracies on `n` test images."""
    return [f"{ARMS[arm][0].lower()} ({statistics.percent(accuracy, n)})" for accuracy, arm in accuracies]


def _order(accuracies: Ranked, named: Sequence[str], differ: Differ) -> str:
    """Which arms, best first, differ significantly; of more than three how many."""
    if len(accuracies) > 3:
        others, same = len(named) - 1, sum(not differ(accuracies[0], other) for other in accuracies[1:])
        if not same:
            return f"**{named[0]} is significantly better than all {others} others**"
        which = "any" if same == others else str(same)
        return f"**{named[0]} is highest**; no significant difference from {which} of the {others} others"
    places = range(len(accuracies))
    pairs = [(i, j) for i, j in combinations(places, 2) if differ(accuracies[i], accuracies[j])]
    if not pairs:
        return f"**{_and(named)} do not differ significantly**"
    if {(0, other) for other in places[1:]} <= {*pairs}:
        return f"**{named[0]} is significantly better** than {_and(named[1:])}"
    if pairs == [(0, 2), (1, 2)]:
        return f"**{_and(named[:2])} do not differ significantly**; both beat {named[2]}"
    if pairs == [(0, 2)]:
        return f"**{named[0]} is significantly better** than {named[2]}; {named[1]} differs significantly from neither"
    return "; ".join(f"**{named[i]} is significantly better** than {named[j]}" for i, j in pairs)


def _verdicts(scores: Mapping[str, Any], labels: str) -> Differ:
    """Whether two arms differ at this amount of labels: as their stored paired comparison says, else by `n`."""
    stored = {frozenset((each["first"], each["second"])): each["better"] is not None
              for each in scores.get("comparisons", ()) if each["labels"] == labels}  # fmt: skip

    def differ(one: tuple[float, str], other: tuple[float, str]) -> bool:
        found = stored.get(frozenset((one[1], other[1])))
        if found is not None:
            return found
        return statistics.difference_is_significant(one[0], other[0], scores["n_test"])

    return differ


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def amounts(params: Mapping[str, Any]) -> str:
    """The labels that a transfer was asked for: per class, as shares, or all."""
    return ", ".join(params.get("labels") or [str(params.get("labels_per_class"))])


def number_of_classes(run: Run) -> int:
    """The classes of the data set of a transfer; 0 where it is gone."""
    entry = data.catalogue().get(run.spec.dataset)
    return len(entry.classes) if entry and entry.classes else 0


def accuracy_of(options: Mapping[str, Any]) -> tuple[str, str]:
    """Which accuracy the curves of a transfer with these options show, and what else its images are used for."""
    if options.get("train_on_validation"):
        chooses = ": it chooses the epoch, each half of the images for the other" if _chooses(options) else ""
        return "Test accuracy", f"because the validation images are used for training{chooses}"
    return "Validation accuracy", f"not used for training{', but to choose the epoch' if _chooses(options) else ''}"


def use_of_images(options: Mapping[str, Any]) -> str:
    """What a transfer with these options uses the validation and the test images for."""
    if options.get("train_on_validation"):
        once = "chooses the epoch, each half for the other" if _chooses(options) else "is shown in the curves"
        return f"Validation images are used for training; the accuracy on the test images in every epoch {once}."
    used = "choose the epoch that is tested" if _chooses(options) else "are used only for the curves"
    return f"Test images are used once, for the final accuracy; validation images {used}."


def _chooses(options: Mapping[str, Any]) -> bool:
    return options.get("keep") == "best"
