"""Scores where some classes have more images than others: the baseline of an accuracy, and each class's recall."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer.evaluation import balance, statistics
from pages.ui.kit import messages

MAJORITY = "always naming the most frequent class"  # a baseline that needs no network


def clause(scores: Mapping[str, Any], name: str) -> str:
    """What stands behind the accuracy of a probe or an arm where the classes are imbalanced; else empty."""
    balanced = scores.get("balanced_accuracy", {}).get(name)
    if balanced is None or not balance.is_imbalanced(scores):
        return ""
    return f"{majority(scores)}; balanced accuracy {messages.percent(balanced, scores['n_test'])}"


def majority(scores: Mapping[str, Any]) -> str:
    """The baseline in words, where the classes are imbalanced; else empty."""
    if not balance.is_imbalanced(scores):
        return ""
    return f"{MAJORITY}: {messages.percent(scores['majority_share'], scores['n_test'])}"


def table(scores: Mapping[str, Any], titles: Mapping[str, str], key: str) -> None:
    """The recall of each class by these probes or arms, and its test images; nothing where the classes are balanced."""
    if not balance.is_imbalanced(scores):
        return
    messages.prose("**Recall of each class**: the share of its test images that is recognised")
    rows = [
        {"class": each.name, "test images": each.n}
        | {title: _percent(each.recalls[name], each.n) for name, title in titles.items() if name in each.recalls}
        for each in balance.classes_of(scores)
    ]
    percent = st.column_config.ProgressColumn(format="%.0f%%", min_value=0, max_value=100, width=120)
    columns = dict.fromkeys(titles.values(), percent)
    st.dataframe(rows, column_config=columns, hide_index=True, key=key, placeholder="–", alt="Recall of each class")
    tested = sum(each.n > 0 for each in balance.classes_of(scores))
    messages.caption(
        f"**The classes are imbalanced**: {majority(scores)}. Balanced accuracy is the mean recall of the {tested} "
        f"classes; guessing reaches {messages.percent(1 / tested)}."
    )


def notes(scores: Mapping[str, Any]) -> None:
    """What has to be said beside these scores: copies of training images, classes without images."""
    for text in scores.get("caveats", []):
        messages.caveat(text)


def _percent(share: float, n: int) -> float:
    return float(statistics.percent(share, n).strip("<>%"))
