"""Interpolation between two images: straight, spherical, or through the data; beside a blend of their pixels."""

from collections.abc import Callable
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from explorer.benchmarks.interpolation import report
from explorer.benchmarks.report import grid
from explorer.data import DataSet
from explorer.evaluation import latents, ordering, statistics, straying
from explorer.evaluation.code_paths import WAYS, Way
from explorer.runs import address, find, metrics
from explorer.tasks import interpolate as measurement
from explorer.tasks.report import independent_space
from explorer.tasks.request import request
from pages.ui.kit import actions, figures, image_picker, messages, pictures, url_state
from pages.ui.runs import job_progress, model_cache
from pages.ui.sections import latents as latents_section

OFFERED, TYPICAL = 7, 5  # images to choose from; images nearest to the mean of their class, one of which begins a way
TRAINING, OTHERS = 1000, 200  # images that tell how far a picture strays while a visitor waits
PATHS = {"decoded": "latent interpolation", "nearest": "nearest images"}  # the upper row, by how it came about
BLEND, BARE = "pixel blend", 0.02  # the lower row; a difference in straying that is none


@st.cache_data(show_spinner=False, max_entries=64)
def ends(_dataset: DataSet, name: str, version: str, seed: int) -> tuple[int, int]:
    """Two images of different classes to start with, each typical of its class: near to the mean of its pixels."""
    rng, rows = np.random.default_rng([seed, 7]), _dataset.probe()[0]
    split = _dataset.splits["validation"]
    y = split.y[rows]
    classes = rng.permutation(np.unique(y))
    chosen = [np.sort(rng.permutation(rows[y == label])[: 8 * TYPICAL]) for label in classes[:2]]
    both = [int(rng.choice(some[ordering.nearest_to_mean(split.x[some], TYPICAL)])) for some in chosen]
    return both[0], both[-1]


def offer(key: str, label: str, dataset: DataSet, chosen: int, seed: int, on_choose: Callable[[int], None]) -> None:
    """A few images to choose one end from; the chosen one is always among them."""
    images, rows = dataset.splits["validation"], dataset.probe()[0]
    some = np.random.default_rng([seed, ord(key[-1])]).choice(rows, min(OFFERED, len(rows)), replace=False)
    some = [chosen, *(int(row) for row in some if row != chosen)][:OFFERED]
    some.sort(key=lambda row: images.y[row])
    names = {row: f"validation image {row}: {dataset.classes[images.y[row]]}" for row in some}
    image_picker.tray(key, label, pictures.thumbs(dataset, "validation"), names, chosen, on_choose)


class Asked(NamedTuple):
    """What shall be shown: the rows of both ends, the kind of way, its pictures."""

    a: int
    b: int
    kind: Way
    steps: int


def controls(dataset: DataSet) -> Asked:
    """Both images, the way between them, and its pictures."""
    most, first = len(dataset.splits["validation"].y) - 1, ends(dataset, dataset.name, dataset.hash, 0)
    for end in "ab":
        if st.session_state.get(end, 0) > most:
            st.session_state[end] = 0
    kept = {"bind": "query-params"}
    left, right = st.columns(2, gap="small")
    a = left.number_input("From image", 0, most, first[0], key="a", **kept)
    b = right.number_input("To image", 0, most, first[1], key="b", **kept)
    with st.container(horizontal=True, gap="small"):
        st.button("Swap", icon=":material/swap_horiz:", on_click=_swap)
        st.button("Another pair", icon=":material/casino:", on_click=_another_pair, args=(dataset,))
    style = {"key": "way", "required": True, "format_func": WAYS.get}
    kind = url_state.choice(st.segmented_control, "Way", list(WAYS), **style)
    return Asked(a, b, kind, st.slider("Interpolation steps", 5, 15, 9, 2, key="steps", **kept))


def _choose(end: str, row: int) -> None:
    st.session_state[end] = row


def _swap() -> None:
    st.session_state["a"], st.session_state["b"] = st.session_state["b"], st.session_state["a"]


def _another_pair(dataset: DataSet) -> None:
    seed = st.session_state["_pair"] = st.session_state.get("_pair", 0) + 1
    st.session_state["a"], st.session_state["b"] = ends(dataset, dataset.name, dataset.hash, seed)


def interpolate(ref: str, dataset: DataSet, asked: Asked) -> dict[str, Any]:
    """The way from image a to image b, and how far each picture of both rows strays in each space."""
    a, b, kind, steps = asked
    known, x = latents_section.bank(ref, dataset), dataset.splits["validation"].x
    model = model_cache.opened(ref, dataset)
    result = latents.interpolate(model, x[a], x[b], steps, x[known.rows], known.codes, kind)
    stray = {}
    for where in _spaces(ref, model_cache.stamp(ref, dataset), dataset):
        stray[where.name] = {
            PATHS[result["how"]]: straying.stray(where, result["path"]), BLEND: straying.stray(where, result["pixels"])
        }  # fmt: skip
    way, blend = (straying.reach(straying.flat(result[row]), steps) for row in ("path", "pixels"))
    return result | {"stray": stray, "reach": way / blend if blend else 1.0}  # an image and itself: nothing collapsed


@st.cache_resource(show_spinner=False, max_entries=8)
def _spaces(ref: str, stamp: str, _dataset: DataSet) -> tuple[straying.Space, ...]:
    """Pixels at the size and in the colours of the model, and the features of an encoder that nothing here began as."""
    model = model_cache.opened(ref, _dataset)
    rows = {"train": _dataset.chosen("train", (), TRAINING)[0], "validation": _dataset.probe()[0][:OTHERS]}
    training, others = (latents.shown(model, np.asarray(_dataset.splits[it].x[at])) for it, at in rows.items())
    embeds = {"pixels": straying.flat, "untrained features": independent_space(_dataset)}
    return tuple(straying.space(name, embed, training, others) for name, embed in embeds.items())


def show(result: dict[str, Any], ref: str, dataset: DataSet, asked: Asked) -> None:
    """Images to choose both ends from, the way between them, and where it comes from."""
    for column, end, label, row in zip(st.columns(2, gap="medium"), "ab", ("From", "To"), asked[:2], strict=True):
        with column:
            st.caption(f"{label}: {messages.plain(dataset.classes[dataset.splits['validation'].y[row]])}, image {row}")
            pair = st.session_state.get("_pair", 0)
            offer(f"tray-{end}", label, dataset, row, pair, lambda row, end=end: _choose(end, row))
    _rows(result, ref, dataset, asked.a, asked.b)
    path = f"from image {asked.a} to {asked.b}, {WAYS[asked.kind]}"
    latents_section.provenance(ref, dataset, path=path, distance="to the nearest training image; 1 = a real image's")


def _rows(result: dict[str, Any], ref: str, dataset: DataSet, a: int, b: int) -> None:
    """Both rows of pictures, and how far from real images each lies, in spaces that neither way lives in."""
    known, y = latents_section.bank(ref, dataset), dataset.splits["validation"].y
    name, steps = PATHS[result["how"]], len(result["path"])
    alts = [f"{statistics.percent(i / (steps - 1))} of the path" for i in range(steps)]
    if result["how"] == "nearest":
        rows = [a, *known.rows[result["nearest"][1:-1]], b]
        alts = [f"{word}: image {row}, {dataset.classes[y[row]]}" for word, row in zip(alts, rows, strict=True)]
    pictures.rows({name: result["path"], BLEND: result["pixels"]}, {name: alts})
    if result["how"] == "nearest":
        messages.caption(
            "This model has no decoder: the upper row shows the real images whose representations are nearest to the "
            "way between the two."
        )
    share = np.linspace(0, 1, steps)
    for column, (space, both) in zip(st.columns(2, gap="medium"), result["stray"].items(), strict=True):
        with column:
            messages.caption(f"Distance to the nearest training image, in {space} (lower is better)")
            series = {way: (share, values) for way, values in both.items()}
            figure = figures.curves(series, "share of the path", "distance", height=190)
            figures.level(figure, 1.0, "a real image", value="1")
            figure.update_yaxes(rangemode="tozero")
            key = "off-manifold" if space == "pixels" else "off-manifold-features"
            alt = f"Distance in {space} to the nearest training image along both paths; 1 = that of another real image"
            figures.show(figure, key, alt)


def summary(result: dict[str, Any]) -> str:
    """How far this one way strays from real images, beside a blend of the pixels."""
    way, blend = (float(values[1:-1].mean()) for values in result["stray"]["pixels"].values())
    if result["how"] == "nearest":
        return f"Real images stand for the codes in between; **the pixel blend strays {blend:.2f}** (1 = a real image)."
    if straying.collapsed(result):
        return f"**This way goes nowhere**: its ends lie {result['reach']:.2f} as far apart as the images (collapsed)."
    less = "nearer to" if way < blend - BARE else "farther from" if way > blend + BARE else "as near to"
    than = "as" if less == "as near to" else "than"
    return (
        f"**This way is {less} real images {than} the blend**: {way:.2f} against {blend:.2f} in pixels "
        "(1 = a real image). One pair proves little."
    )


def many_pairs(ref: str, dataset: DataSet) -> None:
    """The claim over many pairs: what the study has found on these images, and this model on request."""
    with st.expander("Does that hold over many pairs?", icon=":material/query_stats:"), messages.guard():
        if rows := [row for row in report.current(metrics.read(report.PLACE)) if row["dataset"] == dataset.name]:
            _study(rows)
        if not model_cache.opened(ref, dataset).can_decode:
            messages.caption("This model has no decoder: real images in its place never stray.")
            return
        spec = request("interpolate", ref, dataset.name)
        run = find(address(spec))
        if run is None or run.status.state == "stopped":
            actions.button("Measure this model over 200 pairs", _start, spec, icon=":material/play_arrow:", key="pairs")
        elif run.status.state == "done":
            _table(run.scores() or {}, dataset, ref)
        else:
            job_progress.wait(run, 120)


def _start(spec: Any) -> None:
    job_progress.again(spec)


def _table(scores: dict[str, Any], dataset: DataSet, ref: str) -> None:
    """What was measured of one model: a row for each way in each space."""
    heads = ["space", "way", "strays", "minus pixel blend", "nearer in", "over its ends, minus blend", "ends apart"]
    lines = []
    for space, ways in scores["spaces"].items():
        for name, way in ways.items():
            against = way.get("against_blend")
            if straying.collapsed(way):
                lines.append([space, measurement.WORDS[name], measurement.spread(way["stray"]), report.NOWHERE, "", "",
                              f"{way['reach']:.2f}"])  # fmt: skip
                continue
            more = [measurement.spread(against["difference"], "+"), measurement.share(against),
                    measurement.spread(against["added"], "+")] if against else ["", "", ""]  # fmt: skip
            cells = [space, measurement.WORDS[name], measurement.spread(way["stray"]), *more, f"{way['reach']:.2f}"]
            lines.append(cells)
    st.markdown(grid(heads, lines))
    pairs = f"{scores['pairs']} of {scores['images']} images; 95% intervals over the pairs"
    latents_section.provenance(ref, dataset, pairs=pairs)


def _study(rows: list[dict[str, Any]]) -> None:
    """What the study has found on these images: the linear way of each arm in pixels."""
    heads = ["model", "trainings", "minus pixel blend", "surely", "over its ends, minus blend", "surely", "ends apart"]
    lines = []
    for arm in dict.fromkeys(row["arm"] for row in rows):
        ways = list({row["seed"]: row["spaces"]["pixels"]["linear"] for row in rows if row["arm"] == arm}.values())
        both = (report.against(ways, "blend", name) for name in ("difference", "added"))
        lines.append([arm, report.counted(ways), *chain(*both), report.over([way["reach"] for way in ways])])
    st.markdown(grid(heads, lines))
    messages.caption(
        f"Linear ways between {rows[-1]['pairs']} pairs: how far they stray from training images in pixels, minus what "
        "the blend does (below 0: nearer), means over trainings (lowest to highest). *Over its ends* leaves out what "
        "the decoder alone does. *Ends apart*: below 0.1 the code has collapsed, and nothing is compared."
    )
