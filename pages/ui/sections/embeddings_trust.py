"""How far a map can be trusted: the same with five seeds, of noise of the same covariance, and of raw pixels."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import streamlit as st

from explorer.data import DataSet
from explorer.evaluation import map_spread
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import Spec
from explorer.tasks import map_family
from pages.ui.kit import actions, figures, messages, pictures, point_ids, point_map, url_state
from pages.ui.kit.point_map import Colouring, Words
from pages.ui.runs import job_progress, run_list
from pages.ui.sections import embeddings, embeddings_choice
from pages.ui.sections.embeddings import Map

KINDS = {"none": "Not now", "seeds": "Five seeds", "null": "Gaussian noise", "pixels": "Raw pixels"}
ABOUT = {
    "seeds": "What differs between seeds is chance. One seed gives the same coordinates wherever it is computed.",
    "null": "A Gaussian of the same mean and covariance through the same projection: groups on it are no property of "
    "the data.",
    "pixels": "The same projection of the raw pixels: what the map shows without any model.",
}
GREY = 7  # of the palette
HEIGHT = 200  # pixels of one map


def show(how: str, spec: Spec, dataset: DataSet) -> None:
    """Let the visitor choose a comparison, and draw it beside the map."""
    title, kinds = PROJECTIONS[how].title, offered(dataset)
    with st.container(key="trusted"):
        messages.heading(f"Can the {title} map be trusted?")
        kind = url_state.choice(
            st.segmented_control, "Compare it with", kinds, key="trust", format_func=KINDS.get, required=True
        )
        if kind == "none":
            words = ["other seeds", "noise of the same covariance", "the raw pixels"][: len(kinds) - 1]
            messages.caption(f"Comparisons: {messages.enumerated(words)}.")
            return
        messages.caption(ABOUT[kind])
        with messages.guard():
            _compare(kind, how, specs(kind, spec), dataset)


def offered(dataset: DataSet) -> list[str]:
    """The comparisons that there are of these data: only images have pixels."""
    return [kind for kind in KINDS if kind != "pixels" or dataset.modality == "image"]


def specs(kind: str, spec: Spec) -> dict[str, Spec]:
    """The maps of a comparison by what they are called; raises `Refused` where there is no such comparison."""
    if kind == "seeds":
        return {f"seed {it.seed}": it for it in map_family.seeds(spec)}
    return {
        "this map": spec,
        KINDS[kind].lower(): map_family.null(spec) if kind == "null" else map_family.of_pixels(spec),
    }


def _compare(kind: str, how: str, wanted: Mapping[str, Spec], dataset: DataSet) -> None:
    if len(wanted) == 1:
        messages.prose(f"{PROJECTIONS[how].title} draws no random numbers: every seed gives the same map.")
        return
    found = {name: embeddings_choice.beside(spec) for name, spec in wanted.items()}
    absent = [wanted[name] for name, run in found.items() if run is None]
    if absent:
        seconds = sum(embeddings_choice.cost(spec, spec.params["n"]) for spec in absent)
        label = f"Compute {len(absent)} {'map' if len(absent) == 1 else 'maps'} · about {messages.roughly(seconds)}"
        style = {"icon": ":material/play_arrow:", "key": f"compute-{kind}"}
        actions.button(label, embeddings_choice.ask, absent, **style)
    maps = {name: drawn for name, run in found.items() if run and (drawn := embeddings.opened(run))}
    if kind == "seeds" and len(maps) > 1:
        messages.prose(spread(list(maps.values())))
    with st.grid(5 if kind == "seeds" else 2, min_column_width=170, gap="small"):
        for i, (name, run) in enumerate(found.items()):
            with st.container(gap="xxsmall", key=f"trust-{kind}-{i}"):
                messages.prose(f"**{name[:1].upper()}{name[1:]}**")
                if name in maps:
                    noise = bool(wanted[name].params.get("null"))
                    _small(maps[name], f"trust-map-{kind}-{i}", name, how, dataset, noise)
                elif run is not None:
                    job_progress.wait(run, HEIGHT, stop=partial(run_list.stop, name=name))
                else:
                    st.caption("Not computed yet.")


def spread(maps: Sequence[Map]) -> str:
    """How far points move between seeds, in a sentence."""
    found = map_spread.spread([projection.coords for projection in maps])
    share = found.whole
    return (
        f"Laid upon each other, **a point lies {share:.2f} of the map's radius from its mean place** "
        f"({len(maps)} seeds; 0 = every seed gives the same map)."
    )


def _small(projection: Map, key: str, name: str, how: str, dataset: DataSet, noise: bool = False) -> None:
    """A map beside others; points that were drawn at random have no class and no image."""
    coords, words = point_map.quantised(projection.coords), Words(projection.y, tuple(dataset.classes))
    by = Colouring("class", projection.y, tuple(dataset.classes))
    if noise:
        words, by = None, Colouring("noise", np.zeros(len(coords), int), ("drawn at random",), (GREY,))
    made = point_map.figure(coords, by, projection.ids, words=words, size=3.5, height=HEIGHT)
    made.update_layout(showlegend=False, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    alt = f"{PROJECTIONS[how].title}, {name}: {len(projection.y):,} points, trustworthiness {projection.trust:.3f}"
    figures.show(made, key, alt, tools=False, images=None if noise else pictures.thumbs(dataset, point_ids.ANY))
    messages.caption(f"trustworthiness **{projection.trust:.3f}**")
