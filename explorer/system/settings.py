"""Settings from the environment: the numbers of the engine, and folders."""

import hmac
import os
from pathlib import Path

from explorer import Refused

# Of EXPLORER_SLOTS and so on.
LEAST: dict[str, int | float] = {
    "SLOTS": 1, "GPUS": 0, "QUEUE": 1, "GRACE": 0.0, "CACHE_LIMIT": 0.0, "MEMORY": 0.0,
    "UPLOAD_FILE": 1, "UPLOAD_BROWSER": 1, "UPLOAD_TOTAL": 1}  # fmt: skip
MEGABYTES = {"UPLOAD_FILE": 100, "UPLOAD_BROWSER": 200, "UPLOAD_TOTAL": 1000}  # of uploads, unless they say else


def given(name: str) -> int | float | None:
    """What EXPLORER_<name> says, None if it says nothing; raises `Refused` where that is no number, or too small."""
    text, least = os.environ.get(f"EXPLORER_{name}"), LEAST[name]
    if not text:
        return None
    kind = type(least)
    try:
        if (number := kind(text)) >= least:
            return number
    except ValueError:
        pass
    what = "a whole number" if kind is int else "a number"
    raise Refused(f"EXPLORER_{name}={text} is not allowed: give {what} of at least {least:g}, or unset it")


def megabytes(name: str) -> int:
    """A limit of uploads in bytes: of a file, of a browser's sets, of all sets; EXPLORER_<name> says MB."""
    return (given(name) or MEGABYTES[name]) * 1_000_000


def check() -> None:
    """Raises `Refused` where a setting cannot be used: better here than in the middle of the work."""
    for name in LEAST:
        given(name)


def folder(name: str, default: Path) -> Path:
    """The folder that EXPLORER_<name> names, `default` if it says nothing."""
    return Path(os.environ.get(f"EXPLORER_{name}") or default).expanduser().absolute()


def guarded() -> bool:
    """Whether EXPLORER_TEACHER names a password."""
    return bool(os.environ.get("EXPLORER_TEACHER"))


def is_teacher(password: str) -> bool:
    """Whether somebody may see and clear a class: EXPLORER_TEACHER names a password, and without one everybody may."""
    return hmac.compare_digest(password.encode(), os.environ.get("EXPLORER_TEACHER", "").encode())
