"""Where a model works: the GPU if there is one; its name, and the images of a split on it."""

import numpy as np
import torch

from explorer.core import Split
from explorer.data import DataSet, Images
from explorer.system.machine import describe_device


def device() -> torch.device:
    """The GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def describe(where: torch.device, ranks: int = 1, processor: str = "cpu") -> str:
    """The device in words, or the devices of so many ranks: "NVIDIA H100", "2 × cpu, 4 threads"."""
    threads = torch.get_num_threads()
    name = _name(where, f"{processor}, {threads} thread{'s' if threads > 1 else ''}")
    return f"{ranks} × {name}" if ranks > 1 else name


def arithmetic(where: torch.device) -> str:
    """What of the device decides the last bits of a number: "cpu (AVX512)" adds in another order than "cpu (AVX2)"."""
    return _name(where, f"cpu ({torch.backends.cpu.get_cpu_capability()})")


def _name(where: torch.device, processor: str) -> str:
    """The name of this process's GPU, or these words for the processor."""
    return describe_device(processor) if where.type == "cuda" else processor


def split_of(images: Images, classes: tuple[str, ...], dataset: DataSet, where: torch.device) -> Split:
    """A split on the device."""
    x, y = (torch.from_numpy(np.array(part)).to(where) for part in (images.x, images.y))
    return Split(x, y, classes, dataset.hash, dataset.modality, dataset.vocabulary, dataset.rate)


def half(features: np.ndarray) -> np.ndarray:
    """The features in half precision, unless they are too large for it."""
    return features.astype(np.float16) if np.abs(features).max(initial=0) < np.finfo(np.float16).max else features
