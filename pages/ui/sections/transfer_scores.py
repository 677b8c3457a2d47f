"""The accuracies of a transfer on the test images: the picture, numbers, and what has to be said beside them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import streamlit as st

from explorer.evaluation import balance, statistics
from explorer.evaluation.arm_results import Accuracy
from explorer.evaluation.crossover import Crossover, words
from explorer.runs import Run
from explorer.tasks import transfer_outcomes
from explorer.tasks.task import TASKS
from pages.ui.kit import figures, messages
from pages.ui.runs import class_balance
from pages.ui.sections import transfer_axis
from pages.ui.sections.transfer_words import ARMS, given_all, number_of_classes

ABREAST = 4  # accuracies side by side


def live(run: Run) -> None:
    """The accuracies of the trainings that have ended, while the others go on."""
    cfg = TASKS["transfer"].config(run.spec)
    rows, classes = transfer_outcomes.table(run, cfg), number_of_classes(run)
    if not rows or not classes:
        waiting = "The test images are evaluated at the end of each training"
        figures.show(figures.waiting(waiting, transfer_axis.HEIGHT), transfer_axis.KEY, waiting)
        return
    transfer_axis.show(rows, classes, (), {"chance": 1 / classes}, len(cfg.amounts))


def show(run: Run, scores: Mapping[str, Any]) -> None:
    """The accuracies on the test split, as a picture and numbers."""
    cfg, classes = TASKS["transfer"].config(run.spec), number_of_classes(run)
    crossovers = [Crossover.read(each) for each in scores.get("crossovers", ())]
    rows = transfer_outcomes.table(run, cfg) or _rows(scores, cfg.amounts[-1])
    across = transfer_axis.levels(scores, 1 / classes if classes else 0.0)
    if balance.is_imbalanced(scores):
        across["most frequent class"] = scores["majority_share"]
    accuracies = {arm: scores[arm]["test_accuracy"] for arm in ARMS if arm in scores}
    transfer_axis.show(rows, classes or 1, crossovers, across, len(cfg.amounts))
    if crossovers:
        messages.prose("\n".join(f"- {sentence}" for sentence in _crossovers(crossovers)))
    _numbers(scores, accuracies)
    for arm in accuracies:
        if clause := class_balance.clause(scores, arm):
            messages.caption(f"{ARMS[arm][0]}: {clause}.")
    messages.caption(f"Accuracy on {scores['n_test']:,} test images; {_interval(scores, accuracies, cfg.amounts[-1])}")
    if own := scores.get("own_head"):
        messages.caption(f"{own['title']}: {own['sentence']}")
    class_balance.table(scores, {arm: ARMS[arm][0] for arm in accuracies}, "transfer-recalls")
    class_balance.notes(scores)


def _rows(scores: Mapping[str, Any], amount: str) -> list[Accuracy]:
    """The same of a result of an earlier version, which has one amount of labels and no table."""
    n, found = scores["n_test"], []
    for arm in (arm for arm in ARMS if arm in scores):
        p = scores[arm]["test_accuracy"]
        low, high = (
            scores[arm].get(end, at) for end, at in zip(("low", "high"), statistics.interval(p, n), strict=True)
        )
        found.append(Accuracy(arm, amount, 1.0, 0, p, low, high, scores[arm].get("accuracies", [p]), "images"))
    return found


def _numbers(scores: Mapping[str, Any], accuracies: Mapping[str, float]) -> None:
    """The accuracy of each arm at the largest amount of labels."""
    places = [
        column for _ in range(0, len(accuracies), ABREAST) for column in st.columns(min(ABREAST, len(accuracies)))
    ]
    for place, (arm, p) in zip(places, accuracies.items(), strict=False):
        title, text = ARMS[arm]
        n = scores["n_test"]
        spread = " to ".join(statistics.percent(end, n) for end in _ends(scores, arm))
        place.metric(title, statistics.percent(p, n), spread, delta_color="off", delta_arrow="off", help=text)


def _ends(scores: Mapping[str, Any], arm: str) -> tuple[float, float]:
    """The 95% interval of an accuracy; the first version has stored none, and had one seed."""
    own = scores[arm]
    low, high = statistics.interval(own["test_accuracy"], scores["n_test"])
    return own.get("low", low), own.get("high", high)


def _interval(scores: Mapping[str, Any], accuracies: Mapping[str, float], amount: str) -> str:
    """What the intervals below the accuracies at this amount of labels are over, and what they leave out."""
    seeds = max(len(scores[arm].get("accuracies", ())) for arm in accuracies)
    drawn = not given_all(amount)
    if seeds > 1:
        images = " and the test images" if _holds_images(scores) else ""
        own = ", each seed with its own labels" if drawn else ""
        return f"below each the 95% confidence interval of the mean over {seeds} seeds{images}{own}."
    what = "draw of the labels" if drawn else "seed of the training"
    return (
        f"below each the 95% confidence interval for the draw of these images. The {what} adds to it: "
        "repeat with other seeds."
    )


def _holds_images(scores: Mapping[str, Any]) -> bool:
    """Whether intervals over seeds are over the images, too: earlier versions, which stored no p, left them out."""
    return all("p" in each for each in scores.get("comparisons", ()))


def _crossovers(found: Sequence[Crossover]) -> Iterator[str]:
    """From how many labels on each arm beats the frozen encoder."""
    for each in found:
        yield f"Crossover: {words(each, ARMS[each.first][0], ARMS[each.second][0])}."
