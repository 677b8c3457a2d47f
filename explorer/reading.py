"""The one reader of small files that somebody may have changed: it answers with a value, or says what is wrong.

Whatever lies at the path, a value is what JSON can hold, at most `DEEPEST` levels deep, of numbers that fit into 64
bits and of text that can be written down; all else is `Damaged`. A pipe, a device, a folder or a link is no file.
"""

import json
import os
import re
import stat
from pathlib import Path
from typing import Any, BinaryIO

LARGEST = 64 << 20  # bytes
DEEPEST = 64  # levels of lists in lists
LONG_NUMBER = re.compile(rb"\d{19}")
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")  # half a character, as JSON spells it


class Damaged(ValueError):
    """What a file holds cannot be what was written into it."""


def opened(path: Path) -> BinaryIO:
    """A file, open for reading; raises `OSError` where there is none, and `Damaged` for what is no file."""
    try:  # a pipe that nobody writes into would wait for ever
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        if path.is_symlink():
            raise Damaged("it is a link and no file") from None
        raise error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Damaged("it is no regular file")
    return os.fdopen(descriptor, "rb")


def content(path: Path, largest: int = LARGEST) -> bytes:
    """The bytes of a file of at most so many."""
    with opened(path) as file:
        if os.fstat(file.fileno()).st_size > largest:
            raise Damaged(f"it is larger than {largest:,} bytes")
        return file.read()


def text(path: Path, largest: int = LARGEST) -> str:
    """The text of a file in UTF-8."""
    return _decoded(content(path, largest))


def fields(path: Path, largest: int = LARGEST) -> dict[str, Any]:
    """The fields of a JSON file."""
    found = value(content(path, largest))
    if not isinstance(found, dict):
        raise Damaged(f"it holds a {type(found).__name__}, not fields")
    return found


def value(found: bytes) -> Any:
    """What JSON says."""
    try:
        parsed = json.loads(_decoded(found), **({"parse_int": _number} if LONG_NUMBER.search(found) else {}))
    except RecursionError:
        raise Damaged(f"it is more than {DEEPEST} levels deep") from None
    except Damaged:
        raise
    except ValueError as error:
        raise Damaged(f"it is no JSON: {error}") from None
    if found.count(b"[") + found.count(b"{") > DEEPEST and _depth(parsed) > DEEPEST:
        raise Damaged(f"it is more than {DEEPEST} levels deep")
    if SURROGATE.search(found):
        _check_text(parsed)
    return parsed


def _decoded(found: bytes) -> str:
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Damaged(f"its byte {error.start:,} is no text (UTF-8)") from None


def _number(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise Damaged(f"it holds the number {digits[:20]}…, which is too large")
    return int(digits)


def _depth(parsed: Any) -> int:
    level, deep = [parsed], 0
    while level and deep <= DEEPEST:
        inside = (it.values() if isinstance(it, dict) else it for it in level if isinstance(it, dict | list))
        level, deep = [each for them in inside for each in them], deep + 1
    return deep


def _check_text(parsed: Any) -> None:
    try:
        json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Damaged("it holds half a character, which is no text") from None
