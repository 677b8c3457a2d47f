"""Several projections of the same features side by side; one point and its neighbours; what a lasso holds."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st

from explorer import data, runs
from explorer.data import DataSet
from explorer.evaluation import neighbours, ordering, statistics
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import Run, Spec
from pages.ui.kit import actions, figures, messages, pictures, url_notices, url_state
from pages.ui.kit import legend as class_legend
from pages.ui.runs import job_progress, run_list

NEAR, LASSOED = 10, 60  # neighbours shown, images of a selection shown
DIGITS = 2  # of a trustworthiness in a sentence; maps that are equal in these are alike
NEIGHBOURHOODS = (5, 10, 20, 50)  # sizes that are offered
SMALL, LARGE = 214, 560  # pixels
WAIT = 34 + 32  # pixels that the caption below a map and the tools above it take
SLOW = {"umap": "UMAP is compiled before its first map on a machine, for some ten seconds."}
NEIGHBOURHOOD = (
    "Number of nearest neighbours that a projection takes into account: few show local, many global structure. "
    "t-SNE's perplexity is three times this number."
)

SEED = (
    "t-SNE starts at the principal components with seed 0, at random points with any other. UMAP draws its random "
    "numbers with it; the other projections need none."
)


class Map(NamedTuple):
    """A drawn map of N images."""

    coords: np.ndarray  # [N, 2]
    rows: np.ndarray  # [N], of validation
    y: np.ndarray  # [N]
    neighbours: np.ndarray  # [N, 10] positions, nearest in the space of features first
    seconds: float
    trust: float


def opened(run: Run) -> Map | None:
    """The map of a job that is done."""
    if run.status.state != "done":
        return None
    return _opened(run.id, (run.folder / "result.npz").stat().st_mtime_ns)


@st.cache_data(show_spinner=False, max_entries=64)
def _opened(id: str, changed: int) -> Map:
    stored = runs.get(id).result()
    arrays = (stored[name] for name in ("coords", "rows", "y", "neighbours"))
    return Map(*arrays, float(stored["seconds"]), float(stored["trustworthiness"]))


def neighbourhood_size(points: int) -> int:
    """Let the visitor choose `n_neighbors` of the maps; smaller sizes where there are few points."""
    offered = [k for k in NEIGHBOURHOODS if 3 * k + 2 <= points] or [max(2, (points - 2) // 3)]
    if len(offered) == 1:
        return offered[0]
    default = max(k for k in offered if k <= 10)
    label = "Neighbourhood size (n_neighbors)"
    return url_state.choice(st.select_slider, label, offered, key="near", default=default, help=NEIGHBOURHOOD)


def drawn(jobs: Mapping[str, Run], dataset: DataSet) -> dict[str, Map]:
    """The maps that are done, but for those of data that have changed since."""
    done = {how: projection for how, run in jobs.items() if (projection := opened(run))}
    return {how: projection for how, projection in done.items() if not stale(jobs[how], dataset)}


def stale(run: Run, dataset: DataSet) -> bool:
    """Whether the map of a job is done and of other data; one that is shipped stays as it is."""
    return not run.shipped and (projection := opened(run)) is not None and _stale(projection, dataset)


def _stale(projection: Map, dataset: DataSet) -> bool:
    """Whether the data set has changed since the map was drawn."""
    y = dataset.splits["validation"].y
    return bool(projection.rows.max() >= len(y) or (y[projection.rows] != projection.y).any())


# ------------------------------------------------------------------------------------------------ in words


def summary(maps: Mapping[str, Map], pending: int) -> str:
    """What these maps show, in a sentence or two of Markdown."""
    if not maps and not pending:
        return "No map could be drawn; the reasons stand below."
    if not maps:
        return "**The maps are being computed**: each projects the same features onto a plane in its own way."
    some = next(iter(maps.values()))
    same, chance = agreement(some).mean(), neighbours.chance_agreement(some.y)
    text = (
        f"In the representation, **{statistics.percent(same)} of an image's {some.neighbours.shape[1]} nearest "
        f"neighbours share its class** (chance {statistics.percent(chance)})."
    )
    if pending:
        return f"{text} {pending} more {'map is' if pending == 1 else 'maps are'} being computed."
    if len(maps) == 1:
        return text
    return f"{text} {_ranking(maps)}"


def _ranking(maps: Mapping[str, Map]) -> str:
    """Which maps keep the nearest neighbours best, and which one worst, by the digits that the sentence shows."""
    first, last = leaders(maps), min(maps, key=lambda how: maps[how].trust)
    best, worst = (f"{maps[how].trust:.{DIGITS}f}" for how in (first[0], last))
    leading = [PROJECTIONS[how].title for how in first]
    if len(leading) == len(maps):
        return f"**All maps keep them equally well** (trustworthiness {best})."
    who = f"{len(leading)} maps keep" if len(leading) > 2 else f"{leading[0]} keeps"
    who = f"{' and '.join(leading)} keep" if len(leading) == 2 else who
    return f"**{who} them best** (trustworthiness {best}), {PROJECTIONS[last].title} worst ({worst})."


def leaders(maps: Mapping[str, Map]) -> list[str]:
    """The maps of the highest trustworthiness, best first; equal in the digits of a sentence is alike."""
    ranked = sorted(maps, key=lambda how: -maps[how].trust)
    return [how for how in ranked if round(maps[how].trust, DIGITS) == round(maps[ranked[0]].trust, DIGITS)]


def agreement(projection: Map) -> np.ndarray:
    """For each image the share `[N]` of its neighbours in the space of features that are of its class."""
    return neighbours.label_agreement(projection.y, projection.neighbours)


# ----------------------------------------------------------------------------------------------- pictures


def key(how: str, dataset: DataSet) -> str:
    """The key of a map's chart; ids are rows of this data set."""
    return f"map-{how}-{dataset.name}"


def request(specs: Mapping[str, Spec]) -> dict[str, Run]:
    """The job of each map, before anything is drawn: what is not there is submitted, what is not wanted is stopped."""
    jobs = {how: job_progress.request(spec) for how, spec in specs.items()}
    job_progress.withdraw(run.id for run in jobs.values())
    return jobs


def clicked(shown: Iterable[str], dataset: DataSet) -> int | None:
    """The row that was clicked since the last run of the page, on any map."""
    rows = [figures.clicked(key(how, dataset)) for how in shown]
    return next((row for row in rows if row is not None), None)


def legend(dataset: DataSet) -> None:
    """One legend for all maps: colours and shapes of the classes."""
    if 1 < len(dataset.classes) <= 2 * len(figures.COLOURS):
        class_legend.show(dataset.classes)


def tile(how: str, run: Run, maps: Mapping[str, Map], dataset: DataSet, ring: Sequence[int], large: bool) -> list[int]:
    """One map under its title, or the progress of its job; returns the rows inside a box or lasso."""
    projection, height = maps.get(how), LARGE if large else SMALL
    _head(how, large, best=how in (leading := leaders(maps)) and len(leading) < len(maps))
    if projection is None and stale(run, dataset):
        _offer_again(run, dataset, height + WAIT)
        return []
    if projection is None:
        job_progress.wait(
            run, height + WAIT, SLOW.get(how, ""), stop=partial(run_list.stop, name=PROJECTIONS[how].title)
        )
        return []
    size = 7 if large else 4.5
    coords, rows, y = projection.coords, projection.rows, projection.y
    figure = figures.scatter(coords, y, dataset.classes, rows, ring=ring, size=size, height=height)
    figure.update_layout(showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    for rings in figure.select_traces({"name": "marked"}):  # the first of the ring is the one in question
        rings.marker.size = np.where(np.asarray(rings.customdata) == ring[0], size + 11, size + 5)
        rings.marker.line.width = 2 if large else 1.5
    what = f"{PROJECTIONS[how].title} map of {len(y):,} images of {dataset.title}, coloured by class"
    alt = f"{what}, trustworthiness {projection.trust:.3f}"
    more = {"click": True, "images": pictures.thumbs(dataset, "validation"), "data": dataset.title}
    inside = figures.show(figure, key(how, dataset), alt, select=True, **more)
    messages.caption(f"trustworthiness **{projection.trust:.3f}** · {messages.duration(projection.seconds)}")
    return inside


def _offer_again(run: Run, dataset: DataSet, height: int) -> None:
    """In the place of a map of data that have changed since: what happened, and a button that has it drawn again."""
    centred = {"horizontal_alignment": "center", "vertical_alignment": "center"}
    with st.container(border=True, height=height, key=f"stale-{run.id}", **centred):
        st.markdown(":material/history: The data have changed since this map was computed.", text_alignment="center")
        key = f"redraw-{run.id}"
        actions.button("Compute it again", _draw_again, run.id, dataset, icon=":material/refresh:", key=key)


def _draw_again(id: str, dataset: DataSet) -> None:
    """Delete a map of data that have changed since, unless somebody else has just done so, and request it."""
    run = runs.find(id)
    if run and stale(run, dataset):
        spec = run.spec.model_copy(update={"versions": {}})  # it is made with what is installed now
        runs.delete(id)
        job_progress.request(spec)


def _head(how: str, large: bool, best: bool) -> None:
    title = PROJECTIONS[how].title
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        messages.prose(f"**{title}**", width="content")
        if best:
            st.badge("highest trustworthiness", color="green", width="content")
        st.space("stretch")
        icon, words = ("close_fullscreen", "All maps") if large else ("open_in_full", f"Enlarge {title}")
        more = {"help": words, "type": "tertiary", "key": f"focus-{how}", "args": (None if large else how,)}
        st.button("", icon=f":material/{icon}:", on_click=enlarge, **more)


def enlarge(how: str | None) -> None:
    """Show one map alone, or all again."""
    if how:
        st.query_params["focus"] = how
    else:
        st.query_params.pop("focus", None)


# ------------------------------------------------------------------------------------- a point, many points


def chosen(projection: Map, clicked: int | None) -> int:
    """The row in question: just clicked, named by the address, or a typical one."""
    if clicked is not None:
        st.query_params["point"] = str(clicked)
    asked = st.query_params.get("point", "")
    if asked.isdecimal() and int(asked) in projection.rows:
        return int(asked)
    row = typical(projection)
    if asked:
        url_notices.note("point", asked, f"image {row}")
    return row


def typical(projection: Map) -> int:
    """The first row whose share of neighbours of its class is the median."""
    share = agreement(projection)
    median = np.sort(share)[(len(share) - 1) // 2]
    return int(projection.rows[share == median].min())


def around(projection: Map, row: int) -> np.ndarray:
    """The positions `[1 + NEAR]` of an image and of those nearest to it."""
    at = int(np.flatnonzero(projection.rows == row)[0])
    return np.concatenate([[at], projection.neighbours[at][:NEAR]])


def show_neighbours(projection: Map, row: int, dataset: DataSet) -> None:
    """An image and those nearest to it in the space of features."""
    at, *near = around(projection, row)
    name, one = dataset.classes[projection.y[at]], data.DISPLAYS[dataset.modality].one
    right = int((projection.y[near] == projection.y[at]).sum())
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="point"):
        with st.container(width="content"):
            picture = data.thumbnails(dataset, "validation", [row])[0]
            pictures.picture(picture, f"validation {one} {row}: {name}", width="84px")
        agree = f"{right} of its {len(near)} nearest neighbours share its class"
        messages.prose(f"**{messages.plain(name)}**, image {row}  \n{agree}")
    classes = [dataset.classes[projection.y[i]] for i in near]
    nearest = data.thumbnails(dataset, "validation", projection.rows[near])
    pictures.strip(nearest, classes, 56, "neighbour", gap=5)


def remember_selection(inside: Mapping[str, list[int]], dataset: DataSet) -> None:
    """Keep the last box or lasso; the page then runs once more, for the other maps to ring what it holds."""
    before = st.session_state.setdefault("_inside", {})
    new = next(((how, rows) for how, rows in inside.items() if rows != before.get(key(how, dataset), [])), None)
    if new:
        before.update({key(how, dataset): rows for how, rows in inside.items()})
        st.session_state["_marked"] = (dataset.name, *new)
        st.rerun()


def selection(dataset: DataSet) -> tuple[str, list[int]]:
    """The map and the rows of the last box or lasso; no rows if there is none."""
    name, how, rows = st.session_state.get("_marked", ("", "", []))
    return (how, rows) if name == dataset.name else ("", [])


def gallery(how: str, rows: Sequence[int], dataset: DataSet) -> None:
    """The images inside a box or lasso, and which classes they are of."""
    labels, counts = np.unique(dataset.splits["validation"].y[rows], return_counts=True)
    order = ordering.largest_first(counts)
    listed = ", ".join(f"{counts[i]} × {messages.plain(dataset.classes[labels[i]])}" for i in order[:6])
    more = " …" if len(order) > 6 else ""
    images = "image" if len(rows) == 1 else "images"
    st.markdown(f"**{len(rows)} {images} selected on the {PROJECTIONS[how].title} map**: {listed}{more}")
    pictures.strip(data.thumbnails(dataset, "validation", rows[:LASSOED]), px=44, alt="selected image", gap=4)
    first = f"The first {LASSOED} of them. " if len(rows) > LASSOED else ""
    st.caption(f"{first}Double-click an empty part of the map to clear the selection.")


def table(maps: Mapping[str, Map], dataset: DataSet) -> str:
    """The coordinates as CSV: a line for each image, two columns for each map."""
    some = next(iter(maps.values()))
    lines = [",".join(["row", "class", *(f"{how}_{axis}" for how in maps for axis in "xy")])]
    for i, row in enumerate(some.rows):
        name = dataset.classes[some.y[i]].replace('"', '""')
        values = (f"{value:.5g}" for projection in maps.values() for value in projection.coords[i])
        lines.append(",".join([str(row), f'"{name}"', *values]))
    return "\n".join(lines) + "\n"
