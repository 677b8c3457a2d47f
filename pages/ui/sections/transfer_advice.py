"""What was to be expected: the table of advice with this case on it, and LogME beside what other sources reached."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from explorer.evaluation.transferability import ADVICE
from explorer.runs import Run
from explorer.tasks import transfer_outcomes, transfer_sources
from explorer.tasks.task import TASKS
from explorer.tasks.transfer_sources import PROBE, TUNED, Source
from pages.ui.kit import figures, forms, messages
from pages.ui.kit.palette import finish
from pages.ui.kit.plain_text import markup
from pages.ui.runs import model_cache, ownership
from pages.ui.sections import transfer_axis
from pages.ui.sections.transfer_words import ARMS, given

HEIGHT = 320  # pixels
REACH, EDGE = 5, 0.97  # powers of 2 from the middle of the table to its edge; no mark lies beyond


def show(run: Run, scores: Mapping[str, Any]) -> None:
    """What was known before the training; nothing in a result of an earlier version."""
    placed = scores.get("placement")
    if placed:
        messages.heading("What was to be expected")
        _table(placed)
    _sources(run, scores)


# ---------------------------------------------------------------------------------------------- the table of advice


def _table(placed: Mapping[str, Any]) -> None:
    """Little or much data, a similar or a different set; this case stands where it was measured."""
    far = placed["distance"]
    size = "little data" if placed["little"] else "much data"
    likeness = "at an unknown distance" if far is None else "similar" if far["similar"] else "different"
    messages.prose(f"**{size.capitalize()}, {likeness}**: {placed['advice']}.")
    rows = []
    for little in (False, True):
        cells = []
        for similar in (True, False):
            here = little == placed["little"] and (far is None or similar == far["similar"])
            name = f"{'little' if little else 'much'} data, {'similar' if similar else 'different'}"
            advice = markup(ADVICE[little, similar])
            cells.append(f'<div class="{"here" if here else ""}"><b>{name}</b>{advice}</div>')
        rows.append("".join(cells))
    left = "0; right: 0" if far is None else f"{100 * min(EDGE, max(1 - EDGE, far['value'])):.1f}%"
    kind, words = ("range", "this case, at its size") if far is None else ("dot", "this case")
    mark = f'<i class="{kind}" style="left: {left}; bottom: {100 * height(placed):.1f}%" title="{words}"></i>'
    st.html(f'<div class="unfold-advice" role="group" aria-label="Table of advice">{"".join(rows)}{mark}</div>')
    messages.caption(
        f"The mark is this case. Up: {placed['images']:,} labels for {placed['width']:,} numbers of a representation, "
        f"much from as many labels as numbers. {_distance(far)} The advice is that of a lecture, no measurement."
    )


def height(placed: Mapping[str, Any]) -> float:
    """How far up in the table, in [0, 1]: labels by the numbers of a representation, along the logarithm."""
    share = 0.5 + math.log2(placed["images"] / placed["width"]) / (2 * REACH)
    return min(EDGE, max(1 - EDGE, share))


def _distance(far: Mapping[str, Any] | None) -> str:
    if far is None:
        return "The images that the model was trained on are not here, so the distance is unknown."
    return (
        f"To the right: distance {far['value']:.2f}, how well {far['n']:,} images of each set are told apart in the "
        "features (0 not at all, 1 without error)."
    )


# ---------------------------------------------------------------------------------------------- over sources


def _sources(run: Run, scores: Mapping[str, Any]) -> None:
    """Every source of this target: LogME, the linear probe, fine-tuned; and whether they rank the sources alike."""
    amount = transfer_outcomes.largest(scores, TASKS["transfer"].config(run.spec))
    found = transfer_sources.over_sources(ownership.listing("transfer"), run.spec.dataset, amount)
    if not found:
        return
    messages.heading("Which source is best here?")
    titles = _titles(found)
    known = [each for each in found if each.logme is not None]
    if len(known) > 1:
        figure = scatter(known, titles)
        title = "Test accuracy against LogME (higher is better)"
        figures.show(figure, "transfer-sources", f"{title}: {', '.join(titles[it.model] for it in known)}", title=title)
    st.dataframe(
        [_line(each, titles) for each in found], hide_index=True, key="transfer-source-table", placeholder="–",
        column_config={ARMS[arm][0]: st.column_config.NumberColumn(format="percent") for arm in (PROBE, TUNED)},
        alt="LogME and test accuracies of all sources of this data set",
    )  # fmt: skip
    _agreement(found, amount)


def _titles(found: Sequence[Source]) -> dict[str, str]:
    """What each source is called, no two alike."""
    names = {each.model: model_cache.title(each.model, each.run.spec.dataset) for each in found}
    return {
        model: name if list(names.values()).count(name) == 1 else f"{name} ({model})" for model, name in names.items()
    }


def _line(each: Source, titles: Mapping[str, str]) -> dict[str, Any]:
    accuracies = {ARMS[arm][0]: p and round(p, 4) for arm in (PROBE, TUNED) for p in [each.accuracy(arm)]}
    return {"source": titles[each.model], "LogME": each.logme and round(each.logme, 3)} | accuracies


def _agreement(found: Sequence[Source], amount: str) -> None:
    ranked = transfer_sources.ranks(found)
    probe, tuned = (ARMS[arm][0].lower() for arm in (PROBE, TUNED))
    pairs = {
        f"Linear probe ({probe}) against {tuned}": ranked.probe_and_tuned,
        f"LogME against {probe}": ranked.logme_and_probe,
        f"LogME against {tuned}": ranked.logme_and_tuned,
    }
    if len(words := {each.words for each in pairs.values()}) == 1:
        pairs = {"Ranks of linear probe, fine-tuned accuracy and LogME": ranked.probe_and_tuned}
    lines = [f"- **{name}**: {messages.plain(each.words)}." for name, each in pairs.items()]
    messages.prose("\n".join(lines) if len(words) > 1 else lines[0].removeprefix("- "))
    differ = transfer_sources.differing(found)
    options = ", ".join(forms.label(name).lower() for name in differ)
    more = f" They differ in other options, too ({options}): more than the source is compared." if differ else ""
    which = given(amount, "labels")
    messages.caption(f"All finished transfers to this data set whose largest amount is {which}.{more}")


def scatter(found: Sequence[Source], titles: Mapping[str, str]) -> go.Figure:
    """A point for each source and arm; names stand beside the points where they are few."""
    figure = go.Figure()
    for arm in (PROBE, TUNED):
        own = [each for each in found if arm in each.arms]
        names = [titles[each.model] for each in own]
        ends = [(it["test_accuracy"], it.get("low"), it.get("high")) for it in (each.arms[arm] for each in own)]
        up = [0.0 if high is None else high - p for p, _, high in ends]
        down = [0.0 if low is None else p - low for p, low, _ in ends]
        bars = {"type": "data", "symmetric": False, "thickness": 1.5, "width": 4, "array": up, "arrayminus": down}
        place = transfer_axis.PLACES[arm]
        figure.add_scatter(
            x=[each.logme for each in own], y=[p for p, *_ in ends], name=ARMS[arm][0], text=names, error_y=bars,
            mode="markers", marker={"size": 9, "color": figures.colour(place), "symbol": transfer_axis.MARKS[arm]},
            hovertemplate="%{text}: %{y:.1%}, LogME %{x:.3f}",
        )  # fmt: skip
    figure.update_xaxes(title="LogME of the frozen features (nats per image and class)", fixedrange=True)
    figure.update_yaxes(title=None, tickformat=".0%", fixedrange=True)
    figure.update_layout(hovermode="closest")
    return finish(figure, HEIGHT, legend=True)
