"""What the catalogue needs to know of a folder or zip; for zips, which are slow to list, it is kept on disk."""

import hashlib
import json
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from explorer.data.places import cache_root
from explorer.data.trees import Layout, layout


class Overview(NamedTuple):
    """A layout without its files."""

    classes: tuple[str, ...]
    counts: dict[str, int]  # files that look like photographs, by split
    problem: str = ""
    listed: bool = True


def overview(path: Path) -> Overview:
    """The overview of a folder or zip as it is now."""
    if path.is_dir() or not path.is_file():
        return _of(layout(path))
    stat = path.stat()
    return _of_zip(path, stat.st_mtime_ns, stat.st_size, cache_root() / "zips")


def _of(arranged: Layout) -> Overview:
    counts = {split: len(files) for split, files in arranged.splits.items()}
    return Overview(arranged.classes, counts, arranged.problem, arranged.listed)


@lru_cache(maxsize=256)
def _of_zip(path: Path, modified: int, size: int, folder: Path) -> Overview:
    key = hashlib.blake2b(f"1 {path} {modified} {size}".encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    kept = folder / f"{key}.json"
    with suppress(OSError, ValueError, TypeError):
        classes, *rest = json.loads(kept.read_text())
        return Overview(tuple(classes), *rest)
    contents = _of(layout(path))
    if not contents.problem:  # a problem may pass: look again in the next process
        with suppress(OSError):  # a cache that cannot be written costs time, nothing else
            folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=folder, delete=False) as out:
                json.dump(contents, out)
            Path(out.name).replace(kept)
    return contents
