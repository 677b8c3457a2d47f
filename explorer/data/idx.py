"""IDX, the file format of MNIST and its relatives: a magic number, the shape, the bytes."""

import gzip
import zlib
from pathlib import Path

import numpy as np

from explorer import Refused

HEADER = b"\x00\x00\x08"  # two zeros and the code of unsigned bytes; then comes the number of dimensions


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """The uint8 array in an IDX file, plain or `.gz`; raises `Refused` if its beginning or its length is wrong."""
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, f"it cannot be read ({error})") from error
    magic = HEADER + bytes([dimensions])
    if data[:4] != magic:
        raise _damaged(path, f"it starts with {data[:4].hex(' ') or 'nothing'}, where {magic.hex(' ')} must stand")
    shape = np.frombuffer(data[4 : 4 + 4 * dimensions].ljust(4 * dimensions, b"\0"), ">u4").astype(int)
    expected = 4 + 4 * dimensions + int(np.prod(shape))
    if len(data) != expected:
        raise _damaged(path, f"it holds {len(data):,} bytes, where its header announces {expected:,}")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def _damaged(path: Path, what: str) -> Refused:
    return Refused(f"{path} is damaged: {what}; delete it and download the data set again")
