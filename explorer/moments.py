"""When something happened, how long it takes and how large it is, in words: one style on pages and in commands."""

from datetime import UTC, datetime


def moment(when: datetime | float, seconds: bool = False) -> str:
    """A time, or a time stamp, in this machine's zone: 26 Nov 2026, 22:36."""
    time = when if isinstance(when, datetime) else datetime.fromtimestamp(when, UTC).astimezone()
    return f"{time.day} {time:%b %Y, %H:%M}{f':{time:%S}' if seconds else ''}"


def roughly(seconds: float) -> str:
    """A length of time that is only guessed: 8 s, 40 s, 4 min, 2.5 h."""
    if seconds < 55:
        return f"{max(1, round(seconds)) if seconds < 15 else 5 * round(seconds / 5)} s"
    return f"{max(1, round(seconds / 60))} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def amount(size: float) -> str:
    """A number of bytes as people say it: 512 B, 3.4 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError
