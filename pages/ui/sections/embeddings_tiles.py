"""One map in its place: the figure, how far its job is, or the button that has it computed."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st

from explorer import data, runs
from explorer.data import DataSet
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import Run, Status
from pages.ui.kit import (
    actions,
    content,
    figures,
    forms,
    messages,
    pictures,
    point_ids,
    point_map,
    url_notices,
    url_state,
)
from pages.ui.kit.chart import Layer
from pages.ui.kit.point_map import Colouring, Words
from pages.ui.runs import job_progress, model_cache, ownership, run_list
from pages.ui.sections import (
    embeddings,
    embeddings_choice,
    embeddings_colour,
    embeddings_decode,
    embeddings_film,
    embeddings_new,
    embeddings_point,
)
from pages.ui.sections.embeddings import Map
from pages.ui.sections.embeddings_choice import Choice, Jobs
from pages.ui.sections.embeddings_new import Placed

SMALL, LARGE = 214, 560  # pixels
PROGRESS = 104  # pixels of the words, the bar and the button below what a job has drawn so far
WAIT = 34 + 32  # pixels that the caption below a map and the tools above it take
SLOW = {"umap": "UMAP is compiled before its first map on a machine, for some ten seconds."}
AS_IMAGES = "Up to 2,000 points on a plane: each image in its place, framed in the colour of its category."
IMAGES = 2000  # points that can be shown as images
PICTURE, TILES = 1600, {300: 56, 1000: 36, IMAGES: 24}  # pixels of that picture; of an image in it, up to so many


class Look(NamedTuple):
    """How all maps of the page are drawn."""

    colour: str  # see `embeddings_colour`
    images: bool  # in the place of points
    focus: str | None  # the one map that is shown, in large; None: all

    @property
    def large(self) -> bool:
        """Whether one map has all the room."""
        return self.focus is not None


class Touched(NamedTuple):
    """What the visitor has chosen on the maps."""

    chosen: int | None  # whose neighbours are ringed
    lit: Sequence[int] | None  # what stands out; None: all do
    cleared: int = 0  # counts how often a selection was cleared
    placed: Placed = embeddings_new.NOTHING  # where new points lie


def key(how: str, dataset: DataSet) -> str:
    """The key of a map's chart; its ids are images of this data set."""
    return f"map-{how}-{dataset.name}"


def clicked(shown: Iterable[str], dataset: DataSet) -> int | None:
    """The image that was clicked since the last run of the page, on any map."""
    rows = [figures.clicked(key(how, dataset)) for how in shown]
    return next((row for row in rows if row is not None), None)


def grid(choice: Choice, there: Jobs, dataset: DataSet, look: Look, touched: Touched) -> dict[str, list[int] | None]:
    """All maps side by side, or one alone; returns the ids inside a box or lasso on each, None where no map is."""
    inside = {}
    embeddings_decode.listen(there.maps, {how: key(how, dataset) for how in there.maps})
    with st.grid(1 if look.focus else 3, min_column_width=210, gap="small"):
        for how in [look.focus] if look.focus else there.runs:
            with st.container(gap="xxsmall", key=f"tile-{how}"), messages.guard():
                inside[how] = tile(how, choice, there, dataset, look, touched)
    return inside


def tile(how: str, choice: Choice, there: Jobs, dataset: DataSet, look: Look, touched: Touched) -> list[int] | None:
    """One map under its title, or what is known of it; returns the ids inside a box or lasso, None without a map."""
    projection, run = there.maps.get(how), there.runs.get(how)
    height = LARGE if look.large else SMALL
    leading = embeddings.leaders(there.maps) if there.maps else []
    _head(how, look.large, best=how in leading and len(leading) < len(there.maps), others=len(there.runs) > 1)
    if projection is not None:
        layers = (*touched.placed.layers.get(how, ()), *embeddings_decode.layers(how, there.maps))
        inside = _map(how, projection, dataset, look, touched, height, layers)
        _offer_the_rest(run)
        return inside
    if run is not None and not embeddings.stale(run, dataset):
        stop = partial(run_list.stop, name=PROJECTIONS[how].title)
        picture = partial(embeddings_film.show, dataset=dataset, height=height - PROGRESS)
        job_progress.wait(run, height + WAIT, SLOW.get(how, ""), stop=stop, picture=picture)
        return None
    centred = {"horizontal_alignment": "center", "vertical_alignment": "center"}
    with st.container(border=True, height=height + WAIT, key=f"place-{how}", **centred):
        if how in there.failed:
            messages.unexpected(there.failed[how])
        elif run is None:
            embeddings_choice.compute_one(how, choice)
        else:
            _offer_again(run, dataset)
    return None


def _map(
    how: str, projection: Map, dataset: DataSet, look: Look, touched: Touched, height: int, layers: Sequence[Layer]
) -> list[int]:  # fmt: skip
    size = 7 if look.large else 4.5
    size = size if len(projection.rows) <= 3000 else size * 0.6
    colouring = embeddings_colour.of(look.colour, projection, dataset)
    marks = embeddings_point.marks(projection, touched.chosen, touched.lit)._replace(layers=layers)
    lit = None if marks.lit is None else tuple(map(int, marks.lit))
    picture = _picture(projection, dataset, colouring, lit) if look.images else ""
    version = ("map", projection.version, dataset.hash, look.colour, height, picture)
    figure = figures.stored(version, lambda: _figure(projection, dataset, colouring, size, height, picture), height)
    what = f"{PROJECTIONS[how].title} map of {len(projection.y):,} {data.DISPLAYS[dataset.modality].many}"
    alt = f"{what} of {dataset.title}, coloured by {colouring.title}, trustworthiness {projection.trust:.3f}"
    alt += "".join(f"; upon it {layer.name}" for layer in layers)
    more = {
        "click": True,
        "places": embeddings_decode.possible(projection, dataset),
        "images": pictures.thumbs(dataset, point_ids.ANY),
        "data": dataset.title,
    }
    flat = projection.dimensions == 2
    inside = figures.show(figure, key(how, dataset), alt, select=flat, marks=marks, cleared=touched.cleared, **more)
    _below(projection, touched.placed.note(how))
    return inside


def _below(projection: Map, new: str) -> None:
    """What a map is worth, and what its job has to say of it."""
    facts = [f"trustworthiness **{projection.trust:.3f}**"]
    if "continuity" in projection.more:
        facts.append(f"continuity **{float(projection.more['continuity']):.3f}**")
    messages.caption(" · ".join([*facts, messages.duration(projection.seconds)]))
    for note in (*projection.more.get("notes", ()), *filter(None, [new])):
        messages.caption(f":material/info: {messages.plain(messages.sentence(str(note)))}")


def _figure(
    projection: Map, dataset: DataSet, colouring: Colouring, size: float, height: int, picture: str
) -> figures.go.Figure:
    coords, words = point_map.quantised(projection.coords), Words(projection.y, tuple(dataset.classes))
    made = point_map.figure(coords, colouring, projection.ids, words=words, size=size, height=height)
    made.update_layout(showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    if picture:
        point_map.with_images(made, coords, picture, *_sides(coords), _tile_size(len(coords)))
    return made


# ------------------------------------------------------------------------------------------ images as points


def can_show_images(projection: Map, dataset: DataSet) -> bool:
    """Whether its points can be shown as images: few enough, on a plane, of data that have pictures."""
    return projection.dimensions == 2 and len(projection.rows) <= IMAGES and dataset.modality == "image"


def _picture(projection: Map, dataset: DataSet, colouring: Colouring, lit: tuple[int, ...] | None) -> str:
    """The address of the picture of all images in their places; empty where they cannot be shown."""
    if not can_show_images(projection, dataset):
        return ""
    coords = point_map.quantised(projection.coords)

    def make() -> bytes:
        images = projection.thumbnails(dataset, np.arange(len(coords)))
        tiles = _framed(images, colouring, _tile_size(len(coords)))
        if lit is not None:
            tiles[~np.isin(projection.ids, lit), 3] //= 6
        return pictures.png(pictures.scatter(tiles, coords.astype(float), *_sides(coords)))

    return content.once(("images", projection.version, dataset.hash, colouring.title, lit), make, "png")


def _tile_size(n: int) -> int:
    return next(px for most, px in TILES.items() if n <= most)


def _sides(coords: np.ndarray) -> tuple[int, int]:
    """Width and height of the picture, in the proportions of the map."""
    span = np.ptp(coords.astype(float), 0)
    width, height = (int(PICTURE * max(side / max(span.max(), 1), 0.2)) for side in span)
    return width, height


def _framed(images: np.ndarray, colouring: Colouring, px: int) -> np.ndarray:
    """Images as tiles `[N, 4, px, px]`, each in a frame of its category's colour, where there are categories."""
    colours = np.repeat(images, 3, 1) if images.shape[1] == 1 else images[:, :3]
    tiles = np.concatenate([colours, np.full_like(colours[:, :1], 255)], 1)
    edge = max(1, px // 16)
    tiles = pictures.shrunk(tiles, px - 2 * edge)
    tones = np.asarray(colouring.palette() or (7,))[0 if colouring.scaled else colouring.values]
    return pictures.framed(tiles, np.broadcast_to(tones, len(tiles)), edge)


# --------------------------------------------------------------------------------------------- its surroundings


def _offer_the_rest(run: Run | None) -> None:
    """Below a map that was stopped: that it was, and a button that has it computed to its end."""
    if run is None or run.status.state != "stopped":
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(":material/stop_circle: This computation was stopped.", width="content")
        style = {"icon": ":material/play_arrow:", "key": f"again-{run.id}"}
        actions.button("Compute it to the end", job_progress.again, run.spec, **style)


def _offer_again(run: Run, dataset: DataSet) -> None:
    """In the place of a map of data that have changed since: what happened, and a button that has it drawn again."""
    st.markdown(":material/history: The data have changed since this map was computed.", text_alignment="center")
    key = f"redraw-{run.id}"
    actions.button("Compute it again", _draw_again, run.id, dataset, icon=":material/refresh:", key=key)


def _draw_again(id: str, dataset: DataSet) -> None:
    """Delete a map of data that have changed since, unless somebody else has just done so, and request it."""
    run = ownership.find(id)
    if run and embeddings.stale(run, dataset):
        spec = run.spec.model_copy(update={"versions": {}})  # it is made with what is installed now
        runs.delete(id)
        embeddings_choice.ask([spec])


def _head(how: str, large: bool, best: bool, others: bool) -> None:
    title = PROJECTIONS[how].title
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        messages.prose(f"**{title}**", width="content")
        if best:
            st.badge("highest trustworthiness", color="green", width="content")
        if not others:
            return
        st.space("stretch")
        icon, words = ("close_fullscreen", "All maps") if large else ("open_in_full", f"Enlarge {title}")
        more = {"help": words, "type": "tertiary", "key": f"focus-{how}", "args": (None if large else how,)}
        st.button("", icon=f":material/{icon}:", on_click=enlarge, **more)


def focused() -> str | None:
    """The one map that the address asks for in large; None: all."""
    how = url_state.read("focus")
    if how and how not in PROJECTIONS:
        url_notices.note("focus", how, "all maps")
        return None
    return how or None


def alone(there: Jobs) -> str | None:
    """The map that has all the room, as there is no other; None where there are several."""
    return next(iter(there.runs)) if len(there.runs) == 1 else None


def enlarge(how: str | None) -> None:
    """Show one map alone, or all again."""
    url_state.put("focus", how)


def provenance(there: Jobs, choice: Choice, ref: str, dataset: DataSet) -> None:
    """Where the maps come from: one line for all."""
    how, some = next(iter(there.maps.items()))
    run, spec = there.runs.get(how), choice.specs[how]
    status, splits = run.status if run else Status(), messages.enumerated([split for split, _ in some.by_split()])
    parameters = embeddings_choice.asked_for(choice.specs[how] for how in there.maps)
    messages.provenance(
        data=f"{dataset.title}, {splits}", model=model_cache.title(ref, dataset.name), seed=spec.seed,
        device=status.device or None, date=status.finished or None, points=f"{len(some.rows):,}",
        **{name: forms.setting(value) for name, value in parameters.items()},
    )  # fmt: skip
