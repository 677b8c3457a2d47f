"""Text of others, a name or a path, in a terminal and in a table: neither a terminal nor a spreadsheet obeys it."""

import re
from typing import Any, TextIO

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}")


def printable(text: str) -> str:
    """A text whose controls are spelled out; lines and tabs stay."""
    return CONTROLS.sub(lambda at: at[0].encode("unicode_escape").decode(), text)


def cell(value: Any) -> Any:
    """A value of a table; a text that a spreadsheet would compute is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA) else value


class Terminal:
    """What is written goes on to `stream` as `printable` text; all else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """As a stream does."""
        self._stream.write(printable(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """As a stream does."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
