"""The kind of a model: how its references are spelled, checked and titled, and how it is loaded.

Torch-free: a page lists models before anything heavy is imported; only `load` brings it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from explorer.registry import Registry

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Architecture, Model
    from explorer.models.reference import ModelRef
    from explorer.runs import Run


class Kind:
    """One kind of model; its references are its name, or `NAME:ARGUMENT` where it takes an argument."""

    name: ClassVar[str]
    title: ClassVar[str]
    order: ClassVar[int]  # among the kinds, where models are listed
    prefixed: ClassVar[bool] = True  # whether a reference begins with its name, which is then no name of a run
    aliases: ClassVar[tuple[str, ...]] = ()  # older names, which addresses may still say
    can_embed: ClassVar[bool] = True  # False: it has features of stored rows alone, and none of new images
    modality: ClassVar[str | None] = "image"  # that it looks at; None: each of its models looks at its own
    made_from_data: ClassVar[bool] = True  # the same for everyone who names the same data set
    several_weights: ClassVar[bool] = False  # whether a reference may say which of its weights, after an @
    first_weights: ClassVar[str] = ""  # what a reference says there for those before the first step, if it may

    def argument(self, word: str, argument: str) -> str | None:
        """What a reference `WORD:ARGUMENT` names of this kind; None where it is none of its references."""
        return argument if self.prefixed and word in (self.name, *self.aliases) else None

    def divided(self, text: str) -> tuple[str, str]:
        """A reference, and which of its weights: what stands behind its @."""
        name, _, which = text.partition("@")
        return name, which

    def examples(self) -> tuple[str, ...]:
        """References that a message names among the choices."""
        return (self.name,) if self.prefixed else ()

    def claims(self, name: str) -> bool:
        """Whether a reference of this name alone, without the kind's own in front of it, is one of this kind."""
        return False

    def spelled(self, ref: ModelRef) -> str:
        """The reference as text."""
        return f"{self.name}:{ref.name}" if ref.name else self.name

    def check(self, ref: ModelRef) -> None:
        """Raises `Refused` where the reference names nothing that can be loaded now."""

    def listed(self, dataset: str) -> list[tuple[str, str]]:
        """The references, with titles, that are offered on this data set."""
        return [(self.name, self.title)]

    def titled(self, ref: ModelRef, dataset: str) -> str | None:
        """What a reference is called; None for one that this kind does not know."""
        return f"{self.title}, {ref.name}" if ref.name else self.title

    def run(self, ref: ModelRef) -> Run | None:
        """The training behind the model, if it has one."""
        return None

    def origin(self, ref: ModelRef) -> str:
        """What decides the model besides its reference and the data: part of the address of every result of it."""
        return ""

    def knows_imagenet(self, ref: ModelRef) -> bool:
        """Whether the model scores the classes of ImageNet, which it was trained on."""
        return False

    def can_train(self, ref: ModelRef) -> bool:
        """Whether another task may move its weights."""
        return False

    def can_decode(self, ref: ModelRef) -> bool:
        """Whether the model draws images from codes."""
        return False

    def data_of(self, ref: ModelRef) -> str:
        """The one data set of whose rows it knows features; empty for a model that is asked about any."""
        return ""

    def load(self, ref: ModelRef, dataset: DataSet | None) -> Model:
        """The model; raises `Refused` where it cannot be loaded."""
        raise TypeError(f"{type(self).__name__} does not load")

    def architecture(self, ref: ModelRef) -> Architecture | None:
        """The network without its numbers; None where it is as soon loaded with them."""
        return None


KINDS: Registry[Kind] = Registry("kind of model", "explorer.models.kinds")


def kind(title: str, *, order: int) -> Callable[[type[Kind]], type[Kind]]:
    """Register a kind of model under the name of its file."""

    def register(cls: type[Kind]) -> type[Kind]:
        cls.name, cls.title, cls.order = cls.__module__.rpartition(".")[2], title, order
        KINDS.add(cls.name, cls())
        return cls

    return register


def ordered() -> list[Kind]:
    """All kinds as models are listed: trained ones first."""
    return sorted(KINDS.values(), key=lambda each: each.order)


def claimed(name: str) -> Kind | None:
    """The kind that has a model of this name without its own in front of it."""
    return next((each for each in KINDS.values() if each.claims(name)), None)


def named(word: str) -> Kind | None:
    """The kind whose references begin with this word, or did once."""
    return next((each for each in KINDS.values() if each.argument(word, "") is not None), None)
