"""Which two to four models are compared, and how: chosen first, computed by a job, found again by its address."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

from explorer import descriptions, runs
from explorer.data import DataSet
from explorer.data.vectors import store
from explorer.models.reference import ModelRef
from explorer.runs import Run, Spec
from explorer.tasks import compare, compare_result, compare_rows, request
from explorer.tasks.compare_result import CompareResult
from explorer.tasks.task import TASKS
from pages.ui.kit import actions, forms, messages, url_state
from pages.ui.runs import job_progress, model_cache, ownership, pickers, run_list

FORM = "compare"  # options stand in the address as `compare.NAME`
KEYS = ("model", "second", "third", "fourth")  # of the models in the address
LETTERS = "ABCD"
NONE = ""
WIDTH = 230  # pixels of the boxes of all models but the first
LISTED = 12  # earlier comparisons
HEIGHT = 150  # pixels of the box that shows how far a job is


class Model(NamedTuple):
    """One of the models that are compared."""

    letter: str
    ref: str
    title: str

    @property
    def name(self) -> str:
        """Its letter and its title."""
        return f"{self.letter} · {self.title}"


# ------------------------------------------------------------------------------------------------ the models


def others(first: str, dataset: DataSet) -> list[str]:
    """Let the visitor choose what the first is compared with: one model, and up to two more; their references."""
    more = beside(first, dataset)
    chosen = [pickers.model(dataset.name, "second", "with", counterpart(first, dataset), more, WIDTH)]
    for place, key in enumerate(KEYS[2:], 3):
        ref = pickers.model(dataset.name, key, "and", NONE, {NONE: "add a model", **more}, WIDTH)
        if not ref:
            for later in KEYS[place:]:  # else it would come back with the one before it
                url_state.forget(later)
            break
        chosen.append(ref)
    return chosen


def counterpart(first: str, dataset: DataSet) -> str:
    """What a model is compared with unless another is chosen: another run on these data, else its raw pixels."""
    named = [ref for ref in pickers.models(dataset.name) if ref != first]
    own = _family(first)
    trained = [ref for ref in named if (run := model_cache.trained(ref)) and run.spec.dataset == dataset.name]
    unlike = [ref for ref in trained if _family(ref) != own]
    return next(iter([*unlike, *trained, *named]), first)


def _family(ref: str) -> str:
    """Which family of methods a model was trained with; empty where it was not."""
    run = model_cache.trained(ref)
    method = descriptions.read().methods.get(str(run.spec.method)) if run else None
    return method.info["family"] if method else ""


def beside(first: str, dataset: DataSet) -> dict[str, str]:
    """What may be compared beyond what every page offers: the network before training, and vectors of other sets."""
    before = ModelRef.parse(first).untrained
    frames = {str(before): f"{model_cache.title(str(before), dataset.name)}"} if before else {}
    vectors = {name: it.title for name, it in store.listing().items() if compare_rows.may_be_common(name, dataset.name)}
    return {**frames, **{name: title for name, title in vectors.items() if name != dataset.name}}


def named(refs: Sequence[str], dataset: DataSet) -> list[Model]:
    """The models by letter and title."""
    titles = [model_cache.title(ref, dataset.name) for ref in refs]
    return [Model(*each) for each in zip(LETTERS, refs, titles, strict=False)]


# ------------------------------------------------------------------------------------------------ the job


def options() -> dict[str, Any]:
    """How they are compared: every option of the task; raises `Refused`."""
    return forms.hyperparameters(TASKS["compare"].Config, FORM, columns=1)


def spec(refs: Sequence[str], dataset: DataSet, asked: Mapping[str, Any]) -> Spec:
    """The job of this comparison; raises `Refused` where there is none."""
    return request.request("compare", list(refs), dataset.name, **asked)


def found(wanted: Spec) -> Run | None:
    """The job of it, if somebody has asked for it."""
    return ownership.find(runs.address(wanted))


def action(wanted: Spec, run: Run | None, models: int) -> None:
    """The primary action: compare them, unless that is done or under way."""
    if run is None or run.status.state in ("stopped", "failed") or not run.sound():
        style = {"icon": ":material/compare_arrows:", "width": "stretch", "type": "primary", "key": "start-compare"}
        what = f"Compare {('two', 'three', 'four')[models - 2]} models"
        actions.button(f"{what}{_cost(wanted, models)}", start, wanted, **style)


def start(wanted: Spec) -> None:
    """Have them compared."""
    ownership.submit(wanted)


def _cost(wanted: Spec, models: int) -> str:
    """How long it will take: as comparisons that this machine has done tell, else as its permutations do."""
    done = [it for it in ownership.listing("compare", shipped=False)[:LISTED] if it.status.state == "done"]
    for run in done:
        status, before, now = run.status, run.spec.params, wanted.params
        same = all(before.get(name) == now.get(name) for name in ("n", "permutations"))
        if same and run.spec.dataset == wanted.dataset and status.started and status.finished:
            steps = models + models * (models - 1) // 2
            return f" · about {messages.roughly((status.finished - status.started) * steps / (status.steps or steps))}"
    return f" · about {messages.roughly(compare.seconds(TASKS['compare'].config(wanted), models))}"


def result(run: Run | None, dataset: DataSet) -> CompareResult | None:
    """What the job has found on these data; None where there is nothing to show."""
    if run is None or run.status.state != "done" or not run.sound():
        return None
    stored = _read(run.id, run.status.finished)
    return stored if stored is not None and stored.is_of(dataset) else None


def lead(run: Run | None) -> str:
    """What is to be done while there is nothing to say."""
    if run is not None and not run.status.final:
        return (
            "**The models are being compared**: their neighbours, their mistakes, and how alike they are beyond chance."
        )
    return "**The maps show where the images lie in each model.** Compare the models to see which images differ."


def waiting(run: Run | None) -> None:
    """How far the comparison is, in the place of its results."""
    if run is not None and run.status.state != "done":
        job_progress.wait(run, HEIGHT, stop=run_list.stop)


def notes(found: CompareResult, run: Run, dataset: DataSet, asked: Mapping[str, Any]) -> None:
    """What has to be said beside the numbers, and where they come from."""
    for note in found.scores["notes"]:
        messages.caption(f":material/info: {messages.plain(messages.sentence(note))}")
    status, scores = run.status, found.scores
    messages.provenance(
        data=f"{dataset.title}, {' and '.join(scores['splits'])}", seed=asked["seed"], device=status.device or None,
        seconds=status.finished - status.started if status.finished and status.started else None,
        date=status.finished, images=f"{scores['n']:,}", labels=f"{scores['labels']:,}",
        neighbours=asked["neighbours"], permutations=asked["permutations"],
    )  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=16)
def _read(id: str, finished: float | None) -> CompareResult | None:
    return compare_result.read(runs.get(id))


def earlier(run: Run | None) -> None:
    """Comparisons that are there, newest first: each is a link."""
    every = [it for it in ownership.listing("compare") if it.status.state == "done" and (not run or it.id != run.id)]
    if not every:
        return
    with st.expander(f"Earlier comparisons ({len(every)})", icon=":material/history:"):
        for it in every[:LISTED]:
            query = dict(zip(KEYS, it.spec.models, strict=False))
            asked = _otherwise(it)
            url_state.link("compare", messages.plain(it.title), data=it.spec.dataset, **query, **asked)


def _otherwise(run: Run) -> dict[str, str]:
    """The options that were not as they are by default, as the address says them."""
    plain = TASKS["compare"].config(run.spec).model_dump(exclude_defaults=True)
    return forms.query(FORM, plain)
