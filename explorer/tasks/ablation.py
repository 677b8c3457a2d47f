"""Trainings that are broken on purpose, and their twins: the same but for what is broken."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from explorer import Refused
from explorer.runs import Run, Spec
from explorer.tasks import titles
from explorer.tasks.checks import known_data, known_hyperparameters, known_training
from explorer.tasks.training.request import differences, train


def ablated(spec: Spec) -> dict[str, str]:
    """The hyperparameters of a training that stand where they break its method on purpose, and what happens then.

    None of a method that there is no more, or whose hyperparameters are not allowed any more.
    """
    config = _config(spec)
    return config.ablated() if config else {}


def restored(spec: Spec) -> Spec | None:
    """The same with every broken hyperparameter at its default; None where nothing is broken."""
    config = _config(spec)
    if config is None or not config.ablated():
        return None
    return spec.model_copy(update={"hyperparameters": config.restored().model_dump(mode="json")})


def restored_spec(id: str) -> Spec:
    """What a training would have been without what is broken; raises `Refused` if nothing is."""
    well = restored(known_training(id).spec)
    if well is None:
        raise Refused(f"{id} is not broken on purpose, so no hyperparameter is to be healed: clone it instead")
    return well


def control_spec(id: str) -> Spec:
    """The same training with every ablated hyperparameter at its default; raises `Refused` without one."""
    run, well = known_training(id), restored_spec(id)
    wish = train(well.method, well.dataset, *known_hyperparameters(well), parent=id)
    title = titles.of_control_run(run.title, _config(run.spec), wish, known_data(well.dataset).title)
    return wish.model_copy(update={"title": title})


def control_runs(run: Run, among: Iterable[Run]) -> list[Run]:
    """The runs that differ from this one in ablated hyperparameters alone: its control runs, or its ablations.

    The newest first, but before them what was made from this run, or this from it.
    """
    sick = restored(run.spec) is not None

    def twin(other: Run) -> bool:
        healthy, well = (other.spec, restored(run.spec)) if sick else (run.spec, restored(other.spec))
        return well is not None and not differences(healthy, well)

    def kin(other: Run) -> tuple[bool, float]:
        return other.spec.parent == run.id or run.spec.parent == other.id, other.created

    return sorted(filter(twin, (it for it in among if _alike(it, run))), key=kin, reverse=True)


def _alike(one: Run, other: Run) -> bool:
    """Whether two runs may be twins at all: quickly told, of each of some hundreds."""
    what = ("kind", "method", "dataset", "seed")
    return one.id != other.id and all(getattr(one.spec, name) == getattr(other.spec, name) for name in what)


def _config(spec: Spec) -> Any:
    """The hyperparameters of a training's method as they are known today; None where they cannot be read."""
    from explorer.methods import METHODS

    with suppress(Refused):
        return METHODS.choose(str(spec.method)).hyperparameters(known_hyperparameters(spec)[0])
    return None
