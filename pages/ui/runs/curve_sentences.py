"""What the curves of a training say, in words."""

from collections.abc import Mapping
from typing import Any

from explorer.runs import Status, derived
from pages.ui.kit import messages
from pages.ui.runs import curves, score_sentences

RISE = 0.03  # share by which the validation loss must have left its lowest value before we say so


def summary(
    status: Status,
    rows: curves.Rows,
    scores: Mapping[str, Any] | None,
    references: Mapping[str, float] | None = None,
    chance: float | None = None,
) -> str:
    """What to look for in this training as it stands, in a sentence or two of Markdown.

    `references` are the kNN accuracies that its own must beat while it goes on, by name; `chance` is the kNN accuracy
    of a representation that says nothing of the class, where the scores do not say it.
    """
    if status.state == "failed":
        return "**This training failed**; the reason stands below. What it recorded before is kept."
    if scores and "references" in scores:
        turned = _turned(rows)
        return f"{score_sentences.of(scores, chance, brief=bool(turned))} {turned}".rstrip()
    _, losses = curves.training(rows)
    if status.final and len(losses) < 2:
        return "This training was stopped before its first steps." if status.step < 1 else "It was solved in one step."
    if len(losses) < 2:
        return "**The curves start with the first steps.**"
    return " ".join(filter(None, [_now(rows, references or {}) or _fallen(rows), _turned(rows)]))


def _now(rows: curves.Rows, references: Mapping[str, float]) -> str:
    """The kNN accuracy of the last evaluation beside what it must beat; empty before the first one."""
    now = _last_evaluation(rows)
    if "watched" not in now:
        return ""
    n = int(now["watched"])
    others = ", ".join(f"{name} {messages.percent(value, n)}" for name, value in references.items())
    text = f"**kNN accuracy {messages.percent(now['knn'], n)}** at step {now['step']:,} on {n:,} validation images"
    return f"{text}; {others}." if others else f"{text}."


@derived
def _last_evaluation(rows: curves.Rows) -> Mapping[str, Any]:
    """The last row with a kNN accuracy after the first step; an empty one before that."""
    return next((row for row in reversed(rows) if row.get("knn") is not None and row.get("step")), {})


def _fallen(rows: curves.Rows) -> str:
    """From where to where the loss went; an epoch by its mean, since a last small batch has a loss of its own."""
    first = next(row["loss"] for row in rows if row.get("loss") is not None)
    last = next((row["train_loss"] for row in reversed(rows) if "train_loss" in row), None)
    if last is None:
        return f"**The loss starts at {messages.number(first)}**; lower is better."
    return f"**The loss went from {messages.number(first)} to {messages.number(last)}**, the mean of the last epoch."


@derived
def _turned(rows: curves.Rows) -> str:
    """A sentence if the training has collapsed, or if its validation loss has turned."""
    diagnosis = curves.verdict(rows)
    if diagnosis and diagnosis.word == "collapsed":
        return f"**The {diagnosis.of} has collapsed.**"
    steps, losses = curves.line(rows, "val_loss")
    if len(losses) < 4 or losses[-1] < losses.min() * (1 + RISE):
        return ""
    return f"**Overfitting since step {int(steps[losses.argmin()]):,}.**"


def left(status: Status) -> str:
    """How long the training will go on, in words; empty while that is unknown."""
    if status.seconds_left is None:
        return ""
    seconds = max(1, round(status.seconds_left))
    return f"about {seconds} s left" if seconds < 60 else f"about {messages.duration(seconds)} left"
