"""A zip of somebody else, read without trust: names, sizes and counts are looked at before anything is unpacked.

Nothing of it is written anywhere: its members are bytes in memory, as many as are allowed.
"""

import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from typing import IO, NamedTuple

from explorer.errors import Refused

END, END_64, LENGTH = b"PK\x05\x06", b"PK\x06\x07", 22  # how a zip ends, without a comment
DIRECTORY = 512  # bytes that the list of a zip may take for each member
AGAIN = "export it again"


class Limits(NamedTuple):
    """What a zip may hold."""

    names: re.Pattern[str]
    members: int
    each: int  # bytes of a member, unpacked
    total: int  # bytes of all
    packed: bool = True  # whether members may be compressed


class Budget:
    """Bytes that all archives within one file may unpack to together; taken before anything is read."""

    def __init__(self, total: int) -> None:
        self.total = self.left = total

    def take(self, size: int, name: str) -> None:
        """Raises `Refused` where so many bytes more are too many."""
        self.left -= size
        if self.left < 0:
            raise Refused(f"{name} unpacks to more than the {self.total / 1e6:,.0f} MB that are taken: {AGAIN}")


def members(file: IO[bytes], name: str, limits: Limits, budget: Budget | None = None) -> dict[str, bytes]:
    """All members by their names, which a budget may cover.

    Raises `Refused` where the zip is damaged or holds anything else than is allowed.
    """
    _check_end(file, name, limits)
    try:
        with zipfile.ZipFile(file) as archive:
            listed = archive.infolist()
            _check_list(listed, name, limits)
            if budget:
                budget.take(sum(about.file_size for about in listed), name)
            return {about.filename: _read(archive, about, name) for about in listed}
    except Refused:
        raise
    except (OSError, ValueError, EOFError, KeyError, RuntimeError, NotImplementedError, OverflowError, struct.error,
            zipfile.BadZipFile, zlib.error) as error:  # fmt: skip
        raise Refused(f"{name} is damaged ({error or type(error).__name__}): {AGAIN}") from None


def _check_end(file: IO[bytes], name: str, limits: Limits) -> None:
    """The end says how long the list of members is; a list of millions is refused before it is read."""
    size = file.seek(0, 2)
    file.seek(max(0, size - LENGTH - 20))
    tail = file.read()
    file.seek(0)
    end = tail[-LENGTH:]
    if len(end) < LENGTH or not end.startswith(END) or end[-2:] != b"\0\0":
        raise Refused(f"{name} is damaged, or no zip: {AGAIN}")
    count, length = struct.unpack("<H", end[10:12])[0], struct.unpack("<L", end[12:16])[0]
    if tail[:-LENGTH].startswith(END_64) or count > limits.members or length > DIRECTORY * limits.members:
        raise Refused(f"{name} holds more than {limits.members} files, which is more than is taken: {AGAIN}")


def _check_list(listed: list[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    if len(listed) > limits.members:
        raise Refused(f"{name} holds {len(listed):,} files, and {limits.members} are taken at most: {AGAIN}")
    for about in listed:
        _check_member(about, name, limits)
    twice = [each for each, n in Counter(about.filename for about in listed).items() if n > 1]
    if twice:
        raise Refused(f"{name} holds '{twice[0]}' twice: {AGAIN}")
    if (total := sum(about.file_size for about in listed)) > limits.total:
        raise Refused(f"{name} unpacks to {total / 1e6:,.0f} MB, and {limits.total / 1e6:,.0f} are taken: {AGAIN}")


def _check_member(about: zipfile.ZipInfo, name: str, limits: Limits) -> None:
    shown = about.orig_filename[:80].encode("unicode_escape").decode()
    if about.filename != about.orig_filename or not limits.names.fullmatch(about.orig_filename):
        raise Refused(f"{name} holds '{shown}', which does not belong into it: {AGAIN}")
    kind = stat.S_IFMT(about.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or about.is_dir():
        raise Refused(f"{name} holds '{shown}' as a link or a folder, and only plain files are taken: {AGAIN}")
    ways = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) if limits.packed else (zipfile.ZIP_STORED,)
    if about.flag_bits & 1 or about.compress_type not in ways:
        raise Refused(f"{name} holds '{shown}' locked, or packed in a way that is not taken: {AGAIN}")
    if about.file_size > limits.each:
        size = f"{about.file_size / 1e6:,.0f} MB, and {limits.each / 1e6:,.0f} are taken"
        raise Refused(f"{name} holds '{shown}' of {size}: {AGAIN}")


def _read(archive: zipfile.ZipFile, about: zipfile.ZipInfo, name: str) -> bytes:
    """The bytes of a member: zipfile checks their sum and stops at the length that was checked."""
    with archive.open(about) as member:
        content = member.read(about.file_size + 1)
    if len(content) != about.file_size:
        raise Refused(f"{name} is damaged: '{about.filename}' has another length than it says: {AGAIN}")
    return content
