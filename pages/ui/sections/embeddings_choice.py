"""Which maps are wanted, of which points, with which parameters, and what they cost: chosen first, computed then."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

from explorer import Refused, data, runs
from explorer.data import DataSet
from explorer.evaluation import map_cost
from explorer.evaluation.map_cost import Measured
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import Run, Spec
from explorer.tasks import map_family, map_rows, request
from explorer.tasks.task import TASKS
from pages.ui.kit import actions, forms, messages, url_notices, url_state
from pages.ui.runs import job_progress, ownership
from pages.ui.sections import embeddings
from pages.ui.sections.embeddings import Map

IN_ALL = ("dims", "metric", "split", "label", "null")  # parameters that every map reads
FORM = "map"  # the parameters stand in the address as `map.NAME`
OLD = {"points": "map.n", "near": "map.neighbours", "map-seed": "map.seed"}  # in addresses of before
DIGITS = 10  # of such a number at most
BESIDE = "_beside_maps"  # in the session: the jobs that other parts of the page have shown
ASKED = "_asked_maps"  # in the session: addresses of the maps that this visitor had computed


class Choice(NamedTuple):
    """The maps that are wanted, in their order."""

    specs: Mapping[str, Spec]  # by projection
    n: int  # points of each
    refused: Mapping[str, Refused] = {}  # by projection: why it takes no such points or parameters


class Jobs(NamedTuple):
    """What there is of the maps that are wanted."""

    runs: Mapping[str, Run | None]  # by projection; None: nobody has asked for it
    maps: Mapping[str, Map]  # those that stand
    failed: Mapping[str, Exception]  # those that were refused, or that the page itself could not compute


def translate() -> None:
    """Give the parameters in an address of before the names that they have now; called before their form is drawn."""
    for before, name in OLD.items():
        value = url_state.read(before).replace(",", "")  # numbers were spelled as people read them
        url_state.put(before, None)
        if value and not (value.isdecimal() and len(value) < DIGITS):
            url_notices.note(before, value)
        elif value and name not in url_state.names():
            st.session_state[name] = int(value)
            url_state.put(name, value)


def titles() -> dict[str, str]:
    """What each projection is called."""
    return {how: projection.title for how, projection in PROJECTIONS.items()}


def projections(focus: str | None) -> list[str]:
    """Let the visitor choose one projection, several or all."""
    url_notices.option_labels("maps", titles())
    shown = st.multiselect(
        "Maps", list(PROJECTIONS), list(PROJECTIONS), format_func=titles().get, key="maps", bind="query-params"
    )
    return [how for how in PROJECTIONS if how in (shown or PROJECTIONS) or how == focus]


def parameters(shown: Sequence[str]) -> dict[str, Any]:
    """Every parameter that these maps read, with its meaning, as the task says that computes them; raises `Refused`.

    A map of noise is none of the data: it stands beside its map, see `embeddings_trust`, and never in its place.
    """
    config = TASKS["map"].Config
    own = {name for projection in PROJECTIONS.values() for name in projection.reads}
    unread = own - {name for how in shown for name in PROJECTIONS[how].reads}
    return forms.hyperparameters(
        config, FORM, {"how": next(iter(PROJECTIONS))}, skip=("how", "null", *unread), columns=1
    )


def asked_for(specs: Iterable[Spec]) -> dict[str, Any]:
    """The neighbourhood size of these maps and what else is not as it is by default, as far as they read it."""
    found: dict[str, Any] = {}
    for spec in specs:
        config = TASKS["map"].config(spec)
        reads = {*IN_ALL, *PROJECTIONS[config.how].reads}
        set_otherwise = config.model_dump(exclude_defaults=True, exclude={"how", "n", "seed"})
        said = {"neighbours": config.neighbours, **set_otherwise}
        found |= {name: value for name, value in said.items() if name in reads}
    return found


def wanted(shown: Sequence[str], options: Mapping[str, Any], ref: str, dataset: DataSet) -> Choice:
    """The maps of these projections and parameters; raises `Refused` where none of them can be."""
    specs, refused = {}, {}
    for how in shown:
        try:
            specs[how] = request.request("map", ref, dataset.name, how=how, **options)
        except Refused as error:
            refused[how] = error
    if not specs:
        raise next(iter(refused.values()))
    asked = TASKS["map"].Config.read({"how": shown[0], **options}, "map")
    return Choice(specs, points(dataset.name, dataset.hash, asked.n, asked.split, asked.label), refused)


@st.cache_data(show_spinner=False, max_entries=64)
def points(name: str, hash: str, n: int, split: str, label: str) -> int:
    """How many points a map has; raises `Refused` where there are none. `hash` (of the data) is there for the cache."""
    return len(map_rows.choose_rows(data.load(name), n, split, label).rows)


def jobs(choice: Choice, ref: str, dataset: DataSet) -> Jobs:
    """What there is of each map; those of this visitor go on, those that are not wanted any more are stopped."""
    asked = st.session_state.setdefault(ASKED, set())
    found = {how: _found(spec, runs.address(spec) in asked) for how, spec in choice.specs.items()}
    beside = st.session_state.pop(BESIDE, set())
    job_progress.withdraw({run.id for run in found.values() if run} | beside)
    maps = embeddings.drawn({how: run for how, run in found.items() if run}, dataset)
    failed = dict(choice.refused)
    if "pca" in choice.specs and found["pca"] is None and map_family.is_instant(choice.specs["pca"]):
        try:
            maps = {"pca": embeddings.at_once(choice.specs["pca"], ref, dataset), **maps}
        except Exception as error:
            failed["pca"] = error
    order = [how for how in PROJECTIONS if how in found or how in failed]
    return Jobs({how: found.get(how) for how in order}, maps, failed)


def _found(spec: Spec, asked: bool) -> Run | None:
    return job_progress.request(spec) if asked else ownership.find(runs.address(spec))


def beside(spec: Spec) -> Run | None:
    """What there is of a job of another part of the page, which is then not taken for one that nobody wants."""
    run = _found(spec, runs.address(spec) in st.session_state.get(ASKED, ()))
    if run:
        st.session_state.setdefault(BESIDE, set()).add(run.id)
    return run


def missing(choice: Choice, there: Jobs) -> list[str]:
    """The maps that nobody has asked for."""
    return [how for how, run in there.runs.items() if run is None and how not in (*there.maps, *there.failed)]


def compute(choice: Choice, there: Jobs) -> None:
    """The primary action: have all maps computed that are not there, with the seconds that it will take."""
    hows = missing(choice, there)
    if not hows:
        return
    which = f"{len(hows)} maps" if len(hows) > 1 else titles()[hows[0]]
    label = f"Compute {which} · about {messages.roughly(sum(cost(choice.specs[how], choice.n) for how in hows))}"
    style = {"icon": ":material/play_arrow:", "width": "stretch", "type": "primary", "key": "compute"}
    actions.button(label, ask, [choice.specs[how] for how in hows], **style)


def compute_one(how: str, choice: Choice) -> None:
    """In the place of one map: what it will take, and its own button."""
    words = f"Not computed yet: {choice.n:,} points take about {messages.roughly(cost(choice.specs[how], choice.n))}."
    st.caption(words, text_alignment="center", width="content")
    actions.button("Compute it", ask, [choice.specs[how]], icon=":material/play_arrow:", key=f"compute-{how}")


def ask(specs: Sequence[Spec]) -> None:
    """Have these maps computed."""
    for spec in specs:
        st.session_state.setdefault(ASKED, set()).add(runs.address(spec))
        job_progress.request(spec)


def cost(spec: Spec, n: int) -> float:
    """Seconds that a map of n points takes on this machine, as far as its earlier maps tell."""
    return map_cost.seconds(spec.params["how"], n, _measured(), spec.params.get("dims", 2))


@st.cache_data(ttl=30, show_spinner=False)
def _measured() -> list[Measured]:
    """The maps that this machine has computed, newest first."""
    done = [(run, run.status) for run in runs.listing("map", shipped=False)]
    return [
        Measured(run.spec.params["how"], run.spec.params["n"], status.finished - status.started,
                 run.spec.params.get("dims", 2))
        for run, status in done
        if status.state == "done" and status.started and status.finished and not map_family.is_instant(run.spec)
    ]  # fmt: skip
