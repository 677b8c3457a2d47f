"""What data is to a network: its shape and kind, splits, batches, and what a method asks of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple, Protocol

import torch
from torch import Tensor

from explorer.core.modality import MODALITIES


class Described(Protocol):
    """What says of itself what its rows are: a data set, or its entry in the catalogue."""

    name: str
    modality: str
    shape: tuple[int | None, ...]  # of one row; None while it is unknown
    vocabulary: int
    rate: int


@dataclass(frozen=True)
class DataSpec:
    """What a network must know about its data before it sees any."""

    name: str
    modality: str  # image, text, audio or video
    shape: tuple[int, ...]  # of one row: an image's is (channels, height, width); `core/modality.py` names all axes
    classes: tuple[str, ...]
    rows: int  # of the training subset (memory banks); 0 while it is unknown
    vocabulary: int = 0  # of text, the number of different words; 0 while it is unknown
    rate: int = 0  # of sound, samples per second; of video, frames per second
    resize: ClassVar[int] = 0  # pixels, the shorter side of an image before its centre is cut out; 0 = `size`
    interpolation: ClassVar[str] = "bilinear"

    def __post_init__(self) -> None:
        """Raises `ValueError` where the shape is none of this kind of data."""
        axes = MODALITIES[self.modality].axes
        if len(self.shape) != len(axes):
            raise ValueError(f"{self.name} is {self.modality} of shape {self.shape}: it must have {', '.join(axes)}")

    @classmethod
    def image(cls, name: str, channels: int, size: int, classes: tuple[str, ...], rows: int) -> DataSpec:
        """Square images of `size` pixels."""
        return cls(name, "image", (channels, size, size), classes, rows)

    @classmethod
    def of(cls, source: Described, classes: tuple[str, ...], rows: int, size: int = 0) -> DataSpec:
        """The data of a set, or of so many of its rows and classes; `size` is another than its images' own.

        Images of which nobody knows yet whether they are grey count as colour.
        """
        shape = tuple(3 if n is None else n for n in source.shape)
        if size and source.modality == "image":
            shape = (shape[0], size, size)
        return cls(source.name, source.modality, shape, classes, rows, source.vocabulary, source.rate)

    @property
    def channels(self) -> int:
        """Colours of an image: 1 or 3."""
        return self._side("channels")

    @property
    def size(self) -> int:
        """Height and width of an image in pixels."""
        return self._side("width")

    def numbers(self, x: Tensor) -> Tensor:
        """Stored rows as a network is given them: pixels in [0, 1], words as `int64`, sound in [-1, 1)."""
        return MODALITIES[self.modality].numbers(x)

    def _side(self, axis: str) -> int:
        axes = MODALITIES[self.modality].axes
        if axis not in axes:
            raise TypeError(f"{self.name} is {self.modality}, which has no {axis} but {', '.join(axes)}")
        return self.shape[axes.index(axis)]


@dataclass(frozen=True)
class CropSpec(DataSpec):
    """Images of which a network of another origin wants the centre of an enlarged or reduced image."""

    resize: int = 0
    interpolation: str = "bilinear"  # or bicubic


class Rows(Protocol):
    """What a split asks of its rows, as tensors have it: those that lie on disk are read when they are asked for."""

    shape: torch.Size
    device: torch.device  # where rows are wanted

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Tensor) -> Tensor: ...

    def split(self, n: int) -> Iterable[Tensor]:
        """All of them in their order, `n` at a time."""

    def to(self, device: str | torch.device) -> Rows:
        """The same rows for another device."""

    def expect(self, rows: Tensor) -> None:
        """Begin to read what will probably be asked for next."""


@dataclass(frozen=True)
class Split:
    """A whole split on one device; its rows may lie on disk, from where they are read for it batch by batch."""

    x: Tensor | Rows  # [N, *shape]: uint8 pixels, int32 words or int16 samples of sound
    y: Tensor  # [N] int64
    classes: tuple[str, ...]
    hash: str
    modality: str = "image"
    vocabulary: int = 0
    rate: int = 0

    def __len__(self) -> int:
        return len(self.x)

    def spec(self, name: str) -> DataSpec:
        """The kind and shape of these rows under the name of their data set."""
        shape = tuple(self.x.shape[1:])
        return DataSpec(name, self.modality, shape, self.classes, len(self.x), self.vocabulary, self.rate)

    @property
    def device(self) -> torch.device:
        """Where its batches are."""
        return self.x.device

    @property
    def streamed(self) -> bool:
        """Whether its rows are read from disk."""
        return not isinstance(self.x, Tensor)

    @property
    def places(self) -> torch.device:
        """Where the numbers of rows belong that it is asked for: rows on disk are found by the processor."""
        return torch.device("cpu") if self.streamed else self.device

    def expect(self, rows: Tensor) -> None:
        """The rows that will probably be asked for next: what lies on disk is read meanwhile."""
        if self.streamed:
            self.x.expect(rows)

    def to(self, device: str | torch.device) -> Split:
        """The same split on another device."""
        return replace(self, x=self.x.to(device), y=self.y.to(device))

    def take(self, rows: Tensor) -> Split:
        """Some rows of it, as a split of their own."""
        return replace(self, x=self.x[rows.to(self.places)], y=self.y[rows.to(self.y.device)])

    def numbers(self, x: Tensor) -> Tensor:
        """Some of its rows as a network is given them."""
        return MODALITIES[self.modality].numbers(x)

    def batch(self, rows: Tensor) -> Batch:
        """These rows, as numbers for a network."""
        at = rows.to(self.places)
        # index_select copies whole rows, indexing one number after the other: 0.08 us an image instead of 1.2
        x = self.numbers(self.x[at] if self.streamed else self.x.index_select(0, at))
        rows = rows.to(self.device)
        return Batch(x, self.y[rows], rows, self.modality)


class Batch(NamedTuple):
    """What one training step sees."""

    x: Tensor  # [B, *shape]: pixels in [0, 1], words as int64, sound in [-1, 1)
    y: Tensor  # [B]
    index: Tensor  # [B] row in the training subset
    modality: str = "image"
    side: int = 0  # pixels that crops of its images shall have; 0 = the images' own


class Needs(NamedTuple):
    """What a method asks of its data."""

    modality: str = "image"
    colour: bool = False
    min_size: int = 0

    def unmet(self, spec: DataSpec) -> str | None:
        """The rule that this data set breaks, or None."""
        if spec.modality != self.modality:
            return f"needs {self.modality} data, and {spec.name} is {spec.modality} data"
        if self.colour and spec.channels < 3:
            return f"needs colour images, and {spec.name} is grey"
        if self.min_size and spec.size < self.min_size:
            return (
                f"needs images of at least {self.min_size}x{self.min_size}, and {spec.name} has {spec.size}x{spec.size}"
            )
        return None
