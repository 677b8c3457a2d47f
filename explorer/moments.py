"""When something happened, in words: the one style of dates on pages and on the command line."""

from datetime import UTC, datetime


def moment(when: datetime | float, seconds: bool = False) -> str:
    """A time, or a time stamp, in this machine's zone: 26 Nov 2026, 22:36."""
    time = when if isinstance(when, datetime) else datetime.fromtimestamp(when, UTC).astimezone()
    return f"{time.day} {time:%b %Y, %H:%M}{f':{time:%S}' if seconds else ''}"
