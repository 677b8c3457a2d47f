"""A map that unfolds: one layout for each frame of a training, each started from the one before it."""

from collections.abc import Sequence

import numpy as np

from explorer.evaluation import projections, similarity

PERPLEXITY = 30  # or a third of the images, where there are few
AGAIN = 4.0  # early exaggeration of the frames after the first: enough to let a cluster move, too little to scatter it


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
