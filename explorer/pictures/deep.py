"""Pictures of more than 8 bits a colour: what range their values have, and how they become 8 bits.

A file does not say what its largest value stands for: 12-bit values lie in 16 bits, and 8-bit values in 32. The range
of greys follows from the values, of a set from those of all its pictures; colours, of which Pillow keeps the upper 8
bits alone, are refused where these say that the range was another.
"""

from typing import TYPE_CHECKING

import numpy as np

from explorer.pictures.limits import Unfit

if TYPE_CHECKING:
    from PIL.Image import Image

RANGES = (8, 10, 12, 14, 16, 24, 32)  # bits
PHOTOMETRIC, BITS, FORMAT, UNSIGNED = 262, 258, 339, 1  # tags of a TIFF
LOW = 64  # of the upper 8 bits: values of up to 14 bits stay below it
PNG, PNG_COLOURS = b"\x89PNG\r\n\x1a\n", (2, 4, 6)


def of_deep_grey(image: "Image", bits: int = 0) -> tuple["Image", int, np.ndarray]:
    """A picture of greys of 16 or 32 bits as one of 8 bits, the range in bits, and its values `[H, W]`.

    `bits` is the range where it is known. Raises `Unfit` for values whose range is unknown.
    """
    from PIL import Image

    if image.mode == "F":
        raise Unfit("an image of floating-point pixels, whose range is unknown: save it as 8-bit PNG")
    values = _values(image)
    if values.dtype.kind == "i" and int(values.min()) < 0:
        raise Unfit("an image with negative values, whose range is unknown: save it as 8-bit PNG")
    most = int(values.max())
    own = 16 if image.format == "PPM" else next(each for each in RANGES if most < 2**each)  # PPM says its range
    shift = max(bits, own) - 8
    greys = np.empty(values.shape, np.uint8)
    np.right_shift(values, shift, out=greys, casting="unsafe")
    return Image.fromarray(greys), max(bits, own), values


def is_deep(image: "Image") -> bool:
    """Whether it has greys of more than 8 bits."""
    return image.mode == "F" or image.mode.startswith("I")


def has_deep_colours(image: "Image", data: bytes) -> bool:
    """Whether a picture of several channels has more than 8 bits in each."""
    if data.startswith(PNG):
        return len(data) > 25 and data[24] == 16 and data[25] in PNG_COLOURS
    return image.format == "TIFF" and max(np.atleast_1d(image.tag_v2.get(BITS, 8))) > 8


def check_colours(image: "Image") -> None:
    """Raises `Unfit` where the upper 8 bits of 16-bit colours say that these had another range."""
    extrema = np.atleast_2d(image.getextrema())
    if extrema[: 1 if image.mode == "LA" else 3, 1].max() < LOW:
        raise Unfit(
            "an image of 16-bit colours whose values stay below a quarter of the range, which is then unknown: save "
            "it as 8-bit PNG"
        )


def _values(image: "Image") -> np.ndarray:
    values = np.asarray(image)
    if image.format != "TIFF":
        return values
    if image.tag_v2.get(PHOTOMETRIC) == 0:
        raise Unfit("a TIFF of more than 8 bits in which 0 is white: save it as 8-bit PNG")
    if values.dtype == np.int32 and np.atleast_1d(image.tag_v2.get(FORMAT, UNSIGNED))[0] == UNSIGNED:
        return values.view(np.uint32)  # Pillow keeps them as if the uppermost bit were a sign
    return values
