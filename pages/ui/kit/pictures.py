"""Images on a page: PNG bytes, strips with captions, mosaics, maps made of the images. numpy and Pillow alone."""

import hashlib
import io
import math
from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st
from PIL import Image

from explorer import data
from pages.ui.kit import content
from pages.ui.kit.plain_text import markup

TILE = 12  # pixels: smaller tiles are enlarged by a whole factor
# Middle tones of the theme's ten categories: they stand on light and on dark.
TONES = np.array(
    [
        (34, 130, 200), (230, 159, 0), (0, 158, 115), (204, 110, 165), (86, 180, 233),
        (213, 94, 0), (158, 130, 20), (128, 128, 132), (178, 70, 130), (108, 96, 200),
    ],
    np.uint8,
)  # fmt: skip


def _pillow(image: np.ndarray) -> Image.Image:
    """`uint8` [C, H, W] or [H, W], with 1, 3 or 4 channels, as a Pillow image."""
    image = np.asarray(image)
    if image.ndim == 3:
        image = image[0] if image.shape[0] == 1 else image.transpose(1, 2, 0)
    return Image.fromarray(np.ascontiguousarray(image))


def png(image: np.ndarray, least: int = 0) -> bytes:
    """A `uint8` image [C, H, W] as PNG; one smaller than `least` pixels is enlarged by a whole factor, unsmoothed."""
    picture = _pillow(image)
    factor = math.ceil(least / max(min(picture.size), 1))
    if factor > 1:
        picture = picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
    out = io.BytesIO()
    picture.save(out, "png", compress_level=1)
    return out.getvalue()


def address(image: np.ndarray) -> str:
    """Where a browser fetches this image: a page that is drawn again and again does not send it again and again."""
    image = np.asarray(image)
    pixels = hashlib.blake2b(image.tobytes(), digest_size=16).digest()
    return content.once(("image", image.shape, pixels), lambda: png(image), "png")


def thumbs(dataset: data.DataSet, split: str) -> str:
    """The address of one row's thumbnail, with `{id}` in the place of its row: what `figures.show` takes."""
    return f"/thumb/{dataset.name}/{split}/{{id}}.png?v={dataset.hash[:8]}"


def strip(
    images: np.ndarray,
    captions: Sequence[str] | None = None,
    px: int = 64,
    alt: str | Sequence[str] = "image",
    *,
    gap: int = 6,
    nowrap: bool = False,
) -> None:
    """Images `uint8` [N, C, H, W] side by side, `px` wide, wrapping (or scrolling, with `nowrap`); pixels stay pixels.

    `alt` says what one image is, or what each is; with captions, each image is described by its own, too.
    """
    captions = list(captions) if captions is not None else [""] * len(images)
    alts = [alt] * len(images) if isinstance(alt, str) else alt
    cells = (_cell(*each, px) for each in zip(images, captions, alts, strict=True))
    style = f"gap:{gap}px;flex-wrap:{'nowrap' if nowrap else 'wrap'}"
    st.html(f'<div class="unfold-strip" style="{style}">{"".join(cells)}</div>')


def _cell(image: np.ndarray, caption: str, alt: str, px: int) -> str:
    words = markup(f"{alt}: {caption}" if caption else alt)
    below = f"<figcaption>{label(caption)}</figcaption>" if caption else ""
    return f'<figure style="width:{px}px"><img src="{address(image)}" alt="{words}" width="{px}">{below}</figure>'


def rows(
    named: Mapping[str, np.ndarray],
    alts: Mapping[str, Sequence[str]] | None = None,
    marked: int = 0,
    notes: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Rows of images with a name in front, in equal columns as wide as the page: `{"image": [N, C, H, W], …}`.

    For what belongs together from top to bottom (views, reconstructions) or side by side (a class). `alts` describes
    each image, by row; the first `marked` columns wear a frame; `notes` are rows of words below. Pictures of several
    tiles stand farther apart than their tiles do.
    """
    st.html(rows_html(named, alts, marked, notes))


def rows_html(
    named: Mapping[str, np.ndarray],
    alts: Mapping[str, Sequence[str]] | None = None,
    marked: int = 0,
    notes: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """The same as HTML."""
    across = max(map(len, named.values()), default=1)
    kind = "unfold-rows apart" if any(map(_tiled, named.values())) else "unfold-rows"
    lines = []
    for name, images in named.items():
        words = (alts or {}).get(name) or [name] * len(images)
        cells = (_tile(image, words[i], i < marked) for i, image in enumerate(images))
        lines.append(f"<div><span>{label(name)}</span>{''.join(cells)}</div>")
    for name, words in (notes or {}).items():
        cells = (f"<small>{markup(word)}</small>" for word in words)
        lines.append(f"<div><span>{label(name)}</span>{''.join(cells)}</div>")
    return f'<div class="{kind}" style="--across:{across}">{"".join(lines)}</div>'


def label(name: str) -> str:
    """A name as HTML that may break between its words and after a slash."""
    return markup(name).replace("/", "/<wbr>")


def _tiled(images: Sequence[np.ndarray]) -> bool:
    """Whether these are mosaics: only their gaps are transparent."""
    return any(len(image) == 4 and (image[3] == 0).any() and (image[3] == 255).any() for image in images)


def seams(named: Mapping[str, Sequence[np.ndarray]]) -> str | None:
    """What to say of the lines in mosaics, where there are any: the word after *lines* below a figure."""
    return "between tiles are drawn, not part of the image" if any(map(_tiled, named.values())) else None


def _tile(image: np.ndarray, alt: str, marked: bool) -> str:
    alt, kind = markup(alt), ' class="marked"' if marked else ""
    return f'<img{kind} src="{address(image)}" alt="{alt}" title="{alt}">'


def picture(image: np.ndarray, alt: str, caption: str = "", width: str = "100%") -> None:
    """One image `uint8` [C, H, W], as wide as its place."""
    below = f"<figcaption>{markup(caption)}</figcaption>" if caption else ""
    img = f'<img src="{address(image)}" alt="{markup(alt)}" style="width:100%">'
    st.html(f'<figure class="unfold-picture" style="width:{width}">{img}{below}</figure>')


def mosaic(images: np.ndarray, columns: int, gap: int = 1) -> np.ndarray:
    """Images [N, C, H, W] as one [4, H', W'] with transparent gaps; cheaper than a strip from a few hundred on."""
    n, _, h, w = images.shape
    rows = math.ceil(n / columns)
    canvas = np.zeros((4, rows * (h + gap) - gap, columns * (w + gap) - gap), np.uint8)
    for i, image in enumerate(images):
        top, left = i // columns * (h + gap), i % columns * (w + gap)
        canvas[:3, top : top + h, left : left + w] = image
        canvas[3, top : top + h, left : left + w] = 255
    return canvas


def tinted(images: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Grey images [N, 1, H, W] as ink in the colour of their class on nothing: [N, 4, H, W]."""
    n, _, h, w = images.shape
    ink = np.broadcast_to(TONES[y % len(TONES)][:, :, None, None], (n, 3, h, w))
    return np.concatenate([ink, images], 1)


def framed(tiles: np.ndarray, y: np.ndarray, px: int) -> np.ndarray:
    """Tiles [N, 4, h, w] in a frame of `px` pixels in the colour of their class."""
    out = np.pad(tiles, ((0, 0), (0, 0), (px, px), (px, px)), constant_values=255)
    colours = np.broadcast_to(TONES[y % len(TONES)][:, :, None, None], (len(tiles), 3, *out.shape[2:]))
    edge = np.ones(out.shape[2:], bool)
    edge[px:-px, px:-px] = False
    out[:, :3] = np.where(edge, colours, out[:, :3])
    return out


def sized(image: np.ndarray, px: int) -> np.ndarray:
    """A square image [C, H, H] at `px` pixels, averaged down; the same if it has them."""
    if image.shape[-1] == px:
        return image
    small = np.asarray(_pillow(image).resize((px, px), Image.Resampling.BOX))
    return small[None] if small.ndim == 2 else small.transpose(2, 0, 1)


def shrunk(tiles: np.ndarray, px: int) -> np.ndarray:
    """Tiles [N, 4, h, w] brought to `px` pixels: enlarged unsmoothed, or averaged down."""
    how = Image.Resampling.NEAREST if px % tiles.shape[-1] == 0 else Image.Resampling.BOX
    sized = (_pillow(tile).resize((px, px), how) for tile in tiles)
    return np.stack([np.asarray(tile).transpose(2, 0, 1) for tile in sized])


def scatter(tiles: np.ndarray, coords: np.ndarray, width: int, height: int) -> np.ndarray:
    """A map made of the images themselves: tiles [N, 4, h, w] at coords [N, 2] on a transparent [4, height, width].

    As on a chart, the second coordinate grows upwards.
    """
    _, _, h, w = tiles.shape
    coords = coords * [1, -1]
    low, high = coords.min(0), coords.max(0)
    at = (coords - low) / np.maximum(high - low, 1e-9) * [width - w, height - h]
    canvas = np.zeros((4, height, width), np.uint8)
    for tile, (left, top) in zip(tiles, at.round().astype(int), strict=True):
        place = canvas[:, top : top + h, left : left + w]
        place[:] = np.where(tile[3] > place[3], tile, place)  # the stronger ink stands
    return canvas


def whole(images: np.ndarray) -> np.ndarray:
    """Pictures [N, C, h, w] as they are; several tiles of each image [N, V, C, h, w] as one square, with thin gaps."""
    if images.ndim == 4:
        return images
    across, times = math.ceil(math.sqrt(images.shape[1])), math.ceil(TILE / images.shape[-1])
    large = images.repeat(times, -1).repeat(times, -2)  # a gap is one pixel
    squares = np.stack([mosaic(tiles, across) for tiles in large])  # [N, 4, H, W]
    spare = squares.shape[3] - squares.shape[2]  # two tiles side by side leave some above and below
    return np.pad(squares, ((0, 0), (0, 0), (spare // 2, spare - spare // 2), (0, 0)))
