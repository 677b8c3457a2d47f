"""The image itself, flattened, or its means over a grid: what every representation must beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.errors import Refused
from explorer.models.kind import Kind, kind

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model
    from explorer.models.reference import ModelRef

LARGEST = 64  # a side of the grid


@kind("Raw pixels", order=1)
class PixelsKind(Kind):
    """Raw pixels, `pixels`, or their means over a grid of SIDE x SIDE, `pixels:SIDE`."""

    def check(self, ref: ModelRef) -> None:
        """Raises `Refused` for what is no side of a grid."""
        if ref.name and not (ref.name.isdecimal() and 0 < int(ref.name) <= LARGEST):
            raise Refused(f"no model '{ref}': name the side of a grid of means, such as pixels:2, at most {LARGEST}")

    def titled(self, ref: ModelRef, dataset: str) -> str | None:
        """Which grid, if there is one."""
        return f"{self.title}, means over {ref.name}×{ref.name}" if ref.name else self.title

    def load(self, ref: ModelRef, dataset: DataSet | None) -> Model:
        """Nothing has to be learned for it."""
        from explorer.models.model import Pixels

        self.check(ref)
        return Pixels(str(ref), self.titled(ref, ""), int(ref.name or 0))
