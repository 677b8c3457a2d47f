"""Pictures as people and attackers make them: bad ones with their reason, good ones with what is noted of them."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (40, 50, 3), np.uint8)


def encoded(image, form="PNG", **options):
    out = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(out, form, **options)
    return out.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth=8, colour=0, rows=b"", *more):
    """A PNG that says what it likes of itself."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", head), *more, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    )


def colours(values):
    """A 16-bit PNG of colours `[H, W, C]`, which Pillow cannot write."""
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png(width, height, 16, {2: 4, 3: 2, 4: 6}[channels], rows)


def greys(most, dtype=np.uint16, size=(40, 50)):
    """Greys from 0 to `most`."""
    return np.linspace(0, most, size[0] * size[1]).astype(dtype).reshape(size)


def unsigned(values):
    """A TIFF of 32 bits without a sign, as other programs write it."""
    content = encoded(values.view(np.int32), "TIFF")
    kind = struct.pack("<HHIH", 339, 3, 1, 2)
    assert content.count(kind) == 1
    return content.replace(kind, struct.pack("<HHIH", 339, 3, 1, 1))


def scans(n):
    """A progressive JPEG whose last scan is there n times more."""
    whole = encoded(NOISE.repeat(4, 0).repeat(4, 1), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * n + whole[-2:]


def turned(way, form="JPEG"):
    exif = Image.Exif()
    exif[0x0112] = way
    return encoded(NOISE, form, exif=exif)


def frames(form, **options):
    first, *others = (Image.fromarray(np.roll(NOISE, k)) for k in range(3))
    return encoded(first, form, save_all=True, append_images=others, **options)


JPEG, PNG, TIFF = encoded(NOISE, "JPEG"), encoded(NOISE), encoded(NOISE, "TIFF")
CLEAR = Image.fromarray(np.dstack([NOISE, NOISE[..., :1]]))
TIFF_WHITE = {"tiffinfo": {262: 0}}

BAD = {  # name: (content, what the reason says)
    "empty": (b"", "content is none of"),
    "one byte": (b"\xff", "content is none of"),
    "text": (b"no picture at all", "content is none of"),
    "html": (b"<html><script>alert(1)</script>", "content is none of"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "content is none of"),
    "zip": (b"PK\x03\x04" + bytes(40), "content is none of"),
    "ico": (encoded(Image.fromarray(NOISE).resize((32, 32)), "ICO"), "content is none of"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "content is none of"),
    "jpeg of its first bytes": (JPEG[:4], "content is none of"),
    "torn jpeg": (JPEG[: len(JPEG) // 2], "cannot be decoded"),
    "torn png": (PNG[: len(PNG) // 2], "cannot be decoded"),
    "torn tiff": (TIFF[: len(TIFF) // 2], "cannot be decoded|content is none of"),
    "torn webp": (encoded(NOISE, "WEBP")[:300], "cannot be decoded|content is none of"),
    "torn gif": (encoded(NOISE, "GIF")[:100], "cannot be decoded|content is none of"),
    "torn bmp": (encoded(NOISE, "BMP")[:300], "cannot be decoded"),
    "png without pixels": (png(40, 40), "cannot be decoded"),
    "png of damaged pixels": (PNG[:60] + bytes(40) + PNG[100:], "cannot be decoded"),
    "png of 16 bits, 7,990²": (png(7990, 7990, 16), "7,990 × 7,990 pixels, more than the 50 million allowed"),
    "png of 50,010,000 pixels": (png(10_000, 5_001), "10,000 × 5,001 pixels, more than the 50 million allowed"),
    "png of 2^31 pixels a side": (png(2**31 - 1, 2**31 - 1), "far too many pixels|more than the 50 million|none of"),
    "png of no width": (png(0, 40), "none of|whose sides must be|cannot be decoded"),
    "png of 12,000 × 1,000": (png(12_000, 1_000), "12,000 × 1,000 pixels, whose sides must be 8 to 10,000"),
    "png of 7 × 7": (png(7, 7, 8, 0, bytes(56)), "7 × 7 pixels, whose sides must be 8 to 10,000"),
    "png of one pixel": (png(1, 1, 8, 0, bytes(2)), "1 × 1 pixels, whose sides must be 8 to 10,000"),
    "png of 9,000 × 100": (png(9_000, 100), "9,000 × 100 pixels, of which one side may be at most 50 times the other"),
    "png of 8 × 401": (png(8, 401), "8 × 401 pixels, of which one side"),
    "png with a bomb of text": (
        png(40, 40, 8, 0, bytes(1640), chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**7)))),
        "cannot be decoded|content is none of",
    ),
    "jpeg of 200 scans": (scans(190), "a JPEG of 200 scans, more than the 100 allowed"),
    "jpeg of 5,000 scans": (scans(4990), "a JPEG of 5,000 scans, more than the 100 allowed"),
    "ppm of many pixels": (b"P6 9000 9000 255\n" + bytes(100), "9,000 × 9,000 pixels, more than the"),
    "ppm without pixels": (b"P6 40 40 255\n" + bytes(100), "cannot be decoded"),
    "ppm of a huge number": (b"P6 " + b"9" * 400 + b" 40 255\n", "cannot be decoded|none of|far too many"),
    "bmp of many pixels": (
        encoded(NOISE, "BMP")[:18] + struct.pack("<ii", 9000, 9000) + encoded(NOISE, "BMP")[26:],
        "9,000 × 9,000 pixels, more than the",
    ),
    "floating-point tiff": (encoded(greys(1.0, np.float32), "TIFF"), "floating-point pixels, whose range is unknown"),
    "negative tiff": (encoded(greys(900, np.int32) - 500, "TIFF", tiffinfo={339: 2}), "negative values, whose range"),
    "tiff of 16 bits in which 0 is white": (encoded(greys(65535), "TIFF", **TIFF_WHITE), "in which 0 is white"),
    "12-bit colours in 16 bits": (colours(NOISE.astype(int) * 16), "16-bit colours whose values stay below a quarter"),
    "8-bit colours in 16 bits": (colours(NOISE.astype(int)), "16-bit colours whose values stay below a quarter"),
    "12-bit colours in 16 bits, clear": (colours(np.asarray(CLEAR).astype(int) * 16), "16-bit colours whose values"),
}
GOOD = {  # name: (content, what is noted)
    "png": (PNG, ""),
    "jpeg": (JPEG, ""),
    "webp": (encoded(NOISE, "WEBP"), ""),
    "webp without loss": (encoded(NOISE, "WEBP", lossless=True), ""),
    "bmp": (encoded(NOISE, "BMP"), ""),
    "tiff": (TIFF, ""),
    "tiff of lzw": (encoded(NOISE, "TIFF", compression="tiff_lzw"), ""),
    "tiff of jpeg": (encoded(NOISE, "TIFF", compression="jpeg"), ""),
    "ppm": (encoded(NOISE, "PPM"), ""),
    "pgm": (encoded(NOISE[..., 0], "PPM"), ""),
    "gif": (encoded(NOISE, "GIF"), ""),
    "progressive jpeg": (encoded(NOISE, "JPEG", progressive=True), ""),
    "progressive jpeg and a film behind it": (scans(0) + b"\xff\xda\0\2" * 1000, ""),
    "grey jpeg": (encoded(NOISE[..., 0], "JPEG"), ""),
    "palette": (encoded(Image.fromarray(NOISE).quantize(16)), ""),
    "two colours": (encoded(Image.fromarray(NOISE[..., 0]).convert("1")), ""),
    "interlaced": (encoded(NOISE, "PNG", interlace=1), ""),
    "8 × 8": (encoded(NOISE[:8, :8]), ""),
    "as long as allowed": (encoded(np.tile(NOISE[:8, :40], (1, 10, 1))), "cropped"),
    "256 × 32": (encoded(RNG.integers(0, 256, (32, 256, 3), np.uint8)), "cropped"),
    "32 × 256": (encoded(RNG.integers(0, 256, (256, 32, 3), np.uint8)), "cropped"),
    "cmyk jpeg": (encoded(Image.fromarray(NOISE).convert("CMYK"), "JPEG"), "space"),
    "cmyk tiff": (encoded(Image.fromarray(NOISE).convert("CMYK"), "TIFF"), "space"),
    "lab tiff": (encoded(Image.new("LAB", (40, 50), (50, 9, 200)), "TIFF"), "plain space"),
    "clear png": (encoded(CLEAR), "alpha"),
    "clear grey": (encoded(CLEAR.convert("LA")), "alpha"),
    "clear webp": (encoded(CLEAR, "WEBP", lossless=True), "alpha"),
    "one clear colour": (encoded(Image.fromarray(NOISE).quantize(16), transparency=3), "alpha"),
    "a channel for transparency and nothing transparent": (encoded(Image.fromarray(NOISE).convert("RGBA")), ""),
    **{f"turned {way}": (turned(way), "turned") for way in range(2, 9)},
    "turned png": (turned(6, "PNG"), "turned"),
    "not turned": (turned(1), ""),
    "turned by nonsense": (turned(77), ""),
    "animated gif": (frames("GIF"), "first"),
    "animated png": (frames("PNG"), "first"),
    "animated webp": (frames("WEBP"), "first"),
    "tiff of pages": (frames("TIFF"), "first"),
    "jpeg of several": (frames("MPO"), "first"),
    "16-bit colours": (colours(NOISE.astype(int) * 257), "colours"),
    "16-bit clear colours": (colours(np.asarray(CLEAR).astype(int) * 257), "alpha colours"),
    "16-bit greys": (encoded(greys(65535)), "greys"),
    "32-bit greys": (unsigned(greys(2**32 - 1, np.uint32)), "greys"),
    "one colour": (encoded(Image.new("RGB", (40, 40), (9, 99, 200)), "JPEG"), "plain"),
    "one colour, scanned": (encoded((NOISE[..., 0] % 4 + 250).astype(np.uint8)), "plain"),
    "black": (encoded(Image.new("L", (40, 40))), "plain"),
}
