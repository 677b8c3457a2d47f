"""A map that unfolds: one layout for each frame of a training, each started from the one before it."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer.errors import Refused
from explorer.evaluation import neighbours, projections, similarity

FILE = "unfolding.npz"  # in the folder of a model whose frames have been laid out
NEIGHBOURS = 10  # of each image, whose classes are counted
PERPLEXITY = 30  # or a third of the images, where there are few
AGAIN = 4.0  # early exaggeration of the frames after the first: enough to let a cluster move, too little to scatter it


class Agreement(NamedTuple):
    """The mean share of the nearest neighbours of an image that are of its class."""

    before: float  # on the first map: that of the untrained network
    after: float  # on the last map
    pixels: float  # among the raw pixels, without any map


class Unfolding(NamedTuple):
    """Where each image lies in each frame, and how far its neighbours share its class."""

    coords: np.ndarray  # [F, N, 2] float16
    steps: np.ndarray  # [F]
    rows: np.ndarray  # [N], of validation
    y: np.ndarray  # [N]
    agreement: Agreement


def as_bytes(frames: dict[int, dict[str, np.ndarray]], images: np.ndarray) -> bytes:
    """The content of the file: a layout of each frame of a model, by step; their rows are `images` `[N, C, H, W]`."""
    first, content = next(iter(frames.values())), io.BytesIO()
    coords = unfold([frame["features"] for frame in frames.values()]).astype(np.float16)
    shares = np.array(agreement(coords, first["y"], images), np.float32)
    same = {"steps": np.array(list(frames)), "rows": first["rows"], "y": first["y"], "agreement": shares}
    np.savez_compressed(content, coords=coords, **same)
    return content.getvalue()


def read(folder: Path) -> Unfolding:
    """What is stored beside the frames of a model; raises `Refused` where that is damaged."""
    try:
        with np.load(folder / FILE) as stored:
            arrays = [stored[name] for name in ("coords", "steps", "rows", "y")]
            return Unfolding(*arrays, Agreement(*map(float, stored["agreement"])))
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error):
        raise Refused(f"the map of '{folder.name}' cannot be read: publish or download that model again") from None


def agreement(coords: np.ndarray, y: np.ndarray, images: np.ndarray) -> Agreement:
    """How far neighbours share their class on the first map, on the last, and in the pixels `[N, C, H, W]` of these."""
    pixels = images.reshape(len(images), -1).astype(np.float32) / 255
    return Agreement(*(_agreement(points, y) for points in (coords[0], coords[-1], pixels)))


def shares(coords: np.ndarray, y: np.ndarray) -> list[float]:
    """For each frame `[F, N, 2]` the share of neighbours on its map that are of an image's class."""
    return [_agreement(points.astype(np.float32), y) for points in coords]


def _agreement(points: np.ndarray, y: np.ndarray) -> float:
    index = neighbours.nearest(points, points, NEIGHBOURS, "euclidean", own=np.arange(len(y))).index
    return float(neighbours.label_agreement(y, index).mean())


def unfold(frames: Sequence[np.ndarray], seed: int = 0) -> np.ndarray:
    """t-SNE of every frame: features `[N, D]` of the same N images each -> float32 `[F, N, 2]`.

    A frame starts from the layout of the frame before, and is turned and mirrored onto it (orthogonal Procrustes): what
    moves between two frames has moved in the representation. Every layout is centred and has unit deviation.
    """
    layouts: list[np.ndarray] = []
    for features in frames:
        layout = _layout(projections.scaled(features), layouts[-1] if layouts else None, seed)
        if layouts:
            layout = similarity.procrustes(layout, layouts[-1]).aligned * np.linalg.norm(layout)
        layouts.append(layout)
    return np.stack(layouts).astype(np.float32)


def _layout(x: np.ndarray, start: np.ndarray | None, seed: int) -> np.ndarray:
    """One t-SNE `[N, 2]`; scaled to unit deviation, as the size of a t-SNE layout has no meaning."""
    from sklearn.manifold import TSNE

    more = {"init": "pca"} if start is None else {"init": start.astype(np.float32), "early_exaggeration": AGAIN}
    layout = TSNE(2, perplexity=min(PERPLEXITY, len(x) / 3), random_state=seed, **more).fit_transform(x)
    layout = layout - layout.mean(0)
    return layout / layout.std()
