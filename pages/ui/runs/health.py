"""The health of a training: a verdict in one sentence, and the measures that show a collapse, as small curves."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go
import streamlit as st

from explorer.evaluation import health
from explorer.runs import Run
from pages.ui.kit import figures, messages, preload
from pages.ui.runs import curves

HEIGHT = 170  # pixels
BADGES = {  # badge colour and icon
    "learning": ("green", "trending_up"),
    "shortcut": ("orange", "alt_route"),
    "collapsed": ("red", "compress"),
    "too early": ("gray", "hourglass_empty"),
    "too few images": ("gray", "question_mark"),
    "too short": ("gray", "hourglass_empty"),
    "nothing yet": ("gray", "hourglass_empty"),
    "no clear gain": ("gray", "do_not_disturb_on"),
    "fitted": ("blue", "done_all"),
}
# What a word becomes once the training has ended.
ENDED = {"learning": "learned", "nothing yet": "no clear gain", "too early": "too short"}


LIDAR = "LiDAR counts those in which images differ more than views of one image."


class Measure(NamedTuple):
    """One small figure: its lines by name, and where they should go."""

    title: str
    lines: Mapping[str, str]
    meaning: str


MEASURES = (
    Measure(
        "Effective rank", {"representation": "rank", "projection": "project_rank", "LiDAR": "lidar"},
        "Number of directions that the features fill (RankMe; higher is better). 1 = all images in one direction.",
    ),
    Measure(
        "Spread", {"representation": "spread", "projection": "project_spread"},
        "Standard deviation of the features at unit length: 1 = all over the sphere, 0 = at one point. A projection "
        f"that stays below {health.ALIKE:g} has collapsed.",
    ),
    Measure(
        "Alignment and uniformity", {"alignment": "alignment", "uniformity": "uniformity"},
        "Alignment: distance between views of one image. Uniformity: evenness over the sphere. Lower is better.",
    ),
)  # fmt: skip


def panel(run: Run, rows: Sequence[Mapping[str, Any]]) -> None:
    """The verdict and the measures; before the first evaluation their places, for an older version a line without."""
    verdict, final = curves.verdict(rows), run.status.final
    if verdict is None and final:
        if any("knn" in row for row in rows):
            st.caption("This run was made by a version that did not measure health: train it again to see it.")
        return
    _verdict(verdict, run, rows)
    with st.grid(3, min_column_width=210, gap="medium", key="health"):
        for measure, chart in zip(MEASURES, charts(run, rows), strict=True):
            with st.container(gap=None):
                chart.show()
                messages.caption(" ".join(filter(None, [measure.meaning, _more(measure, run, rows)])))
    messages.caption(
        f"Measured on {curves.probes(rows)}, fixed validation images. Their labels are used for evaluation only, never "
        "for training. The test images are used once, at the end."
    )


def _more(measure: Measure, run: Run, rows: Sequence[Mapping[str, Any]]) -> str:
    """What LiDAR counts, where it is drawn or will be: before the first evaluation the method knows."""
    if "lidar" not in measure.lines.values():
        return ""
    if any("rank" in row for row in rows):
        return LIDAR * any("lidar" in row for row in rows)
    if not preload.done():
        return ""
    from explorer.methods import METHODS

    return LIDAR * (run.spec.method in METHODS and hasattr(METHODS[run.spec.method].Config, "draw"))


def _verdict(verdict: health.Verdict | None, run: Run, rows: Sequence[Mapping[str, Any]]) -> None:
    """One word with an icon, and why."""
    verdict = verdict or health.Verdict("too early", "Not evaluated yet.")
    word = ENDED.get(verdict.word, verdict.word) if run.status.final else verdict.word
    colour, icon = BADGES.get(word) or BADGES[verdict.word]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="verdict"):
        messages.prose(f"**Health** on {curves.probes(rows)}", width="content")
        st.badge(f"{verdict.of} {word}".strip().capitalize(), color=colour, icon=f":material/{icon}:")
        messages.prose(messages.plain(verdict.reason), width="stretch")


def charts(run: Run, rows: Sequence[Mapping[str, Any]]) -> list[figures.Chart]:
    """The measures as small curves."""
    return [_chart(run, rows, measure) for measure in MEASURES]


def _chart(run: Run, rows: Sequence[Mapping[str, Any]], measure: Measure) -> figures.Chart:
    lines = {name: curves.line(rows, key) for name, key in measure.lines.items()}
    lines = {name: line for name, line in lines.items() if len(line[0])}
    key, alt = f"health-{measure.title}", f"{measure.title} of {run.title} by step. {measure.meaning}"
    return figures.described(_figure(run, lines), key, alt, title=measure.title, **curves.about(run, key))


def _figure(run: Run, lines: Mapping[str, curves.Line]) -> figures.Stored | go.Figure:
    if not lines:
        words = "Not measured for this run" if run.frames() else curves.waiting(run)
        return figures.waiting(words, HEIGHT)

    def drawn() -> go.Figure:
        figure = figures.curves(lines, "", "", roles={next(iter(lines)): "model"}, height=HEIGHT)
        return figure.update_xaxes(nticks=4, title=None).update_yaxes(nticks=4, title=None, rangemode="tozero")

    return figures.stored(("health", run.id, curves.version(lines)), drawn, HEIGHT)
