"""Arrays that were computed once and are read from then on: in the cache, under a hash of all that decides them.

They are memory-mapped, so that processes share them. What is missing, damaged or cannot be written is computed again.
"""

import hashlib
import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import get_ident

import numpy as np

from explorer.system import caches
from explorer.system.folders import cache_root

LARGEST = 8 * 2**20  # bytes of one array; a larger one is computed again: it would push many others out of the cache
ENDING = 16  # bytes behind an array: their hash, which no damaged or half-written file has


def digest(*parts: object) -> str:
    """Hex: the same for the same texts and numbers, and for arrays of the same type, shape and content."""
    made = hashlib.blake2b(digest_size=ENDING)
    for part in parts:
        array = isinstance(part, np.ndarray)
        content = _bytes(part) if array else part if isinstance(part, bytes) else str(part).encode()
        kind = f"{part.dtype.str} {part.shape}" if array else "text"
        made.update(f"{kind} {len(content)} ".encode())  # no two lists of parts are one sequence of bytes
        made.update(content)
    return made.hexdigest()


def kept(folder: str, key: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
    """What `compute` returns, from the cache if it was computed before; it may be read alone."""
    path = cache_root() / folder / f"{key}.npy"
    known = _read(path)
    if known is not None:
        return known
    array = compute()
    if array.nbytes <= LARGEST:
        _write(path, array)
    return array


def _bytes(array: np.ndarray) -> memoryview:
    return memoryview(np.ascontiguousarray(array).reshape(-1).view(np.uint8))


def _read(path: Path) -> np.ndarray | None:
    """The array, marked as used just now; None where there is none, or a damaged one."""
    try:
        content = np.memmap(path, np.uint8, "r")
        if hashlib.blake2b(content[:-ENDING], digest_size=ENDING).digest() != content[-ENDING:].tobytes():
            return None
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    caches.use(path)
    return np.asarray(array)


def _write(path: Path, array: np.ndarray) -> None:
    """Whole or not at all, and without waiting for the disk: whoever reads sees whether it is whole."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    content = file.getvalue()
    temporary = path.with_name(f".{os.getpid()}-{get_ident()}-{path.name}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(content + hashlib.blake2b(content, digest_size=ENDING).digest())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
