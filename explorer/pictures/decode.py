"""A picture as a `uint8` square: shorter side to size, centre crop, antialiased; or the reason why it is none.

What is done to it on the way is noted, so that it can be said.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.pictures import deep, limits
from explorer.pictures.limits import Unfit

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
MARK = 16  # bytes
STRIP = 128  # rows of pixels
ORIENTATION = 0x0112  # EXIF tag: how the camera was held
LONG = 2  # times as long as wide: more than half of a picture is then outside its middle
SPACES = ("CMYK", "LAB", "HSV")  # YCbCr is how a JPEG writes RGB
CONSTANT = 2.0  # grey levels of 255: the deviation of pixels that show next to nothing
# What may have been done to a picture, or is to be said of it.
TURNED, SPACE, ALPHA, GREYS, COLOURS, FIRST, CROPPED, PLAIN, SCALED = NOTES = (
    "turned", "space", "alpha", "greys", "colours", "first", "cropped", "plain", "scaled",
)  # fmt: skip


class Picture(NamedTuple):
    """A decoded picture, what tells it from all others at every size, and what was done to it."""

    pixels: np.ndarray  # uint8 [3, size, size]
    mark: bytes
    notes: tuple[str, ...] = ()  # some of `NOTES`
    bits: int = 0  # of the greys that became 8 bits; 0: it had 8 or fewer from the start
    stored: int = 0  # bits in which these greys are stored: 16 or 32


class Wanted(NamedTuple):
    """What a picture is decoded to."""

    size: int  # 0: as it is, and whole
    bits: int = 0  # the range of greys of more than 8 bits, where it is known; else it follows from the picture
    most: int = limits.MAX_PIXELS
    within: int = 0  # of a whole picture: what its shorter side is scaled down to; 0: nothing


def decode(data: bytes, wanted: Wanted, allow: Callable[[int], None] = lambda pixels: None) -> Picture:
    """An encoded picture; raises `ValueError` with the reason if it cannot be one.

    `allow` hears how many pixels it has, before one is decoded.
    """
    from PIL import Image, UnidentifiedImageError

    Image.init()  # Pillow knows WEBP and TIFF only after this; a second call does nothing
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            limits.check_pixels(*image.size, wanted.most)
            if wanted.size or wanted.within:
                limits.check_sides(*image.size)
            allow(image.width * image.height)
            return _decoded(data, image, wanted)
    except Unfit:
        raise
    except Image.DecompressionBombError as error:
        limit = f"more than the {wanted.most // 1_000_000} million allowed"
        raise Unfit(f"a picture of far too many pixels, {limit}") from error
    except UnidentifiedImageError as error:
        raise Unfit("a file whose content is none of " + ", ".join(FORMATS)) from error
    except MemoryError as error:
        raise Unfit("an image that takes too much memory to decode") from error
    except Exception as error:  # Pillow's readers raise a dozen kinds on damaged files, and one must not stop a set
        raise Unfit(f"an image that cannot be decoded ({error})") from error


def square(image: "Image", size: int) -> np.ndarray:
    """The centre square of a picture, antialiased, as uint8 [C, size, size]."""
    from PIL import Image

    if image.size != (size, size):
        side = min(image.size)
        left, top = (image.width - side) / 2, (image.height - side) / 2
        if side == size:  # nothing is scaled: a cut through the middle of a pixel would blur the whole picture
            left, top = round(left), round(top)
        image = image.resize((size, size), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))
    return channels(image)


def channels(image: "Image") -> np.ndarray:
    """The pixels of a picture as uint8 [C, H, W]."""
    return np.atleast_3d(np.asarray(image)).transpose(2, 0, 1)


def _decoded(data: bytes, image: "Image", wanted: Wanted) -> Picture:
    notes = [CROPPED] if wanted.size and max(image.size) > LONG * min(image.size) else []
    jpeg = image.format in ("JPEG", "MPO")  # MPO: several, of which cameras make use
    if jpeg and "progressive" in image.info:
        limits.check_scans(data, *image.size)
    if wanted.within and min(image.size) > wanted.within:
        notes.append(SCALED)
    if jpeg and (side := wanted.size or wanted.within):
        # decode at a half, a quarter, an eighth while that is still twice too large
        image.draft(None, (2 * side, 2 * side))
    coloured, bits, values = _colour(_upright(image, notes), deep.has_deep_colours(image, data), wanted.bits, notes)
    if getattr(image, "is_animated", False):  # it is asked last: the answer may be in a later frame
        notes.append(FIRST)
    pixels = square(coloured, wanted.size) if wanted.size else channels(_within(coloured, wanted.within))
    if wanted.size and _variance(pixels) < CONSTANT**2:
        notes.append(PLAIN)
    # what is decoded of a JPEG depends on the size
    parts = [data] if jpeg else _strips(coloured) if values is None else [str(values.shape).encode(), values]
    return Picture(pixels, _mark(parts), tuple(notes), bits, 0 if values is None else 8 * values.itemsize)


def _within(image: "Image", side: int) -> "Image":
    """A whole picture, scaled down until its shorter side has so many pixels; 0: as it is."""
    from PIL import Image

    if not side or min(image.size) <= side:
        return image
    factor = side / min(image.size)
    size = [max(1, round(factor * each)) for each in image.size]
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _variance(pixels: np.ndarray) -> float:
    """The largest of the channels, [C, H, W]."""
    values = pixels.reshape(len(pixels), -1).astype(np.float32)  # numpy's own takes three times as long
    values -= values.mean(1, keepdims=True)
    return max(float(channel @ channel) for channel in values) / values.shape[1]


def _upright(image: "Image", notes: list[str]) -> "Image":
    from PIL import ImageOps

    if image.getexif().get(ORIENTATION, 1) not in range(2, 9):
        return image
    notes.append(TURNED)
    return ImageOps.exif_transpose(image)


def _colour(
    image: "Image", has_deep_colours: bool, bits: int, notes: list[str]
) -> tuple["Image", int, np.ndarray | None]:
    """(the picture in RGB, the range of its greys in bits, its values) where it had greys of more than 8 bits."""
    if deep.is_deep(image):
        notes.append(GREYS)
        greys, bits, values = deep.of_deep_grey(image, bits)
        return greys.convert("RGB"), bits, values
    if has_deep_colours:
        notes.append(COLOURS)
        image.load()
        deep.check_colours(image)
    if image.mode in SPACES:
        notes.append(SPACE)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema()[0] < 255:
            notes.append(ALPHA)
        return _on_white(image), 0, None
    return image if image.mode == "RGB" else image.convert("RGB"), 0, None


def _on_white(image: "Image") -> "Image":
    """A picture in RGBA on white, some rows at a time: a large one would fill the memory three times."""
    from PIL import Image

    out = Image.new("RGB", image.size)
    for top, strip in _cut(image):
        out.paste(Image.alpha_composite(Image.new("RGBA", strip.size, "white"), strip).convert("RGB"), (0, top))
    return out


def _strips(image: "Image") -> Iterator[bytes]:
    """The shape and the pixels of a picture, some rows at a time."""
    yield f"{image.width}×{image.height}".encode()
    for _, strip in _cut(image):
        yield strip.tobytes()


def _cut(image: "Image") -> Iterator[tuple[int, "Image"]]:
    for top in range(0, image.height, STRIP):
        yield top, image.crop((0, top, image.width, min(top + STRIP, image.height)))


def _mark(parts: Iterable[bytes | np.ndarray]) -> bytes:
    made = hashlib.blake2b(digest_size=MARK)
    for part in parts:
        made.update(np.ascontiguousarray(part) if isinstance(part, np.ndarray) else part)
    return made.digest()
