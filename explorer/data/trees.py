"""Folders and zips of class folders: which file belongs to which split and class. A zip is never unpacked."""

import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from explorer import Refused
from explorer.data.dataset import LeftOut
from explorer.data.photos import MAX_BYTES, SUFFIXES, suffix, why_not

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
UNTRAINED = "an image of a class without training images"
IGNORED = ("__MACOSX", "Thumbs.db", "desktop.ini")
CAMERA = ("heic", "heif", "avif", "dng", "cr2", "cr3", "nef")  # photographs too, as telephones and cameras write them
PICTURES = (*SUFFIXES, "gif")  # what makes a folder one of pictures, even if some of them are left out
MAX_DEPTH, MAX_FOLDERS = 6, 5000  # below one folder of the data root; a home folder is no data set

Reader = Callable[[str], bytes]  # one file of a data set; raises `ValueError` with the reason if it cannot be read
Stamp = tuple[str, int]  # a folder and the time of its last change


class Layout(NamedTuple):
    """How the pictures of a folder or zip are laid out; `problem` is the sentence that says why it is no data set."""

    classes: tuple[str, ...] = ()
    splits: Mapping[str, list[tuple[str, int]]] = MappingProxyType({})  # path and label, sorted by path
    left_out: tuple[LeftOut, ...] = ()
    problem: str = ""
    listed: bool = True  # False: nothing in it asks to be a data set

    @property
    def pictures(self) -> int:
        """How many files look like photographs."""
        return sum(len(files) for files in self.splits.values())


def layout(path: Path) -> Layout:
    """The layout of a folder or zip; listed again only when it has changed."""
    try:
        if path.is_dir():
            now = folders(path)
            return _folder_layout(path, now) if len(now) <= MAX_FOLDERS else _too_many(path.name)
        about = path.stat()
        return _zip_layout(path, about.st_mtime_ns, about.st_size)
    except FileNotFoundError:
        return Layout(problem=f"'{path.name}' is no longer there: put it back, or choose another data set")
    except OSError as error:
        return Layout(problem=f"'{path.name}' cannot be read ({error.strerror}); make it readable, or remove it")


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
        yield lambda name: _read_file(path / name)
        return
    with _opened(path) as archive:
        yield lambda name: _read_member(archive, name)


def members(path: Path) -> list[str]:
    """The visible files of a zip; raises `Refused` where it cannot be read."""
    with _opened(path) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
    return [name for name in names if _visible(name)]


def arrange(names: list[str], title: str) -> Layout:
    """Sort files into splits and classes: `train/<class>/…` beside val, validation or test, or plain `<class>/…`."""
    files = [parts for name in names if (parts := _visible(name))]
    pictures = [parts for parts in files if suffix(parts[-1]) in PICTURES]
    if not pictures:
        foreign = sorted({end for parts in files if (end := suffix(parts[-1])) in CAMERA})
        if foreign:
            have = f"the photographs in '{title}' are {' and '.join(foreign).upper()} files, which are not read"
            return Layout(problem=f"{have}: save them as JPEG, and put those there")
        what = f"a data set is a folder or zip of class folders with {', '.join(SUFFIXES)} files"
        return Layout(problem=f"'{title}' holds no images; {what}: put some there, or choose another", listed=False)
    depth = _wrapping(pictures)
    split_words = {parts[depth].lower() for parts in pictures} & SPLITS.keys()
    if split_words and not split_words & {"train", "training"}:
        have = ", ".join(sorted(split_words))
        return Layout(problem=f"'{title}' has {have} but no train folder; rename the one to train on to 'train'")
    return _sort(files, depth, bool(split_words), title)


def _sort(files: list[tuple[str, ...]], depth: int, has_splits: bool, title: str) -> Layout:
    by_class: dict[tuple[str, str], list[str]] = {}  # of each split and class
    left_out = []
    for parts in sorted({parts for parts in files if len(parts) > depth}):
        split, inner = _place(parts[depth:], has_splits)
        why = _unplaced(parts[-1], split, inner)
        if not why:
            by_class.setdefault((split, inner[0]), []).append("/".join(parts))
        elif len(inner) > 1 or suffix(parts[-1]) in PICTURES:  # a README beside the class folders is nobody's image
            left_out.append(LeftOut(legible("/".join(parts)), why))
    return _label(by_class, left_out, title)


def _label(by_class: dict[tuple[str, str], list[str]], left_out: list[LeftOut], title: str) -> Layout:
    """Number the classes of the training images; images of other classes are left out."""
    labels = {name: label for label, name in enumerate(sorted(name for split, name in by_class if split == "train"))}
    splits: dict[str, list[tuple[str, int]]] = {}
    for (split, name), paths in sorted(by_class.items()):
        if name in labels:
            splits.setdefault(split, []).extend((path, labels[name]) for path in paths)
        else:
            left_out += [LeftOut(legible(path), UNTRAINED) for path in paths]
    classes = tuple(map(legible, labels))
    have = f"a single class folder, '{classes[0]}'" if classes else "no class folder with images"
    rule = "at least two are needed: sort its images into one folder per class"
    return Layout(classes, splits, tuple(left_out), f"'{title}' has {have}; {rule}" if len(classes) < 2 else "")


def _unplaced(file: str, split: str, inner: tuple[str, ...]) -> str:
    """Why a file belongs to no class of any split; empty if it does."""
    if not split:
        return why_not(file) or "an image outside the split folders"
    return why_not(file) or ("" if len(inner) > 1 else "an image outside the class folders")


def _place(parts: tuple[str, ...], has_splits: bool) -> tuple[str, tuple[str, ...]]:
    """The split of a file (empty if in none) and its path from the class folder on."""
    if not has_splits:
        return "train", parts
    return SPLITS.get(parts[0].lower(), ""), parts[1:]


def _wrapping(pictures: list[tuple[str, ...]]) -> int:
    """How many folders merely wrap the data set, as zips often do."""
    depth = 0
    while (
        all(len(parts) > depth + 2 for parts in pictures)
        and len({parts[depth] for parts in pictures}) == 1
        and pictures[0][depth].lower() not in SPLITS
    ):
        depth += 1
    return depth


def _visible(name: str) -> tuple[str, ...]:
    """The parts of a path, or nothing for what systems leave behind: dotfiles, __MACOSX, thumbnails."""
    parts = tuple(name.split("/"))
    return () if any(not part or part[0] == "." or part in IGNORED for part in parts) else parts


def _too_many(title: str) -> Layout:
    problem = f"'{title}' holds more than {MAX_FOLDERS:,} folders; a data set has one for each class: split it up"
    return Layout(problem=problem, listed=False)


def legible(name: str) -> str:
    """A name without the bytes that are no UTF-8, which no page could show."""
    return name.encode("utf-8", "replace").decode()


def _stamps(folder: Path, depth: int = 0) -> Iterator[Stamp]:
    modified = folder.stat().st_mtime_ns
    yield str(folder), modified
    if depth < MAX_DEPTH:
        for name in _listing(str(folder), modified)[0]:
            yield from _stamps(folder / name, depth + 1)


@lru_cache(maxsize=20_000)
def _listing(folder: str, modified: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The visible folders and files in a folder; `modified` makes a changed folder a new one."""
    with os.scandir(folder) as entries:
        items = sorted((entry.name, entry.is_dir()) for entry in entries if _visible(entry.name))
    return tuple(name for name, is_dir in items if is_dir), tuple(name for name, is_dir in items if not is_dir)


@lru_cache(maxsize=256)
def _folder_layout(path: Path, folders: tuple[Stamp, ...]) -> Layout:
    below = ((Path(folder).relative_to(path), _listing(folder, modified)[1]) for folder, modified in folders)
    return arrange([(folder / name).as_posix() for folder, names in below for name in names], path.name)


@lru_cache(maxsize=256)
def _zip_layout(path: Path, modified: int, size: int) -> Layout:
    try:
        with _opened(path) as archive:
            return arrange([info.filename for info in archive.infolist() if not info.is_dir()], path.name)
    except Refused as refused:
        return Layout(problem=str(refused))


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        way_out = "put a whole zip there, or remove it"
        raise Refused(f"'{path.name}' cannot be read as a zip ({error}); {way_out}") from error


def _read_file(path: Path) -> bytes:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # opening a pipe waits for its writer
            raise ValueError("no regular file")
        if about.st_size > MAX_BYTES:
            raise ValueError(f"a file of more than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"a file that cannot be read ({error.strerror})") from error


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        if archive.getinfo(name).file_size > MAX_BYTES:
            raise ValueError(f"a file of more than {MAX_BYTES // 1_000_000} MB")
        return archive.read(name)
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, RuntimeError, zlib.error, lzma.LZMAError) as error:
        raise ValueError(f"a damaged or locked member of the zip ({error})") from error
