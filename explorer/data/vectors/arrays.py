"""Arrays from a file of numpy. Their headers are read first: what claims too much is refused before it takes memory."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from explorer.data.vectors.tables import MOST
from explorer.errors import Refused

ARRAY, ZIP = b"\x93NUMPY", (b"PK\x03\x04", b"PK\x05\x06")
OBJECTS = "it holds Python objects, which are programs to whoever opens them and are never read"


def read(path: Path) -> np.ndarray | dict[str, np.ndarray]:
    """The array of an npy, or those of an npz by name, whatever the file is called; raises `Refused`."""
    with path.open("rb") as file:
        start = file.read(len(ARRAY))
        file.seek(0)
        if not start.startswith((ARRAY, *ZIP)):
            raise Refused(f"{path.name} is damaged, or no file of numpy: save it again with numpy.save or numpy.savez")
        with _in_words(path.name):
            return _array(file, path.name, path.stat().st_size) if start == ARRAY else _archive(file, path.name)


def from_bytes(content: bytes, name: str) -> np.ndarray:
    """The array of an npy whose bytes these are; raises `Refused`."""
    with _in_words(name):
        return _array(io.BytesIO(content), name, len(content))


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    """Turns what numpy and zipfile say of a damaged file into `Refused`."""
    try:
        yield
    except Refused:
        raise
    except ValueError as error:
        raise Refused(f"{name} cannot be read ({error}): save it again with numpy.save") from None
    except (EOFError, KeyError, NotImplementedError, OverflowError, RuntimeError, TypeError, MemoryError,
            zipfile.BadZipFile, zlib.error, SyntaxError) as error:  # fmt: skip
        raise Refused(f"{name} is damaged ({error or type(error).__name__}): save it again") from None


def check_size(name: str, size: float) -> None:
    """Raises `Refused` where numbers would take so many bytes in single precision."""
    if size > MOST:
        raise Refused(
            f"{name} holds {size / 1e9:.1f} GB of numbers: at most {MOST / 1e9:.1f} GB are taken, so give fewer rows"
        )


def _archive(file: IO[bytes], name: str) -> dict[str, np.ndarray]:
    """The arrays of an npz, at most `MOST` bytes of all together; what else lies in it is left out."""
    found: dict[str, np.ndarray] = {}
    taken = 0
    with zipfile.ZipFile(file) as stored:
        for about in stored.infolist():
            with stored.open(about) as member:
                is_array = member.read(len(ARRAY)) == ARRAY
            if is_array:
                with stored.open(about) as member:
                    found[about.filename.removesuffix(".npy")] = _array(member, name, about.file_size, taken)
                taken = sum(_single(it.size, it.dtype) for it in found.values())
    return found


def _single(many: int, dtype: np.dtype) -> int:
    """Bytes of so many values, numbers in single precision."""
    return many * (4 if dtype.kind in "fiub" else dtype.itemsize)


def _array(file: IO[bytes], name: str, size: int, taken: int = 0) -> np.ndarray:
    """The array that begins here, of a file of so many bytes, of which those before it have taken some."""
    version = npy.read_magic(file)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:  # texts as names of fields: no plain numbers
        raise Refused(f"{name} holds fields with names, which are no plain numbers: save them as one array")
    shape, _, dtype = readers[version](file)
    if dtype.hasobject:
        raise Refused(f"{name}: {OBJECTS}; save plain numbers, as numpy.save(file, x.astype('float32'))")
    many = 1
    for length in shape:
        many *= length
    check_size(name, taken + _single(many, dtype))
    if many * dtype.itemsize > size:
        raise Refused(f"{name} is damaged, as it is shorter than its header says: save it again")
    file.seek(0)
    return npy.read_array(file, allow_pickle=False)
