"""Pictures of the rows: a folder of files in the order of their names, or a sprite as the Embedding Projector's."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from explorer.data.photos import SUFFIXES, decode, suffix
from explorer.errors import Refused

SIZE = 64  # pixels of a side; larger pictures are made smaller
SMALLEST = 8
MOST_PIXELS = 2**28


def read(path: Path, rows: int, names: Sequence[str] | None = None) -> np.ndarray:
    """The pictures `uint8 [N, C, size, size]` of N rows, in their order; C = 1 where all are grey.

    `names` are the file names that a column gives, if there is one. Raises `Refused` where they are not as many.
    """
    if not path.exists():
        raise Refused(f"there is no folder or picture {path}: give a folder of pictures, or one sprite")
    images = _folder(path, rows, names) if path.is_dir() else _sprite(path, rows)
    grey = bool((images == images[:, :1]).all())
    return np.ascontiguousarray(images[:, :1]) if grey else images


def _folder(path: Path, rows: int, names: Sequence[str] | None) -> np.ndarray:
    files = {it.name: it for it in path.iterdir() if it.is_file() and suffix(it.name) in SUFFIXES}
    if names is not None and (lost := next((i for i, name in enumerate(names) if Path(name).name not in files), None)):
        names = None if lost == 0 else names
    chosen = [files.get(Path(name).name) for name in names] if names is not None and files else []
    if not chosen or None in chosen:
        chosen = [files[name] for name in sorted(files, key=_natural)]
    if len(chosen) != rows:
        raise Refused(f"{path} has {len(chosen):,} pictures and there are {rows:,} vectors: give one for each vector")
    images = np.empty((rows, 3, SIZE, SIZE), np.uint8)
    for i, file in enumerate(chosen):
        try:
            images[i] = decode(file.read_bytes(), SIZE).pixels
        except (ValueError, OSError) as error:
            raise Refused(f"{file.name} cannot be read as a picture ({error}): replace it") from None
    return images


def _sprite(path: Path, rows: int) -> np.ndarray:
    """Tiles of one picture row by row, as many columns as rows, of which the last may be empty."""
    from PIL import Image, UnidentifiedImageError

    from explorer.data.photos import resized

    columns = int(np.ceil(np.sqrt(rows)))
    lines = -(-rows // columns)
    try:
        with Image.open(path) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused(f"{path.name} has {image.width}×{image.height} pixels, which is too much for a sprite")
            sheet = np.asarray(image.convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"{path.name} cannot be read as a picture ({type(error).__name__}): give a PNG") from None
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
