"""How much memory a training will need, measured on a few images; how much is free; and what would fit.

A step on 2, 4 and 6 images allocates in the same order as one on thousands, and what is alive after each operation is
a constant, a part that grows with the images and a part that grows with their square (similarities of all pairs). So
each moment of the large step is known from three small ones, and its memory is that of the greatest moment.
"""

import copy
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import numpy as np
import torch

from explorer import Refused
from explorer.core import Method, Split, TrainConfig
from explorer.core.ledger import Ledger
from explorer.nn.samples import MOST
from explorer.system.memory import free, taken, words
from explorer.train import Fit

SAMPLES = (2, 4, 6)  # images of the small steps
SCRATCH = 1.25  # what the libraries use besides for themselves: copies in other layouts, holes between allocations
MARGIN = 64 * 2**20  # for what a run does besides: frames, curves, the checkpoint in the making
SMALLER = "choose a smaller encoder, width or size"
UNMEASURED = "choose a smaller batch, encoder, width or size"
FITTED = 4  # copies of its images, as single-precision numbers, that a closed form or a library's fit holds at most
SURE = 0.9  # of what is free, where a batch is recommended: what was free may have been taken meanwhile


class Need(NamedTuple):
    """What a step needs, as a function of its images."""

    moments: np.ndarray  # [T, 3]: bytes alive are a + b n + c n^2

    def bytes(self, batch: int) -> int:
        """The greatest moment of a step on so many images, with what cannot be seen."""
        peak = (self.moments @ np.array([1.0, batch, float(batch) ** 2])).max(initial=0.0)
        return int(peak * SCRATCH) + MARGIN

    def largest(self, room: int, batch: int) -> int:
        """The largest batch, a round number below `batch`, that needs no more than `room`; 0 if there is none."""
        small, large = 0, batch
        while large - small > 1:
            middle = (small + large) // 2
            small, large = (middle, large) if self.bytes(middle) <= room else (small, middle)
        return small >> max(0, small.bit_length() - 4) << max(0, small.bit_length() - 4)


def need(method: Method, data: Split, cfg: TrainConfig) -> Need:
    """What a training needs besides its images and the network itself: measured on copies, nothing is disturbed."""
    courses = [_course(method, data, cfg, n) for n in SAMPLES]
    if len({len(course) for course in courses}) > 1:  # not the same operations: the greatest moments must do
        courses = [[max(course, default=0)] for course in courses]
    powers = np.array([[1, n, n * n] for n in SAMPLES], float)
    return Need(np.linalg.solve(powers, np.array(courses, float)).T)


def _course(method: Method, data: Split, cfg: TrainConfig, n: int) -> list[int]:
    """The bytes alive in the course of two steps on `n` images; the second one finds gradients and moments there."""
    rows = torch.arange(2 * n, device=data.device) % len(data)
    few = data.take(rows)
    cuda = [data.device] if data.device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):
        copied = copy.deepcopy(method)
        with Ledger() as ledger:
            for _ in Fit(copied, few, cfg.model_copy(update={"batch": n, "epochs": 1, "half_resolution": 0.0})):
                pass
    return ledger.moments


def estimate(method: Method, data: Split, cfg: TrainConfig) -> int:
    """The bytes that this training will take besides its images and its network."""
    return need(method, data, cfg).bytes(min(cfg.batch, len(data)))


class Measured(NamedTuple):
    """What was found before a training began."""

    need: Need
    batch: int  # no larger than the images are many
    where: torch.device
    taken: int  # bytes that the process held

    def advice(self, room: float) -> str:
        """The largest batch below this one for which there is room."""
        best = self.need.largest(int(room * SURE), self.batch)
        return f"choose batch {best} or less" if best >= 2 else SMALLER

    def refusal(self, room: int) -> str:
        """What does not fit, how much it needs, and what to choose; images are no part of it, they can stay on disk."""
        advice = self.advice(room)
        what, batch = (
            ("the network, whatever the batch,", 2) if advice == SMALLER else (f"batch {self.batch}", self.batch)
        )
        return f"{what} needs about {words(self.need.bytes(batch))}, and {words(room)} are free: {advice}"


_last: list[Measured] = []  # of the one training of this process


def check(fit: Fit, on_disk: Callable[[], Split] | None = None) -> None:
    """Raises `Refused` where the training would not fit: what of it, and what to choose.

    Images that are in the way of the batch are left on disk, if that is enough. Devices that share a batch are not
    seen.
    """
    if fit.cfg.devices > 1:
        return
    if not fit.optimizers:
        check_fitted(fit)
        return
    try:
        where, needed = fit.data.device, need(fit.method, fit.data, fit.cfg)
    except Exception:  # a method that cannot take so few images is trained unchecked; the run's log has the reason
        traceback.print_exc()
        return
    measured = Measured(needed, min(fit.cfg.batch, len(fit.data)), where, taken(where))
    _last[:] = [measured]
    wanted, room = needed.bytes(measured.batch), free(where)
    if room < wanted <= room + resident(fit.data) and on_disk:
        fit.data = on_disk()
        _last[:] = [measured._replace(taken=taken(where))]
        room = free(where)
    if wanted > room:
        raise Refused(_last[0].refusal(room))


def resident(data: Split) -> int:
    """The bytes of a split's images in memory."""
    return 0 if data.streamed else data.x.nbytes


def check_fitted(fit: Fit) -> None:
    """Raises `Refused` where the images that a closed form or a library's fit sees at once do not fit."""
    images, numbers = min(MOST, len(fit.data)), fit.data.x.shape[1:].numel()
    one = FITTED * 4 * numbers
    if images * one <= (room := free(fit.data.device)):
        return
    facts = f"{images:,} images at once need about {words(images * one)}, and {words(room)} are free"
    raise Refused(f"{facts}: choose subset {int(room * SURE) // one} or less, or a smaller size")


def advises(work: Callable[..., None]) -> Callable[..., None]:
    """Lets the errors of a training say what to do where memory ran out (`engine.failures`)."""

    @wraps(work)
    def advised(*args: Any, **kwargs: Any) -> None:
        _last.clear()
        try:
            work(*args, **kwargs)
        except Exception as error:
            error.advice = after_failure
            raise

    return advised


def after_failure() -> str:
    """What to do when memory ran out all the same; the measure was too small then, so at most half the batch fits.

    What the process has taken since counts as free: the next training will have a process of its own.
    """
    if not _last:  # nothing was measured: the devices share the batch, or it ended before
        return UNMEASURED
    measured = _last[0]
    room = free(measured.where) + max(0, taken(measured.where) - measured.taken)
    return measured._replace(batch=measured.batch // 2 + 1).advice(room)
