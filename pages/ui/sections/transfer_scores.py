"""The accuracies of a transfer on the test images: numbers, bars, and what has to be said beside them."""

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from explorer.evaluation import statistics
from explorer.evaluation.crossover import Crossover, words
from pages.ui.kit import figures, messages
from pages.ui.runs import class_balance
from pages.ui.sections.transfer_words import ARMS

ABREAST = 4  # accuracies side by side


def show(scores: Mapping[str, Any]) -> None:
    """The accuracies on the test split, as numbers and bars."""
    accuracies = {arm: scores[arm]["test_accuracy"] for arm in ARMS if arm in scores}
    left, right = st.columns([0.56, 0.44], gap="medium", vertical_alignment="center")
    with left:
        columns = [
            column for _ in range(0, len(accuracies), ABREAST) for column in st.columns(min(ABREAST, len(accuracies)))
        ]
        for column, (arm, p) in zip(columns, accuracies.items(), strict=False):
            title, text = ARMS[arm]
            n = scores["n_test"]
            spread = f"± {statistics.points(_margin(scores, arm), n)}"
            column.metric(title, statistics.percent(p, n), spread, delta_color="off", delta_arrow="off", help=text)
    with right:
        names = [ARMS[arm][0] for arm in accuracies]
        values = {"test accuracy": list(accuracies.values())}
        figure = figures.bars(values, names, sideways=True, height=max(150, 45 * len(names)))
        whole = {} if figures.close(values) else {"range": [0, 1.04], "dtick": 0.25}  # bars begin at zero, dots do not
        figure.update_xaxes(tickformat=".0%", **whole)
        spread = [_margin(scores, arm) for arm in accuracies]
        figure.update_traces(
            error_x={"type": "data", "array": spread, "color": figures.TEXT, "thickness": 1.5, "width": 4}
        )
        figures.show(figure, "transfer-bars", "Test accuracy of " + ", ".join(names))
    for arm in accuracies:
        if words := class_balance.clause(scores, arm):
            messages.caption(f"{ARMS[arm][0]}: {words}.")
    messages.caption(f"Accuracy on {scores['n_test']:,} test images; {_interval(scores, accuracies)}")
    if own := scores.get("own_head"):
        messages.caption(f"{own['title']}: {own['sentence']}")
    for words in _crossovers(scores):
        messages.caption(words)
    class_balance.table(scores, {arm: ARMS[arm][0] for arm in accuracies}, "transfer-recalls")
    class_balance.notes(scores)


def _margin(scores: Mapping[str, Any], arm: str) -> float:
    """Half of the 95% interval of an accuracy: over the seeds, or over the draw of the test images."""
    own = scores[arm]
    if own.get("interval_over") == "seeds":
        return (own["high"] - own["low"]) / 2
    return statistics.margin(own["test_accuracy"], scores["n_test"])


def _interval(scores: Mapping[str, Any], accuracies: Mapping[str, float]) -> str:
    seeds = max(len(scores[arm].get("accuracies", ())) for arm in accuracies)
    if seeds > 1:
        return f"± is half of the 95% confidence interval of the mean over {seeds} seeds, each with its own labels."
    return (
        "± is half of the 95% confidence interval for the draw of these images. The draw of the labels adds to it: "
        "repeat with other seeds."
    )


def _crossovers(scores: Mapping[str, Any]) -> Iterator[str]:
    """From how many labels on each arm beats the frozen encoder."""
    for each in scores.get("crossovers", ()):
        found = Crossover.read(each)
        yield f"Crossover: {words(found, ARMS[found.first][0], ARMS[found.second][0])}."
