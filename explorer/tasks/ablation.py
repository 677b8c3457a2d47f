"""Ablations, and their control runs: the same training with the ablated hyperparameters at their defaults."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from explorer import Refused, runs
from explorer.engine.home import home
from explorer.runs import Busy, Run, Spec, locks
from explorer.tasks import titles
from explorer.tasks.lookup import known_data, known_hyperparameters, known_training
from explorer.tasks.training.request import differences, train

PATIENCE = 5.0  # seconds for another control run to be queued


def ablated(spec: Spec) -> dict[str, str]:
    """The ablated hyperparameters of a training, each with what happens without its part of the method.

    Empty for a method that no longer exists, or whose hyperparameters are not allowed any more.
    """
    config = _config(spec)
    return config.ablated() if config else {}


def restored(spec: Spec) -> Spec | None:
    """The same with every ablated hyperparameter at its default; None where none is ablated."""
    config = _config(spec)
    if config is None or not config.ablated():
        return None
    return spec.model_copy(update={"hyperparameters": config.restored().model_dump(mode="json")})


def restored_spec(id: str) -> Spec:
    """The training with its ablated hyperparameters restored; raises `Refused` if it has none."""
    spec = restored(known_training(id).spec)
    if spec is None:
        raise Refused(f"{id} has no ablated hyperparameter to restore, so it has no control run: clone it instead")
    return spec


def control_spec(id: str) -> Spec:
    """The same training with every ablated hyperparameter at its default; raises `Refused` without one."""
    run, defaults = known_training(id), restored_spec(id)
    spec = train(defaults.method, defaults.dataset, *known_hyperparameters(defaults), parent=id)
    title = titles.of_control_run(run.title, _config(run.spec), spec, known_data(spec.dataset).title)
    return spec.model_copy(update={"title": title})


def control_runs(run: Run, among: Iterable[Run]) -> list[Run]:
    """The runs that differ from this one in ablated hyperparameters alone: its control runs, or its ablations.

    Parent and children of this run come first, then the others; each part from the newest to the oldest.
    """
    defaults = restored(run.spec)

    def matches(other: Run) -> bool:
        control, restoration = (other.spec, defaults) if defaults else (run.spec, restored(other.spec))
        return restoration is not None and not differences(control, restoration)

    def order(other: Run) -> tuple[bool, float]:
        return other.spec.parent == run.id or run.spec.parent == other.id, other.created

    return sorted(filter(matches, (it for it in among if _comparable(it, run))), key=order, reverse=True)


@contextmanager
def sole_control_run(id: str) -> Iterator[Run | None]:
    """The control run that exists, unless it failed or was stopped; if None, nobody else creates one in this block.

    Raises `Refused` for a training without ablations: `control_runs` of such a training are its ablations.
    """
    restored_spec(id)
    with ExitStack() as stack:
        try:
            # the file keeps its older name: processes of before take the same lock
            stack.enter_context(locks.hold(home() / "twin.lock", wait=PATIENCE))
        except Busy:
            raise Busy("another control run is being queued: ask for this one again in a moment") from None
        existing = control_runs(known_training(id), runs.listing("train"))
        yield next((run for run in existing if run.status.state not in ("failed", "stopped")), None)


def _comparable(one: Run, other: Run) -> bool:
    """Whether one run may be the other's control run at all: a quick test, for a list of hundreds."""
    what = ("kind", "method", "dataset", "seed")
    return one.id != other.id and all(getattr(one.spec, name) == getattr(other.spec, name) for name in what)


def _config(spec: Spec) -> Any:
    """The hyperparameters of a training's method as they are known today; None where they cannot be read."""
    from explorer.methods import METHODS

    with suppress(Refused):
        return METHODS.choose(str(spec.method)).hyperparameters(known_hyperparameters(spec)[0])
    return None
