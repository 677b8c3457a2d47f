"""What a closed form or a library's fit begins with: flat images in memory, and a seed."""

import numpy as np
import torch
from torch import Generator

from explorer.core import DataSpec, Split, unit

MOST = 10_000  # images that a fit sees


def flat_sample(data: Split, rng: Generator, most: int = MOST) -> tuple[np.ndarray, int]:
    """At most `most` images drawn from the split, flat `[N, C*H*W]` in [0, 1], and a seed for the library."""
    seed = int(torch.randint(2**31, (1,), generator=rng, device=rng.device))
    rows = torch.randperm(len(data), generator=rng, device=rng.device)[:most]
    return unit(data.x[rows.to(data.places)]).flatten(1).cpu().numpy(), seed


def too_many(name: str, wanted: int, spec: DataSpec) -> str | None:
    """The rule that a basis breaks which has more directions than an image has numbers; None while it has not."""
    numbers = spec.channels * spec.size**2
    if wanted <= numbers:
        return None
    return f"cannot find {wanted} {name} in images of {numbers} numbers: choose {name} {numbers} or less"


def too_few(name: str, wanted: int, spec: DataSpec) -> str | None:
    """The rule that a fit breaks which wants more of something than there are images; None while it does not."""
    if not 0 < spec.rows < wanted:
        return None
    return f"cannot find {wanted} {name} in {spec.rows} images: choose {name} {spec.rows} or less, or more images"
