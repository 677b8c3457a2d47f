"""A teacher: a copy of a network that learns by following it slowly, never by a gradient."""

import copy

import torch
from torch import nn


def teacher_of(student: nn.Module) -> nn.Module:
    """The copy that a training begins with; its weights are no parameters of any optimizer."""
    return copy.deepcopy(student).requires_grad_(False)


@torch.no_grad()
def ema_update(teacher: nn.Module, student: nn.Module, momentum: float) -> None:
    """One step of the moving average, weights <- m weights + (1 - m) student's; each keeps its own batch statistics."""
    for mine, theirs in zip(teacher.parameters(), student.parameters(), strict=True):
        mine.lerp_(theirs, 1 - momentum)
