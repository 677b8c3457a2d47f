"""A zip that somebody uploads: never unpacked, and read with limits that are counted while it is inflated."""

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from explorer.data.dataset import LeftOut
from explorer.data.image_sets.labels import MOST_TABLE, TABLES
from explorer.data.layouts import File
from explorer.data.photos import suffix
from explorer.data.trees import Reader, in_zip, opened_zip
from explorer.errors import Refused
from explorer.system import settings

ENTRIES, INFLATED = 5000, 500_000_000  # files; bytes of all of them
NESTED = ("zip", "7z", "rar", "tar", "gz", "tgz", "bz2", "xz", "zst", "jar")
ARCHIVE = "an archive in the archive, which is not opened: unpack it first"
PIECE = 2**20  # bytes
DAMAGED = (
    zipfile.BadZipFile, OSError, EOFError, KeyError, RuntimeError, NotImplementedError, zlib.error, lzma.LZMAError,
)  # fmt: skip


@contextmanager
def opened(path: Path, title: str = "") -> Iterator[tuple[list[File], list[LeftOut], Reader]]:
    """(its files, what is none of them and why, a function that reads one); raises `Refused` beyond the limits."""
    with opened_zip(path) as archive:
        if len(archive.infolist()) > ENTRIES:
            has = f"'{title or path.name}' has {len(archive.infolist()):,} entries"
            raise Refused(f"{has}, and a zip may have {ENTRIES:,}: bring it in several parts")
        files, left_out = in_zip(archive)
        nested = [file for file in files if suffix(file.parts[-1]) in NESTED]
        left_out += [LeftOut("/".join(file.parts), ARCHIVE) for file in nested]
        try:
            yield [file for file in files if file not in nested], left_out, _Budget(archive).read
        except _Exhausted:
            rule = f"a zip may inflate to {INFLATED // 1_000_000} MB"
            raise Refused(f"'{title or path.name}' inflates to more: {rule}; bring it in several parts") from None


class _Exhausted(Exception):
    """The zip inflates too far: of this no single file is the reason."""


class _Budget:
    """Reads members, and stops once all of them together are too large; one that is read again counts once."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive, self.left = archive, INFLATED
        self.counted: set[str] = set()

    def read(self, name: str) -> bytes:
        """One member; raises `ValueError` where it cannot be read."""
        parts = []
        try:
            info = self.archive.getinfo(name)
            if stat.S_ISLNK(info.external_attr >> 16):
                raise ValueError("a link, which is not followed")
            size, most = 0, _most(name)
            with self.archive.open(info) as member:
                while part := member.read(PIECE):
                    self.left -= len(part) if name not in self.counted else 0
                    size += len(part)
                    if self.left < 0:
                        raise _Exhausted
                    if size > most:
                        raise ValueError(f"a file of more than {most // 1_000_000} MB")
                    parts.append(part)
        except DAMAGED as error:
            raise ValueError(f"a damaged or locked member of the zip ({error})") from error
        finally:
            self.counted.add(name)
        return b"".join(parts)


def _most(name: str) -> int:
    """How many bytes a member may inflate to: as many as a file that comes without a zip, a table less."""
    most = settings.megabytes("UPLOAD_FILE")
    return min(most, MOST_TABLE) if suffix(name) in TABLES else most
