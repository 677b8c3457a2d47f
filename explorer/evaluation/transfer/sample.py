"""Some rows of a data set with their labels: their images, read when asked for, and their features, computed once."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from explorer.augment import crop_flip
from explorer.core import DataSpec, generator, pixels, unit
from explorer.data import DataSet
from explorer.models import feature_cache
from explorer.models.geometry import fit_geometry
from explorer.models.model import Model

SMALLEST = 0.08  # share of the area that a random crop keeps at least, as in torchvision's RandomResizedCrop
AT_ONCE = 64  # images that are cropped together


class Sample:
    """Rows of some splits of a data set, one after the other."""

    def __init__(self, dataset: DataSet, rows: Mapping[str, np.ndarray]) -> None:
        self.dataset, self.rows = dataset, dict(rows)
        self.y = np.concatenate([dataset.splits[split].y[at] for split, at in self.rows.items()])
        self.starts = np.cumsum([0, *map(len, self.rows.values())])

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, at: np.ndarray) -> np.ndarray:
        """The stored rows of these places, `[N, ...]`."""
        at = np.asarray(at)
        x = np.empty((len(at), *self.dataset.splits["train"].x.shape[1:]), self.dataset.splits["train"].x.dtype)
        for (split, rows), start, end in zip(self.rows.items(), self.starts, self.starts[1:], strict=False):
            inside = (at >= start) & (at < end)
            if inside.any():
                x[inside] = self.dataset.splits[split].x[rows[at[inside] - start]]
        return x

    def features(self, model: Model, at: np.ndarray) -> np.ndarray:
        """The model's features `[N, D]` of these places, ascending: from the cache where they were computed before."""
        parts = [
            model.features(self.dataset, split, rows[at[(at >= start) & (at < end)] - start])
            for (split, rows), start, end in zip(self.rows.items(), self.starts, self.starts[1:], strict=False)
            if ((at >= start) & (at < end)).any()
        ]
        return np.concatenate(parts)

    def drawn(self, spec: DataSpec | None, seed: int, draw: int) -> "Drawn":
        """One augmented draw of each image, for a network."""
        return Drawn(self, spec, seed, draw)


class Drawn:
    """One augmented draw of each image, as `uint8` at the size of the network, as an image library gives it."""

    def __init__(self, sample: Sample, spec: DataSpec | None, seed: int, draw: int) -> None:
        self.sample, self.spec, self.address = sample, spec, (seed, draw)

    def __getitem__(self, at: np.ndarray) -> np.ndarray:
        seed, draw = self.address
        parts = []
        for start in range(0, len(at), AT_ONCE):
            some = at[start : start + AT_ONCE]
            rng = generator(seed, "stored draw", draw, int(some[0]))
            parts.append(pixels(crops(torch.from_numpy(self.sample[some]), self.spec, rng)).numpy())
        return np.concatenate(parts)

    def features(self, model: Model, at: np.ndarray) -> np.ndarray:
        """The model's features `[N, D]` of these draws: computed once for each, cached by their pixels."""
        identity = model.identity() if model.keeps_features else ""
        if identity:
            return feature_cache.features(identity, self, at, model.embed)
        return np.concatenate([model.embed(self[at[i : i + AT_ONCE]]) for i in range(0, len(at), AT_ONCE)])


def crops(x: Tensor, spec: DataSpec | None, rng: torch.Generator) -> Tensor:
    """Random resized crops and flips of images `uint8 [N, C, H, W]`, in [0, 1] at the size and colours of a network.

    Without a network they are as large as the images.
    """
    numbers = unit(x)
    if spec is not None and spec.channels != x.shape[1]:
        numbers = fit_geometry(numbers, spec.channels, min(x.shape[2:]))
    return crop_flip(numbers, rng, SMALLEST, size=spec.size if spec else None)[0]
