"""Features that were computed once, kept for whoever asks for the same again: another map, a transfer, a page.

A batch of images is the unit, since other batches could change the last bits; so a job that embeds a split and one that
stores it portion by portion share them. Their key is the content of what goes in: the images themselves, the weights,
the source code, the versions and the arithmetic of the device. Data, split, rows and size are in the images.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import nn

from explorer.data.kept import digest, kept
from explorer.models.batches import BATCH
from explorer.models.devices import arithmetic, device

PACKAGES = ("augment", "core", "methods", "models", "nn")  # of the source: what makes features of images
SOURCE = Path(__file__).parents[1]
FOLDER = "features"
FEWEST = 50  # images: fewer are embedded about as quickly as their features are read


@cache
def code(*packages: str) -> str:
    """Hex; another one as soon as a source file of these packages of the backend changes."""
    files = [path for package in packages for path in sorted((SOURCE / package).rglob("*.py"))]
    return digest(*(part for path in files for part in (path.relative_to(SOURCE), path.read_bytes())))


# when it is imported, and not when it is asked for: what is computed is computed by this code
CODE, EVALUATION = code(*PACKAGES), code("evaluation")


def numerics() -> str:
    """What of this process decides the last bits: versions, device, threads, and torch's settings of precision."""
    flushed = not (torch.tensor(1e-40) * 1).item()  # whether the smallest numbers are 0
    shortened = f"{torch.get_float32_matmul_precision()} {torch.backends.cudnn.allow_tf32}"
    settings = f"matmul {shortened}, mkldnn {torch.backends.mkldnn.enabled}, flushed {flushed}"
    return f"torch {torch.__version__}, {arithmetic(device())}, {torch.get_num_threads()} threads, {settings}"


def weights(module: nn.Module) -> str:
    """Hex, of all parameters and buffers of a network, with their names, as they are now."""
    tensors = module.state_dict().items()
    arrays = ((name, tensor.dtype, _bytes(tensor)) for name, tensor in tensors)
    return digest(*(part for triple in arrays for part in triple))


def _bytes(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()


def features(identity: str, x: np.ndarray, rows: np.ndarray, embed: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The features `[N, D]` of rows of `x`, from the cache where a model of this identity has seen these images."""
    made = CODE, numerics(), identity
    starts = range(0, max(1, len(rows)), BATCH)
    return np.concatenate([_batch(made, x[rows[start : start + BATCH]], embed) for start in starts])


def _batch(made: tuple[str, ...], x: np.ndarray, embed: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    if len(x) < FEWEST:
        return embed(x)
    return kept(FOLDER, digest(*made, np.asarray(x)), lambda: embed(x))
