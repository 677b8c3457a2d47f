"""A transfer: its curves while it runs, its three accuracies when it is done, and the earlier ones."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from explorer import data, engine, runs
from explorer.evaluation import statistics
from explorer.models.reference import ModelRef
from explorer.runs import Run, Status
from explorer.tasks import request
from pages.ui.kit import figures, forms, identity, messages, pictures, url_notices, url_state
from pages.ui.runs import job_progress, model_cache, polling, run_list

FORM = "transfer"  # the key of the form
EVERY = 1.0  # seconds between two polls
ACROSS, CLASSES = 16, 12  # labelled images of a class, and classes, that are shown
ARMS = {  # what the three arms of the comparison are called, and what they do
    "frozen": (
        "Frozen",
        "A linear probe: the encoder stays as it is, in eval mode; only a linear head learns.",
    ),
    "finetune": ("Fine-tuned", "Encoder and head learn together, starting from the encoder's trained weights."),
    "scratch": ("From scratch", "The same network, with fresh weights, learns from these labels alone."),
}


def chosen(ref: str, target: str) -> Run | None:
    """Let the visitor choose a transfer; by default the newest of this model to this data set, else the newest."""
    transfers = {run.id: run for run in runs.listing("transfer")}
    if not transfers:
        if asked := st.query_params.get("transfer"):
            url_notices.note(
                "transfer", asked, sentence=f"There is no transfer '{asked[:80]}' here yet, nor any other."
            )
        return None
    asked = {id: (str(ModelRef.parse(str(run.spec.model))), run.spec.dataset) for id, run in transfers.items()}
    default = next((id for id, of in asked.items() if of == (ref, target)), next(iter(transfers)))
    names = _labels(transfers.values())
    more = {"format_func": names.get, "missing": "There is no transfer '{:.80}' here; this is another one.".format}
    id = url_state.choice(
        st.selectbox, "Transfer", list(transfers), key="transfer", default=default, always=True, **more
    )
    return transfers[id]


def _labels(transfers: Iterable[Run]) -> dict[str, str]:
    """What each transfer is called, no two alike: a select box tells its options apart by what they show."""
    words: dict[str, str] = {}
    for run in transfers:
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
    run = ModelRef.parse(ref).run
    return run.spec.dataset if run else None


def empty() -> None:
    """What stands here before the first transfer."""
    messages.lead_sentence(
        "A good representation transfers: on another data set it needs few labels. Give an encoder **only a few "
        "labels** there: does it beat the same network trained from scratch?"
    )
    for column, (title, text) in zip(st.columns(len(ARMS), border=True), ARMS.values(), strict=True):
        column.markdown(f"**{title}**  \n{text}")
    messages.empty("No transfer yet", "Press Start: on the digits it takes some seconds, on larger sets some minutes.")


def start(ref: str, target: str, options: Mapping[str, Any], fixed: Mapping[str, Any]) -> None:
    """Submit a transfer with the options as the form says them at the click; `fixed` are not in the form."""
    current = {**forms.current(FORM, [name for name in options if name not in fixed]), **fixed}
    run = engine.submit(request.request("transfer", ref, target, **current), user=identity.me())
    st.query_params["transfer"] = run.id


def labels(target: data.DataSet, options: Mapping[str, Any]) -> None:
    """The images whose labels a transfer with these options is given: a row for each class."""
    from explorer.evaluation.arms import TransferConfig
    from explorer.evaluation.transfer import labelled

    cfg, images = TransferConfig.read(options, "transfer"), target.splits["train"]
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
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transfer-progress"):
        run_list.badge(status.state)
        words = (
            f"epoch {status.step} of {status.steps}{_left(status)}"
            if status.step
            else job_progress.progress(run, status)
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
    """Accuracy on the validation images over epochs, a line for each arm; nothing is selected by it."""
    rows, series = run.metrics(), {}
    for arm, (title, _) in ARMS.items():
        points = [(row["epoch"], row["val_accuracy"]) for row in rows if row.get("arm") == arm]
        if points:
            series[title] = tuple(np.array(points, np.float32).T)
    if not series:
        st.skeleton(height=300)
        return
    st.markdown("**Accuracy on validation images, which are only watched**")
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
    accuracies = {arm: scores[arm]["test_accuracy"] for arm in ARMS if arm in scores}
    left, right = st.columns([0.56, 0.44], gap="medium", vertical_alignment="center")
    with left:
        for column, (arm, p) in zip(st.columns(len(accuracies)), accuracies.items(), strict=True):
            title, text = ARMS[arm]
            spread = f"± {statistics.margin(p, scores['n_test']):.1%}"
            column.metric(title, f"{p:.1%}", spread, delta_color="off", delta_arrow="off", help=text)
    with right:
        names = [ARMS[arm][0] for arm in accuracies]
        figure = figures.bars({"test accuracy": list(accuracies.values())}, names, sideways=True, height=150)
        figure.update_xaxes(range=[0, 1.04], tickformat=".0%", dtick=0.25)
        spread = [statistics.margin(p, scores["n_test"]) for p in accuracies.values()]
        figure.update_traces(
            error_x={"type": "data", "array": spread, "color": figures.TEXT, "thickness": 1.5, "width": 4}
        )
        figures.show(figure, "transfer-bars", "Test accuracy of " + ", ".join(names))


# ------------------------------------------------------------------------------------------------ in words


def summary(run: Run, status: Status, scores: Mapping[str, Any]) -> str:
    """What to look for in this transfer as it stands, in a sentence or two of Markdown."""
    labels = run.spec.params.get("labels_per_class")
    if status.state == "failed":
        return "This transfer failed; the reason stands below."
    if status.state == "stopped":
        return "This transfer was stopped: the curves end there, and the test images were never touched."
    accuracies = sorted(((scores[arm]["test_accuracy"], arm) for arm in ARMS if arm in scores), reverse=True)
    if not accuracies:
        return (
            f"Each arm sees the same {labels} labelled images of each class. **Watch which one starts high, and which "
            "is overtaken**: a good representation needs few labels."
        )
    classes = _classes(run)
    chance = 1 / classes if classes else 0.0
    return f"With {labels} labels of each class, {_ranking(accuracies, scores['n_test'], chance)}"


def _ranking(accuracies: Sequence[tuple[float, str]], n: int, chance: float) -> str:
    """Which arm is best, as far as `n` test images can tell; `accuracies` best first."""
    p = accuracies[0][0]
    names = [ARMS[arm][0].lower() for _, arm in accuracies]
    if not statistics.is_above_chance(p, chance, n):
        return f"**no arm is better than chance**: at best {p:.1%} of {n:,} test images, chance {chance:.0%}."
    if len(accuracies) == 1:
        return f"**{names[0]}** classifies {p:.1%} of {n:,} test images correctly."
    q = accuracies[1][0]
    margin = statistics.margin_of_difference(p, q, n)
    if statistics.difference_is_significant(p, q, n):
        return (
            f"**{names[0]} wins by {100 * (p - q):.1f} points**: it classifies {p:.1%} of {n:,} test images correctly, "
            f"{names[1]} {q:.1%} (sampling error: {100 * margin:.1f} points)."
        )
    r = accuracies[-1][0]
    behind = len(accuracies) > 2 and statistics.difference_is_significant(q, r, n)
    return (
        f"**there is no significant difference between {names[0]} and {names[1]}** ({p:.1%} and {q:.1%} of {n:,} test "
        f"images: within the sampling error of {100 * margin:.1f} points)"
        + (f"; **both are ahead of {names[2]}** ({r:.1%})." if behind else ".")
    )


def earlier(transfers: Sequence[Run]) -> None:
    """The transfers that are done, to compare; a click on one opens it."""
    done = [run for run in transfers if run.scores()]
    if len(done) < 2:
        return

    def select() -> None:
        if rows := st.session_state["transfers"].selection.rows:
            st.query_params["transfer"] = done[rows[0]].id

    st.header("All transfers", anchor=False)
    columns = {title: st.column_config.NumberColumn(format="percent") for title, _ in ARMS.values()}
    st.dataframe(
        [_row(run, run.scores() or {}) for run in done], column_config=columns, hide_index=True, key="transfers",
        on_select=select, selection_mode="single-row", placeholder="–", alt="Test accuracies of all transfers",
    )  # fmt: skip
    st.caption("Accuracy on the test images. Select a row to open it.")


def _row(run: Run, scores: Mapping[str, Any]) -> dict[str, Any]:
    accuracies = {ARMS[arm][0]: round(scores[arm]["test_accuracy"], 3) if arm in scores else None for arm in ARMS}
    params = run.spec.params
    facts = {"model": _model(run), "data": _data(run), "labels": params["labels_per_class"], "epochs": params["epochs"]}
    return facts | accuracies
