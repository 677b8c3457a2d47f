"""What trainings are called to which nobody gives a name. It says what is broken on purpose."""

from collections.abc import Iterable
from typing import Any

from explorer.runs import Spec
from explorer.runs.records import TITLE

CONTINUED = " continued"
CONTROL = ", healthy twin"


def called(method: str, config: Any, data: str, skip: Iterable[str] = ()) -> str:
    """What a training is called to which nobody gives a name: it says what is broken on purpose, but for `skip`."""
    from explorer.methods import METHODS

    cls = METHODS.choose(method)
    name, broken = cls.info.title, [hyperparameter for hyperparameter in config.ablated() if hyperparameter not in skip]
    full = f"{' '.join([name, *_breakage(config, broken)])} on {data}"
    return full if len(full) <= TITLE else f"{name} with {len(broken)} hyperparameters broken on {data}"


def _breakage(config: Any, hyperparameters: Iterable[str]) -> list[str]:
    """Broken hyperparameters in words: without predictor and stop gradient, with momentum 0."""
    values = {hyperparameter.replace("_", " "): getattr(config, hyperparameter) for hyperparameter in hyperparameters}
    off = [name for name, value in values.items() if value is False]
    at = [name if value is True else f"{name} {shown(value)}" for name, value in values.items() if value is not False]
    said = [f"{word} {' and '.join(names)}" for word, names in (("without", off), ("with", at)) if names]
    return [", ".join(said)] if said else []


def setting(hyperparameter: str, value: Any) -> str:
    """A hyperparameter's value in a title: momentum 0, without predictor, with grey."""
    name = hyperparameter.replace("_", " ")
    return f"{'with' if value else 'without'} {name}" if isinstance(value, bool) else f"{name} {shown(value)}"


def shown(value: Any) -> str:
    """A hyperparameter's value in a title."""
    if isinstance(value, list | tuple):
        return "+".join(map(shown, value))[:40] or "all"
    return f"{value:g}" if isinstance(value, float) else str(value)


def ending(title: str, end: str) -> str:
    """A title that is not too long, with its end whole."""
    return title[: TITLE - len(end)] + end


def of_control_run(title: str, sick: Any, wish: Spec, data: str) -> str:
    """What the healthy twin `wish` is called of a training with this title and the broken hyperparameters `sick`.

    A title that somebody gave stays. Of one that was made of the hyperparameters the control run takes what is true of
    it: of one of a set, what the set runs through, unless that is what is broken.
    """
    for hyperparameter, end in {None: "", **_ends(sick, wish)}.items():
        if title.removesuffix(CONTINUED) == ending(called(wish.method, sick, data, skip=(hyperparameter,)), end):
            return ending(wish.title + ("" if hyperparameter in sick.ablated() else end), CONTROL)
    return ending(title, CONTROL)


def _ends(config: Any, wish: Spec) -> dict[str, str]:
    """By hyperparameter, how the title of a training of a sweep over it ends; one of both is called METHOD-NAME."""
    own = {name: f"{wish.method}-{name}" if name in wish.train else name for name in type(config).model_fields}
    hyperparameters = config.model_dump(mode="json")
    every = {name: name for name in wish.train if name not in own}
    return {
        name: f", {setting(said, {**wish.train, **hyperparameters}[name])}" for name, said in {**every, **own}.items()
    }
