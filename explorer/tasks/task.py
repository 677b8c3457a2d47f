"""A kind of job: one file with its options, its title, its pool of workers, what it makes, and `run`.

A task is discovered like a method: its name is its file's name, and form, command line, address, request and download
read it. Importing a task brings no torch; only `run` does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from explorer.config import Config
from explorer.registry import Registry

if TYPE_CHECKING:
    from explorer.data import Entry
    from explorer.models.reference import ModelRef
    from explorer.runs import Run, Spec
    from explorer.tasks.inputs import Inputs

BESIDES = ("origin", "made", "size")  # parameters that a job of any task may have beside the options of its own

Report = tuple[list[str], dict[str, Any]]  # lines for people, and the same as one object


class Task(ABC):
    """One kind of job about one model or several."""

    name: ClassVar[str]
    label: ClassVar[str]  # what a button or a heading calls it
    pool: ClassVar[str]  # of workers: "interactive", or "training" where jobs wait for each other
    Config: ClassVar[type[Config]] = Config
    by_request: ClassVar[bool] = True  # False: it has a request of its own, as a training has
    models: ClassVar[tuple[int, int]] = (1, 1)  # how many it is about, at least and at most
    takes_data: ClassVar[bool] = True  # False: the data set is the one that its model was trained on
    result: ClassVar[str | None] = "result.npz"  # the file that --out writes; None: it makes scores alone
    download: ClassVar[bool] = False  # whether a page offers that file
    version_keys: ClassVar[tuple[str, ...]] = ()  # of all that `version` returns or once returned
    added: ClassVar[tuple[str, ...]] = ()  # options that came later: at their defaults they are no part of an address
    needs_weights: ClassVar[bool] = True  # False: what the folder of a training holds besides them is enough
    own_command: ClassVar[bool] = False  # whether the command line has a command written for it
    page: ClassVar[str | None] = None  # that offers it by itself; None: it stands under "More analyses"

    @classmethod
    def summary(cls) -> str:
        """One sentence that says what it does."""
        return (cls.__doc__ or "").strip().partition("\n")[0]

    def check(self, refs: Sequence[ModelRef], entry: Entry | None, cfg: Config) -> None:  # noqa: B027 - most need none
        """Raises `Refused` where models, data and options do not go together; each alone is checked before."""

    def check_data(self, ref: ModelRef, dataset: str) -> None:
        """Raises `Refused` where a model knows nothing of the rows of this data set."""
        ref.check_data(dataset)

    def version(self, cfg: Config) -> dict[str, str]:
        """What distinguishes its results from those that were once computed in another way: a part of their address.

        Its keys stand in `version_keys`, and stay there: jobs of before still have them. A result that comes with the
        project keeps the address that it was stored under.
        """
        return {}

    def asked(self, cfg: Config) -> dict[str, Any]:
        """The options as they are recorded and addressed, without the seed: as before for what was asked for before."""
        plain = {name: type(cfg).model_fields[name].default for name in self.added}
        left_out = {name for name, default in plain.items() if getattr(cfg, name) == default}
        return cfg.model_dump(mode="json", exclude={"seed", *left_out})

    @abstractmethod
    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """What a job of this kind is called; `data` is the title of its data set."""

    @abstractmethod
    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Do it: write into the run, return early when a stop is requested, raise `Refused` where it cannot be done."""

    def config(self, spec: Spec) -> Config:
        """The options that a job was asked for with."""
        besides = (*BESIDES, *self.version_keys)
        options = {name: value for name, value in spec.params.items() if name not in besides}
        seed = {"seed": spec.seed} if "seed" in self.Config.model_fields else {}
        return self.Config.read({**options, **seed}, self.name)

    def report(self, run: Run) -> Report:
        """What the command line says of a job that is done."""
        scores = run.scores() or {}
        return [f"{name}: {rounded(value)}" for name, value in scores.items()], scores


TASKS: Registry[Task] = Registry("kind of job", "explorer.tasks")


def task(label: str, *, pool: str = "interactive") -> Callable[[type[Task]], type[Task]]:
    """Register a task under the name of its file."""

    def register(cls: type[Task]) -> type[Task]:
        cls.name, cls.label, cls.pool = cls.__module__.rpartition(".")[2], label, pool
        if cls.download and cls.result is None:
            raise TypeError(f"{cls.name} offers a download, but names no `result` to download")
        TASKS.add(cls.name, cls())
        return cls

    return register


def rounded(value: Any) -> str:
    """A value of an answer for people: shares with three digits."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"
