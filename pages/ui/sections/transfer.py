"""A transfer: its curves while it runs, its three accuracies when it is done, and the ones before it."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import streamlit as st

from explorer import data, engine, runs
from explorer.models.reference import REFERENCES
from explorer.runs import Run, Status
from pages.ui.kit import figures, messages, model_cache, pictures, url_notices, url_state
from pages.ui.runs import job_progress, run_list

LOOK = 1.0  # seconds between two looks
ACROSS, CLASSES = 16, 12  # labelled images of a class, and classes, that are shown
ARMS = {  # what the three ways are called, and what they do
    "frozen": ("Frozen", "The encoder stands still, in eval mode; only a linear head learns from the labels."),
    "finetune": ("Fine-tuned", "Encoder and head learn together, from the encoder's own weights on."),
    "scratch": ("From scratch", "The same network learns everything from these labels alone."),
}
Z = 1.96  # standard errors in 95 of 100 cases


def chosen(ref: str, target: str) -> Run | None:
    """Let the visitor choose a transfer; by default the newest of this model to this data set, else the newest."""
    found = {run.id: run for run in runs.listing("transfer")}
    if not found:
        if asked := st.query_params.get("transfer"):
            url_notices.note(
                "transfer", asked, sentence=f"There is no transfer '{asked[:80]}' here yet, nor any other."
            )
        return None
    same = (id for id, run in found.items() if (run.spec.model, run.spec.dataset) == (ref, target))
    default = next(same, next(iter(found)))
    words = _labels(found.values())
    look = {"format_func": words.get, "missing": "There is no transfer '{:.80}' here; this is another one.".format}
    id = url_state.choice(st.selectbox, "Transfer", list(found), key="transfer", default=default, always=True, **look)
    return found[id]


def _labels(found: Iterable[Run]) -> dict[str, str]:
    """What each transfer is called, no two alike: a select box tells its options apart by what they show."""
    words: dict[str, str] = {}
    for run in found:
        when = f"{datetime.fromtimestamp(run.created, UTC).astimezone():%d %b, %H:%M:%S}"
        labels = f"{run.spec.params.get('labels_per_class')} labels of each class"
        name = f"{_model(run)} to {_data(run)}, {labels}  ·  {'comes with Unfold' if run.shipped else when}"
        words[run.id] = f"{name}  ·  {run.id}" if name in words.values() else name
    return words


def _model(run: Run) -> str:
    return model_cache.title(str(run.spec.model), run.spec.dataset)


def _data(run: Run) -> str:
    entry = data.catalogue().get(run.spec.dataset)
    return entry.title if entry else run.spec.dataset


def learned_from(ref: str) -> str | None:
    """The data set that a model was trained on; None for what needs no training."""
    name = ref.partition("@")[0]
    return None if name.partition(":")[0] in REFERENCES else runs.get(name).spec.dataset


def nothing() -> None:
    """What stands here before the first transfer."""
    messages.look(
        "A representation is worth what it saves elsewhere. Take an encoder to another data set and give it **only a "
        "few labels**: does it beat a network that has seen nothing else?"
    )
    for column, (title, text) in zip(st.columns(len(ARMS), border=True), ARMS.values(), strict=True):
        column.markdown(f"**{title}**  \n{text}")
    messages.empty("No transfer yet", "Press Start: on the digits it takes some seconds, on larger sets some minutes.")


def labels(target: data.DataSet, hyperparameters: Mapping[str, Any]) -> None:
    """The images of which a transfer with these hyperparameters is told the class: a row for each."""
    from explorer.evaluation.transfer import TransferConfig, labelled

    cfg, images = TransferConfig.read(hyperparameters, "transfer"), target.splits["train"]
    rows = labelled(images.y, len(target.classes), cfg)
    by_class = {name: rows[images.y[rows] == i][:ACROSS] for i, name in enumerate(target.classes[:CLASSES])}
    alts = {name: [f"{name}, training image {row}" for row in some] for name, some in by_class.items()}
    pictures.rows({name: data.thumbnails(target, "train", some) for name, some in by_class.items() if len(some)}, alts)
    left_out = len(rows) - sum(map(len, by_class.values()))
    messages.provenance(
        data=f"{target.title}, train", labels=f"{len(rows):,}", seed=cfg.seed, not_shown=left_out or None
    )


# ---------------------------------------------------------------------------------------------- one transfer


def watch(run: Run) -> None:
    """Show a transfer, and keep looking until it has ended."""
    st.fragment(_look, run_every=None if run.status.final else LOOK)(run.id, run.status.final)


def _look(id: str, final: bool) -> None:
    run = runs.find(id)
    if run is None:  # deleted meanwhile
        st.rerun()
    status, scores = run.status, run.scores() or {}
    if status.final != final:
        st.rerun()
    engine.reconcile()
    messages.look(verdict(run, status, scores))
    if not status.final:
        _progress(run, status)
    elif status.state == "failed":
        st.error(messages.sentence(status.error or "It left no reason"), icon=":material/error:")
    elif scores:
        _scores(scores)
    with messages.guard():
        _curves(run)
    messages.provenance(
        data=_data(run), model=_model(run), seed=run.spec.seed, device=status.device or None,
        seconds=status.finished - status.started if status.finished and status.started else None,
        date=status.finished, **_facts(run, scores),
    )  # fmt: skip


def _facts(run: Run, scores: Mapping[str, Any]) -> dict[str, object]:
    params = run.spec.params
    labels = {"labels_per_class": params.get("labels_per_class"), "epochs": params.get("epochs")}
    return labels | ({"test_images": f"{scores['n_test']:,}"} if scores else {})


def _progress(run: Run, status: Status) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="moving"):
        run_list.badge(status.state)
        words = (
            f"epoch {status.step} of {status.steps}{_left(status)}" if status.step else job_progress.place(run, status)
        )
        st.markdown(messages.plain(messages.sentence(words).rstrip(".")), width="stretch")
        run_list.stop(run)
    st.progress(min(1.0, status.step / status.steps) if status.steps else 0.0)


def _left(status: Status) -> str:
    if not status.started or status.step < 2:
        return ""
    seconds = (time.time() - status.started) / status.step * (status.steps - status.step)
    return f", about {messages.duration(max(1.0, round(seconds)))} left"


def _curves(run: Run) -> None:
    """Accuracy on the validation images over epochs, a line for each arm; they choose nothing."""
    rows, series = run.metrics(), {}
    for arm, (title, _) in ARMS.items():
        points = [(row["epoch"], row["val_accuracy"]) for row in rows if row.get("arm") == arm]
        if points:
            series[title] = tuple(np.array(points, np.float32).T)
    if not series:
        st.skeleton(height=300)
        return
    st.markdown("**Accuracy on validation images, which choose nothing**")
    classes = _classes(run)
    chance = {"chance": 1 / classes, "chance_label": "chance"} if classes else {}
    figure = figures.curves(series, "epoch", "accuracy", **chance, height=300)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    figures.show(figure, "transfer-curves", f"Validation accuracy of {', '.join(series)} over epochs")


def _classes(run: Run) -> int:
    entry = data.catalogue().get(run.spec.dataset)
    return len(entry.classes) if entry and entry.classes else 0


def _scores(scores: Mapping[str, Any]) -> None:
    """The accuracies on the test split, as numbers and bars."""
    found = {arm: scores[arm]["test_accuracy"] for arm in ARMS if arm in scores}
    left, right = st.columns([0.56, 0.44], gap="medium", vertical_alignment="center")
    with left:
        for column, (arm, p) in zip(st.columns(len(found)), found.items(), strict=True):
            title, text = ARMS[arm]
            spread = f"± {Z * error(p, scores['n_test']):.1%}"
            column.metric(title, f"{p:.1%}", spread, delta_color="off", delta_arrow="off", help=text)
    with right:
        names = [ARMS[arm][0] for arm in found]
        figure = figures.bars({"test accuracy": list(found.values())}, names, sideways=True, height=150)
        figure.update_xaxes(range=[0, 1.04], tickformat=".0%", dtick=0.25)
        spread = [Z * error(p, scores["n_test"]) for p in found.values()]
        figure.update_traces(
            error_x={"type": "data", "array": spread, "color": figures.TEXT, "thickness": 1.5, "width": 4}
        )
        figures.show(figure, "transfer-bars", "Test accuracy of " + ", ".join(names))


# ------------------------------------------------------------------------------------------------ in words


def error(p: float, n: int) -> float:
    """The standard error of a share p of n images: sqrt(p (1 - p) / n)."""
    return math.sqrt(p * (1 - p) / max(n, 1))


def verdict(run: Run, status: Status, scores: Mapping[str, Any]) -> str:
    """What to look for in this transfer as it stands, in a sentence or two of Markdown."""
    labels = run.spec.params.get("labels_per_class")
    if status.state == "failed":
        return "This transfer failed; the reason stands below."
    if status.state == "stopped":
        return "This transfer was stopped: the curves end there, and the test images were never touched."
    found = sorted(((scores[arm]["test_accuracy"], arm) for arm in ARMS if arm in scores), reverse=True)
    if not found:
        return (
            f"Each way sees the same {labels} labelled images of each class. **Watch who starts high, and who is "
            "overtaken**: a good representation needs few labels."
        )
    (p, best), n, classes = found[0], scores["n_test"], _classes(run)
    lot = 1 / classes if classes else 0.0
    text = f"With {labels} labels of each class, "
    if p - lot <= Z * error(lot, n):
        return f"{text}**nobody has learned more than chance**: {p:.1%} of {n:,} test images at best, by lot {lot:.0%}."
    if len(found) == 1:
        return f"{text}**{ARMS[best][0].lower()}** names {p:.1%} of {n:,} test images rightly."
    q = found[1][0]
    noise, names = Z * math.hypot(error(p, n), error(q, n)), [ARMS[arm][0].lower() for _, arm in found]
    if p - q > noise:
        return (
            f"{text}**{names[0]} wins by {100 * (p - q):.1f} points**: it names {p:.1%} of {n:,} test images rightly, "
            f"{names[1]} {q:.1%} (sampling error: {100 * noise:.1f} points)."
        )
    r = found[-1][0]
    behind = len(found) > 2 and q - r > Z * math.hypot(error(q, n), error(r, n))
    return (
        f"{text}**there is no difference between {names[0]} and {names[1]}** ({p:.1%} and {q:.1%} of {n:,} test "
        f"images: within the sampling error of {100 * noise:.1f} points)"
        + (f"; **both are ahead of {names[2]}** ({r:.1%})." if behind else ".")
    )


def earlier(found: Sequence[Run]) -> None:
    """The transfers that are done, to compare; a click on one opens it."""
    done = [run for run in found if run.scores()]
    if len(done) < 2:
        return

    def opened() -> None:
        if rows := st.session_state["transfers"].selection.rows:
            st.query_params["transfer"] = done[rows[0]].id

    st.subheader("All transfers", anchor=False)
    columns = {title: st.column_config.NumberColumn(format="percent") for title, _ in ARMS.values()}
    st.dataframe(
        [_row(run, run.scores() or {}) for run in done], column_config=columns, hide_index=True, key="transfers",
        on_select=opened, selection_mode="single-row", placeholder="–", alt="Test accuracies of all transfers",
    )  # fmt: skip
    st.caption("Share of the test images whose class is named rightly. Select a row to open it.")


def _row(run: Run, scores: Mapping[str, Any]) -> dict[str, Any]:
    accuracies = {ARMS[arm][0]: round(scores[arm]["test_accuracy"], 3) if arm in scores else None for arm in ARMS}
    params = run.spec.params
    facts = {"model": _model(run), "data": _data(run), "labels": params["labels_per_class"], "epochs": params["epochs"]}
    return facts | accuracies
