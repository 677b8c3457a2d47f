"""The maps of all models, laid on one another: hover, click, box and lasso reach the same images in all of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from explorer import Refused, data, runs
from explorer.data import DataSet
from explorer.evaluation.projections import PROJECTIONS
from explorer.models.reference import ModelRef
from explorer.runs import Run, Spec
from explorer.tasks import compare_maps, map_family, map_result, map_rows, request
from pages.ui.kit import actions, figures, legend, messages, pictures, point_ids, point_map, url_state
from pages.ui.kit.point_map import Colouring, Words
from pages.ui.runs import job_progress, ownership
from pages.ui.sections import embeddings, embeddings_choice, embeddings_point, embeddings_selection
from pages.ui.sections.compare_choice import Model
from pages.ui.sections.embeddings import Map

HEIGHT, PLACE = 400, 466  # pixels of a map; of its place
LINKED = "compare"  # the name by which the maps ring the same image
AT_ONCE = "pca"  # the projection that needs no job
WHOLE = 2000  # points of the maps of finished vectors: rows of two sets are drawn apart
FRAME, ROOM = 1000.0, 0.03  # steps of the common scale of all maps; the margin, as a share of them


class Maps(NamedTuple):
    """The maps that stand, and what is not there."""

    there: Mapping[str, Map]  # by letter
    left: Mapping[str, float]  # by letter: the share of the variance that is left after laying it on the first
    specs: Mapping[str, Spec]  # by letter
    runs: Mapping[str, Run | None]
    failed: Mapping[str, Exception] = {}  # by letter: why there is none


def projection(refs: Sequence[str], dataset: DataSet, asked: Mapping[str, Any]) -> str:
    """Let the visitor choose how the maps are drawn; t-SNE where its maps are there, else what stands at once."""
    stored = [ownership.find(runs.address(_spec(ref, dataset, "tsne", asked))) for ref in refs]
    default = "tsne" if all(run is not None and run.status.state == "done" for run in stored) else AT_ONCE
    names = {how: it.title for how, it in PROJECTIONS.items()}
    more = {"format_func": names.get, "default": default}
    return url_state.choice(st.selectbox, "Maps by", list(names), key="maps", **more)


def _spec(ref: str, dataset: DataSet, how: str, asked: Mapping[str, Any]) -> Spec:
    """The map of the images that are compared, as `asked` says which."""
    own = ModelRef.parse(ref).own_data or dataset.name
    which = {"n": WHOLE} if own != dataset.name else {"n": asked["n"], "split": asked["split"]}
    return request.request("map", ref, own, how=how, **which)


def find(models: Sequence[Model], dataset: DataSet, how: str, asked: Mapping[str, Any]) -> Maps:
    """The maps of all models, those of a principal component analysis drawn now; raises `Refused`."""
    elsewhere = any(ModelRef.parse(it.ref).own_data not in ("", dataset.name) for it in models)
    specs = {it.letter: _spec(it.ref, dataset, how, asked) for it in models}
    if elsewhere:
        specs = {letter: map_family.sibling(spec, n=WHOLE) for letter, spec in specs.items()}
    found = {letter: embeddings_choice.beside(spec) for letter, spec in specs.items()}
    failed: dict[str, Exception] = {}
    for it in models:
        spec = specs[it.letter]
        if not map_family.is_instant(spec) or (found[it.letter] and found[it.letter].status.state == "done"):
            continue
        try:
            embeddings.at_once(spec, it.ref, data.load(spec.dataset))
            found[it.letter] = ownership.find(runs.address(spec))
        except Refused as refused:  # one that has collapsed has no map; the others have
            failed[it.letter] = refused
    done = {letter: run for letter, run in found.items() if run and run.status.state == "done" and not _stale(run)}
    if not done:
        return Maps({}, {}, specs, found, failed)
    versions = tuple((letter, run.id, run.status.finished) for letter, run in done.items())
    laid = _laid(versions, dataset.name, dataset.hash)
    return Maps({key: each for key, (each, _) in laid.items()}, {key: left for key, (_, left) in laid.items()}, specs,
                found, failed)  # fmt: skip


def _stale(run: Run) -> bool:
    """Whether the data have changed since a map was drawn."""
    return embeddings.stale(run, data.load(run.spec.dataset))


@st.cache_resource(show_spinner=False, max_entries=32)
def _laid(versions: tuple[tuple[str, str, float | None], ...], name: str, hash: str) -> dict[str, tuple[Map, float]]:
    """The maps of these jobs on the first of them, all on one scale."""
    stored = [runs.get(id) for _, id, _ in versions]
    dataset = data.load(name)
    results = [(map_result.read(run), data.load(run.spec.dataset)) for run in stored]
    laid = compare_maps.lay(results, dataset)
    order = np.array([point_ids.SPLITS.index(split) for split in map_rows.SPLITS])
    every = np.concatenate([each.coords for each in laid])
    found = {}
    for (letter, id, at), each, (result, _) in zip(versions, laid, results, strict=True):
        coords = point_map.on_scale(every, each.coords) * (FRAME / point_map.FINE)
        version = f"{id}-{at}-{[one for _, one, _ in versions]}"
        more = {"frame": np.ptp(every, 0) / np.ptp(every, 0).max(initial=1e-9) * FRAME}
        found[letter] = Map(coords.astype(np.float32), each.rows, each.y, each.neighbours, result.seconds,
                            result.trustworthiness, order[each.split], more, version), each.left  # fmt: skip
    return found


# ------------------------------------------------------------------------------------------------ on the page


def key(letter: str, dataset: DataSet) -> str:
    """The key of a map's chart."""
    return f"compare-{letter}-{dataset.name}"


def point(maps: Maps, dataset: DataSet) -> int | None:
    """The image that was clicked on any map, that the address names, or a typical one; None without a map."""
    if not maps.there:
        return None
    ids = [figures.clicked(key(letter, dataset)) for letter in maps.there]
    return embeddings_point.chosen(maps.there, next((id for id in ids if id is not None), None))


def show(maps: Maps, models: Sequence[Model], dataset: DataSet, chosen: int | None, lit: Sequence[int] | None) -> None:
    """All maps, two abreast; a box or lasso in one stands out in all."""
    if not maps.there and not any(maps.runs.values()):
        _offer(maps)
    inside = {}
    if maps.there:
        some = next(iter(maps.there.values()))
        legend.of(Colouring("class", some.y, tuple(dataset.classes)))
    with st.grid(2, min_column_width=280, gap="small"):
        for it in models:
            with st.container(gap="xxsmall", key=f"compare-map-{it.letter}"), messages.guard():
                st.markdown(f"**{it.letter}** · {messages.plain(it.title)}")
                inside[it.letter] = _one(it, maps, dataset, chosen, lit)
    embeddings_selection.remember({letter: ids for letter, ids in inside.items() if ids is not None}, dataset, key)
    if maps.there and any(letter not in maps.there for letter in maps.runs) and any(maps.runs.values()):
        _offer(maps)


def _one(it: Model, maps: Maps, dataset: DataSet, chosen: int | None, lit: Sequence[int] | None) -> list[int] | None:
    projection, run = maps.there.get(it.letter), maps.runs.get(it.letter)
    if projection is None:
        if it.letter in maps.failed:
            messages.unexpected(maps.failed[it.letter])
        elif run is not None:
            job_progress.wait(run, PLACE)
        else:
            with st.container(border=True, height=PLACE, key=f"no-map-{it.letter}", vertical_alignment="center"):
                st.caption("Not computed yet", text_alignment="center")
        return None
    marks = _marks(projection, chosen, lit)
    version = ("compare", projection.version, dataset.hash)
    figure = figures.stored(version, lambda: _figure(projection, dataset), HEIGHT)
    many = data.DISPLAYS[dataset.modality].many
    alt = f"{it.letter}: map of {len(projection.y):,} {many} of {dataset.title} in {it.title}, coloured by class"
    more = {"click": True, "select": True, "images": pictures.thumbs(dataset, point_ids.ANY), "linked": LINKED}
    more |= {"marks": marks, "cleared": embeddings_selection.cleared(), "data": dataset.title, "model": it.title}
    return figures.show(figure, key(it.letter, dataset), alt, **more)


def _marks(projection: Map, chosen: int | None, lit: Sequence[int] | None) -> figures.Marks:
    """The chosen image and its nearest in the space of this model."""
    if chosen is None or chosen not in projection.ids:
        return figures.Marks(lit=lit)
    return figures.Marks(chosen, projection.ids[near(projection, chosen)], (), lit)


def near(projection: Map, id: int) -> np.ndarray:
    """Positions of the nearest of an image in the space of a map's model, nearest first."""
    own = projection.neighbours[embeddings_point.position(projection, id)]
    return own[own >= 0]


def _figure(projection: Map, dataset: DataSet) -> figures.go.Figure:
    coords, words = projection.coords, Words(projection.y, tuple(dataset.classes))
    colouring = Colouring("class", projection.y, tuple(dataset.classes))
    size = 6 if len(coords) <= WHOLE else 4
    made = point_map.figure(coords, colouring, projection.ids, words=words, size=size, height=HEIGHT)
    across, up = ([-ROOM * FRAME, end + ROOM * FRAME] for end in projection.more["frame"])
    made.update_xaxes(range=across).update_yaxes(range=up)  # the same on all maps: distances can be compared
    return made.update_layout(showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0})


def _offer(maps: Maps) -> None:
    """A button that has the maps computed that are not there."""
    missing = [spec for letter, spec in maps.specs.items() if maps.runs[letter] is None and letter not in maps.failed]
    if not missing:
        return
    seconds = sum(embeddings_choice.cost(spec, spec.params["n"]) for spec in missing)
    what = f"{len(missing)} maps" if len(missing) > 1 else "the map"
    style = {"icon": ":material/play_arrow:", "key": "compute-maps"}
    actions.button(f"Compute {what} · about {messages.roughly(seconds)}", embeddings_choice.ask, missing, **style)


def about(maps: Maps, how: str, dataset: DataSet) -> None:
    """How the maps lie on one another, and what may be compared."""
    if len(maps.there) < 2:
        return
    first = next(iter(maps.there))
    shares = [f"{letter} {messages.percent(left)}" for letter, left in maps.left.items() if letter != first]
    many = data.DISPLAYS[dataset.modality].many
    n = len(next(iter(maps.there.values())).rows)
    messages.caption(
        f"{PROJECTIONS[how].title} of {n:,} {many}. Each map is laid on {first} by Procrustes (rotation, reflection, "
        f"scale, shift), on one scale. Left between them: {', '.join(shares)} of the variance (0% = the same map). "
        "Hover rings an image on all maps; a click shows its neighbours; box and lasso mark images on all."
    )


def neighbours(maps: Maps, models: Sequence[Model], chosen: int, dataset: DataSet) -> None:
    """The nearest images of the chosen one in each model; those that the others lack wear a dashed frame."""
    from pages.ui.kit import image_picker

    there = [(it, maps.there[it.letter]) for it in models if it.letter in maps.there]
    there = [(it, projection) for it, projection in there if chosen in projection.ids]
    if not there:
        return
    first = there[0][1]
    at = embeddings_point.position(first, chosen)
    name = messages.plain(dataset.classes[first.y[at]])
    one = data.DISPLAYS[dataset.modality].one
    sets = [set(projection.ids[near(projection, chosen)].tolist()) for _, projection in there]
    shared = set.intersection(*sets)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="compare-query"):
        with st.container(width="content"):
            pictures.picture(first.thumbnails(dataset, np.array([at]))[0], f"{one} {chosen}: {name}", width="84px")
        many = f"{len(shared)} of its {len(sets[0])} nearest {data.DISPLAYS[dataset.modality].many} are the same in"
        whom = "both models" if len(there) == 2 else f"all {len(there)} models"
        messages.prose(f"**{name}**, {one} {point_ids.spelled(chosen)}  \n{many} {whom}; dashed: not in all")
    for it, projection in there:
        ids = projection.ids[near(projection, chosen)].tolist()
        names = [dataset.classes[projection.y[i]] for i in near(projection, chosen)]
        pairs = zip(ids, names, strict=True)
        alts = {id: f"neighbour {i} in {it.letter}: {label}" for i, (id, label) in enumerate(pairs, 1)}
        st.markdown(f"**{it.letter}** · {messages.plain(it.title)}")
        image_picker.tray(
            f"compare-near-{it.letter}", f"Nearest in {it.letter}", pictures.thumbs(dataset, point_ids.ANY), alts,
            chosen, embeddings_point.set_point, marked=set(ids) - shared, wrap=True,
        )  # fmt: skip
