"""A map that unfolds: pictures that move from frame to frame of a training, in a loop that can be stopped.

Painted by the browser from one small image of all tiles and the coordinates, without plotly: it is the first picture
that a visitor sees.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from pages.ui.kit import pictures

COLUMNS = 32  # tiles in a line of the sprite
HERE = Path(__file__).parent
HTML = """<div class="unfold-unfolding"><canvas role="img"></canvas>
<div><button type="button">Pause</button><input type="range" min="0" value="0" aria-label="Frame"><output></output>
</div><figure role="status"></figure></div>"""
_component = st.components.v2.component(
    "unfold_unfolding",
    html=HTML,
    css=(HERE / "unfolding.css").read_text("utf-8"),
    js=(HERE / "unfolding.js").read_text("utf-8"),
)


def show(
    coords: np.ndarray, tiles: np.ndarray, labels: Sequence[str], notes: Sequence[str], alt: str, key: str
) -> None:
    """Frames `[F, N, 2]` of N pictures `uint8 [N, 4, h, h]`, their labels, and what is said beside the slider."""
    low, high = coords.min((0, 1)), coords.max((0, 1))
    places = np.rint(1000 * (coords - low) / (high - low)).astype(int)
    data = {
        "frames": places.reshape(len(coords), -1).tolist(),
        "sprite": pictures.address(_sprite(tiles)),
        "tile": tiles.shape[-1],
        "columns": COLUMNS,
        "n": len(tiles),
        "labels": list(labels),
        "notes": list(notes),
        "alt": alt,
    }
    _component(key=key, data=data)


def _sprite(tiles: np.ndarray) -> np.ndarray:
    """All tiles in one image `[4, H, W]`, COLUMNS in a line; the last line is filled up with clear ones."""
    n, channels, h, w = tiles.shape
    lines = -(-n // COLUMNS)
    padded = np.concatenate([tiles, np.zeros((lines * COLUMNS - n, channels, h, w), np.uint8)])
    grid = padded.reshape(lines, COLUMNS, channels, h, w).transpose(2, 0, 3, 1, 4)
    return grid.reshape(channels, lines * h, COLUMNS * w)
