"""A map that unfolds: one layout for each frame of a training, each started from the one before it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer.evaluation import projections, similarity

FILE = "unfolding.npz"  # in the folder of a model whose frames have been laid out
PERPLEXITY = 30  # or a third of the images, where there are few
AGAIN = 4.0  # early exaggeration of the frames after the first: enough to let a cluster move, too little to scatter it


class Unfolding(NamedTuple):
    """Where each image lies in each frame."""

    coords: np.ndarray  # [F, N, 2]
    steps: np.ndarray  # [F]
    rows: np.ndarray  # [N], of validation
    y: np.ndarray  # [N]


def read(folder: Path) -> Unfolding:
    """The layouts that are stored beside the frames of a model."""
    with np.load(folder / FILE) as stored:
        return Unfolding(stored["coords"].astype(np.float32), stored["steps"], stored["rows"], stored["y"])


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
