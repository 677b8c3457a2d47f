"""Names to classes: what registers itself stands in the form, the command line and the tests. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TypeVar

from explorer.errors import choose

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """Names to classes or functions; each registers itself, and importing a module again replaces its entry.

    It is never empty because nobody has imported a package: the first look imports it.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind, self.package, self._items = kind, package, {}

    def add(self, name: str, item: T) -> None:
        """Enter `item`; raises if another one, of this file or of any other, has the name."""
        old = self._items.get(name)
        if old is not None and _source(old) != _source(item):
            several = self.kind.replace(" of ", "s of ") if " of " in self.kind else f"{self.kind}s"
            raise RuntimeError(f"two {several} are called '{name}': {_source(old)} and {_source(item)}")
        self._items[name] = item

    def choose(self, name: str) -> T:
        """The one called `name`; raises `Refused` with the choices."""
        return choose(self.kind, name, self._found())

    def _found(self) -> dict[str, T]:
        """All items; whoever looks first imports the package whose files register them."""
        import_module(self.package)
        return self._items

    def __getitem__(self, name: str) -> T:
        return self._found()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._found()))

    def __len__(self) -> int:
        return len(self._found())


def _source(item: object) -> str:
    """Where an item is defined: a class or a function by its own name, an instance by that of its class."""
    return f"{item.__module__}.{getattr(item, '__qualname__', type(item).__qualname__)}"
