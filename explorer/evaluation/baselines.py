"""What raw pixels are worth before anything is learned: numbers and pictures that need no model and no torch."""

import numpy as np

from explorer.evaluation.neighbours import nearest


def pixel_pca(images: np.ndarray) -> np.ndarray:
    """Images `[N, C, H, W]` in the plane `[N, 2]` of their pixels' second and first principal component."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    flat -= flat.mean(0)
    _, directions = np.linalg.eigh(flat.T @ flat)  # eigenvalues ascend
    return flat @ directions[:, -2:]


def nearest_class_mean(images: np.ndarray, y: np.ndarray, means: np.ndarray) -> float:
    """Accuracy of naming images `[N, C, H, W]` by the nearest class mean `[K, C, H, W]`, by Euclidean distance."""
    x, centres = (part.reshape(len(part), -1).astype(np.float32) for part in (images, means))
    return float((nearest(centres, x, 1, "euclidean").index[:, 0] == y).mean())
