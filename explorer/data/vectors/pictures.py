"""Pictures of the rows: a folder or a zip, by a column or in the order of names, or a sprite as the Projector's."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from explorer.data.photos import SUFFIXES, decode_all, suffix, whole
from explorer.data.trees import Reader, members, read_regular, reader
from explorer.data.vectors.tables import MOST
from explorer.errors import Refused

SIZE = 64  # pixels of a side; larger pictures are made smaller
SMALLEST = 8
MOST_PIXELS = 8192**2  # of a sprite, as the Projector takes them


def read(path: Path, rows: int, names: Sequence[str] | None = None) -> np.ndarray:
    """The pictures `uint8 [N, C, size, size]` of N rows, in their order; C = 1 where all are grey.

    `names` are the file names that a column gives, if there is one. Raises `Refused` where they are not as many.
    """
    if not path.exists():
        raise Refused(f"there is no folder or picture {path}: give a folder or a zip of pictures, or one sprite")
    if are_several(path):
        with reader(path) as one:
            images = _several(path, _files(path), one, rows, names)
    else:
        images = _sprite(path, rows)
    grey = bool((images == images[:, :1]).all())
    return np.ascontiguousarray(images[:, :1]) if grey else images


def are_several(path: Path) -> bool:
    """Whether it is a folder or a zip, and no sprite."""
    return path.is_dir() or path.suffix.lower() == ".zip"


def by_name(path: Path, names: Sequence[str]) -> bool:
    """Whether these names decide which picture belongs to which row; raises `Refused` where only some of them can."""
    return path.exists() and are_several(path) and bool(_by_name(path, _files(path), names))


def _files(path: Path) -> list[str]:
    """The pictures in a folder, or anywhere in a zip."""
    if path.is_dir():
        return [it.name for it in path.iterdir() if it.is_file() and suffix(it.name) in SUFFIXES]
    return [name for name in members(path) if suffix(name) in SUFFIXES]


def _several(path: Path, files: list[str], one: Reader, rows: int, names: Sequence[str] | None) -> np.ndarray:
    """As the names say, where they are those of files; else in the order of the files' own names."""
    chosen = _by_name(path, files, names) if names else []
    chosen = chosen or sorted(files, key=_natural)
    if len(chosen) != rows:
        has = f"{path.name} has {len(chosen):,} pictures and there are {rows:,} vectors"
        raise Refused(f"{has}: give one for each vector")
    if rows * 3 * SIZE**2 > MOST:
        has = f"{rows:,} pictures take {rows * 3 * SIZE**2 / 1e9:.1f} GB"
        raise Refused(f"{has}: at most {MOST / 1e9:.1f} GB are taken, so give fewer rows")
    places: dict[str, list[int]] = {}  # the rows of each file: several may have one
    for row, file in enumerate(chosen):
        places.setdefault(file, []).append(row)
    images = np.empty((rows, 3, SIZE, SIZE), np.uint8)
    for (file, its), picture in zip(places.items(), decode_all(one, list(places), SIZE), strict=True):
        if isinstance(picture, str):
            raise Refused(f"{file} cannot be read as a picture ({picture}): replace it")
        images[its] = picture.pixels
    return images


def _by_name(path: Path, files: list[str], names: Sequence[str]) -> list[str]:
    """The file of each name: its whole path, else its base name where that is one file's; empty if none is a file's.

    Raises `Refused` where a base name belongs to several files or names, and where some names are no files.
    """
    whole = {str(PurePosixPath(file)): file for file in files}
    many = Counter(PurePosixPath(file).name for file in files)
    base = {PurePosixPath(file).name: file for file in files}
    plain = [str(PurePosixPath(name.strip().replace("\\", "/"))) for name in names]
    chosen = [whole.get(name) or base.get(PurePosixPath(name).name, "") for name in plain]
    if not any(chosen):
        return []
    owner: dict[str, str] = {}
    for row, (name, file) in enumerate(zip(plain, chosen, strict=True), 1):
        if not file:
            has = f"row {row} names '{names[row - 1][:80]}', which is no picture of {path.name} as those of others are"
            raise Refused(f"{has}: add it there")
        alike = many[PurePosixPath(name).name]
        if name not in whole and (alike > 1 or owner.get(file, name) != name):
            has = f"row {row} names '{name[:80]}', which is no path in {path.name}, and its last part is no one's alone"
            raise Refused(f"{has}: write the path that the picture has there")
        owner[file] = name
    return chosen


def _sprite(path: Path, rows: int) -> np.ndarray:
    """Tiles of one picture row by row, as many columns as rows, of which the last may be empty."""
    from explorer.data.photos import resized

    columns = int(np.ceil(np.sqrt(rows)))
    lines = -(-rows // columns)
    try:
        sheet = whole(read_regular(path), MOST_PIXELS).pixels.transpose(1, 2, 0)
    except ValueError as error:
        raise Refused(f"{path.name} cannot be read as a picture ({error}): give a PNG") from None
    height, width = sheet.shape[:2]
    side = width // columns
    if side < 1 or width % columns or height % side or height // side < lines:
        has = f"{path.name} has {width}×{height} pixels"
        rule = f"{rows:,} square pictures need {columns} columns and {lines} rows of one size"
        raise Refused(f"{has}, and {rule}, row by row")
    tiles = sheet.reshape(height // side, side, columns, side, 3).transpose(0, 2, 4, 1, 3).reshape(-1, 3, side, side)
    size = min(SIZE, max(SMALLEST, side))
    tiles = tiles[:rows]
    return np.ascontiguousarray(tiles if size == side else resized(np.ascontiguousarray(tiles), size))


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Numbers in a name by their value: 2.png before 10.png."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name.lower())]
