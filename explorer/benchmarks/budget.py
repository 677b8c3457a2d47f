"""What a training costs: core-seconds and multiply-adds of an image, measured on a copy; and the passes that fit."""

import copy
import math
from itertools import islice
from time import process_time
from typing import NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from explorer.core import Method, Split, TrainConfig
from explorer.train import Fit

WARM, TIMED = 2, 6  # steps
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
    start, before = process_time(), fit.images
    for _ in islice(fit, TIMED):
        pass
    images = fit.images - before
    return Cost((process_time() - start) / images, counter.get_total_flops() / 2 / min(cfg.batch, len(split)))


def within(seconds: float, per_image: Cost, split: Split, cfg: TrainConfig) -> tuple[Split, TrainConfig]:
    """The training as many whole passes long as fit into these core-seconds; on fewer images where not one does."""
    if not per_image.core_seconds:
        return split, cfg
    images = seconds / per_image.core_seconds
    if images < len(split):
        rows = torch.linspace(0, len(split) - 1, max(2 * cfg.batch, math.floor(images))).long()
        return split.take(rows), cfg.model_copy(update={"epochs": 1})
    return split, cfg.model_copy(update={"epochs": min(LONGEST, math.floor(images / len(split)))})
