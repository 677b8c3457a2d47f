"""Where a model works: the GPU if there is one; its name, and the images of a split on it."""

import numpy as np
import torch

from explorer.core import Split
from explorer.data import DataSet, Images


def device() -> torch.device:
    """The GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def describe(where: torch.device, ranks: int = 1) -> str:
    """The device in words, or the devices of so many ranks."""
    times, threads = f"{ranks} × " if ranks > 1 else "", torch.get_num_threads()
    if where.type == "cuda":
        return times + torch.cuda.get_device_name(where)
    return f"{times}cpu, {threads} thread{'s' if threads > 1 else ''}"


def split_of(images: Images, classes: tuple[str, ...], dataset: DataSet, where: torch.device) -> Split:
    """A split on the device."""
    x, y = (torch.from_numpy(np.array(part)).to(where) for part in (images.x, images.y))
    return Split(x, y, classes, dataset.hash, dataset.modality, dataset.vocabulary, dataset.rate)


def half(features: np.ndarray) -> np.ndarray:
    """The features in half precision, unless they are too large for it."""
    return features.astype(np.float16) if np.abs(features).max(initial=0) < np.finfo(np.float16).max else features
