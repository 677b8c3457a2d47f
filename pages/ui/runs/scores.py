"""The scores of a finished training, beside the baselines it must beat, and where to go from there."""

from typing import Any

import streamlit as st

from explorer.evaluation import balance, statistics
from explorer.evaluation.probes import PROBES
from explorer.runs import Run, Status
from explorer.tasks import request
from explorer.tasks.training import request as training_request
from pages.ui.kit import forms, messages, url_state
from pages.ui.runs import class_balance, download, lineage, score_sentences, stories

DIMENSIONS = "dimensions"  # a column


def heading(probe: str) -> str:
    """The column of a probe."""
    return PROBES[probe].accuracy or PROBES[probe].title


def figure(probe: str, value: float | None, n: int | None = None) -> str:
    """What a probe says of `n` images, as a cell of a table; a run from before the probe has none."""
    if value is None:
        return ""
    return messages.percent(value, n) if PROBES[probe].accuracy else f"{value:.3g}"


def table(run: Run) -> None:
    """The scores on the test split as a table, beside an untrained network, raw pixels and PCA."""
    scores = run.scores()
    if not scores:
        return
    messages.prose("**Scores on the test images** (higher is better)")
    n, digits = scores["n_test"], statistics.decimals(scores["n_test"])
    rows = [_row(run.title, scores, n)]
    rows += [_row(name, baseline, n) for name, baseline in scores.get("references", {}).items()]
    if balance.is_imbalanced(scores):
        rows.append(_row(class_balance.MAJORITY, dict.fromkeys(_classifiers(scores), scores["majority_share"]), n))
    percent = st.column_config.ProgressColumn(format=f"%.{digits}f%%", min_value=0, max_value=100, width=120)
    size = st.column_config.NumberColumn(DIMENSIONS, help="of the representation of an image", width="small")
    shares = [probe.accuracy for probe in PROBES.values() if probe.accuracy]
    shares += [balanced(probe) for probe in _classifiers(scores)]
    columns = {**dict.fromkeys(shares, percent), DIMENSIONS: size}
    more = {"hide_index": True, "placeholder": "–", "alt": "Scores on the test images"}
    st.dataframe(rows, column_config=columns, key="scores", **more)
    messages.caption(
        f"Accuracy on {scores['n_test']:,} test images, from the frozen representation and {scores['n_train']:,} "
        "labelled training images: kNN (20 neighbours) and a linear probe (logistic regression)."
    )
    if words := score_sentences.disagreement(scores):
        messages.caption(words)
    class_balance.table(scores, {probe: heading(probe) for probe in _classifiers(scores)}, "recalls")


def _classifiers(scores: dict[str, Any]) -> list[str]:
    """The probes that name classes."""
    return [probe for probe in scores.get("balanced_accuracy", {}) if probe in PROBES]


def balanced(probe: str) -> str:
    """The column of the balanced accuracy of a probe."""
    return f"{heading(probe)}, balanced"


def _row(name: str, scores: dict[str, Any], n: int) -> dict[str, Any]:
    """A row; shares of `n` images are rounded here, as in the sentences: a browser rounds a half up."""
    there = [probe for probe in PROBES if probe in scores]
    probes = {heading(it): _percent(scores[it], n) if PROBES[it].accuracy else scores[it] for it in there}
    if balance.is_imbalanced(scores):
        probes |= {balanced(it): _percent(scores["balanced_accuracy"][it], n) for it in _classifiers(scores)}
    return {"model": name, **probes, DIMENSIONS: scores.get("dim")}


def _percent(share: float, n: int) -> float:
    return float(messages.percent(share, n).strip("<>%"))


def onward(run: Run) -> None:
    """What can be done with this model: inspect it, continue it, clone it, export it."""
    spec, there = run.spec, run.has_weights("last")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="onward"):
        if there:
            url_state.link("embeddings", "Its maps", "bubble_chart", model=run.id, data=spec.dataset)
            url_state.link("latents", "Its latent space", "tune", model=run.id, data=spec.dataset)
            url_state.link("transfer", "Transfer", "move_up", model=run.id)
        if run.status.state != "failed" or training_request.resumable(run):  # else it stands above, where it says why
            clone(run)
        if run.status.state == "done" and training_request.resumable(run):  # else the button stands above
            lineage.resume(run)
        if run.frames():
            stories.export(run)
            about = (
                "Curves, the map in time, images, scores and provenance as one HTML page that opens without a network"
            )
            download.offer(lambda: request.request("report_html", run.id), f"report-{run.id}", "HTML report", about)
        if there:
            note = "Weights, curves, scores, features and a script that repeats the training, as one zip"
            download.offer(lambda: request.request("export", run.id), f"export-{run.id}", "Export", note)


def clone(run: Run) -> None:
    """The link to a form that is filled as it was for this run."""
    query = {lineage.KEY: run.id, **form_query(run)}
    url_state.link("new", "Clone with changes", "content_copy", **query)


def form_query(run: Run) -> dict[str, str]:
    """The query parameters that fill the form of a new training as it was for this run."""
    spec, name = run.spec, str(run.spec.method)
    hyperparameters = forms.query(name, spec.hyperparameters) | forms.query(f"{name}.train", spec.train)
    return {
        "method": name,
        "data": spec.dataset,
        **{key: value for key, value in hyperparameters.items() if value != "[]"},
    }


def origin(run: Run, status: Status, title: str, streamed: bool = False) -> None:
    """Where the figures come from; `streamed`: the images did not fit into memory."""
    messages.provenance(
        data=title, model=run.title, step=status.step if status.final else None, seed=run.spec.seed,
        device=status.device or None, date=status.finished or run.created or None,
        images="read from disk, batch by batch" if streamed else None,
    )  # fmt: skip
