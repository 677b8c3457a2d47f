"""What a comparison is, and the registry of them all."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

from explorer import Registry
from explorer.benchmarks.speed.clock import Clock
from explorer.system.machine import KEEPS_MEMORY

Row = dict[str, Any]
Side = Literal["ours", "peer"]
SIDES: tuple[Side, ...] = ("ours", "peer")


class Comparison(ABC):
    """The same work, done by this project and by a peer; each side is called in a process of its own.

    A side prepares and warms up, works inside `with clock:`, and returns `n`, how much it has done. Among `checks` it
    returns what speed could have been bought with, such as an accuracy or a loss. The class docstring is the title.
    """

    name: ClassVar[str]  # of its file
    against: ClassVar[str]  # the peer, for the table
    packages: ClassVar[tuple[str, ...]] = ()  # whose versions are stated
    installed: ClassVar[bool] = False  # the peer comes from an environment of its own, peers.txt
    unit: ClassVar[str]  # of `n`
    goal: ClassVar[float]  # the least ratio that is aimed at
    by: ClassVar[Literal["core_seconds", "seconds"]] = "core_seconds"  # of a wait for a disk the clock's seconds tell
    size: ClassVar[int]  # how much is done
    small: ClassVar[int]  # how much is done to try it out

    @abstractmethod
    def ours(self, size: int, clock: Clock) -> Row:
        """The work as this project does it."""

    @abstractmethod
    def peer(self, size: int, clock: Clock) -> Row:
        """The same work as the peer does it."""

    @classmethod
    def environment(cls, side: Side) -> dict[str, str]:
        """What stands in the environment of the process of a side: as in the engine, glibc keeps memory."""
        return KEEPS_MEMORY

    @classmethod
    def title(cls) -> str:
        """The work in one sentence."""
        return (cls.__doc__ or "").partition("\n")[0].rstrip(".")


COMPARISONS: Registry[type[Comparison]] = Registry("comparison", "explorer.benchmarks.speed.comparisons")


def comparison(cls: type[Comparison]) -> type[Comparison]:
    """Registers a comparison under the name of its file."""
    cls.name = cls.__module__.rpartition(".")[2]
    COMPARISONS.add(cls.name, cls)
    return cls
