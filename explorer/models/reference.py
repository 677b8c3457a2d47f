"""A model by reference: the text that stands in addresses, commands and records, read in one place.

`NAME` (a run's or a shipped model's folder: its last weights), `NAME@best`, `NAME@last`, `NAME@0` (the same network
before its first step); `pixels`; `pca` or `pca:COMPONENTS`; `untrained` or `untrained:ENCODER` (once called `random`);
the name of imported vectors.
Torch-free: a page lists models before anything heavy is imported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explorer import data
from explorer.errors import Refused
from explorer.models import kind as kinds
from explorer.models.kind import KINDS, Kind

if TYPE_CHECKING:
    from explorer.runs import Run

RUN = "run"  # the kind whose references begin with the name of a folder


@dataclass(frozen=True)
class ModelRef:
    """Which model: its kind, its name (of a run) or argument (of another kind), and which weights of a run."""

    kind: str
    name: str = ""
    which: str = ""

    @classmethod
    def parse(cls, text: str) -> ModelRef:
        """The reference that a text spells; whether there is such a model is seen by `check`."""
        name, _, which = text.partition("@")
        if kind := kinds.named(name.partition(":")[0]):
            name, which = kind.divided(text)
            word, _, argument = name.partition(":")
            return cls(kind.name, kind.argument(word, argument), which)
        claimed = kinds.claimed(name)
        return cls(claimed.name if claimed else RUN, name, which)

    def __str__(self) -> str:
        return self._kind.spelled(self)

    @property
    def _kind(self) -> Kind:
        return KINDS[self.kind]

    def check(self) -> None:
        """Raises `Refused` where it names no model, or one without weights."""
        if self.which and not self._kind.several_weights:
            raise Refused(f"no weights '{self.which}' of {self}: it is not trained; choose {self}")
        self._kind.check(self)

    def title(self, dataset: str) -> str:
        """What it is called among the models of a data set."""
        return self._kind.titled(self, dataset) or str(self)

    @property
    def run(self) -> Run | None:
        """The training behind it; None for what needs no training, or where it is gone."""
        return self._kind.run(self)

    @property
    def untrained(self) -> ModelRef | None:
        """The same network before its first step; None for what has none, or is that network itself."""
        first = self._kind.first_weights
        return replace(self, which=first) if first and self.which != first else None

    @property
    def never_trained(self) -> bool:
        """Whether no step has moved its weights: pixels, PCA, an untrained encoder, a network before its first step."""
        first = self._kind.first_weights
        return self.made_from_data or bool(first and self.which == first)

    def check_data(self, dataset: str) -> None:
        """Raises `Refused` where it knows nothing of the rows of this data set."""
        own = self._kind.data_of(self)
        if own and dataset != own:
            raise Refused(f"{self} has vectors of its own rows alone, not of {dataset}: name {own} as the data set")

    @property
    def own_data(self) -> str:
        """The one data set whose rows it knows; empty where it takes any of its modality."""
        return self._kind.data_of(self)

    @property
    def made_from_data(self) -> bool:
        """Whether it is made from the data set that it is used on, and so the same for everyone."""
        return self._kind.made_from_data

    @property
    def can_embed(self) -> bool:
        """Whether it computes features of any images, and not only of the rows of its data set."""
        return self._kind.can_embed

    @property
    def can_train(self) -> bool:
        """Whether another task may move its weights."""
        return self._kind.can_train(self)

    @property
    def knows_imagenet(self) -> bool:
        """Whether it scores the classes of ImageNet, which it was trained on with their labels."""
        return self._kind.knows_imagenet(self)

    @property
    def can_decode(self) -> bool:
        """Whether it draws images from codes; of a trained one only its method knows, which needs torch."""
        return self._kind.can_decode(self)

    @property
    def origin(self) -> str:
        """What decides it besides its spelling and the data."""
        return self._kind.origin(self)


def references(dataset: str) -> list[tuple[str, str]]:
    """What can be looked at on this data set, as (reference, title): its runs, other runs, what needs no training.

    All of them look at data of its modality.
    """
    modality = _modality(dataset)
    fitting = (each for each in kinds.ordered() if each.modality in (None, modality))
    pairs = [pair for each in fitting for pair in each.listed(dataset)]
    return [(text, title) for text, title in pairs if _trained_on(text) in (None, modality)]


def _modality(dataset: str) -> str:
    entry = data.catalogue().get(dataset)
    return entry.modality if entry else "image"


def _trained_on(text: str) -> str | None:
    """The modality of what a model was trained on; None for one that needs no training."""
    run = ModelRef.parse(text).run
    return _modality(run.spec.dataset) if run else None


def variant(text: str, dataset: str) -> str | None:
    """The title of a reference to other weights of a listed run, or to another size of a listed kind; else None.

    Raises `Refused` where there is such a run or kind, and it has no such weights or size.
    """
    ref = ModelRef.parse(text)
    title = KINDS[ref.kind].titled(ref, dataset) if ref.which or (ref.kind != RUN and ref.name) else None
    if title:
        ref.check()
    return title
