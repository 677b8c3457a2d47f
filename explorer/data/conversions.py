"""What is said of the pictures of a set: which of them were converted while they were read, and what is odd in them."""

from collections.abc import Mapping

from explorer.data.dataset import Note
from explorer.pictures import decode

WORDS = {
    decode.GREYS: "reduced from greys of {bits} bits to 8",
    decode.COLOURS: "reduced from 16 bits a colour to 8",
    decode.SPACE: "converted to RGB from another colour space (CMYK, Lab), without a colour profile",
    decode.ALPHA: "laid on white where transparent",
    decode.TURNED: "turned upright, as the camera has noted (EXIF)",
    decode.FIRST: "read from the first frame or page alone",
    decode.CROPPED: "cut to the middle, which is less than half of the picture",
    decode.PLAIN: "nearly of one colour (the deviation of the pixels is below {constant:.0f} of 255 grey levels)",
}
EIGHT = "stored in more than 8 bits, but no value exceeds 255: the values are taken as they are"


class Conversions:
    """Counts them, and keeps the first file of each."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.first: dict[str, str] = {}

    def add(self, notes: tuple[str, ...], path: str) -> None:
        """Count what is noted of a file."""
        for note in notes:
            self.counts[note] = self.counts.get(note, 0) + 1
            self.first.setdefault(note, path)

    def said(self, total: int, bits: int) -> tuple[Note, ...]:
        """A sentence on each, of so many images, whose greys have so many bits."""
        words: Mapping[str, str] = WORDS | ({decode.GREYS: EIGHT} if bits == 8 else {})
        return tuple(
            Note(f"{n:,} of {total:,} images {'is' if n == 1 else 'are'} {_filled(text, bits)}.", self.first[note])
            for note, text in words.items()
            if (n := self.counts.get(note, 0))
        )


def _filled(text: str, bits: int) -> str:
    return text.format(bits=bits, constant=decode.CONSTANT)
