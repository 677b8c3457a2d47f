"""Photographs among files: which are read, decoded in processes with limits, and squares of arrays."""

import os
from collections.abc import Callable, Iterator

import numpy as np

from explorer.pictures import children
from explorer.pictures.children import GivenUp
from explorer.pictures.decode import Picture, Wanted, square

__all__ = ["GivenUp", "Picture", "decode", "decode_all", "resized", "suffix", "whole", "why_not"]
SUFFIXES = ("png", "jpg", "jpeg", "jfif", "webp", "bmp", "tif", "tiff", "ppm", "pgm")
CUT = 3  # of the rule by which a picture becomes a square; with a new number pictures of users are decoded again
MAX_BYTES = 256_000_000
SMALL, TINY = 64, 8_000  # files; bytes: below this a second process costs more than decoding


def suffix(path: str) -> str:
    """The lower-case ending of a file name, without its dot."""
    name, dot, end = path.rpartition("/")[2].rpartition(".")
    return end.lower() if dot and name else ""


def why_not(path: str, suffixes: tuple[str, ...] = SUFFIXES) -> str:
    """Why a file of this name is not read as a photograph; empty if it is."""
    end = suffix(path)
    kind = f"a {end.upper()} file" if end else "a file without an extension"
    return "" if end in suffixes else f"{kind}, which is not read: only {', '.join(suffixes)} are"


def decode(data: bytes, size: int) -> Picture:
    """An encoded picture as a square; raises `ValueError` with the reason if it cannot be one."""
    return _decoded(data, Wanted(size))


def whole(data: bytes, most: int) -> Picture:
    """An encoded picture of at most so many pixels as it is; raises `ValueError` with the reason."""
    return _decoded(data, Wanted(0, most=most))


def decode_all(read: Callable[[str], bytes], paths: list[str], size: int, bits: int = 0) -> Iterator[Picture | str]:
    """For each path its picture or why it is left out, in order; processes share large files.

    `bits`: the range of greys of more than 8 bits, where it is known.
    """
    many = len(paths) > SMALL and _mean_bytes(read, paths[:4]) > TINY
    workers = min(children.MOST, os.cpu_count() or 1) if many else 1
    return children.decode_all(read, paths, Wanted(size, bits), workers)


def bounded_all(read: Callable[[str], bytes], paths: list[str], within: int, bits: int = 0) -> Iterator[Picture | str]:
    """For each path its whole picture, whose shorter side is scaled down to `within`, or why it is left out."""
    workers = min(children.MOST, os.cpu_count() or 1)
    return children.decode_all(read, paths, Wanted(0, bits, within=within), workers)


def resized(x: np.ndarray, size: int) -> np.ndarray:
    """Images uint8 [N, C, H, W] by the same rule, [N, C, size, size]."""
    from PIL import Image

    if x.shape[2:] == (size, size):
        return x
    out = np.empty((*x.shape[:2], size, size), np.uint8)
    for row, channels in enumerate(x):
        for channel, pixels in enumerate(channels):
            out[row, channel] = square(Image.fromarray(np.ascontiguousarray(pixels)), size)[0]
    return out


def _decoded(data: bytes, wanted: Wanted) -> Picture:
    (answer,) = children.decode([data], wanted)
    if isinstance(answer, str):
        raise ValueError(answer)
    return answer


def _mean_bytes(read: Callable[[str], bytes], paths: list[str]) -> float:
    sizes = []
    for path in paths:
        try:
            sizes.append(len(read(path)))
        except ValueError:
            sizes.append(0)
    return sum(sizes) / max(1, len(sizes))
