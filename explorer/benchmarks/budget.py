"""What a training costs: core-seconds and multiply-adds of an image, measured on a copy; and the passes that fit."""

import copy
import math
from itertools import islice
from time import perf_counter, process_time
from typing import NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from explorer.core import Method, Split, TrainConfig
from explorer.train import Fit, steps_per_epoch

WARM, TIMED = 6, 6  # steps; on a GPU the graph of a step is captured within the first ones
LONGEST = 1000  # epochs


class Cost(NamedTuple):
    """Of one image in one pass of a training: the mean over its steps at both resolutions."""

    core_seconds: float
    multiply_adds: float


def cost(method: Method, split: Split, cfg: TrainConfig) -> Cost:
    """What an image costs; nothing where nothing is trained step by step."""
    share = cfg.half_resolution
    parts = [(1 - share, at_resolution(method, split, cfg, 0.0))]
    if share:
        parts.append((share, at_resolution(method, split, cfg, share)))
    return Cost(*(sum(weight * part[k] for weight, part in parts) for k in range(2)))


def at_resolution(method: Method, split: Split, cfg: TrainConfig, half: float) -> Cost:
    """What an image costs in the first steps of such a training."""
    cfg = cfg.model_copy(update={"half_resolution": half, "epochs": LONGEST})
    fit = Fit(copy.deepcopy(method), split, cfg)
    if not fit.optimizers:
        return Cost(0.0, 0.0)
    with FlopCounterMode(display=False) as counter:
        next(fit)
    for _ in islice(fit, WARM):
        pass
    start, before = seconds(split), fit.images
    for _ in islice(fit, TIMED):
        pass
    took, images = seconds(split) - start, fit.images - before
    return Cost(took / images, counter.get_total_flops() / 2 / min(cfg.batch, len(split)))


def seconds(split: Split) -> float:
    """The core-seconds of this process; where a GPU computes, those of the clock, once it has done what was asked."""
    if split.device.type != "cuda":
        return process_time()
    torch.cuda.synchronize()
    return perf_counter()


def fit_to_budget(budget: float, per_image: Cost, split: Split, cfg: TrainConfig) -> tuple[Split, TrainConfig]:
    """The training that takes these core-seconds: whole passes over all images, or over as many as makes them whole."""
    if not per_image.core_seconds:
        return split, cfg
    images = min(budget / per_image.core_seconds, LONGEST * seen_per_epoch(len(split), cfg))
    epochs = max(1, math.ceil(images / seen_per_epoch(len(split), cfg)))
    n = min(len(split), max(2 * cfg.batch, round(images / epochs)))
    cfg = cfg.model_copy(update={"epochs": epochs})
    return (split if n == len(split) else split.take(torch.linspace(0, len(split) - 1, n).long())), cfg


def seen_per_epoch(images: int, cfg: TrainConfig) -> int:
    """Images of the full batches of an epoch."""
    return steps_per_epoch(images, cfg.batch) * min(images, cfg.batch)
