"""The engine's own folder, and what its processes have written into their log."""

import re
from contextlib import suppress
from pathlib import Path

from explorer import runs


def home() -> Path:
    """The engine's own folder, inside the folder of runs."""
    folder = runs.root() / ".engine"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def log_tail(n: int = 60) -> list[str]:
    """The last lines that the engine's processes have written."""
    with suppress(OSError):
        return (home() / "engine.log").read_text(errors="replace").strip().splitlines()[-n:]
    return []


def last_words() -> str:
    """The error that the engine's log ends with: the last line of a traceback stands at its margin."""
    lines = [line for line in log_tail() if line.strip()]
    errors = [line for line in lines if re.match(r"[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit|Refused)\b", line)]
    return (errors or lines or ["no reason was recorded"])[-1][:300]
