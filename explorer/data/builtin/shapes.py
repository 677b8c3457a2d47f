"""Coloured shapes that are drawn here, with known factors."""

from pathlib import Path

from explorer.data.raw import Raw
from explorer.data.registry import Embedded, register
from explorer.data.shapes import PER_CLASS, SHAPES, make


def read(size: int, scratch: Path) -> Raw:
    """Shapes drawn at this size, not enlarged."""
    return Raw(SHAPES, {split: make(split, size, scratch) for split in PER_CLASS})


register(
    "shapes",
    Embedded(
        title="Shapes",
        summary="6,000 drawn shapes, 32×32 colour, with known factors: shape, hue, scale, rotation, position, "
        "background.",
        source="drawn by Unfold itself; free of rights",
        shape=(3, 32, 32),
        classes=SHAPES,
        read=read,
        order=1,
    ),
)
