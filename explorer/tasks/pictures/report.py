"""A report of a run as one HTML page: curves, the map in time, images, scores, provenance; nothing is fetched."""

import base64
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from explorer.evaluation import neighbours, projections
from explorer.evaluation.statistics import percent
from explorer.moments import moment
from explorer.runs import Run
from explorer.tasks.pictures import film
from explorer.tasks.stories import replayed

PAGE = Path(__file__).with_name("page.html")
WIDTH, HEIGHT, LEFT, BELOW = 460, 220, 52, 26  # of a chart, and what its numbers take
CURVES = {
    "kNN accuracy on validation images (higher is better)": ("knn",),
    "Loss (lower is better)": ("train_loss", "val_loss", "loss"),
    "Effective rank": ("rank",),
    "Feature spread": ("spread",),
}
NAMES = {"train_loss": "training", "val_loss": "validation", "loss": "single batches"}
PAINT = ("#3d7dc8", "#d55e00", "#9a9aa2")
SHOWN, NEAR = 8, 6
PROBES = {"knn": "kNN", "linear": "linear probe"}


def html(run: Run) -> str:
    """The whole page."""
    shown = film.data(run)
    body = [_lead(run), _words(run), _map(shown), _curves(run), _images(run), _scores(run), _provenance(run)]
    return _page(run, "\n".join(filter(None, body)), shown)


def _page(run: Run, body: str, shown: Mapping[str, Any]) -> str:
    """The template with its three parts, none of which is looked at for places again."""
    filled = {"title": escape(run.title), "body": body, "film": _json(shown)}
    parts = re.split(r"{{(\w+)}}", PAGE.read_text(encoding="utf-8"))
    return "".join(filled[part] if i % 2 else part for i, part in enumerate(parts))


def film_page(run: Run) -> str:
    """The map in time alone, on a page of its own."""
    shown = film.data(run)
    return _page(run, _map(shown) + _provenance(run), shown)


def _json(value: Any) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _lead(run: Run) -> str:
    spec, status = run.spec, run.status
    facts = f"{spec.method} on {spec.dataset}, seed {spec.seed}, {status.state} at step {status.step:,}"
    return f'<p class="soft">{escape(facts)}</p>'


def _words(run: Run) -> str:
    told = replayed.about(run)
    return f"<blockquote>{escape(told.words)}</blockquote>" if told and told.words else ""


def _map(shown: Mapping[str, Any]) -> str:
    return f"""<h2>The probe images in the representation, through training</h2>
<canvas id="map" width="900" height="560" role="img" aria-label="Map of the representation"></canvas>
<div class="control"><button id="play" aria-label="Play">▶</button>
<input id="slider" type="range" min="0" value="0" aria-label="Frame at step"><output id="step"></output></div>
<p class="soft">All steps on the same two axes, those of the last frame; coloured by class.</p>
{_legend(shown)}"""


def _legend(shown: Mapping[str, Any]) -> str:
    """The colours of the classes that are there, and whether some share one."""
    colours, classes = shown["colours"], shown["classes"]
    there = sorted(set(shown["y"]))
    paint = {label: colours[label % len(colours)] for label in there}
    each = (f'<span><i style="background:{paint[label]}"></i>{escape(classes[label])}</span> ' for label in there)
    said, used = f'<p class="legend">{"".join(each)}</p>', len(set(paint.values()))
    if used < len(there):
        said += f'\n<p class="soft">{len(there)} classes have {used} colours: some share one.</p>'
    return said


def _curves(run: Run) -> str:
    rows, charts = run.metrics(), []
    for title, keys in CURVES.items():
        lines = {}
        for key in keys:
            points = [(row["step"], row[key]) for row in rows if isinstance(row.get(key), int | float)]
            points = [point for point in points if math.isfinite(point[1])]
            if len(points) > 1 and not (key == "loss" and lines):
                lines[NAMES.get(key, "")] = points
        if lines:
            charts.append(f"<figure><figcaption>{escape(title)}</figcaption>{svg(lines, title)}</figure>")
    return f'<h2>Curves, by step</h2><div class="two">{"".join(charts)}</div>' if charts else ""


def svg(lines: Mapping[str, Sequence[tuple[float, float]]], title: str) -> str:
    """Curves as a picture; each has its name at its end."""
    every = np.array([point for points in lines.values() for point in points], float)
    (x0, y0), (x1, y1) = every.min(0), every.max(0)
    span = np.array([max(x1 - x0, 1e-12), max(y1 - y0, 1e-12)])
    size = np.array([WIDTH - LEFT - 14, HEIGHT - BELOW - 14])
    parts = []
    for paint, (name, points) in zip(PAINT, lines.items(), strict=False):
        some = [points[i] for i in np.linspace(0, len(points) - 1, min(300, len(points))).round().astype(int)]
        at = (np.array(some, float) - (x0, y0)) / span * size
        at = np.column_stack([LEFT + at[:, 0], HEIGHT - BELOW - at[:, 1]])
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{paint}" stroke-width="2"/>')
        if name:
            x, y = at[-1]
            where = f'x="{x:.0f}" y="{max(12.0, y - 6):.0f}" text-anchor="end" font-size="12" fill="{paint}"'
            parts.append(f"<text {where}>{escape(name)}</text>")
    style = 'font-size="12" fill="currentColor"'
    marks = [
        f'<text x="{LEFT - 6}" y="{HEIGHT - BELOW}" text-anchor="end" {style}>{y0:.3g}</text>',
        f'<text x="{LEFT - 6}" y="22" text-anchor="end" {style}>{y1:.3g}</text>',
        f'<text x="{LEFT}" y="{HEIGHT - 8}" {style}>{x0:,.0f}</text>',
        f'<text x="{WIDTH - 8}" y="{HEIGHT - 8}" text-anchor="end" {style}>step {x1:,.0f}</text>',
    ]
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">{"".join(marks + parts)}</svg>'


def _images(run: Run) -> str:
    """What the last frame holds: reconstructions, and the nearest neighbours of some images."""
    frame, source = run.frame(run.frames()[-1]), replayed.source(run)
    parts = []
    if source is not None:
        parts.append(_strip("images", source.pictures(frame["rows"][:SHOWN])))
    for name, images in frame.items():
        if name.startswith("gallery_") and images.ndim == 4:
            parts.append(_strip(name.removeprefix("gallery_").replace("_", " "), images[:SHOWN]))
    if source is not None:
        y = frame["y"].astype(int)
        for row in neighbours.examples(projections.scaled(frame["features"]), y, NEAR, NEAR):
            near = source.pictures(frame["rows"][row])
            parts.append(_strip(f"{source.classes[y[row[0]]]}, then its nearest in the representation", near))
    return f"<h2>Images at the last frame</h2>{''.join(parts)}" if parts else ""


def _strip(name: str, images: np.ndarray) -> str:
    shown = "".join(f'<img src="{_png(image)}" alt="{escape(name)}">' for image in images)
    return f'<small>{escape(name)}</small><div class="strip">{shown}</div>'


def _png(image: np.ndarray) -> str:
    from PIL import Image

    file, image = io.BytesIO(), np.asarray(image, np.uint8)
    Image.fromarray(np.ascontiguousarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0))).save(file, "png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _scores(run: Run) -> str:
    scores = run.scores()
    if not scores:
        return ""
    rows = {run.title: scores, **scores.get("references", {})}
    there = [key for key in PROBES if any(key in each for each in rows.values())]
    head = "".join(f"<th>{PROBES[key]}</th>" for key in there)
    lines = []
    for name, each in rows.items():
        cells = "".join(
            f"<td>{percent(each[key], scores.get('n_test'))}</td>" if key in each else "<td>–</td>" for key in there
        )
        lines.append(f"<tr><td>{escape(name)}</td>{cells}</tr>")
    counts = scores.get("n_test", 0), scores.get("n_train", 0)
    n = "Accuracy on {:,} test images, from {:,} labelled training images.".format(*counts)
    table = f"<table><tr><th>model</th>{head}</tr>{''.join(lines)}</table>"
    return (
        f'<h2>Scores on the test images (higher is better)</h2><div class="wide">{table}</div><p class="soft">{n}</p>'
    )


def _provenance(run: Run) -> str:
    spec, status = run.spec, run.status
    source = replayed.source(run)
    facts = {
        "Run": run.id, "Method": spec.method, "Data": source.title if source else spec.dataset, "Seed": spec.seed,
        "Step": f"{status.step:,} of {status.steps:,}", "Device": status.device,
        "Date": moment(status.finished) if status.finished else spec.created,
        "Versions": ", ".join(f"{name} {version}" for name, version in spec.versions.items()), "Note": status.caveat,
        "Hyperparameters": ", ".join(f"{k} {v}" for k, v in {**spec.hyperparameters, **spec.train}.items() if v != []),
    }  # fmt: skip
    lines = "".join(
        f"<tr><td>{name}</td><td>{escape(str(fact))}</td></tr>" for name, fact in facts.items() if fact != ""
    )
    return f'<h2>Where this comes from</h2><div class="wide"><table>{lines}</table></div>'
