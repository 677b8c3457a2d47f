"""Photographs to `uint8` squares: shorter side to size, centre crop, antialiased; or the reason why a file is none."""

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.data.raw import DIGEST

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = ("png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "ppm")
CUT = 2  # of the rule by which a picture becomes a square; with a new number pictures of users are decoded again
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM")
MAX_PIXELS = 64_000_000  # a decompression bomb unfolds to more; no camera of ordinary people does
MAX_BYTES = 256_000_000
TINY = 8_000  # bytes; below this a thread costs more than decoding
STRIP = 128  # rows of pixels
CHUNK, AHEAD = 32, 32  # images decoded in one go, and how many such parts may wait in memory
ORIENTATION = 0x0112  # EXIF tag: how the camera was held


def suffix(path: str) -> str:
    """The lower-case ending of a file name, without its dot."""
    name, dot, end = path.rpartition("/")[2].rpartition(".")
    return end.lower() if dot and name else ""


def why_not(path: str) -> str:
    """Why a file of this name is not read as a photograph; empty if it is."""
    end = suffix(path)
    kind = f"a {end.upper()} file" if end else "a file without an extension"
    return "" if end in SUFFIXES else f"{kind}, which is not read: only {', '.join(SUFFIXES)} are"


class Photo(NamedTuple):
    """A decoded picture, and what tells it from all others at every size."""

    pixels: np.ndarray  # uint8 [3, size, size]
    mark: bytes


def decode(data: bytes, size: int) -> Photo:
    """An encoded picture; raises `ValueError` with the reason if it cannot be one."""
    from PIL import Image, UnidentifiedImageError

    Image.init()  # Pillow knows WEBP and TIFF only after this; a second call does nothing
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(_too_large(image.width, image.height))
            if image.format == "JPEG":
                # decode at a half, a quarter, an eighth while that is still twice too large
                image.draft(None, (2 * size, 2 * size))
                mark = _mark([data])  # what is decoded depends on the size
                return Photo(square(_colour(_upright(image)), size), mark)
            whole = _colour(_upright(image))
            return Photo(square(whole, size), _mark(_strips(whole)))
    except ValueError:
        raise
    except Image.DecompressionBombError as error:
        raise ValueError(_too_large()) from error
    except UnidentifiedImageError as error:
        raise ValueError("a file whose content is none of " + ", ".join(FORMATS)) from error
    except (
        Exception
    ) as error:  # Pillow's readers raise a dozen kinds on damaged files, and one file must not stop a data set
        raise ValueError(f"an image that cannot be decoded ({error})") from error


def square(image: "Image", size: int) -> np.ndarray:
    """The centre square of a picture, antialiased, as uint8 [C, size, size]."""
    from PIL import Image

    if image.size != (size, size):
        side = min(image.size)
        left, top = (image.width - side) / 2, (image.height - side) / 2
        if side == size:  # nothing is scaled: a cut through the middle of a pixel would blur the whole picture
            left, top = round(left), round(top)
        image = image.resize((size, size), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))
    return np.atleast_3d(np.asarray(image)).transpose(2, 0, 1)


def resized(x: np.ndarray, size: int) -> np.ndarray:
    """Images uint8 [N, C, H, W] by the same rule, [N, C, size, size]."""
    from PIL import Image

    if x.shape[2:] == (size, size):
        return x
    out = np.empty((*x.shape[:2], size, size), np.uint8)
    for row, channels in enumerate(x):
        for channel, pixels in enumerate(channels):
            out[row, channel] = square(Image.fromarray(np.ascontiguousarray(pixels)), size)[0]
    return out


def decode_all(read: Callable[[str], bytes], paths: list[str], size: int) -> Iterator[Photo | str]:
    """For each path its picture or why it is left out, in order; threads share large files."""

    def one(path: str) -> Photo | str:
        try:
            return decode(read(path), size)
        except ValueError as error:
            return str(error)

    parts = [paths[at : at + CHUNK] for at in range(0, len(paths), CHUNK)]
    workers = min(4, os.cpu_count() or 1) if _mean_bytes(read, paths[:4]) > TINY else 1
    pool = ThreadPoolExecutor(workers)
    mapped = pool.map if workers > 1 else map
    try:
        for at in range(0, len(parts), AHEAD):  # a few parts ahead of a slow disk, not all of them
            for results in mapped(lambda part: [one(path) for path in part], parts[at : at + AHEAD]):
                yield from results
    finally:
        pool.shutdown(cancel_futures=True)


def _mean_bytes(read: Callable[[str], bytes], paths: list[str]) -> float:
    sizes = []
    for path in paths:
        try:
            sizes.append(len(read(path)))
        except ValueError:
            sizes.append(0)
    return sum(sizes) / max(1, len(sizes))


def _upright(image: "Image") -> "Image":
    from PIL import ImageOps

    return ImageOps.exif_transpose(image) if image.getexif().get(ORIENTATION, 1) != 1 else image


def _colour(image: "Image") -> "Image":
    """RGB; 16-bit greys keep their upper byte, transparency is laid on white."""
    from PIL import Image

    if image.mode == "F":
        raise ValueError("an image of floating-point pixels, whose range is unknown")
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _strips(image: "Image") -> Iterator[bytes]:
    """The shape and the pixels of a picture, some rows at a time: all of a large one would fill the memory."""
    yield f"{image.width}×{image.height}".encode()
    for top in range(0, image.height, STRIP):
        yield image.crop((0, top, image.width, min(top + STRIP, image.height))).tobytes()


def _mark(parts: Iterable[bytes]) -> bytes:
    made = hashlib.blake2b(digest_size=DIGEST.itemsize)
    for part in parts:
        made.update(part)
    return made.digest()


def _too_large(*sides: int) -> str:
    shape = " × ".join(f"{side:,}" for side in sides)
    return f"a picture of {shape or 'far too many'} pixels, more than the {MAX_PIXELS // 1_000_000} million allowed"
