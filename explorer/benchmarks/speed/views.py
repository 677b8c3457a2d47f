"""SimCLR's views of 32×32 colour images: ours by the batch, lightly's image by image, with the same operations."""

from typing import Any, ClassVar, NamedTuple

import numpy as np

from explorer.benchmarks.speed.clock import Clock
from explorer.benchmarks.speed.comparison import Comparison, Row
from explorer.benchmarks.speed.images import colour

BATCH = 256
TIMES = 8  # ours draws so many times as many, to take about as long


class Strength(NamedTuple):
    """The numbers of the augmentation that both sides have."""

    crop: float  # smallest share of the area
    jitter: float
    blur: float  # probability


DEFAULT = Strength(0.2, 0.5, 0.0)  # of our method


class Views(Comparison):
    """Two views of each image; what comes out is not normalised."""

    against, packages, installed = "SimCLRTransform on PIL images", ("lightly", "torchvision", "pillow"), True
    unit, goal, size, small = "views", 25.0, 4096, 256
    strength: ClassVar[Strength]

    def ours(self, size: int, clock: Clock) -> Row:
        """Batch by batch, as the method draws them."""
        import torch

        from explorer.core import Split
        from explorer.methods import METHODS

        images = colour(TIMES * size)
        split = Split(torch.from_numpy(images.x), torch.zeros(len(images.x), dtype=torch.long), ("all",), "")
        cfg, rng = METHODS["simclr"].Config(**self.strength._asdict()), torch.Generator().manual_seed(0)
        batches = torch.arange(len(split)).split(BATCH)

        def draw(rows: torch.Tensor) -> None:
            x = split.batch(rows).x
            cfg.draw(x, rng), cfg.draw(x, rng)

        for rows in batches[:4]:
            draw(rows)
        with clock:
            for rows in batches:
                draw(rows)
        return {"n": 2 * len(split)}

    def peer(self, size: int, clock: Clock) -> Row:
        """Image by image."""
        pictures, transform = pil(colour(size).x), transforms(self.strength)
        transform(pictures[0])
        with clock:
            for picture in pictures:
                transform(picture)
        return {"n": 2 * size}


def pil(x: np.ndarray) -> list[Any]:
    """Images `[N, C, H, W]` as PIL has them."""
    from PIL import Image

    return [Image.fromarray(each) for each in x.transpose(0, 2, 3, 1)]


def transforms(strength: Strength = DEFAULT) -> Any:
    """lightly's transform, which gives two views of an image."""
    from explorer.system.torchvision import torchvision

    torchvision()
    from lightly.transforms import SimCLRTransform

    crop, jitter, blur = strength
    return SimCLRTransform(input_size=32, min_scale=crop, cj_strength=jitter, gaussian_blur=blur, normalize=None)
