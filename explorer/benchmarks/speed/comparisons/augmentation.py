"""SimCLR's augmentation, against a transform of single PIL images."""

from typing import TYPE_CHECKING

from explorer.benchmarks.speed import Clock, Comparison, comparison
from explorer.benchmarks.speed.comparison import Row
from explorer.benchmarks.speed.images import colour

if TYPE_CHECKING:
    from PIL.Image import Image

BATCH = 256
SAME = {"cj_strength": 0.5, "min_scale": 0.2, "gaussian_blur": 0.0, "normalize": None}  # the operations of our defaults


@comparison
class Augmentation(Comparison):
    """SimCLR's augmentation of 32×32 colour images: crop, flip, colour jitter, greyscale."""

    against, packages, installed = "SimCLRTransform on PIL images", ("lightly", "torchvision", "pillow"), True
    unit, goal, size, small = "views", 25.0, 4096, 256

    def ours(self, size: int, clock: Clock) -> Row:
        """Two views of each image, batch by batch, as the method draws them; eight times as many, to take as long."""
        import torch

        from explorer.core import Split
        from explorer.methods import METHODS

        images = colour(8 * size)
        split = Split(torch.from_numpy(images.x), torch.zeros(len(images.x), dtype=torch.long), ("all",), "")
        cfg, rng = METHODS["simclr"].Config(), torch.Generator().manual_seed(0)
        batches = torch.arange(len(split)).split(BATCH)

        def draw(rows: torch.Tensor) -> None:
            x = split.batch(rows).x
            cfg.draw(x, rng), cfg.draw(x, rng)

        draw(batches[0])
        with clock:
            for rows in batches:
                draw(rows)
        return {"n": 2 * len(split)}

    def peer(self, size: int, clock: Clock) -> Row:
        """Two views of each image by lightly, image by image."""
        pictures, transform = pil(colour(size).x), transforms()
        transform(pictures[0])
        with clock:
            for picture in pictures:
                transform(picture)
        return {"n": 2 * size}


def pil(x: object) -> "list[Image]":
    """Images as PIL has them."""
    from PIL import Image

    return [Image.fromarray(each) for each in x.transpose(0, 2, 3, 1)]


def transforms() -> object:
    """lightly's transform, with the operations and strengths that ours has by default."""
    from explorer.system.torchvision import torchvision

    torchvision()
    from lightly.transforms import SimCLRTransform

    return SimCLRTransform(input_size=32, **SAME)
