"""What all requests share: known data, known trainings, hyperparameters that there still are."""

from typing import Any

from explorer import Refused, choose, data, runs
from explorer.models import kind
from explorer.runs import Run, Spec


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
        raise Refused(f"{id} is not a training but a job of the kind {run.spec.kind}: name a training")
    return run


def free_name(name: str | None) -> None:
    """Raises `Refused` where a run of that name would be hidden by another model of the name, or hide it."""
    if name and kind.named(name.partition(":")[0]):
        raise Refused(f"'{name}' is the name of a model that needs no training: choose another name for the run")


def known_hyperparameters(spec: Spec) -> tuple[dict[str, Any], dict[str, Any]]:
    """The hyperparameters of a training that there still are: its method's, and its own; raises `Refused`."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS
    from explorer.models.weights import still_known

    own = still_known(METHODS.choose(str(spec.method)).Config, spec.hyperparameters)
    return own, still_known(TrainConfig, spec.train)
