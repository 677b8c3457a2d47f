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
    noise,
    quarter_turn,
    sobel,
    to_grey,
    turned,
    uniform,
)
from explorer.augment.patches import assemble, hole, overlapping, tiles

__all__ = [
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
    "cutout",
    "hole",
    "noise",
    "overlapping",
    "quarter_turn",
    "sobel",
    "tiles",
    "to_grey",
    "turned",
    "uniform",
]
