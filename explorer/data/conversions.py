"""What is said of the pictures of a set: which of them were converted while they were read, and what is odd in them."""

from collections import Counter

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
    decode.SCALED: "scaled down to a shorter side of {within} pixels, more than any size here uses",
    decode.PLAIN: "nearly of one colour (the deviation of the pixels is below {constant:.0f} of 255 grey levels)",
}
WITHIN = 512  # pixels: the largest size of a data set, see `cache.LARGEST`
EIGHT = "stored in more than 8 bits, but no value exceeds 255: the values are taken as they are"


class Conversions:
    """Counts them, and keeps the first file of each."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, int]] = Counter()  # of each note, and of each range of greys
        self.first: dict[tuple[str, int], str] = {}

    def add(self, notes: tuple[str, ...], path: str, bits: int = 0) -> None:
        """Count what is noted of a file, whose greys have so many bits."""
        for note in notes:
            key = note, bits if note == decode.GREYS else 0
            self.counts[key] += 1
            self.first.setdefault(key, path)

    def said(self, total: int) -> tuple[Note, ...]:
        """A sentence on each, of so many images."""
        order = sorted(self.counts, key=lambda key: ([*WORDS].index(key[0]), key[1]))
        return tuple(Note(_sentence(*key, self.counts[key], total), self.first[key]) for key in order)


def _sentence(note: str, bits: int, n: int, total: int) -> str:
    words = (EIGHT if bits == 8 else WORDS[note]).format(bits=bits, constant=decode.CONSTANT, within=WITHIN)
    return f"{n:,} of {total:,} images {'is' if n == 1 else 'are'} {words}."
