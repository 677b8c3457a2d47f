"""A transfer: its form, and its curves while it runs; its accuracies and words stand in files of their own."""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from explorer import data
from explorer.evaluation import arms
from explorer.runs import Run, Status
from explorer.tasks import request
from explorer.tasks.task import TASKS
from pages.ui.kit import figures, forms, messages, pictures, url_state
from pages.ui.runs import job_progress, model_cache, ownership, polling, run_list
from pages.ui.sections import transfer_advice, transfer_axis, transfer_mistakes, transfer_scores
from pages.ui.sections.transfer_words import ARMS, accuracy_of, amounts, given, number_of_classes, summary

FORM = "transfer"  # the key of the form
EVERY = 1.0  # seconds between two polls
SPLITS = {"train": "training", "validation": "validation"}  # in words
HEIGHT = 300  # pixels of the curves
ACROSS, CLASSES = 16, 12  # labelled images of a class, and classes, that are shown


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
    url_state.put("transfer", run.id)


def labels(target: data.DataSet, options: Mapping[str, Any]) -> None:
    """The images whose labels a transfer with these options is given: a row for each class."""
    from explorer.evaluation.arms import TransferConfig
    from explorer.evaluation.transfer import labelled

    cfg = TransferConfig.read(options, "transfer")
    pool = ("train", "validation") if cfg.train_on_validation else ("train",)
    y = np.concatenate([target.splits[split].y for split in pool])
    rows = max((labelled(y, len(target.classes), amount, cfg.seed) for amount in cfg.amounts), key=len)
    by_class = {name: np.sort(rows[y[rows] == i][:ACROSS]) for i, name in enumerate(target.classes[:CLASSES])}
    found = {name: _placed(target, some) for name, some in by_class.items() if len(some)}
    alts = {name: [f"{name}, {SPLITS[split]} image {row}" for split, own in placed.items() for row in own]
            for name, placed in found.items()}  # fmt: skip
    pictures.rows({name: np.concatenate([data.thumbnails(target, split, own) for split, own in placed.items()])
                   for name, placed in found.items()}, alts)  # fmt: skip
    left_out = len(rows) - sum(map(len, by_class.values()))
    messages.provenance(
        data=f"{target.title}, {' and '.join(pool)}", labels=f"{len(rows):,}", seed=cfg.seed, not_shown=left_out or None
    )


def _placed(target: data.DataSet, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Places in the pool, ascending, as rows of its splits: validation images stand behind the training images."""
    n = len(target.splits["train"].y)
    placed = {"train": rows[rows < n], "validation": rows[rows >= n] - n}
    return {split: own for split, own in placed.items() if len(own)}


# ---------------------------------------------------------------------------------------------- one transfer


def watch(run: Run) -> None:
    """Show a transfer, and follow it until it has ended."""
    final = run.status.final
    polling.poll(run.id, partial(_draw, final=final), None if final else EVERY)


def look(run: Run, target: data.DataSet) -> None:
    """What else a transfer that is done has shown: its mistakes, what was to be expected, other sources."""
    if run.status.state != "done":
        return
    with messages.guard():
        st.fragment(transfer_mistakes.show)(run, target)
    with messages.guard():
        transfer_advice.show(run, run.scores() or {})


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
        transfer_scores.show(run, scores)
    with messages.guard():
        if not status.final:
            transfer_scores.live(run)
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
    """Accuracy on the watched images over epochs, a line for each arm, of one amount of labels and one seed."""
    rows = _shown(run, run.metrics())
    if not rows:
        figures.show(
            figures.waiting("The first epoch is under way", HEIGHT), "transfer-curves", "No epoch has ended yet"
        )
        return
    shown, about = accuracy_of(run.spec.params)
    which = f"{given(rows[-1]['labels'], 'labels')}, seed {rows[-1]['seed']}; " if "labels" in rows[-1] else ""
    messages.prose(f"**{shown}** (higher is better), {which}{about}")
    classes = number_of_classes(run)
    chance = {"chance": 1 / classes, "chance_label": "chance"} if classes else {}
    _lines(run, rows, "val_accuracy", "transfer-curves", shown, **chance)
    if any("source_accuracy" in row for row in rows):
        messages.prose(
            "**Accuracy on the source's own images** while the encoder learns the target (kNN; higher is better): too "
            "large a learning rate unlearns them"
        )
        before = (run.scores() or {}).get("source", {}).get("accuracy")
        level = {} if before is None else {"chance": before, "chance_label": "before"}
        _lines(run, rows, "source_accuracy", "transfer-source-curves", "kNN accuracy on the source", **level)


def _lines(run: Run, rows: Sequence[Mapping[str, Any]], name: str, key: str, what: str, **level: Any) -> None:
    """A line for each arm of the transfer; one that has not begun keeps its colour and its place."""
    series = {}
    for arm in sorted(TASKS["transfer"].config(run.spec).arms, key=list(ARMS).index):
        points = [(row["epoch"], row[name]) for row in rows if row.get("arm") == arm and row.get(name) is not None]
        series[ARMS[arm][0]] = tuple(np.array(points, np.float32).reshape(-1, 2).T)
    figure = figures.curves(series, "epoch", "", **level, height=HEIGHT)
    for trace, title in zip(figure.data, series, strict=True):
        place = transfer_axis.PLACES[next(arm for arm in ARMS if ARMS[arm][0] == title)]
        trace.line.color = figures.colour(place)
    for note in figure.layout.annotations:
        if note.name == "end":
            note.font.color = next(trace.line.color for trace in figure.data if trace.name == note.text)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%").update_traces(hovertemplate="%{y:.1%}")
    names = [title for title, (x, _) in series.items() if len(x)]
    figures.show(figure, key, f"{what} of {', '.join(names)} over epochs")


def _shown(run: Run, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The epochs of one amount of labels and one seed: those that are trained now, or of an ended transfer the chosen.

    While it goes on that is the newest draw of labels of which an arm has begun.
    """
    if not rows or "labels" not in rows[-1]:
        return list(rows)
    draws = list(dict.fromkeys((row["labels"], row["seed"]) for row in rows))
    draw = draws[-1]
    if run.status.final and len(draws) > 1:
        own = {draw: f"{given(draw[0], 'labels')}, seed {draw[1]}" for draw in draws}
        first = next(i for i, each in enumerate(draws) if each[0] == draws[-1][0])
        draw = st.selectbox("Curves of", draws, first, format_func=own.get, key="transfer-draw", width=300)
    return [row for row in rows if (row["labels"], row["seed"]) == draw]
