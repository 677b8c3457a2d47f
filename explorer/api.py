"""What scripts and notebooks call; torch comes with the first call, not with the import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model


def load(ref: str, dataset: DataSet | None = None) -> Model:
    """The model that a reference names, such as `garments-simclr`; some kinds, such as `pca`, need a data set."""
    from explorer.models import loading

    return loading.load(ref, dataset)


def reproduce(folder: Path | str) -> int:
    """Train the run of an exported archive again, and compare the weights; 0 if they are the same to the last bit.

    Every archive calls this from its `reproduce.py`. Writes `reproduced.safetensors` beside it.
    """
    from explorer.tasks import reproduction

    return reproduction.reproduce(Path(folder))
