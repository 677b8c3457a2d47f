"""Arrays on disk that are mapped into memory, and whether anybody has them at this moment.

The lock lies on the open file that the map holds on to: it goes when the last view of the array does, or its process.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

import numpy as np

HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def mapped(path: Path) -> np.ndarray:
    """The array in a .npy file, read-only; while anybody has it, the file is in use.

    Raises `OSError` or `ValueError` where there is no such file, or a damaged one.
    """
    with open(str(path), "rb") as file:  # noqa: PTH123 - the map keeps a name of text alone
        with suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_SH)  # whoever asks holds it for an instant
        version = np.lib.format.read_magic(file)
        if version not in HEADERS:
            raise ValueError(f"{path} has version {version}, which is not known")
        shape, fortran, dtype = HEADERS[version](file)
        return np.memmap(file, dtype, "r", file.tell(), shape, "F" if fortran else "C")


def in_use(path: Path) -> bool:
    """Whether a process of this machine has a file mapped, or holds it as a lock."""
    try:
        descriptor = os.open(path, os.O_RDWR if os.access(path, os.W_OK) else os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(descriptor)
    return False
