"""Names to classes: what registers itself here stands in the form, the command line and the tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from explorer import choose

if TYPE_CHECKING:
    from explorer.core.encoder import Encoder
    from explorer.core.method import Method

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """Names to classes; each registers itself, and importing a module again replaces its entry."""

    def __init__(self, kind: str) -> None:
        self.kind, self._items = kind, {}

    def add(self, name: str, item: T) -> None:
        """Enter `item`; raises if a class of another module has the name."""
        old = self._items.get(name)
        if old is not None and old.__module__ != item.__module__:
            raise RuntimeError(f"two {self.kind}s are called '{name}': {old.__module__} and {item.__module__}")
        self._items[name] = item

    def choose(self, name: str) -> T:
        """The class called `name`; raises `Refused` with the choices."""
        return choose(self.kind, name, self._items)

    def __getitem__(self, name: str) -> T:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._items))

    def __len__(self) -> int:
        return len(self._items)


ENCODERS: Registry[type[Encoder]] = Registry("encoder")
METHODS: Registry[type[Method]] = Registry("method")
