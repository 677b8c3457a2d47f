"""Trainings that are broken on purpose, and their twins: the same but for what is broken."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from explorer import Refused
from explorer.runs import Run, Spec
from explorer.tasks import titles
from explorer.tasks.checks import known_data, known_knobs, known_training
from explorer.tasks.training.request import differences, train


def broken(spec: Spec) -> dict[str, str]:
    """The knobs of a training that stand where they break its method on purpose, and what happens then.

    None of a method that there is no more, or whose knobs are not allowed any more.
    """
    config = _config(spec)
    return config.broken() if config else {}


def healed(spec: Spec) -> Spec | None:
    """The same with every broken knob at its default; None where nothing is broken."""
    config = _config(spec)
    if config is None or not config.broken():
        return None
    return spec.model_copy(update={"knobs": config.healed().model_dump(mode="json")})


def cured(id: str) -> Spec:
    """What a training would have been without what is broken; raises `Refused` if nothing is."""
    well = healed(known_training(id).spec)
    if well is None:
        raise Refused(f"{id} is not broken on purpose, so no knob is to be healed: clone it instead")
    return well


def healthy_twin(id: str) -> Spec:
    """Train the same from the same seed, with every broken knob at its default; raises `Refused` if none is broken."""
    run, well = known_training(id), cured(id)
    wish = train(well.method, well.dataset, *known_knobs(well), parent=id)
    title = titles.of_twin(run.title, _config(run.spec), wish, known_data(well.dataset).title)
    return wish.model_copy(update={"title": title})


def twins(run: Run, among: Iterable[Run]) -> list[Run]:
    """The runs that differ from this one in broken knobs alone: its healthy twins or, of a healthy one, its broken.

    The newest first, but before them what was made from this run, or this from it.
    """
    sick = healed(run.spec) is not None

    def twin(other: Run) -> bool:
        healthy, well = (other.spec, healed(run.spec)) if sick else (run.spec, healed(other.spec))
        return well is not None and not differences(healthy, well)

    def kin(other: Run) -> tuple[bool, float]:
        return other.spec.parent == run.id or run.spec.parent == other.id, other.created

    return sorted(filter(twin, (it for it in among if _alike(it, run))), key=kin, reverse=True)


def _alike(one: Run, other: Run) -> bool:
    """Whether two runs may be twins at all: quickly told, of each of some hundreds."""
    what = ("kind", "method", "dataset", "seed")
    return one.id != other.id and all(getattr(one.spec, name) == getattr(other.spec, name) for name in what)


def _config(spec: Spec) -> Any:
    """The knobs of a training's method as they are known today; None where they cannot be read."""
    from explorer.methods import METHODS

    with suppress(Refused):
        return METHODS.choose(str(spec.method)).knobs(known_knobs(spec)[0])
    return None
