"""Training steps on a GPU as a CUDA graph: captured once, then replayed.

The step of a small network launches hundreds of kernels, and launching one takes a processor longer than running it
takes the GPU: of the 11 ms of a step of SimCLR on an H200, the GPU worked 1.4. A replay launches all of them at once,
and the step takes 1.6. It reads and writes the same addresses each time, so its static inputs, the images of a batch
and the seed of its views, are copied there before. All else that it reads or writes is a weight, a buffer or a
gradient; Python does not run during a replay, so what a step keeps in an attribute that is no tensor stays as it was.

A capture that fails is not tried again, and the training goes on without a graph, with one limit: PyTorch 2.11 can
leave the default generator of the GPU in its state of capturing (pytorch/pytorch#171263), and the next operation that
draws from it, such as dropout, then raises. No shipped method draws from it: views have a generator of their own.
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
WARMUP = 3  # steps before the capture: in the first ones libraries choose their algorithms
FREE = 3  # times the memory in use that must be free: a graph has a memory pool of its own


class GraphedStep:
    """Computes the losses and gradients of a batch; after a few steps by a CUDA graph, where there can be one."""

    def __init__(self, method: Method, compute: Compute) -> None:
        self.method, self.compute = method, compute
        self.steps = 0
        self.graph: StepGraph | None = None
        self.disabled = False

    def __call__(self, batch: Batch, rng: Generator) -> Out:
        """The losses of a batch whose views are drawn from this generator."""
        if self.graph and not self.graph.fits(batch):  # the resolution has changed
            self.graph, self.steps = None, 0
        self.steps += 1
        if self.graph and not self.graph.is_valid():  # a method that replaces its tensors instead of updating them
            self.graph, self.disabled = None, True
        if self.graph is None and self.should_capture(batch):
            self.graph = self.try_capture(batch)
        if self.graph:
            return self.graph.replay(batch, rng)
        return self.compute(self.method, batch, rng)

    def should_capture(self, batch: Batch) -> bool:
        """Whether to capture the step of this batch: all that follow are as large, until the resolution changes."""
        return not self.disabled and self.steps > WARMUP and can_capture(batch.x.device)

    def try_capture(self, batch: Batch) -> "StepGraph | None":
        """The graph of a step; none, for good, where a step synchronises with the GPU: that cannot be captured."""
        device = batch.x.device
        try:
            with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
                stops = synchronises(lambda: self.compute(copy.deepcopy(self.method), batch, torch.Generator(device)))
            if not stops:
                return StepGraph(self.method, self.compute, batch)
        except Exception:  # slower steps are no reason to end; the run's log has this one
            traceback.print_exc()
        self.disabled = True
        return None


class StepGraph:
    """The CUDA graph of one step, with its static inputs and outputs."""

    def __init__(self, method: Method, compute: Compute, batch: Batch) -> None:
        self.method, self.addresses = method, addresses(method)
        self.rng = torch.Generator(batch.x.device)
        self.batch = Batch(*(part.clone() if isinstance(part, Tensor) else part for part in batch))
        out, self.launch = capture(lambda: compute(method, self.batch, self.rng), self.rng)
        self.out = {name: value.detach() for name, value in out.items()}  # or torch would warn at the next eager step
        self.gradients = [(weight, weight.grad) for weight in method.parameters() if weight.grad is not None]

    def is_valid(self) -> bool:
        """Whether weights and buffers have the addresses that they had at the capture."""
        return self.addresses == addresses(self.method)

    def fits(self, batch: Batch) -> bool:
        """Whether this batch has as many images as the captured one, of the same resolution."""
        return (batch.x.shape, batch.side) == (self.batch.x.shape, self.batch.side)

    def replay(self, batch: Batch, rng: Generator) -> Out:
        """The losses of another batch; its gradients are left at the weights."""
        for static, value in zip(self.batch, batch, strict=True):
            if isinstance(static, Tensor):
                static.copy_(value)
        self.rng.manual_seed(rng.initial_seed())
        self.launch()
        for weight, gradient in self.gradients:
            weight.grad = gradient  # an eager step, as for comparison, has left others there
        return {name: value.clone() for name, value in self.out.items()}


def addresses(network: nn.Module) -> list[int]:
    """Where in memory weights and buffers are."""
    return [tensor.data_ptr() for tensor in chain(network.parameters(), network.buffers())]


def can_capture(device: torch.device) -> bool:
    """Whether this is a GPU with enough free memory."""
    if device.type != "cuda":
        return False
    return torch.cuda.mem_get_info(device)[0] > FREE * torch.cuda.max_memory_allocated(device)


def synchronises(work: Callable[[], object]) -> bool:
    """Whether the processor waits for the GPU somewhere in this work."""
    before = torch.cuda.get_sync_debug_mode()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch calls this mode a prototype
            torch.cuda.set_sync_debug_mode("error")
        work()
    except RuntimeError as error:
        if "synchroniz" not in str(error):
            raise
        print(f"no CUDA graph of a step: {str(error).splitlines()[0]}", file=sys.stderr)
        return True
    finally:
        torch.cuda.set_sync_debug_mode(before)
    return False


def capture(work: Callable[[], Out], rng: Generator) -> tuple[Out, Callable[[], None]]:
    """The static outputs of some work, and what launches it again with the seed that the generator then has.

    Nothing is computed during the capture.
    """
    graph = torch.cuda.CUDAGraph()
    graph.register_generator_state(rng)
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        out = work()
    return out, graph.replay
