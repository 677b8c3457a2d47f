"""Pictures on their way into a set: decoded in limited processes, encoded anew, written under the hash of their pixels.

What a file held besides its pixels, such as EXIF with a place or bytes behind the picture, is never written.
"""

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer.data.conversions import WITHIN, Conversions
from explorer.data.dataset import LeftOut
from explorer.data.image_sets.labels import Incoming
from explorer.data.photos import GivenUp, Picture, bounded_all
from explorer.data.places import Progress
from explorer.errors import Refused
from explorer.moments import amount

MOST_GIVEN_UP = 20  # files that use up what a decoder may take: each of them costs seconds
LOSSLESS = 256 * 256  # pixels: a larger photograph is stored as JPEG
QUALITY = 95  # of a JPEG, whose colours keep every pixel
PNG = b"\x89PNG"


class Taken(NamedTuple):
    """What became of the files."""

    counts: dict[str, int]  # pictures of each class
    bytes: int
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


class Intake:
    """Writes pictures into the folder of a draft, class by class, until `room` bytes are used."""

    def __init__(self, folder: Path, room: int, progress: Progress) -> None:
        self.folder, self.room, self.progress = folder, room, progress
        self.used = self.given_up = 0
        self.counts: Counter[str] = Counter()
        self.left_out: list[LeftOut] = []
        self.first: dict[tuple[str, str, str], str] = {}  # of each split, class and content: the file that had it
        self.conversions = Conversions()
        self.deep: list[tuple[Incoming, Picture]] = []

    def take(self, items: Sequence[Incoming], read: Callable[[str], bytes]) -> Taken:
        """Read and keep them; one that cannot be read is left out with the reason, `Refused` is raised without room."""
        self._pass(items, read, 0, hold_deep=True)
        for stored in sorted({picture.stored for _, picture in self.deep}):  # one range for all greys stored alike
            alike = [(item, picture) for item, picture in self.deep if picture.stored == stored]
            bits = max(picture.bits for _, picture in alike)
            for item, picture in alike:
                if picture.bits == bits:
                    self._keep(item, picture)
            self._pass([item for item, picture in alike if picture.bits < bits], read, bits, hold_deep=False)
        total = sum(self.counts.values())
        notes = tuple(f"{it.text} The first is {it.first}." for it in self.conversions.said(total))
        return Taken(dict(self.counts), self.used, notes, tuple(self.left_out))

    def _pass(self, items: Sequence[Incoming], read: Callable[[str], bytes], bits: int, hold_deep: bool) -> None:
        names = [item.name for item in items]
        with closing(bounded_all(read, names, WITHIN, bits)) as decoded:
            for i, (item, picture) in enumerate(zip(items, decoded, strict=True)):
                self.progress(i / len(items), f"reading picture {i + 1:,} of {len(items):,}")
                if isinstance(picture, str):
                    self._leave_out(item, picture)
                elif picture.bits and hold_deep:
                    self.deep.append((item, picture))
                else:
                    self._keep(item, picture)

    def _keep(self, item: Incoming, picture: Picture) -> None:
        content = hashlib.sha256(f"{picture.pixels.shape}".encode() + picture.pixels.tobytes()).hexdigest()[:32]
        key = item.split, item.label, content
        if (before := self.first.setdefault(key, item.shown)) != item.shown:
            self.left_out.append(LeftOut(item.shown, f"the same picture as {before}"))
            return
        encoded = _encoded(picture.pixels)
        self.used += len(encoded)
        if self.used > self.room:
            has = f"only {amount(self.room)} are free for your pictures, and these take more"
            raise Refused(f"{has}: delete a set of yours, or bring fewer")
        folder = self.folder / item.split / item.label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{content}.{'png' if encoded.startswith(PNG) else 'jpg'}").write_bytes(encoded)
        self.conversions.add(picture.notes, item.shown, picture.bits)
        self.counts[item.label] += 1

    def _leave_out(self, item: Incoming, why: str) -> None:
        self.left_out.append(LeftOut(item.shown, str(why)))
        self.given_up += isinstance(why, GivenUp)
        if self.given_up > MOST_GIVEN_UP:
            has = (
                f"more than {MOST_GIVEN_UP} files take too long or too much memory to decode, the last is {item.shown}"
            )
            raise Refused(f"{has}: save them again, or leave them out")


def _encoded(pixels: np.ndarray) -> bytes:
    """A picture `uint8 [3, H, W]` as PNG, a large one that a PNG would blow up as JPEG; grey where it has no colour."""
    from PIL import Image

    grey = bool((pixels == pixels[:1]).all())
    image = Image.fromarray(np.ascontiguousarray(pixels[0] if grey else pixels.transpose(1, 2, 0)))
    out = io.BytesIO()
    if pixels.shape[1] * pixels.shape[2] > LOSSLESS:
        image.save(out, "JPEG", quality=QUALITY, subsampling=0)
    else:
        image.save(out, "PNG")
    return out.getvalue()
