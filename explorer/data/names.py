"""Names of files and folders, as anybody may have made them: what systems leave behind, and how a name is shown."""

import re
import unicodedata

IGNORED = {  # folders and files that systems and tools leave behind, in small letters
    "__macosx", "__pycache__", "@eadir", "@tmp", "@recycle", "#recycle", "#snapshot", "$recycle.bin", "lost+found",
    "system volume information", "network trash folder", "temporary items", "thumbs.db", "ehthumbs.db", "desktop.ini",
    "icon\r",
}  # fmt: skip
JOINERS = "\u200c\u200d"  # they join or part letters, in Persian for instance


def visible(name: str, separator: str = "/") -> tuple[str, ...]:
    """The parts of a path, or nothing for what systems leave behind: dotfiles, __MACOSX, thumbnails."""
    parts = tuple(name.split(separator))
    return () if any(not part or part[0] == "." or part.lower() in IGNORED for part in parts) else parts


def legible(name: str) -> str:
    """A name as a page can show it: one way to spell each letter, escapes for bytes and signs that none has."""
    text = unicodedata.normalize("NFC", name)
    if text.isprintable() and text.strip():
        return text
    return "".join(map(_shown, text)) if text.strip() else text.encode("unicode_escape").decode().replace(" ", "\\x20")


def alike(name: str) -> str:
    """Equal for names that look the same, as far as that can be told."""
    text = unicodedata.normalize("NFKC", name).translate(dict.fromkeys(map(ord, JOINERS)))
    return " ".join(text.split())


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts numbers in a name by their value: 2 before 10."""
    return [
        (0, len(part.lstrip("0")), part.lstrip("0")) if part.isascii() and part.isdigit() else (1, 0, part)
        for part in re.split(r"([0-9]+)", name)
        if part
    ]


def _shown(letter: str) -> str:
    if letter.isprintable() or letter in JOINERS:
        return letter
    if "\udc80" <= letter <= "\udcff":  # a byte that is no UTF-8, as Python keeps it
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode()
