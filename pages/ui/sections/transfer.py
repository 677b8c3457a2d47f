"""A transfer: its curves while it runs, and its three accuracies when it is done."""

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from explorer import data
from explorer.evaluation import arms, balance, statistics
from explorer.evaluation.crossover import Crossover, words
from explorer.runs import Run, Status
from explorer.tasks import request
from pages.ui.kit import figures, forms, messages, pictures
from pages.ui.runs import class_balance, job_progress, model_cache, ownership, polling, run_list

FORM = "transfer"  # the key of the form
EVERY = 1.0  # seconds between two polls
ABREAST = 4  # accuracies side by side
ACROSS, CLASSES = 16, 12  # labelled images of a class, and classes, that are shown
ARMS = {arm: (title, arms.ARMS[arm].summary()) for arm, title in arms.titles().items()}


def model_title(run: Run) -> str:
    """What the model of a transfer is called."""
    return model_cache.title(str(run.spec.model), run.spec.dataset)


def data_title(run: Run) -> str:
    """What the data set of a transfer is called."""
    entry = data.catalogue().get(run.spec.dataset)
    return entry.title if entry else run.spec.dataset


def empty(model: str, target: str) -> None:
    """What stands here before the first transfer of this model to this data set."""
    messages.lead_sentence(
        "A good representation transfers: **with few labels of another data set, it beats training the same "
        "network from scratch**."
    )
    for column, arm in zip(st.columns(len(arms.DEFAULT), border=True), arms.DEFAULT, strict=True):
        title, text = ARMS[arm]
        with column:
            messages.prose(f"**{title}**  \n{text}")
    title = messages.plain(f"No transfer of {model} to {target} yet")
    messages.empty(title, "Press Start: it takes seconds on small data sets, minutes on larger ones.")


def start(ref: str, target: str, options: Mapping[str, Any], fixed: Mapping[str, Any]) -> None:
    """Submit a transfer with the options as the form says them at the click; `fixed` are not in the form."""
    current = {**forms.current(FORM, [name for name in options if name not in fixed]), **fixed}
    run = ownership.submit(request.request("transfer", ref, target, **current))
    st.query_params["transfer"] = run.id


def labels(target: data.DataSet, options: Mapping[str, Any]) -> None:
    """The images whose labels a transfer with these options is given: a row for each class."""
    from explorer.evaluation.arms import TransferConfig
    from explorer.evaluation.transfer import labelled

    cfg, images = TransferConfig.read(options, "transfer"), target.splits["train"]
    rows = labelled(images.y, len(target.classes), cfg.amounts[-1], cfg.seed)
    by_class = {name: rows[images.y[rows] == i][:ACROSS] for i, name in enumerate(target.classes[:CLASSES])}
    alts = {name: [f"{name}, training image {row}" for row in some] for name, some in by_class.items()}
    pictures.rows({name: data.thumbnails(target, "train", some) for name, some in by_class.items() if len(some)}, alts)
    left_out = len(rows) - sum(map(len, by_class.values()))
    messages.provenance(
        data=f"{target.title}, train", labels=f"{len(rows):,}", seed=cfg.seed, not_shown=left_out or None
    )


# ---------------------------------------------------------------------------------------------- one transfer


def watch(run: Run) -> None:
    """Show a transfer, and follow it until it has ended."""
    final = run.status.final
    polling.poll(run.id, partial(_draw, final=final), None if final else EVERY)


def _draw(run: Run, final: bool) -> None:
    """A transfer as it stands; when it has ended since the page was drawn, the whole page runs again."""
    status, scores = run.status, run.scores() or {}
    if status.final != final:
        st.rerun()
    messages.lead_sentence(summary(run, status, scores))
    if not status.final:
        _progress(run, status)
    elif status.state == "failed":
        messages.show_error(messages.failure(status.error))
    elif scores:
        _scores(scores)
    with messages.guard():
        _curves(run)
    messages.provenance(
        data=data_title(run), model=model_title(run), seed=run.spec.seed, device=status.device or None,
        seconds=status.finished - status.started if status.finished and status.started else None,
        date=status.finished, **_facts(run, scores),
    )  # fmt: skip


def _facts(run: Run, scores: Mapping[str, Any]) -> dict[str, object]:
    params = run.spec.params
    labels = {"labels_per_class": amounts(params), "epochs": params.get("epochs")}
    return labels | ({"test_images": f"{scores['n_test']:,}"} if scores else {})


def _progress(run: Run, status: Status) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transfer-progress"):
        run_list.badge(status.state)
        words = (
            f"{_training(status)}epoch {status.step:,} of {status.steps:,}{_left(status)}"
            if status.step
            else job_progress.progress(run, status)
        )
        st.markdown(messages.plain(messages.sentence(words).rstrip(".")), width="stretch")
        run_list.stop(run)
    st.progress(min(1.0, status.step / status.steps) if status.steps else 0.0)


def _training(status: Status) -> str:
    return f"{status.message}: " if status.message else ""


def _left(status: Status) -> str:
    if not status.started or status.step < 2:
        return ""
    seconds = (time.time() - status.started) / status.step * (status.steps - status.step)
    return f", about {messages.duration(max(1.0, round(seconds)))} left"


def _curves(run: Run) -> None:
    """Accuracy on the validation images over epochs, a line for each arm: of the last amount of labels, first seed."""
    rows, series = _shown(run.metrics()), {}
    for arm, (title, _) in ARMS.items():
        points = [(row["epoch"], row["val_accuracy"]) for row in rows if row.get("arm") == arm]
        if points:
            series[title] = tuple(np.array(points, np.float32).T)
    if not series:
        st.skeleton(height=300)
        return
    messages.prose("**Validation accuracy** (higher is better), not used for training")
    classes = _classes(run)
    chance = {"chance": 1 / classes, "chance_label": "chance"} if classes else {}
    figure = figures.curves(series, "epoch", "accuracy", **chance, height=300)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    figures.show(figure, "transfer-curves", f"Validation accuracy of {', '.join(series)} over epochs")


def _shown(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The epochs of the amount of labels that is trained with, or was last, with the first seed that has it."""
    if not rows or "labels" not in rows[-1]:
        return list(rows)
    own = [row for row in rows if row["labels"] == rows[-1]["labels"]]
    return [row for row in own if row["seed"] == own[0]["seed"]]


def amounts(params: Mapping[str, Any]) -> str:
    """The labels that a transfer was asked for: per class, as shares, or all."""
    return ", ".join(params.get("labels") or [str(params.get("labels_per_class"))])


def _classes(run: Run) -> int:
    entry = data.catalogue().get(run.spec.dataset)
    return len(entry.classes) if entry and entry.classes else 0


def _scores(scores: Mapping[str, Any]) -> None:
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


# ------------------------------------------------------------------------------------------------ in words


def summary(run: Run, status: Status, scores: Mapping[str, Any]) -> str:
    """What this transfer has shown so far, in a sentence or two of Markdown."""
    labels = amounts(run.spec.params).rpartition(", ")[2]
    if status.state == "failed":
        return "**This transfer failed**; the reason stands below."
    if status.state == "stopped":
        return "**This transfer was stopped** before its end: there are no scores on the test images."
    accuracies = sorted(((scores[arm]["test_accuracy"], arm) for arm in ARMS if arm in scores), reverse=True)
    if not accuracies:
        return f"Each variant is trained on the same {_given(labels)}: **a good representation starts high**."
    if balance.is_imbalanced(scores):
        return f"With {_given(labels, 'labels')}, {_imbalanced(accuracies, scores)}"
    classes = _classes(run)
    chance = 1 / classes if classes else 0.0
    return f"With {_given(labels, 'labels')}, {_ranking(accuracies, scores['n_test'], chance)}"


def _given(labels: str, what: str = "images") -> str:
    """An amount of labels in words."""
    if labels == "all":
        return f"{what}, all there are" if what == "images" else "all labels"
    return f"{labels} of the {what}" if labels.endswith("%") else f"{labels} {what} per class"


def _imbalanced(accuracies: Sequence[tuple[float, str]], scores: Mapping[str, Any]) -> str:
    """The same where the classes are imbalanced: the baseline needs no network and no labels."""
    n, share, (best, arm) = scores["n_test"], scores["majority_share"], accuracies[0]
    level, named = statistics.percent(share, n), _named(accuracies, n)
    if n < statistics.FEW:
        return _ranking(accuracies, n, share)
    if not statistics.is_above_chance(best, share, n):
        return f"**no variant is better than {class_balance.MAJORITY} ({level})**: {_and(named)}."
    if len(accuracies) == 1:
        words = f"{ARMS[arm][0].lower()} has an accuracy of {statistics.percent(best, n)}"
        return f"**{words}** ({class_balance.clause(scores, arm)})."
    return f"{_order([accuracy for accuracy, _ in accuracies], named, n)}; most frequent class {level}."


def _ranking(accuracies: Sequence[tuple[float, str]], n: int, chance: float) -> str:
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
    return f"{_order([accuracy for accuracy, _ in accuracies], named, n)} on {n:,} test images."


def _named(accuracies: Sequence[tuple[float, str]], n: int) -> list[str]:
    """The arms with their accuracies on `n` test images."""
    return [f"{ARMS[arm][0].lower()} ({statistics.percent(accuracy, n)})" for accuracy, arm in accuracies]


def _order(accuracies: Sequence[float], named: Sequence[str], n: int) -> str:
    """Which arms, best first, differ by more than the sampling error; of more than three how many."""
    if len(accuracies) > 3:
        same = sum(not statistics.difference_is_significant(accuracies[0], other, n) for other in accuracies[1:])
        return f"**{named[0]} is best**; {same or 'none'} of the {len(named) - 1} others do not differ significantly"
    best, second, last = accuracies[0], accuracies[1], accuracies[-1]
    if statistics.difference_is_significant(best, second, n):
        return f"**{named[0]} is significantly better** than {_and(named[1:])}"
    if not statistics.difference_is_significant(best, last, n):
        return f"**{_and(named)} do not differ significantly**"
    if statistics.difference_is_significant(second, last, n):
        return f"**{_and(named[:2])} do not differ significantly**; both beat {named[2]}"
    return f"**{named[0]} is significantly better** than {named[2]}; {named[1]} differs significantly from neither"


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
