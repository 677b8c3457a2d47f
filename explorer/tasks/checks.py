"""What all requests share: known data, known models, what a result is made of. Torch only with hyperparameters."""

from hashlib import sha256
from typing import Any

from explorer import Refused, choose, data, runs
from explorer.models.reference import REFERENCES, WEIGHTS
from explorer.runs import Run, Spec
from explorer.runs.records import TITLE

MOST = 20  # runs that a message names


def known_data(name: str) -> data.Entry:
    """The data set's entry; raises `Refused` if it is unknown or not here yet."""
    entry = choose("data set", name, data.catalogue())
    if entry.problem:
        raise Refused(entry.problem)
    if not entry.available:
        raise Refused(
            f"{name} is not on this machine yet: download it on the Data page, or set EXPLORER_DATA to its folder"
        )
    return entry


def known_training(id: str) -> Run:
    """The training of that id; raises `Refused` if there is none."""
    run = runs.get(id)
    if run.spec.kind != "train":
        raise Refused(f"{id} is no training but a job of the kind {run.spec.kind}: name a training")
    return run


def known_run(name: str) -> Run:
    """The run that a reference names; raises `Refused` with all that can be looked at."""
    try:
        return runs.get(name)
    except Refused:
        return choose("model", name, dict.fromkeys([*REFERENCES, *(run.id for run in runs.listing()[:MOST])]))


def known_model(ref: str) -> str:
    """The reference; raises `Refused` where it names no model, or a run without weights."""
    name, _, which = ref.partition("@")
    if name.partition(":")[0] in REFERENCES:
        return ref
    run = known_training(known_run(name).id)
    if which and which not in WEIGHTS:
        raise Refused(f"no weights '{which}' of {name}: choose from {', '.join(f'{name}@{w}' for w in WEIGHTS)}")
    if not run.has_weights("best" if which == "best" else "last"):
        raise Refused(f"{name} has no weights yet, it is {run.status.state}: choose another model, or wait")
    return ref


def known_hyperparameters(spec: Spec) -> tuple[dict[str, Any], dict[str, Any]]:
    """The hyperparameters of a training that there still are: its method's, and its own; raises `Refused`."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS
    from explorer.models.weights import still_known

    own = still_known(METHODS.choose(str(spec.method)).Config, spec.hyperparameters)
    return own, still_known(TrainConfig, spec.train)


def origin(model: str, dataset: str) -> dict[str, str]:
    """What a result is made of, in its address: the files of the data, the run, and its step while it still learns."""
    name, made = model.partition("@")[0], ""
    if name.partition(":")[0] not in REFERENCES:
        run = known_run(name)
        made = run.spec.created if run.status.final else f"{run.spec.created} {run.status.step}"
    return {"origin": sha256(f"{data.fingerprint(dataset)} {made}".encode()).hexdigest()[:16]}


def wish(run: Run) -> dict[str, Any]:
    """What was asked for, without what it was asked of: that only makes the address of the result."""
    return {name: value for name, value in run.spec.params.items() if name not in ("origin", "size")}


def sized(size: int) -> dict[str, int]:
    """A size other than the data set's own, in the address of a result."""
    return {"size": size} if size else {}


def spec(kind: str, title: str, dataset: str, seed: int, **more: Any) -> Spec:
    """The spec under a title that is not too long."""
    return Spec(kind=kind, title=title[:TITLE], dataset=dataset, seed=seed, **more)
