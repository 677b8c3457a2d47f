"""What a desideratum is, what it is measured on, and the registry of them all. Torch-free."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import Any, Literal, NamedTuple

import numpy as np

from explorer.evaluation.probes.registry import Features
from explorer.registry import Registry

Embed = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Subject:
    """A representation whose qualities are measured: its features, and what is known of the images."""

    ref: str
    bank: Features  # of training images
    queries: Features  # of other images, on which it is measured
    classes: tuple[str, ...]
    bank_factors: dict[str, np.ndarray] = field(default_factory=dict)  # what the images were drawn from, [N] each
    factors: dict[str, np.ndarray] = field(default_factory=dict)  # the same of the queries
    bank_images: np.ndarray | None = None  # uint8 [N, C, H, W]
    images: np.ndarray | None = None
    decode: Embed | None = None  # codes to images, if it has a decoder
    space: Embed | None = None  # images to an independent space, which nobody here has learned
    tree: str = ""  # of the classes, as `class_tree` reads it
    seed: int = 0


class Number(NamedTuple):
    """One number of a desideratum, and how it is read."""

    title: str
    definition: str
    better: Literal["higher", "lower", ""] = "higher"  # "": neither is


class Found(NamedTuple):
    """What was measured: its numbers by name, and what else there is to show, as plain JSON."""

    numbers: dict[str, float]
    more: dict[str, Any] = {}
    left_out: str = ""  # why some of its numbers are missing, a sentence


class Desideratum:
    """One quality: `quality(subject)` measures it, and raises `Refused` where there is no such thing."""

    def __init__(
        self, measure: Callable[[Subject], Found], title: str, order: int, source: str, numbers: dict[str, Number]
    ) -> None:
        update_wrapper(self, measure)  # its module and its docstring are the function's
        self.measure, self.name = measure, measure.__module__.rpartition(".")[2]
        self.title, self.order, self.source, self.numbers = title, order, source, numbers

    def __call__(self, subject: Subject) -> Found:
        """What is found of a representation."""
        return self.measure(subject)

    @property
    def question(self) -> str:
        """What it asks: the first line of its docstring."""
        return (self.measure.__doc__ or "").strip().partition("\n")[0]


DESIDERATA: Registry[Desideratum] = Registry("desideratum", "explorer.evaluation.desiderata")


def desideratum(
    title: str, *, order: int, source: str, numbers: dict[str, Number]
) -> Callable[[Callable[[Subject], Found]], Desideratum]:
    """Registers a function under the name of its file; it returns some of these `numbers`, by their names."""

    def register(measure: Callable[[Subject], Found]) -> Desideratum:
        new = Desideratum(measure, title, order, source, numbers)
        DESIDERATA.add(new.name, new)
        return new

    return register
