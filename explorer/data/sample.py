"""Makes `builtin/garments.npz` from Fashion-MNIST: `python -m explorer.data.sample`, with its four files at hand."""

from pathlib import Path

import numpy as np

from explorer.data.dataset import Images, balanced
from explorer.data.places import root
from explorer.data.published import read_fashion_mnist
from explorer.data.raw import Raw

FILE = Path(__file__).parent / "builtin/garments.npz"
SEED = 20
ROWS = {"train": 6000, "test": 1000}  # as many of each class


def sample(published: Raw) -> dict[str, np.ndarray]:
    """Images, labels and published row numbers of a part that has equally many images of every class."""
    arrays = {}
    for number, (split, n) in enumerate(ROWS.items()):
        images: Images = published.splits[split]
        rows = balanced(images.y, n, np.random.default_rng([SEED, number]))
        arrays |= {f"{split}_x": images.x[rows], f"{split}_y": images.y[rows].astype(np.uint8)}
        arrays |= {f"{split}_rows": rows.astype(np.uint16)}
    return arrays


if __name__ == "__main__":
    np.savez_compressed(FILE, **sample(read_fashion_mnist(root())))
