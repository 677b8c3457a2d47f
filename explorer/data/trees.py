"""Folders and zips of class folders: what lies in them, and how one file is read. A zip is never unpacked.

Only regular files inside the set's own root are read, so no link leads out of it, and no loop leads anywhere.
"""

import errno
import lzma
import os
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from explorer import Refused
from explorer.data.dataset import LeftOut
from explorer.data.layouts import File, Layout, arrange
from explorer.data.names import legible, visible
from explorer.data.photos import MAX_BYTES

MAX_FOLDERS = 5000  # below one folder of the data root; a home folder is no data set
LEAVES = "a link that leaves the data set, which is not followed: copy there what it leads to"
LINKED_FOLDER = "a link to a folder, which is not followed: copy the folder there"
NOWHERE = "a link to nothing"
LINK = "a link, which is not followed: pack what it leads to"
SPECIAL = "no regular file, but a pipe, a socket or a device"
TWICE = "an earlier file of a name that stands twice in the zip"
LEADS_OUT = "a file of the zip whose path leads out of it"

Reader = Callable[[str], bytes]  # one file of a data set; raises `ValueError` with the reason if it cannot be read
Stamp = tuple[str, int]  # a folder and the time of its last change


class Listing(NamedTuple):
    """The names in a folder."""

    folders: tuple[str, ...]
    files: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]  # what is neither, and why it is not followed


def layout(path: Path) -> Layout:
    """The layout of a folder or zip; listed again only when it has changed."""
    name = legible(path.name)
    try:
        if path.is_dir():
            now = folders(path)
            return _folder_layout(path, now) if len(now) <= MAX_FOLDERS else _too_many(name)
        about = path.stat()
        return _zip_layout(path, about.st_mtime_ns, about.st_size)
    except FileNotFoundError:
        return Layout(problem=f"'{name}' is no longer there: put it back, or choose another data set")
    except OSError as error:
        return Layout(problem=f"'{name}' cannot be read ({error.strerror}); make it readable, or remove it")


def folders(path: Path) -> tuple[Stamp, ...]:
    """A folder and all folders below it with their times: adding or removing a file changes one of them."""
    return tuple(islice(_stamps(path), MAX_FOLDERS + 1))


def stamps(path: Path) -> Iterator[str]:
    """One line for each file that matters, with its size and time: what a cache of this source depends on."""
    names = [name for files in layout(path).splits.values() for name, _ in files] if path.is_dir() else [""]
    above = f"{path}/" if path.is_dir() else str(path)
    for name in names:
        with suppress(OSError):  # gone or unreadable: it will be left out with a reason
            about = os.stat(above + name)  # noqa: PTH116 - a path of text, since there may be many
            yield f"{name} {about.st_size} {about.st_mtime_ns}"


@contextmanager
def reader(path: Path) -> Iterator[Reader]:
    """A function that reads one file of a folder or zip."""
    if path.is_dir():
        yield _Folder(os.path.realpath(path)).read
        return
    with opened_zip(path) as archive:
        yield lambda name: _read_member(archive, name)


def members(path: Path) -> list[str]:
    """The visible files of a zip; raises `Refused` where it cannot be read."""
    with opened_zip(path) as archive:
        return [file.name for file in in_zip(archive)[0]]


def read_regular(path: str | Path, follow: bool = True) -> bytes:
    """The content of a regular file; raises `ValueError` with the reason for what is none, or too large.

    Unless it is to `follow` one, a link is an `OSError`.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)  # a pipe would wait
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise ValueError(SPECIAL)
            if about.st_size > MAX_BYTES:
                raise ValueError(_too_large())
            return file.read(MAX_BYTES)
    except OSError as error:
        if error.errno == errno.ELOOP and not follow:
            raise
        raise ValueError(f"a file that cannot be read ({error.strerror})") from error


class _Folder:
    """Reads the files below a folder, and nothing outside it."""

    def __init__(self, root: str) -> None:
        self.root, self.known = root, {}  # folders below it, and whether they are inside

    def read(self, name: str) -> bytes:
        """A file of this name; raises `ValueError`."""
        path = f"{self.root}/{name}"
        folder = path.rpartition("/")[0]
        if folder not in self.known:
            self.known[folder] = folder == self.root or _inside(self.root, folder)
        if not self.known[folder] or name.endswith("/.."):
            raise ValueError(LEAVES)
        try:
            return read_regular(path, follow=False)
        except OSError:  # a link
            if not _inside(self.root, path):
                raise ValueError(LEAVES) from None
            return read_regular(path)


def _inside(root: str, path: str) -> bool:
    return os.path.realpath(path).startswith(f"{root.rstrip('/')}/")


def _too_large() -> str:
    return f"a file of more than {MAX_BYTES // 1_000_000} MB"


def _too_many(title: str) -> Layout:
    problem = f"'{title}' holds more than {MAX_FOLDERS:,} folders; a data set has one for each class: split it up"
    return Layout(problem=problem, listed=False)


def _stamps(folder: Path) -> Iterator[Stamp]:
    """A folder and those below it, each before what is in it."""
    root, waiting = os.path.realpath(folder), [str(folder)]
    while waiting:
        name = waiting.pop()
        modified = os.stat(name).st_mtime_ns  # noqa: PTH116 - text, since there may be many
        yield name, modified
        waiting += [f"{name}/{below}" for below in reversed(_listing(name, modified, root).folders)]


@lru_cache(maxsize=20_000)
def _listing(folder: str, modified: int, root: str) -> Listing:
    """The visible names in a folder; `modified` makes a changed folder a new one."""
    names: dict[str, list[str]] = {"folder": [], "file": []}
    left_out = []
    with os.scandir(folder) as entries:
        for entry in sorted((entry for entry in entries if visible(entry.name)), key=lambda entry: entry.name):
            kind = _kind(entry, root)
            if kind in names:
                names[kind].append(entry.name)
            else:
                left_out.append((entry.name, kind))
    return Listing(tuple(names["folder"]), tuple(names["file"]), tuple(left_out))


def _kind(entry: os.DirEntry, root: str) -> str:
    """`folder`, `file`, or why it is neither."""
    if not entry.is_symlink():
        regular = entry.is_file(follow_symlinks=False)
        return "folder" if entry.is_dir(follow_symlinks=False) else "file" if regular else SPECIAL
    if not _inside(root, entry.path) and os.path.realpath(entry.path) != root:
        return LEAVES
    try:
        entry.stat()
        return LINKED_FOLDER if entry.is_dir() else "file" if entry.is_file() else SPECIAL
    except OSError:  # also a link to itself
        return NOWHERE


@lru_cache(maxsize=256)
def _folder_layout(path: Path, folders: tuple[Stamp, ...]) -> Layout:
    root, above = os.path.realpath(path), len(str(path)) + 1
    files, left_out = [], []
    for folder, modified in folders:
        listing, before = _listing(folder, modified, root), f"{folder[above:]}/".lstrip("/")
        files += [File(tuple(f"{before}{name}".split("/")), f"{before}{name}") for name in listing.files]
        left_out += [LeftOut(legible(f"{before}{name}"), why) for name, why in listing.left_out]
    return _with(arrange(files, legible(path.name)), left_out)


@lru_cache(maxsize=256)
def _zip_layout(path: Path, modified: int, size: int) -> Layout:
    try:
        with opened_zip(path) as archive:
            files, left_out = in_zip(archive)
            return _with(arrange(files, legible(path.name)), left_out)
    except Refused as refused:
        return Layout(problem=str(refused))


def _with(arranged: Layout, left_out: list[LeftOut]) -> Layout:
    return arranged._replace(left_out=(*left_out, *arranged.left_out)) if left_out else arranged


def in_zip(archive: zipfile.ZipFile) -> tuple[list[File], list[LeftOut]]:
    """The visible files of a zip, and what is none of its own. Windows may part folders by back slashes."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    separator = "\\" if not any("/" in info.filename for info in infos) else "/"
    several = Counter(info.filename for info in infos)
    files, left_out = [], []
    for info in infos:
        name = info.filename
        several[name] -= 1
        parts = visible(name, separator)
        if stat.S_ISLNK(info.external_attr >> 16):
            left_out.append(LeftOut(legible(name), LINK))
        elif ".." in name.split(separator) or name.startswith(separator):
            left_out.append(LeftOut(legible(name), LEADS_OUT))
        elif parts and several[name]:
            left_out.append(LeftOut(legible(name), TWICE))
        elif parts:
            files.append(File(parts, name))
    return files, left_out


def opened_zip(path: Path) -> zipfile.ZipFile:
    """A zip; raises `Refused` with the reason where it cannot be read."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        way_out = "put a whole zip there, or remove it"
        raise Refused(f"'{legible(path.name)}' cannot be read as a zip ({error}); {way_out}") from error


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        if archive.getinfo(name).file_size > MAX_BYTES:
            raise ValueError(_too_large())
        return archive.read(name)
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, RuntimeError, zlib.error, lzma.LZMAError) as error:
        raise ValueError(f"a damaged or locked member of the zip ({error})") from error
