"""Titles of trainings that nobody named: the method, its ablations, the data set."""

from collections.abc import Iterable
from typing import Any

from explorer.runs import Spec
from explorer.runs.records import TITLE

CONTINUED = " continued"
CONTROL = ", control run"
CONTROL_BEFORE = ", healthy twin"  # what older runs end in; they keep their titles
SHORT = "{method} with {count} ablations on {data}"  # where naming each ablation would be too long
SHORT_BEFORE = "{method} with {count} hyperparameters broken on {data}"


def automatic(method: str, config: Any, data: str, skip: Iterable[str] = (), short: str = SHORT) -> str:
    """The title of a training that nobody named: BYOL without predictor on Digits. Ablations in `skip` are left out."""
    from explorer.methods import METHODS

    cls = METHODS.choose(method)
    name, ablated = cls.info.title, [name for name in config.ablated() if name not in skip]
    full = f"{' '.join([name, *_ablation_words(config, ablated)])} on {data}"
    return full if len(full) <= TITLE else short.format(method=name, count=len(ablated), data=data)


def _ablation_words(config: Any, hyperparameters: Iterable[str]) -> list[str]:
    """Ablated hyperparameters in words: without predictor and stop gradient, with momentum 0."""
    values = {hyperparameter.replace("_", " "): getattr(config, hyperparameter) for hyperparameter in hyperparameters}
    off = [name for name, value in values.items() if value is False]
    on = [name if it is True else f"{name} {value_text(it)}" for name, it in values.items() if it is not False]
    words = [f"{word} {' and '.join(names)}" for word, names in (("without", off), ("with", on)) if names]
    return [", ".join(words)] if words else []


def setting(hyperparameter: str, value: Any) -> str:
    """A hyperparameter with its value in a title: momentum 0, without predictor, with grey."""
    name = hyperparameter.replace("_", " ")
    return f"{'with' if value else 'without'} {name}" if isinstance(value, bool) else f"{name} {value_text(value)}"


def value_text(value: Any) -> str:
    """A hyperparameter's value in a title."""
    if isinstance(value, list | tuple):
        return "+".join(map(value_text, value))[:40] or "all"
    return f"{value:g}" if isinstance(value, float) else str(value)


def with_suffix(title: str, suffix: str) -> str:
    """The title with its suffix, cut in front of it where both would be too long."""
    return title[: TITLE - len(suffix)] + suffix


def of_control_run(title: str, ablated: Any, control: Spec, data: str) -> str:
    """The title of the control run `control` of a training with this title and the hyperparameters `ablated`.

    A title that a person gave stays. An automatic one is replaced by that of the control run's own hyperparameters; of
    a run of a sweep it keeps the value of the swept hyperparameter, unless that is an ablation.
    """
    for before in (CONTROL, CONTROL_BEFORE):
        title = title.removesuffix(before)
    for hyperparameter, suffix in {None: "", **_sweep_suffixes(ablated, control)}.items():
        names = (automatic(str(control.method), ablated, data, (hyperparameter,), it) for it in (SHORT, SHORT_BEFORE))
        if title.removesuffix(CONTINUED) in [with_suffix(name, suffix) for name in names]:
            return with_suffix(control.title + ("" if hyperparameter in ablated.ablated() else suffix), CONTROL)
    return with_suffix(title, CONTROL)


def _sweep_suffixes(config: Any, spec: Spec) -> dict[str, str]:
    """By hyperparameter, the end of a title in a sweep over it; one of method and training is called METHOD-NAME."""
    own = {name: f"{spec.method}-{name}" if name in spec.train else name for name in type(config).model_fields}
    values = {**spec.train, **config.model_dump(mode="json")}
    every = {name: name for name in spec.train if name not in own}
    return {name: f", {setting(title, values[name])}" for name, title in {**every, **own}.items()}
