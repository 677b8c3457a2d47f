"""New points on the maps that are there: another split, a path between two points, images of the visitor.

Each map is asked where they belong on it (`evaluation.placing`), beside the page; no map is computed again and no old
point moves. A map that takes none says why.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from explorer import Refused, data
from explorer.data import DataSet
from explorer.evaluation import concept_axis, neighbours, placing
from explorer.evaluation.projections import PROJECTIONS
from explorer.models.reference import ModelRef
from explorer.runs import Spec
from explorer.tasks import map_rows
from explorer.tasks.task import TASKS
from pages.ui.kit import legend, messages, palette, pictures, point_ids, point_map, url_state
from pages.ui.kit.background import background, settle
from pages.ui.kit.chart import Layer
from pages.ui.runs import model_cache, polling
from pages.ui.sections import embeddings_axis, embeddings_features, embeddings_search, embeddings_uploads
from pages.ui.sections.embeddings import Map
from pages.ui.sections.embeddings_uploads import Uploads

SPLITS = {"test": "test {}", "train": "training {}", "validation": "validation {}"}
NONE, PATH = "none", "path"
FEW, MANY = 100, 500  # new points of another split: unless asked for more, and at most
STEPS = 11  # points of a path, both ends among them
MOST = {"isomap": 2_000}  # points of a map that takes new ones while a page waits
LARGEST = 10_000  # of any other
EVERY = 1.0  # seconds between two looks for places that are being found
FINE = point_map.FINE
LINE, RINGED = "line", "ringed"  # in the legend


class New(NamedTuple):
    """Points that are new on the maps."""

    name: str
    features: np.ndarray  # [M, D]
    said: tuple[str, ...]
    images: tuple[str, ...]  # the address of the picture of each
    y: np.ndarray | None = None  # [M] their classes, where they are known
    symbol: str = ""  # of all; empty: as their classes
    path: bool = False
    strip: np.ndarray | None = None  # uint8 [M, C, H, W] its pictures in order, where it has one
    about: str = ""  # what these pictures are


class Placed(NamedTuple):
    """Where the new points lie on each map, as far as that is known."""

    layers: Mapping[str, tuple[Layer, ...]]  # by projection
    refused: Mapping[str, str]  # by projection: why it takes none
    pending: tuple[str, ...]  # projections whose places are being found
    futures: tuple[Future[Any], ...] = ()
    far: Mapping[str, str] = {}  # by projection: how many are drawn nearer than they are

    def note(self, how: str) -> str:
        """What is said below a map about the new points."""
        return self.refused.get(how) or self.far.get(how, "")


NOTHING = Placed({}, {}, ())
ABOUT = "They are placed on the maps as they are: no map is computed again, and no point of it moves."
ENDS = {"path-from": "Path from", "path-to": "Path to"}
TAKE = "Take the chosen point, which wears the large ring"
FAR = 20  # times the width of a map: what lies farther away is drawn there


# ------------------------------------------------------------------------------------------------- what is new


def choose(
    maps: Mapping[str, Map], point: int, label: str, dataset: DataSet, ref: str
) -> tuple[list[New], Uploads | None]:
    """Let the visitor choose; returns the new points, and the images that were uploaded."""
    projection = next(iter(maps.values()))
    many = data.DISPLAYS[dataset.modality].many
    on_maps = [split for split, _ in projection.by_split()]
    splits = {split: words.format(many) for split, words in SPLITS.items() if split not in on_maps}
    options = {NONE: "none", **splits, PATH: f"a path between two {many}"}
    found: list[New] = []
    asked = url_state.read("new", NONE) != NONE
    with st.expander("Place new points", icon=":material/add_location:", expanded=asked), messages.guard():
        kind = url_state.choice(
            st.selectbox, "New points", list(options), key="new", format_func=options.get, help=ABOUT
        )
        with messages.guard():
            if kind == PATH:
                found += _path(projection, point, dataset, ref)
            elif kind != NONE:
                found += _split(kind, splits[kind], label, dataset, ref)
        uploads = embeddings_uploads.choose(projection, dataset, ref)
        if uploads:
            addresses = tuple(pictures.address(image) for image in uploads.images)
            found.append(New("your images", uploads.features, uploads.names, addresses, symbol="star"))
        return found, uploads
    return found, None


def _split(split: str, name: str, label: str, dataset: DataSet, ref: str) -> list[New]:
    """Rows of a split that is not on the maps, in balance over the classes; none until their features are there."""
    n = st.number_input("How many", 1, MANY, FEW, key="new.n", bind="query-params")
    chosen = map_rows.choose_rows(dataset, int(n), split, label)
    key = split, chosen.rows.tobytes()
    features = embeddings_features.of(
        ref, dataset, key, f"the {name}", lambda model: model.features(dataset, split, chosen.rows)
    )
    if features is None:
        return []
    ids = point_ids.of(chosen.rows, np.full(len(chosen.rows), point_ids.SPLITS.index(split)))
    url, classes = pictures.thumbs(dataset, point_ids.ANY), [dataset.classes[label] for label in chosen.y]
    said = tuple(f"{split} #{row} · {word}" for row, word in zip(chosen.rows, classes, strict=True))
    images = tuple(url.replace("{id}", str(id)) for id in ids)
    return [New(f"{len(ids):,} {name}", features, said, images, chosen.y)]


def _path(projection: Map, point: int, dataset: DataSet, ref: str) -> list[New]:
    """The straight line through the space between two points or means of classes; none without both ends."""
    help = embeddings_search.help_of(dataset)
    for column, (end, words) in zip(st.columns(2, gap="small"), ENDS.items(), strict=True):
        more = {"placeholder": "class or number", "bind": "query-params", "help": help}
        column.text_input(words, key=end, **more)
        style = {"icon": ":material/trip_origin:", "help": TAKE, "width": "stretch"}
        column.button("Chosen", on_click=_take, args=(end, point), key=f"{end}-chosen", **style)
    ends = [st.session_state[end].strip() for end in ENDS]
    if not all(ends):
        messages.caption("Click a point and take it as one end, then another as the other end.")
        return []
    features = embeddings_search.features_of(ref, dataset, projection)
    start, stop = (concept_axis.end(features, embeddings_axis.positions(end, projection, dataset)) for end in ends)
    share = np.linspace(0, 1, STEPS)
    line = (1 - share)[:, None] * start + share[:, None] * stop
    near = neighbours.nearest(features, line, 1, "euclidean", centre=False).index[:, 0]
    names = [dataset.classes[projection.y[at]] for at in near]
    said = tuple(
        f"{at:.1f} of the way · nearest {point_ids.spelled(projection.ids[i])} · {name}"
        for at, i, name in zip(share, near, names, strict=True)
    )
    images, about = _along(line, near, projection, dataset, ref)
    more = {"path": True, "strip": images, "about": about}
    return [New(f"path from {ends[0]} to {ends[1]}", line, said, tuple(map(pictures.address, images)), **more)]


def _take(end: str, point: int) -> None:
    st.session_state[end] = f"#{point_ids.spelled(point)}"  # a number alone may be a class


def _along(line: np.ndarray, near: np.ndarray, projection: Map, dataset: DataSet, ref: str) -> tuple[np.ndarray, str]:
    """The pictures of the points of a path: decoded where the model has a decoder, else their nearest on the map."""
    if ModelRef.parse(ref).can_embed:
        model = model_cache.opened(ref, dataset)
        if model.can_decode:
            return model.decode(line.astype(np.float32)), "each decoded"
    one = data.DISPLAYS[dataset.modality].one
    return projection.thumbnails(dataset, near), f"each by the {one} that is nearest to it in the space"


# ------------------------------------------------------------------------------------------------- where it lies


def place(
    new: Sequence[New], maps: Mapping[str, Map], specs: Mapping[str, Spec], colour: str, dataset: DataSet, ref: str
) -> Placed:
    """Where the new points lie on each map; what is not known within a moment is being found."""
    asked: dict[str, list[Future[np.ndarray]]] = {}
    refused: dict[str, str] = {}
    digests = [_digest(it.features) for it in new]
    for how, projection in maps.items() if new else ():
        n, most = len(projection.rows), MOST.get(how, LARGEST)
        if n > most:
            refused[how] = f"{PROJECTIONS[how].title} takes new points on maps of up to {most:,} points; this has {n:,}"
            continue
        features = embeddings_search.features_of(ref, dataset, projection)
        options = TASKS["map"].config(specs[how]).options
        make = partial(placing.place, how, features, projection.coords, options=options)
        asked[how] = [
            background().ask((how, projection.version, digest), partial(make, new=it.features))
            for it, digest in zip(new, digests, strict=True)
        ]
    futures = tuple(future for each in asked.values() for future in each)
    settle(futures)
    layers, far, pending = {}, {}, []
    for how, each in asked.items():
        if not all(future.done() for future in each):
            pending.append(how)
        elif failed := next((future for future in each if future.exception()), None):
            refused[how] = _failure(failed)
        else:
            found = zip(new, each, strict=True)
            layers[how] = tuple(_layer(it, future.result(), maps[how], colour, dataset) for it, future in found)
            far[how] = _far([future.result() for future in each], maps[how])
    return Placed(layers, refused, tuple(pending), futures, far)


def _far(each: Sequence[np.ndarray], projection: Map) -> str:
    """How many of the new points lie so far away that they are drawn nearer."""
    away = [np.abs(point_map.on_scale(projection.coords, coords)).max(1) > FAR * FINE for coords in each]
    n, of = sum(int(it.sum()) for it in away), sum(map(len, away))
    words = (
        f"{n:,} of the {of:,} new points lie farther away than {FAR} times the width of this map, and are drawn nearer"
    )
    return words if n else ""


def _digest(features: np.ndarray) -> bytes:
    """What stands for features in a key, which is kept long after them."""
    return blake2b(f"{features.dtype.str}{features.shape}".encode() + features.tobytes()).digest()


def _failure(failed: Future[Any]) -> str:
    """Why new points have no place; unless a rule says so, whoever asks again starts anew."""
    error = failed.exception()
    if not isinstance(error, Refused):
        background().drop(failed)
    return messages.explain(error).text


def _layer(it: New, coords: np.ndarray, projection: Map, colour: str, dataset: DataSet) -> Layer:
    """New points as a map shows them: in the colour and the shape of their class where the map shows classes."""
    scaled = point_map.on_scale(projection.coords, coords).clip(-FAR * FINE, FAR * FINE)
    symbol = _symbol(it, colour, projection.dimensions)
    if symbol == LINE:
        return Layer(it.name, scaled, it.said, it.images, size=1, line=True)
    if symbol != RINGED:
        return Layer(it.name, scaled, it.said, it.images, [symbol] * len(coords), size=7 if it.symbol else 3)
    shapes = palette.symbols(dataset.classes, palette.offered(projection.dimensions, len(projection.rows)))
    return Layer(it.name, scaled, it.said, it.images, [shapes[label] for label in it.y], it.y, size=3)


def explain(new: Sequence[New], colour: str, dimensions: int) -> None:
    """The legend of the new points, as maps of so many dimensions draw them."""
    if new:
        legend.layers([(it.name, _symbol(it, colour, dimensions)) for it in new])


def _symbol(it: New, colour: str, dimensions: int) -> str:
    """What all of them are drawn as: ringed where they have the shapes of their classes. In 3-D there is no star."""
    if it.path:
        return LINE
    if it.symbol:
        return it.symbol if dimensions == 2 else "diamond"
    return RINGED if colour == "class" and it.y is not None else "diamond"


def show(new: Sequence[New], placed: Placed) -> None:
    """Below the maps: which places are still being found, and the pictures along a path."""
    if placed.pending:
        polling.poll(None, partial(_wait, placed), EVERY)
    for it in new:
        if it.strip is not None:
            messages.prose(f"**{messages.plain(messages.sentence(it.name).rstrip('.'))}** in even steps, {it.about}")
            captions = [f"{share:.1f}" for share in np.linspace(0, 1, len(it.strip))]
            pictures.strip(it.strip, captions, px=56, alt=f"{it.name}, {it.about}")


def _wait(placed: Placed) -> None:
    if all(future.done() for future in placed.futures):
        st.rerun()
    names = ", ".join(PROJECTIONS[how].title for how in placed.pending)
    messages.caption(f":material/hourglass_top: The new points are being placed on {names}.")
