"""Steps on a GPU, recorded once and then replayed.

The step of a small network launches hundreds of kernels, and launching one takes a processor longer than running it
takes the GPU: of the 11 ms of a step of SimCLR on an H200, the GPU worked 1.4. A recording (a CUDA graph) launches all
of them at once, and the step takes 1.6. It does the same to the same places in memory each time, so what a step is
given, its images and the seed of its views, is put there before. All else that it reads or writes is a weight, a buffer
or a gradient.
"""

import copy
import sys
import traceback
import warnings
from collections.abc import Callable
from itertools import chain

import torch
from torch import Generator, Tensor, nn

from explorer.core import Batch, Method

Out = dict[str, Tensor]
Compute = Callable[[Method, Batch, Generator], Out]  # the losses of a batch; gradients are left at the weights
WARM = 3  # steps before the one that is recorded: in the first ones libraries choose how to go about it
ROOM = 3  # as many times what is in use must be free: a recording has memory of its own


class Recorder:
    """Computes as it is told, and from some step on replays its recording of that, where there can be one."""

    def __init__(self, method: Method, compute: Compute) -> None:
        self.method, self.compute = method, compute
        self.steps = self.largest = 0
        self.recording: Recording | None = None
        self.off = False

    def __call__(self, batch: Batch, rng: Generator) -> Out:
        """The losses of a batch whose views are drawn from this generator."""
        self.steps, self.largest = self.steps + 1, max(self.largest, len(batch.x))
        if self.recording and not self.recording.stands():  # a method that does not learn in place
            self.recording, self.off = None, True
        if self.recording is None and self.worthwhile(batch):
            self.recording = self.recorded(batch)
        if self.recording and self.recording.takes(batch):
            return self.recording.replay(batch, rng)
        return self.compute(self.method, batch, rng)

    def worthwhile(self, batch: Batch) -> bool:
        """Whether to record the step of this batch: the last one of an epoch is smaller than all others."""
        return not self.off and self.steps > WARM and len(batch.x) == self.largest and has_room(batch.x.device)

    def recorded(self, batch: Batch) -> "Recording | None":
        """The recording of a step; none, for good, where a step waits for the GPU: that cannot be recorded."""
        device = batch.x.device
        try:
            with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
                stops = waits(lambda: self.compute(copy.deepcopy(self.method), batch, torch.Generator(device)))
            if not stops:
                return Recording(self.method, self.compute, batch)
        except Exception:  # slower steps are no reason to end; the run's log has this one
            traceback.print_exc()
        self.off = True
        return None


class Recording:
    """One step, and the places of all that it is given and gives."""

    def __init__(self, method: Method, compute: Compute, batch: Batch) -> None:
        self.method, self.places = method, places(method)
        self.rng = torch.Generator(batch.x.device)
        self.batch = Batch(*(part.clone() if isinstance(part, Tensor) else part for part in batch))
        out, self.again = record(lambda: compute(method, self.batch, self.rng), self.rng)
        self.out = {name: value.detach() for name, value in out.items()}  # or torch would warn at the next other step
        self.gradients = [(weight, weight.grad) for weight in method.parameters() if weight.grad is not None]

    def stands(self) -> bool:
        """Whether weights and buffers are where they were."""
        return self.places == places(self.method)

    def takes(self, batch: Batch) -> bool:
        """Whether this batch is as large as the one that was recorded."""
        return len(batch.x) == len(self.batch.x)

    def replay(self, batch: Batch, rng: Generator) -> Out:
        """The losses of another batch; its gradients are left at the weights."""
        for mine, theirs in zip(self.batch, batch, strict=True):
            if isinstance(mine, Tensor):
                mine.copy_(theirs)
        self.rng.manual_seed(rng.initial_seed())
        self.again()
        for weight, gradient in self.gradients:
            weight.grad = gradient  # a smaller batch has left others there
        return {name: value.clone() for name, value in self.out.items()}


def places(network: nn.Module) -> list[int]:
    """Where in memory weights and buffers are."""
    return [tensor.data_ptr() for tensor in chain(network.parameters(), network.buffers())]


def has_room(device: torch.device) -> bool:
    """Whether this is a GPU with enough free memory."""
    if device.type != "cuda" or not hasattr(torch.cuda.CUDAGraph, "register_generator_state"):
        return False
    return torch.cuda.mem_get_info(device)[0] > ROOM * torch.cuda.max_memory_allocated(device)


def waits(work: Callable[[], object]) -> bool:
    """Whether the processor waits for the GPU somewhere in this work."""
    before = torch.cuda.get_sync_debug_mode()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a prototype, it says
            torch.cuda.set_sync_debug_mode("error")
        work()
    except RuntimeError as error:
        if "synchroniz" not in str(error):
            raise
        print(f"steps are not recorded: {str(error).splitlines()[0]}", file=sys.stderr)
        return True
    finally:
        torch.cuda.set_sync_debug_mode(before)
    return False


def record(work: Callable[[], Out], rng: Generator) -> tuple[Out, Callable[[], None]]:
    """What a piece of work gives, and what does it again with the seed that the generator then has.

    Nothing is computed while it is recorded.
    """
    graph = torch.cuda.CUDAGraph()
    graph.register_generator_state(rng)
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        out = work()
    return out, graph.replay
