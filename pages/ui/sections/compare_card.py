"""The report card of one model: the eight desiderata as a table and as small multiples, each with its own units."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from explorer import data, runs
from explorer.data import DataSet
from explorer.runs import Run
from explorer.tasks import report, request
from explorer.tasks.task import TASKS, rounded
from pages.ui.kit import actions, dots, figures, forms, messages, pictures
from pages.ui.runs import job_progress, model_cache, ownership, run_list

FORM, HEIGHT, PX = "report", 150, 44
ARROWS = {"higher": "higher is better", "lower": "lower is better", "": ""}
ROLES = {"pixels": "pixels", "pca": "PCA"}  # by the kind of a reference, in `palette.ROLES`


def lead(ref: str, dataset: DataSet) -> str:
    """What the card is about."""
    title = messages.plain(model_cache.title(ref, dataset.name))
    return f"**Eight qualities of {title}**, beside raw pixels, PCA and the same network before training."


def show(ref: str, dataset: DataSet) -> None:
    """The card, or the button that has it measured."""
    messages.heading("Report card")
    with st.expander("How it is measured", icon=":material/tune:"):
        options = forms.hyperparameters(TASKS["report"].Config, FORM, columns=2)
    wanted = request.request("report", ref, dataset.name, **options)
    run = ownership.find(runs.address(wanted))
    if run is None or run.status.state == "stopped" or not run.sound():
        style = {"type": "primary", "icon": ":material/assignment:", "key": "start-report"}
        actions.button("Measure the report card", ownership.submit, wanted, **style)
    elif run.status.state != "done":
        job_progress.wait(run, HEIGHT, stop=run_list.stop)
    else:
        _card(run, dataset)


def _card(run: Run, dataset: DataSet) -> None:
    scores = run.scores() or {}
    columns = [_column(ref, i, dataset) for i, ref in enumerate(scores["columns"])]
    with st.grid(4, min_column_width=250, gap="medium"):
        for each in scores["desiderata"]:
            with st.container(border=True, gap="xsmall", height="stretch", key=f"card-{each['name']}"):
                _multiple(each, columns)
    with st.expander("All numbers, with definition and source", icon=":material/table:"):
        _table(scores, columns)
    _dimensions(run, scores, dataset)
    title = model_cache.title(scores["columns"][0], dataset.name)
    messages.provenance(
        data=dataset.title, model=title, images=f"{scores['n']:,}", labels=f"{scores['labels']:,}",
        device=run.status.device or None, date=run.status.finished,
    )  # fmt: skip


def _column(ref: str, place: int, dataset: DataSet) -> str:
    return "model" if place == 0 else model_cache.title(ref, dataset.name) if ref in ROLES else "before training"


def _multiple(each: Mapping[str, Any], columns: Sequence[str]) -> None:
    """One desideratum: its question, and a small chart of dots for each of its numbers, on a scale of its own."""
    messages.prose(f"**{each['title']}**")
    messages.caption(messages.sentence(each["question"]))
    drawn = False
    for name, number in each["numbers"].items():
        known = [(column, value) for column, value in zip(columns, number["values"], strict=True) if value is not None]
        if not known:
            continue
        drawn = True
        rows = [dots.Row(column, [value], value, value, role=_role(column)) for column, value in known]
        figure = dots.intervals(rows, percent=False, line=24 if len(rows) > 1 else 40)
        better = ARROWS[number["better"]]
        title = number["title"] + (f" ({better})" if better else "")
        alt = f"{title}: " + ", ".join(f"{column} {rounded(value)}" for column, value in known)
        st.caption(messages.plain(title))
        figures.show(figure, f"card-{each['name']}-{name}", alt, tools=False)
    if not drawn:
        why = next((text for text in each["refused"] if text), "it has no such number")
        messages.caption(f"– {messages.plain(messages.sentence(why))}")


def _role(column: str) -> str:
    roles = {"model": "model", "before training": "untrained"}
    return roles.get(column) or ("PCA" if "PCA" in column or "component" in column else "pixels")


def _table(scores: Mapping[str, Any], columns: Sequence[str]) -> None:
    rows = []
    for each in scores["desiderata"]:
        for number in each["numbers"].values():
            cells = [None if value is None else rounded(value) for value in number["values"]]
            values = dict(zip(columns, cells, strict=True))
            about = {"better": number["better"], "definition": number["definition"], "source": each["source"]}
            rows.append({"desideratum": each["title"], "number": number["title"], **values, **about})
    st.dataframe(rows, hide_index=True, key="card-table", placeholder="–", alt="The report card as a table")
    said = {f"{each['title']}: {why}" for each in scores["desiderata"] for why in each["refused"] if why}
    for why in sorted(said):
        messages.caption(f"– {messages.plain(messages.sentence(why))}")


def _dimensions(run: Run, scores: Mapping[str, Any], dataset: DataSet) -> None:
    """The dimensions that tell a class best, with the images at their end."""
    found = next((each for each in scores["desiderata"] if each["name"] == "interpretability"), {"more": [None]})
    dimensions = (found["more"][0] or {}).get("dimensions", ())
    if not dimensions or dataset.modality != "image":
        return
    cfg = TASKS["report"].config(run.spec)
    rows = report.measured_rows(dataset, cfg)
    messages.prose("**What single dimensions answer to**: the images at the end of each")
    with st.grid(2, min_column_width=320, gap="small"):
        for it in dimensions:
            with st.container(key=f"dimension-{it['dimension']}", gap="xxsmall"):
                name = messages.plain(it["class"])
                st.caption(f"Dimension {it['dimension']}: {name}, selectivity {it['selectivity']:.2f}")
                images = data.thumbnails(dataset, cfg.split, rows[it["top"]])
                pictures.strip(images, it["top_classes"], PX, "image at its end")
