"""Which maps are wanted, of which points, with which parameters, and what they cost: chosen first, computed then."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

from explorer import Refused, runs
from explorer.data import DataSet
from explorer.data.dataset import PROBE_ROWS
from explorer.evaluation import map_cost
from explorer.evaluation.map_cost import Measured
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import Run, Spec
from explorer.tasks import request
from explorer.tasks.task import TASKS
from pages.ui.kit import actions, forms, messages, url_notices
from pages.ui.runs import job_progress
from pages.ui.sections import embeddings
from pages.ui.sections.embeddings import Map

FORM = "map"  # the parameters stand in the address as `map.NAME`
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


def parameters(dataset: DataSet) -> dict[str, Any]:
    """Every parameter of a map with its meaning, read from the task that computes it; raises `Refused`."""
    config = TASKS["map"].Config
    few = len(dataset.probe()[0])
    least = {"neighbours": max(2, min(config.model_fields["neighbours"].default, (few - 2) // 3))}
    return forms.hyperparameters(config, FORM, {"how": next(iter(PROJECTIONS)), **least}, skip=("how",), columns=1)


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
    return Choice(specs, min(options["n"], available(dataset, options)), refused)


def available(dataset: DataSet, options: Mapping[str, Any]) -> int:
    """About how many points there are: of the split that was chosen, of all, or of the probe set and more."""
    split, sizes = options.get("split", ""), {name: len(rows.y) for name, rows in dataset.splits.items()}
    if not split:
        return len(dataset.probe()[0])
    if split in sizes or split == "all":
        return sizes.get(split, sum(sizes.values()))
    return sizes["validation"] + sizes["train"] * (options["n"] > max(sizes["validation"], PROBE_ROWS))


def jobs(choice: Choice, ref: str, dataset: DataSet) -> Jobs:
    """What there is of each map; those of this visitor go on, those that are not wanted any more are stopped."""
    asked = st.session_state.setdefault(ASKED, set())
    found = {how: _found(spec, runs.address(spec) in asked) for how, spec in choice.specs.items()}
    job_progress.withdraw(run.id for run in found.values() if run)
    maps = embeddings.drawn({how: run for how, run in found.items() if run}, dataset)
    failed = dict(choice.refused)
    if "pca" in choice.specs and found["pca"] is None and choice.n <= embeddings.AT_ONCE:
        try:
            maps = {"pca": embeddings.at_once(choice.specs["pca"], ref, dataset), **maps}
        except Exception as error:
            failed["pca"] = error
    order = [how for how in PROJECTIONS if how in found or how in failed]
    return Jobs({how: found.get(how) for how in order}, maps, failed)


def _found(spec: Spec, asked: bool) -> Run | None:
    return job_progress.request(spec) if asked else runs.find(runs.address(spec))


def missing(choice: Choice, there: Jobs) -> list[str]:
    """The maps that nobody has asked for."""
    return [how for how, run in there.runs.items() if run is None and how not in (*there.maps, *there.failed)]


def compute(choice: Choice, there: Jobs) -> None:
    """The primary action: have all maps computed that are not there, with the seconds that it will take."""
    hows = missing(choice, there)
    if not hows:
        return
    which = f"{len(hows)} maps" if len(hows) > 1 else titles()[hows[0]]
    label = f"Compute {which} · about {messages.roughly(sum(cost(how, choice.n) for how in hows))}"
    style = {"icon": ":material/play_arrow:", "width": "stretch", "type": "primary", "key": "compute"}
    actions.button(label, ask, [choice.specs[how] for how in hows], **style)


def compute_one(how: str, choice: Choice) -> None:
    """In the place of one map: what it will take, and its own button."""
    words = f"Not computed yet: {choice.n:,} points take about {messages.roughly(cost(how, choice.n))}."
    st.caption(words, text_alignment="center", width="content")
    actions.button("Compute it", ask, [choice.specs[how]], icon=":material/play_arrow:", key=f"compute-{how}")


def ask(specs: Sequence[Spec]) -> None:
    """Have these maps computed."""
    for spec in specs:
        st.session_state.setdefault(ASKED, set()).add(runs.address(spec))
        job_progress.request(spec)


def cost(how: str, n: int) -> float:
    """Seconds that a map takes on this machine, as far as its earlier maps tell."""
    return map_cost.seconds(how, n, _measured())


@st.cache_data(ttl=30, show_spinner=False)
def _measured() -> list[Measured]:
    """The maps that this machine has computed, newest first."""
    done = [(run, run.status) for run in runs.listing("map", shipped=False)]
    return [
        Measured(run.spec.params["how"], run.spec.params["n"], status.finished - status.started)
        for run, status in done
        if status.state == "done" and status.started and status.finished
    ]
