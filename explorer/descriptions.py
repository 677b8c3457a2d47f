"""What methods and trainings ask for, without importing torch: names, sentences and hyperparameters, kept in the cache.

The cached file carries a hash of all sources that decide it. Where one has changed, it is made anew from the classes.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import pydantic

from explorer import reading
from explorer.config import Description
from explorer.system import caches
from explorer.system.folders import cache_root

FORMAT = 3  # of the cached file
ROOT = Path(__file__).resolve().parent
ROOMS = ("core", "nn", "augment", "methods")  # with the files beside this one: all that a method may import


class MethodDescription(NamedTuple):
    """What the command line tells about a method."""

    info: dict[str, Any]  # the fields of `core.Info`
    config: Description
    train_defaults: dict[str, Any]
    trains: bool  # whether it has weights that a gradient moves
    projects: bool  # whether its loss compares something else than the representation


class Descriptions(NamedTuple):
    """Every method by name, and what every training asks for."""

    methods: dict[str, MethodDescription]
    training: Description


def read() -> Descriptions:
    """From the classes where this process has them already, with what else it has registered; else from the cache."""
    return uncached() if "explorer.methods" in sys.modules else cached()


def cached() -> Descriptions:
    """What is stored, if it is of these very sources; else what the classes say, which is then stored."""
    key, path = _key(), _path()
    with suppress(OSError, ValueError, KeyError, TypeError):  # not there yet, not readable, or damaged
        stored = reading.fields(path)
        if stored["key"] == key:
            found = _unpacked(stored)
            caches.use(path)
            return found
    found = _of_the_sources(uncached())
    caches.keep(path, json.dumps({"key": key, **found._asdict()}).encode())
    return found


def _of_the_sources(found: Descriptions) -> Descriptions:
    """Without the methods that a notebook has registered."""
    from explorer.methods import METHODS

    own = {name: it for name, it in found.methods.items() if METHODS[name].__module__ == f"explorer.methods.{name}"}
    return found._replace(methods=own)


def uncached() -> Descriptions:
    """The same, read off the classes; imports torch."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS

    methods = {
        name: MethodDescription(
            vars(cls.info) | {"needs": cls.info.needs._asdict()},
            Description.of(cls.Config),
            cls.train_defaults,
            cls.can_train(),
            cls.can_project(),
        )
        for name, cls in METHODS.items()
    }
    return Descriptions(methods, Description.of(TrainConfig))


def sources() -> list[Path]:
    """The files that decide what is described."""
    return sorted([*ROOT.glob("*.py"), *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))])


def _key() -> str:
    """Another one as soon as a source, Python or pydantic is another."""
    digest = blake2b(repr((FORMAT, sys.version, pydantic.VERSION)).encode(), digest_size=16)
    for path in sources():
        content = path.read_bytes()
        digest.update(f"\n{path.relative_to(ROOT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _path() -> Path:
    """One file for each copy of the project."""
    return cache_root() / "descriptions" / f"{blake2b(bytes(ROOT), digest_size=8).hexdigest()}.json"


def _unpacked(stored: dict[str, Any]) -> Descriptions:
    """The fields of the stored object: JSON knows no named tuples."""
    methods = {
        name: MethodDescription(info, Description(*config), *rest)
        for name, (info, config, *rest) in stored["methods"].items()
    }
    return Descriptions(methods, Description(*stored["training"]))
