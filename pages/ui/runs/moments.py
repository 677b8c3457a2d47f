"""One moment of a run besides its charts, as HTML: numbers, pictures, a confusion matrix. A slider exchanges them."""

import json

import numpy as np
import streamlit as st

from explorer import data, runs
from explorer.evaluation import left_out, projections
from explorer.runs import Run
from explorer.tasks.pictures import film, report
from explorer.tasks.stories.replayed import Source
from pages.ui.kit import content, messages, pictures, scrubber
from pages.ui.kit.plain_text import markup
from pages.ui.runs import frames

GALLERY = 8  # pictures
CLASSES = 20  # of a confusion matrix; with more it cannot be read
NUMBERS = {  # of the rows of a run: what it is called, and how it is written
    "knn": ("kNN accuracy", "{:.1%}"), "rank": ("effective rank", "{:.1f}"), "spread": ("feature spread", "{:.3g}"),
    "alignment": ("alignment", "{:.3g}"), "uniformity": ("uniformity", "{:.3g}"), "train_loss": ("loss", "{:.4g}"),
}  # fmt: skip


def moving(run: Run) -> scrubber.Moving:
    """How the pictures of a run move with a slider."""
    steps = run.frames()
    address = f"/film/{run.id}/{steps[-1]}/{{step}}.json" if steps else ""
    return scrubber.Moving(run.id, steps, run.status.steps, address)


def answer(run_id: str, last: int, step: int) -> content.Content | None:
    """What stands in each place at a step: JSON, made once; None where there is no such frame."""
    run = runs.find(run_id)
    steps = [] if run is None else run.frames()
    if step not in steps or last not in steps:
        return None
    key = ("moment", run_id, last, step, run.status.state)
    made = content.store().once(key, lambda: json.dumps(parts(run, step, last)).encode(), "json")
    return content.store().get(made)


@st.cache_data(show_spinner=False, max_entries=8)
def film_file(run_id: str, last: int, kind: str) -> bytes | None:
    """The map of a run in time as a `gif` or an `html` page; None where there is none."""
    run = runs.find(run_id)
    if run is None or kind not in ("gif", "html") or last not in run.frames():
        return None
    return film.gif(run) if kind == "gif" else report.film_page(run).encode()


def film_links(run: Run) -> None:
    """The links to both."""
    last = run.frames()[-1]
    id = markup(run.id)
    links = (
        f'<a class="unfold-download" href="/film/{id}/{last}/film.{kind}" download="{id}.{kind}">'
        f"Film as {kind.upper()}</a>"
        for kind in ("gif", "html")
    )
    st.html(" ".join(links))


def parts(run: Run, step: int, last: int) -> dict[str, str]:
    """The HTML of each place of a run at a step."""
    moment, known = frames.moment(run.id, step, last), frames.source(run)
    return {
        "numbers": numbers(run, step),
        "gallery": reconstructions(moment, known),
        "neighbours": "" if known is None else neighbours(moment, known),
        "confusion": confusion(run, step, known),
    }


def numbers(run: Run, step: int) -> str:
    """What was measured at this step, or last before it."""
    found: dict[str, str] = {}
    for row in run.metrics():
        if row.get("step", 0) <= step:
            found |= {name: text.format(row[name]) for name, (_, text) in NUMBERS.items() if row.get(name) is not None}
    said = [f"<span>{title} <b>{found[name]}</b></span>" for name, (title, _) in NUMBERS.items() if name in found]
    return f'<p class="unfold-numbers"><span>step <b>{step:,}</b></span>{"".join(said)}</p>'


def reconstructions(moment: frames.Moment, known: Source | None) -> str:
    """The first images, and below them what the network reconstructs or fills in; empty where it does neither."""
    if not moment.gallery:
        return ""
    shown = {} if known is None else {"image": known.pictures(moment.rows[:GALLERY])}
    shown |= {name: pictures.whole(images[:GALLERY]) for name, images in moment.gallery.items()}
    n = min(GALLERY, len(moment.rows))
    of = [alt(moment, known, i) if known else f"probe image {i + 1}" for i in range(n)]
    alts = {name: [f"{name}: {text}" for text in of[: len(images)]] for name, images in shown.items()}
    return pictures.rows_html(shown, alts)


def neighbours(moment: frames.Moment, known: Source) -> str:
    """Some images with their nearest in the representation."""
    near = {known.classes[moment.y[row[0]]]: row for row in moment.nearest}
    shown = {name: known.pictures(moment.rows[row]) for name, row in near.items()}
    alts = {name: [alt(moment, known, i) for i in row] for name, row in near.items()}
    return pictures.rows_html(shown, alts, marked=1)


def alt(moment: frames.Moment, known: Source, i: int) -> str:
    """What one of the images is."""
    row, dataset = int(moment.rows[i]), known.dataset
    one = data.DISPLAYS[dataset.modality].one if dataset else "image"
    title = f"{known.classes[moment.y[i]]}, validation {one} {row}"
    return ": ".join(filter(None, [title, data.caption(dataset, "validation", row) if dataset else ""]))


def confusion(run: Run, step: int, known: Source | None) -> str:
    """Which class kNN takes for which, each probe image left out of its own neighbours; empty with too many classes."""
    frame = run.frame(step)
    y = frame["y"].astype(int)
    names = known.classes if known else tuple(map(str, range(int(y.max()) + 1)))
    if len(names) > CLASSES or len(y) < 3:
        return ""
    counts = left_out.matrix(projections.scaled(frame["features"]), y, len(names))
    there = np.flatnonzero(counts.sum(1))
    head = "".join(f'<th scope="col" title="{markup(names[j])}">{markup(names[j][:3])}</th>' for j in there)
    lines = [f"<tr><th></th>{head}</tr>"]
    for i in there:
        total = counts[i].sum()
        cells = (
            _cell(int(counts[i, j]), counts[i, j] / total, i == j, f"{names[i]} taken for {names[j]}") for j in there
        )
        lines.append(f'<tr><th scope="row">{markup(names[i])}</th>{"".join(cells)}</tr>')
    right = messages.percent(counts.trace() / counts.sum(), int(counts.sum()))
    words = f"{right} of {counts.sum():,} probe images; rows are true classes, columns what their 20 nearest others say"
    return f'<table class="unfold-confusion"><caption>{words}</caption>{"".join(lines)}</table>'


def _cell(n: int, share: float, right: bool, words: str) -> str:
    kind = "right" if right else "wrong"
    return f'<td class="{kind}" style="--share:{share:.3f}" title="{markup(words)}: {n}">{n or ""}</td>'
