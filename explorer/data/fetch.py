"""Download published data sets with torchvision: whole or not at all, with progress.

Without a network the answer comes within seconds and names the address, the folder and the way out.
"""

import shutil
import socket
import tarfile
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from explorer import Refused
from explorer.data.entries import find
from explorer.data.places import Progress, alone, quiet, root, writing
from explorer.data.published import PUBLISHED, Published
from explorer.data.registry import embedded_names

PATIENCE = 5.0  # seconds for an address to answer at all
STALL = 20.0  # seconds without a byte after which a download is given up


def download(name: str, progress: Progress | None = None) -> None:
    """Bring a published data set's files under the data root; does nothing where they are already there."""
    progress = progress or quiet
    if find(name).available:
        return
    published = PUBLISHED[name]
    with alone(f"download-{name}", progress):
        if not published.present(root()):  # nobody else has fetched them while we waited
            _fetch(published, progress)
    progress(1.0, f"{published.title} is here")


def _fetch(published: Published, progress: Progress) -> None:
    progress(0.0, f"asking {published.addresses[0]} for {published.title}")
    silences = [silence(address + published.archives[0]) for address in published.addresses]
    if all(silences):
        raise _unreachable(published, silences[0])
    with writing(root(), "EXPLORER_DATA"):
        root().mkdir(parents=True, exist_ok=True)
        for left in root().glob(
            f".downloading-{published.torchvision}-*"
        ):  # of a process that was killed: we hold the lock
            shutil.rmtree(left, ignore_errors=True)
        scratch = Path(mkdtemp(prefix=f".downloading-{published.torchvision}-", dir=root()))
    try:
        _download(published, scratch, progress)
        with writing(root(), "EXPLORER_DATA"):
            _move(scratch / published.folder, root() / published.folder, published.files)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def silence(address: str) -> str:
    """Why nothing, not even a refusal, comes back; asked on a thread, for looking up a name knows no timeout."""
    heard: list[str] = []

    def ask() -> None:
        try:
            urlopen(Request(address, method="HEAD"), timeout=PATIENCE).close()
            heard.append("")
        except HTTPError:
            heard.append("")
        except (OSError, HTTPException, ValueError) as error:
            heard.append(str(getattr(error, "reason", error)))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return heard[0] if heard else f"no answer within {PATIENCE:.0f} s"


def _download(published: Published, scratch: Path, progress: Progress) -> None:
    from explorer.system.torchvision import torchvision

    module = torchvision().datasets
    try:
        with _reported(module.utils, published, progress), _impatient():
            getattr(module, published.torchvision)(scratch, download=True)
    except (OSError, RuntimeError, EOFError, HTTPException, zlib.error, tarfile.TarError) as error:
        raise _unreachable(published, str(error).strip().replace("\n", " ") or type(error).__name__) from error


def _move(source: Path, target: Path, names: tuple[str, ...]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        (source / name).replace(target / name)


@contextmanager
def _impatient() -> Iterator[None]:
    """torchvision's requests have no timeout of their own; a dead connection must not hang for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(STALL)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextmanager
def _reported(utils: Any, published: Published, progress: Progress) -> Iterator[None]:
    """Put our progress where torchvision draws its bar: it hears of every chunk and may raise to stop."""
    before, done = utils.tqdm, 0

    class Bar:
        def __init__(self, *_: object, **__: object) -> None: ...

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def update(self, n: int) -> None:
            nonlocal done
            done += n
            share = min(0.99, done / (published.megabytes * 1e6))
            progress(share, f"downloading {published.title}: {done / 1e6:.0f} of {published.megabytes} MB")

    utils.tqdm = Bar
    try:
        yield
    finally:
        utils.tqdm = before


def _unreachable(published: Published, why: str) -> Refused:
    return Refused(
        f"{published.title} cannot be downloaded from {published.addresses[0]} ({why}); try again with a network, "
        f"{published.by_hand(root())} by hand, or choose {' or '.join(embedded_names())}, which need no network"
    )
