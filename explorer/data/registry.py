"""The data sets that need neither network nor folder: each registers itself, and a new file is a new data set."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from explorer.data.raw import Raw


@dataclass(frozen=True)
class Embedded:
    """A data set that comes with the program; `read` makes its rows, images at the size that is asked for."""

    title: str
    summary: str
    source: str
    shape: tuple[int, ...]  # of one row: (channels, height, width) of an image, (words,) of a text
    classes: tuple[str, ...]
    read: Callable[[int, Path], Raw]  # size (0 for what is no image), a folder for what does not fit into memory
    modality: str = "image"
    version: int = 0  # of `read`: a new number makes it read again
    order: int = 100  # in the catalogue; equals by name


EMBEDDED: dict[str, Embedded] = {}


def embedded_names() -> list[str]:
    """The names of all of them, in the order of the catalogue."""
    return sorted(EMBEDDED, key=lambda name: (EMBEDDED[name].order, name))


def register(name: str, embedded: Embedded) -> None:
    """Enter a data set; raises if another file has entered one of this name."""
    old = EMBEDDED.get(name)
    if old is not None and old.read.__module__ != embedded.read.__module__:
        raise RuntimeError(f"two data sets are called '{name}': {old.read.__module__} and {embedded.read.__module__}")
    EMBEDDED[name] = embedded
