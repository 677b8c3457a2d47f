"""Several maps of the same features side by side; one point and its true neighbours; what a lasso holds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from explorer import data, runs
from explorer.data import DataSet
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import Run
from pages.ui.kit import figures, hover, messages, pictures, url_notices, url_state
from pages.ui.runs import job_progress

NEAR, LASSOED = 10, 60  # neighbours shown, images of a selection shown
REACH = (5, 10, 20, 50)  # neighbours that a map may look at
SMALL, LARGE = 214, 560  # pixels
WAIT = 34  # pixels that the captions below a map take
SLOW = {"umap": "UMAP compiles itself before it draws."}


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
    made = runs.get(id).result()
    arrays = (made[name] for name in ("coords", "rows", "y", "neighbours"))
    return Map(*arrays, float(made["seconds"]), float(made["trustworthiness"]))


def reach(points: int) -> int:
    """Let the visitor choose how many neighbours of each point a map looks at; fewer where there are few points."""
    offered = [k for k in REACH if 3 * k + 2 <= points] or [max(2, (points - 2) // 3)]
    if len(offered) == 1:
        return offered[0]
    default = max(k for k in offered if k <= 10)
    return url_state.choice(st.select_slider, "Neighbours that a map looks at", offered, key="near", default=default)


def _stale(made: Map, found: DataSet) -> bool:
    """Whether the data set has changed since the map was drawn."""
    y = found.splits["validation"].y
    return bool(made.rows.max() >= len(y) or (y[made.rows] != made.y).any())


# ------------------------------------------------------------------------------------------------ in words


def same(made: Map) -> np.ndarray:
    """For each image the share `[N]` of its neighbours that are of its class."""
    return (made.y[made.neighbours] == made.y[:, None]).mean(1)


def chance(made: Map) -> float:
    """That share if neighbours were drawn by lot."""
    counts = np.bincount(made.y)
    return float((counts * (counts - 1)).sum() / (len(made.y) * (len(made.y) - 1)))


def verdict(drawn: Mapping[str, Map], pending: int) -> str:
    """What to look for on these maps, in a sentence or two of Markdown."""
    if not drawn and not pending:
        return "No map could be drawn; the reason stands in its place."
    if not drawn:
        return "Every map squeezes the same features into a plane, each in its own way. **They are being drawn.**"
    some = next(iter(drawn.values()))
    pure, lot = same(some).mean(), chance(some)
    text = (
        f"Before any squeezing, **{pure:.0%} of an image's {some.neighbours.shape[1]} nearest neighbours are of its "
        f"class** (by lot: {lot:.0%}). Where a map mixes colours more than that, the map is at fault. "
    )
    if len(drawn) > 1 and not pending:
        best, worst = (pick(drawn, key=lambda how: drawn[how].trust) for pick in (max, min))
        text += (
            f"{PROJECTIONS[best].title} lies least here (trustworthiness {drawn[best].trust:.3f}), "
            f"{PROJECTIONS[worst].title} most ({drawn[worst].trust:.3f})."
        )
    return text + (f" {pending} more {'is' if pending == 1 else 'are'} being drawn." if pending else "")


# ----------------------------------------------------------------------------------------------- pictures


def key(how: str, found: DataSet) -> str:
    """The key of a map's chart; ids are rows of this data set."""
    return f"map-{how}-{found.name}"


def fresh(asked: Mapping[str, Run], found: DataSet) -> dict[str, Map]:
    """The maps that are there; one of data that has changed since is drawn anew."""
    drawn = {how: made for how, run in asked.items() if (made := opened(run))}
    old = [asked[how] for how, made in drawn.items() if _stale(made, found) and not asked[how].shipped]
    for run in old:
        runs.delete(run.id)
    if old:
        st.rerun()
    return drawn


def clicked(shown: Iterable[str], found: DataSet) -> int | None:
    """The row that was clicked since the last run of the page, on whichever map."""
    seen, new = st.session_state.setdefault("_clicked", {}), None
    for how in shown:
        chart = key(how, found)
        row = hover.images(chart, pictures.thumbs(found, "validation"))
        if row is not None and seen.get(chart) != row:
            seen[chart] = new = row
    return new


def legend(found: DataSet) -> None:
    """One legend for all maps: colours and shapes of the classes."""
    if 1 < len(found.classes) <= 2 * len(figures.COLOURS):
        alt = f"Colours and shapes of the classes of {found.title}"
        figures.show(figures.legend(found.classes), f"legend-{found.name}", alt)


def tile(how: str, run: Run, drawn: Mapping[str, Map], found: DataSet, ring: Sequence[int], large: bool) -> list[int]:
    """One map under its title, or where its job stands; returns the rows inside a box or lasso."""
    made, height = drawn.get(how), LARGE if large else SMALL
    _head(how, large, best=len(drawn) > 1 and how == max(drawn, key=lambda how: drawn[how].trust))
    if made is None:
        job_progress.wait(run, height + WAIT, SLOW.get(how, ""))
        return []
    size = 7 if large else 4.5
    figure = figures.scatter(made.coords, made.y, found.classes, made.rows, ring=ring, size=size, height=height)
    figure.update_layout(showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    for rings in figure.select_traces({"name": "marked"}):  # the first of the ring is the one in question
        rings.marker.size = np.where(np.asarray(rings.customdata) == ring[0], size + 11, size + 5)
        rings.marker.line.width = 2 if large else 1.5
    title = PROJECTIONS[how].title
    alt = f"{title} map of {len(made.y):,} images of {found.title}, coloured by class, trustworthiness {made.trust:.3f}"
    inside = figures.show(figure, key(how, found), alt, select=True)
    st.caption(f"trustworthiness **{made.trust:.3f}** · {messages.duration(made.seconds)}")
    return inside


def _head(how: str, large: bool, best: bool) -> None:
    title = PROJECTIONS[how].title
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{title}**", help=messages.sentence(PROJECTIONS[how].summary), width="content")
        if best:
            st.badge("lies least", color="green", width="content")
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


def chosen(made: Map, clicked: int | None) -> int:
    """The row in question: the one just clicked, the one in the address, or the one that is least at home."""
    if clicked is not None:
        st.query_params["point"] = str(clicked)
    said = st.query_params.get("point", "")
    if said.isdecimal() and int(said) in made.rows:
        return int(said)
    row = int(made.rows[same(made).argmin()])
    if said:
        url_notices.note("point", said, f"image {row}")
    return row


def around(made: Map, row: int) -> np.ndarray:
    """The positions `[1 + NEAR]` of an image and of those nearest to it."""
    at = int(np.flatnonzero(made.rows == row)[0])
    return np.concatenate([[at], made.neighbours[at][:NEAR]])


def neighbours(made: Map, row: int, found: DataSet) -> None:
    """An image and those nearest to it in the space of features."""
    at, *near = around(made, row)
    name, one = found.classes[made.y[at]], data.MODALITIES[found.modality].one
    right = int((made.y[near] == made.y[at]).sum())
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="point"):
        with st.container(width="content"):
            picture = data.thumbnails(found, "validation", [row])[0]
            pictures.picture(picture, f"validation {one} {row}: {name}", width="84px")
        st.markdown(f"**{messages.plain(name)}**, {one} {row}  \n{right} of its {len(near)} nearest are of its class")
    nearest = data.thumbnails(found, "validation", made.rows[near])
    pictures.strip(nearest, [found.classes[made.y[i]] for i in near], 46, "neighbour", gap=5)


def marks(inside: Mapping[str, list[int]], found: DataSet) -> None:
    """Note the last box or lasso; the page then runs once more, for the other maps to ring what it holds."""
    before = st.session_state.setdefault("_inside", {})
    new = next(((how, rows) for how, rows in inside.items() if rows != before.get(key(how, found), [])), None)
    if new:
        before.update({key(how, found): rows for how, rows in inside.items()})
        st.session_state["_marked"] = (found.name, *new)
        st.rerun()


def marked(found: DataSet) -> tuple[str, list[int]]:
    """The map and the rows of the last box or lasso; no rows if there is none."""
    name, how, rows = st.session_state.get("_marked", ("", "", []))
    return (how, rows) if name == found.name else ("", [])


def gallery(how: str, rows: Sequence[int], found: DataSet) -> None:
    """The images inside a box or lasso, and which classes they are of."""
    labels, counts = np.unique(found.splits["validation"].y[rows], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    said = ", ".join(f"{counts[i]} × {messages.plain(found.classes[labels[i]])}" for i in order[:6])
    st.markdown(f"**{len(rows)} images marked on {PROJECTIONS[how].title}**: {said}{' …' if len(order) > 6 else ''}")
    pictures.strip(data.thumbnails(found, "validation", rows[:LASSOED]), px=44, alt="marked image", gap=4)
    more = f"The first {LASSOED} of them. " if len(rows) > LASSOED else ""
    st.caption(f"{more}A double click beside the points takes the marks away.")


def table(drawn: Mapping[str, Map], found: DataSet) -> str:
    """The coordinates as CSV: a line for each image, two columns for each map."""
    some = next(iter(drawn.values()))
    lines = [",".join(["row", "class", *(f"{how}_{axis}" for how in drawn for axis in "xy")])]
    for i, row in enumerate(some.rows):
        name = found.classes[some.y[i]].replace('"', '""')
        values = (f"{value:.5g}" for made in drawn.values() for value in made.coords[i])
        lines.append(",".join([str(row), f'"{name}"', *values]))
    return "\n".join(lines) + "\n"
