"""The image itself, flattened: what every representation must beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.errors import Refused
from explorer.models.kind import Kind, kind

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model
    from explorer.models.reference import ModelRef


@kind("Raw pixels", order=1)
class PixelsKind(Kind):
    """Raw pixels."""

    def check(self, ref: ModelRef) -> None:
        """Raises `Refused` for an argument: pixels take none."""
        if ref.name:
            raise Refused(f"no model '{ref}': pixels takes no number; choose pixels, or pca:{ref.name}")

    def titled(self, ref: ModelRef, dataset: str) -> str | None:
        """There is one of this kind."""
        return None if ref.name else self.title

    def load(self, ref: ModelRef, dataset: DataSet | None) -> Model:
        """Nothing has to be learned for it."""
        from explorer.models.model import Pixels

        self.check(ref)
        return Pixels(str(ref), self.title)
