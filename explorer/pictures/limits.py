"""What a picture may be, asked of its header before a pixel of it is decoded."""

import re

MAX_PIXELS = 50_000_000
SHORTEST, LONGEST, RATIO = 8, 10_000, 50  # pixels of a side; times that one side may be the other
MAX_SCANS, SCANNED = 100, 1_000_000_000  # scans of a JPEG; and these times its pixels: each goes over all of them
SECONDS, PIXELS_A_SECOND = 2, 5_000_000  # of a processor: for any picture, and one more for so many pixels of it
MEMORY = 2**30  # bytes that a decoder may take beyond what it has when it starts
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # in the scans of a JPEG: neither a pixel nor a restart


class Unfit(ValueError):
    """A file is no picture that is read here; the message is the reason, behind "it is"."""


def check_pixels(width: int, height: int, most: int = MAX_PIXELS) -> None:
    """Raises `Unfit` where a picture has more pixels than are allowed."""
    if width * height > most:
        raise Unfit(f"{_picture(width, height)}, more than the {most // 1_000_000} million allowed")


def check_sides(width: int, height: int) -> None:
    """Raises `Unfit` where a side is too short or too long, by itself or beside the other."""
    sides = width, height
    if min(sides) < SHORTEST or max(sides) > LONGEST:
        raise Unfit(f"{_picture(*sides)}, whose sides must be {SHORTEST} to {LONGEST:,}")
    if max(sides) > RATIO * min(sides):
        raise Unfit(f"{_picture(*sides)}, of which one side may be at most {RATIO} times the other")


def check_scans(data: bytes, width: int, height: int) -> None:
    """Raises `Unfit` where a JPEG has so many scans that it would be decoded for minutes."""
    most = min(MAX_SCANS, SCANNED // (width * height))
    if data.count(b"\xff\xda") > most and (scans := _scans(data)) > most:
        raise Unfit(f"a JPEG of {scans:,} scans, more than the {most} allowed at its size")


def seconds(pixels: int) -> int:
    """How long a processor may decode a picture of so many pixels."""
    return SECONDS + pixels // PIXELS_A_SECOND


def _picture(width: int, height: int) -> str:
    return f"a picture of {width:,} × {height:,} pixels"


def _scans(data: bytes) -> int:
    """How many scans the first picture of a JPEG has; what a camera puts behind it is not looked at."""
    at, scans = 2, 0
    while (found := MARKER.search(data, at)) and (kind := data[found.start() + 1]) != 0xD9:
        scans += kind == 0xDA
        length = int.from_bytes(data[found.end() : found.end() + 2], "big")
        at = found.end() + max(2, length)
    return scans
