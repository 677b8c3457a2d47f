"""Batched augmentations: every image gets its own draw, and every function returns the images AND what it drew.

Images are `[B, C, H, W]` in [0, 1]; parameters are `[B]` tensors. The draws come from the generator that is handed in.
"""

from explorer.augment.operations import (
    GREY,
    OPERATIONS,
    Drawn,
    Operation,
    blur,
    chosen,
    colour_jitter,
    colour_matrix,
    crop_flip,
    cutout,
    drop_channels,
    noise,
    quarter_turn,
    sobel,
    to_grey,
    turned,
    uniform,
)
from explorer.augment.patches import AROUND, assemble, cut, hole, misfit, neighbours, overlapping, reordered, tiles

__all__ = [
    "AROUND",
    "GREY",
    "OPERATIONS",
    "Drawn",
    "Operation",
    "assemble",
    "blur",
    "chosen",
    "colour_jitter",
    "colour_matrix",
    "crop_flip",
    "cut",
    "cutout",
    "drop_channels",
    "hole",
    "misfit",
    "neighbours",
    "noise",
    "overlapping",
    "quarter_turn",
    "reordered",
    "sobel",
    "tiles",
    "to_grey",
    "turned",
    "uniform",
]
