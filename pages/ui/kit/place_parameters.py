"""A place on a map that the address names: read in one way for every map, and never far outside of it."""

import numpy as np

from pages.ui.kit import url_notices


def framed(at: np.ndarray, coords: np.ndarray) -> np.ndarray:
    """The place `[2]`, or the nearest one in the frame of a map `[N, 2]`: it reaches its own span beyond the points."""
    low, span = coords.min(0).astype(float), np.ptp(coords, axis=0).astype(float)
    return np.clip(at, low - span.max(), low + span + span.max())


def read(key: str, text: str, coords: np.ndarray, instead: str = "") -> np.ndarray | None:
    """The place `[2]` that `x,y` means on a map `[N, 2]`; None where it means none.

    A note says that the address asks for nonsense, which `instead` is shown for, or for a place outside of the frame.
    """
    try:
        at = np.array([float(part) for part in text.split(",")])
    except ValueError:
        at = np.empty(0)
    if at.shape == (2,) and np.isfinite(at).all():
        inside = framed(at, coords)
        if (inside != at).any():
            url_notices.note(key, text, f"{inside[0]:.4g},{inside[1]:.4g}")
        return inside
    if text:
        url_notices.note(key, text, instead)
    return None
