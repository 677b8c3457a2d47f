"""The arrays of a story's frames and thumbnails: which may be there, of what type and shape; all are numbers."""

import io
from typing import NamedTuple

import numpy as np

from explorer.data.vectors import arrays
from explorer.errors import Refused
from explorer.tasks.stories import archive
from explorer.tasks.stories.archive import Budget
from explorer.tasks.stories.layout import ARRAYS, DIMENSIONS, IMAGES, SIDE

Arrays = dict[str, np.ndarray]


class Rule(NamedTuple):
    """What an array must be."""

    types: str  # the codes of its types, without the order of bytes
    axes: tuple[int, ...]
    words: str


NUMBERS, PICTURES = "f2 f4 f8", "u1"
RULES = {  # by the beginning of its name
    "features": Rule(NUMBERS, (2,), "numbers of two axes"),
    "rows": Rule("i8 i4", (1,), "whole numbers of one axis"),
    "y": Rule("i8 i4", (1,), "whole numbers of one axis"),
    "projection": Rule(f"i1 {NUMBERS}", (2,), "numbers of two axes"),
    "gallery_": Rule(PICTURES, (4, 5), "pictures in bytes"),
    "measure_": Rule(NUMBERS, (1,), "numbers of one axis"),
}
OF_THUMBNAILS = {"rows": RULES["rows"], "images": Rule(PICTURES, (4,), "pictures in bytes")}
MOST_PICTURES, MOST_SIDE = 64, 512


def opened(content: bytes, name: str, rules: dict[str, Rule], budget: Budget) -> Arrays:
    """The arrays of an npz, each as its rule says; raises `Refused`."""
    parts = archive.members(io.BytesIO(content), name, ARRAYS, budget)
    found = {part.removesuffix(".npy"): arrays.from_bytes(each, f"{name}, {part}") for part, each in parts.items()}
    for key, array in found.items():
        check(array, rule_of(key, rules, name), f"'{key}' of {name}")
    if lost := [key for key in rules if not key.endswith("_") and key != "projection" and key not in found]:
        raise Refused(f"{name} has no '{lost[0]}': {archive.AGAIN}")
    return {key: np.ascontiguousarray(array) for key, array in found.items()}


def rule_of(key: str, rules: dict[str, Rule], name: str) -> Rule:
    """The rule of an array; raises `Refused` for one that does not belong there."""
    rule = next((it for start, it in rules.items() if _belongs(key, start)), None)
    if rule is None:
        raise Refused(f"{name} holds an array '{key[:60]}', which does not belong into it: {archive.AGAIN}")
    return rule


def check(array: np.ndarray, rule: Rule, what: str) -> None:
    """Raises `Refused` where an array is of another type or shape, or holds what is no number."""
    if array.dtype.str[1:] not in rule.types.split() or array.ndim not in rule.axes:
        has = f"{array.dtype} of shape {array.shape}"
        raise Refused(f"{what} is {has}, and must be {rule.words}: {archive.AGAIN}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise Refused(f"{what} holds values that are no numbers: {archive.AGAIN}")


def frame(content: bytes, name: str, classes: int, budget: Budget) -> Arrays:
    """One frame: its features, rows and labels belong together; raises `Refused`."""
    found = opened(content, name, RULES, budget)
    n, dim = found["features"].shape
    lengths = {len(found[key]) for key in ("rows", "y", "projection") if key in found}
    if lengths != {n} or not 3 <= n <= IMAGES or not 1 <= dim <= DIMENSIONS:
        raise Refused(f"{name} has {n:,} x {dim:,} features, and rows and labels of other lengths: {archive.AGAIN}")
    if found["rows"].min() < 0 or found["y"].min() < 0 or found["y"].max() >= classes:
        raise Refused(f"{name} has rows or labels that there are not, with {classes} classes: {archive.AGAIN}")
    for key, array in found.items():
        if key.startswith("gallery_") and not _pictures(array, array.ndim):
            raise Refused(f"'{key}' of {name} has the shape {array.shape}, which are no pictures: {archive.AGAIN}")
    return found


def thumbnails(content: bytes, name: str, budget: Budget) -> Arrays:
    """Small pictures of rows; raises `Refused`."""
    found = opened(content, name, OF_THUMBNAILS, budget)
    images, rows = found["images"], found["rows"]
    shape = images.shape
    if len(rows) != len(images) or len(rows) > 2 * IMAGES or shape[1] not in (1, 3) or max(shape[2:]) > 2 * SIDE:
        raise Refused(f"{name} has {len(rows)} rows and pictures of shape {shape}: {archive.AGAIN}")
    if len(np.unique(rows)) != len(rows) or rows.min(initial=0) < 0:
        raise Refused(f"{name} names a row twice, or one that there is not: {archive.AGAIN}")
    return found


def _pictures(array: np.ndarray, axes: int) -> bool:
    side = min(array.shape[-2:]) > 0 and max(array.shape[-2:]) <= MOST_SIDE
    return side and array.shape[-3] in (1, 3) and len(array) <= MOST_PICTURES and (axes == 4 or array.shape[1] <= 64)


def agree(frames: dict[int, Arrays], name: str) -> None:
    """Raises `Refused` unless all frames are of the same images in the same order."""
    first = next(iter(frames.values()))
    for step, each in frames.items():
        if not all(np.array_equal(each[key], first[key]) for key in ("rows", "y")):
            raise Refused(f"frame {step} of {name} is of other images than the first: {archive.AGAIN}")


def finite(arrays_: Arrays) -> bool:
    """Whether all of a frame are numbers: those of a training that has diverged are not."""
    return all(np.isfinite(array).all() for array in arrays_.values() if array.dtype.kind == "f")


def packed(content: Arrays) -> bytes:
    """Arrays as an npz, uncompressed."""
    file = io.BytesIO()
    np.savez(file, **content)
    return file.getvalue()


def known(content: Arrays, rules: dict[str, Rule] = RULES) -> Arrays:
    """The arrays that a story takes, under names that it takes."""
    there = {key: it for key, it in content.items() if any(_belongs(key, start) for start in rules)}
    return {key: it for key, it in there.items() if ARRAYS.names.fullmatch(f"{key}.npy")}


def _belongs(key: str, start: str) -> bool:
    return key == start or (start[-1] == "_" and key.startswith(start))
