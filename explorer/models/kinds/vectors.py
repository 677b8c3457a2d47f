"""Finished vectors from elsewhere: a model without a network, which has features of its own rows alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer import runs
from explorer.data.vectors import store
from explorer.errors import Refused, choose
from explorer.models.kind import Kind, kind

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model
    from explorer.models.reference import ModelRef


@kind("Finished vectors", order=-1)
class VectorsKind(Kind):
    """Imported vectors, under the name that they were given: model and data set are one."""

    prefixed = False
    can_embed = False
    made_from_data = False
    modality = None

    def claims(self, name: str) -> bool:
        """A run of the name comes first: it may have been there before."""
        return store.find(name) is not None and runs.find(name) is None

    def spelled(self, ref: ModelRef) -> str:
        """The name alone."""
        return ref.name

    def check(self, ref: ModelRef) -> None:
        """Raises `Refused` where they were deleted."""
        choose("finished vectors", ref.name, store.listing())

    def listed(self, dataset: str) -> list[tuple[str, str]]:
        """Those of this very data set."""
        stored = store.find(dataset)
        return [(dataset, stored.title)] if stored and self.claims(dataset) else []

    def titled(self, ref: ModelRef, dataset: str) -> str | None:
        """As they were called."""
        stored = store.find(ref.name)
        return stored.title if stored else None

    def origin(self, ref: ModelRef) -> str:
        """Their content."""
        stored = store.find(ref.name)
        return stored.hash if stored else ""

    def data_of(self, ref: ModelRef) -> str:
        """The data set of the same name."""
        return ref.name

    def load(self, ref: ModelRef, dataset: DataSet | None) -> Model:
        """The vectors by the rows of their data set; raises `Refused` for another data set."""
        from explorer.models.finished import FinishedVectors

        self.check(ref)
        if dataset is not None:
            ref.check_data(dataset.name)
            if store.ROW not in dataset.splits["train"].factors:
                raise Refused(f"the data set '{ref.name}' is not that of these vectors: rename one of them")
        return FinishedVectors(ref.name, store.find(ref.name).title, dataset.modality if dataset else "vector")
