"""Fit: the loop that trains every method. It owns no file, no process and no stop button, and names no method."""

import math
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import interpolate
from torch.optim import SGD, Adam, AdamW, Optimizer

from explorer import Refused
from explorer.core import SINGLE, Batch, Method, ProcessGroup, Split, TrainConfig, eager, generator, reseed
from explorer.cuda_graph import GraphedStep
from explorer.nn import share_norms

PREPARED = 1000  # images that a method may look at before its first step


class Step(NamedTuple):
    """What one step says. Tensors stay on the device: reading them is what waits."""

    t: int  # steps done
    steps: int  # steps in all
    epoch: float  # epochs done
    images: int  # images seen
    out: dict[str, Tensor]  # the losses and extras

    @property
    def ends_epoch(self) -> bool:
        """True if no image of this epoch is left."""
        return self.epoch == int(self.epoch)


def steps_per_epoch(rows: int, batch: int) -> int:
    """Full batches; the images that would make a smaller one are left out, others in each epoch.

    Few images at the full rate would move the weights as far as many, and contrastive losses depend on how many.
    """
    return max(1, rows // batch)


def steps_per_epoch_before(rows: int, batch: int) -> int:
    """Those of older versions, in which the last images of an epoch made a smaller batch, unless there was but one."""
    return max(1, rows // batch + (rows % batch > 1))


def optimizers(method: Method, cfg: TrainConfig) -> dict[str, Optimizer]:
    """One optimizer per player."""
    return {name: optimizer(parameters, cfg) for name, parameters in method.players().items()}


def optimizer(parameters: list[nn.Parameter], cfg: TrainConfig) -> Optimizer:
    """The chosen rule; biases and norms (one dimension) are not decayed."""
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": cfg.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if cfg.optimizer == "sgd":
        return SGD(groups, cfg.lr, momentum=0.9)
    return {"adam": Adam, "adamw": AdamW}[cfg.optimizer](groups, cfg.lr, fused=True)


def rate(progress: float, cfg: TrainConfig) -> float:
    """The learning rate at a share of the run in [0, 1)."""
    return cfg.lr if cfg.schedule == "constant" else cfg.lr * 0.5 * (1 + math.cos(math.pi * progress))


def precision(cfg: TrainConfig, device: torch.device) -> Any:
    """The autocast of this training; bfloat16 pays on a GPU only."""
    wanted = cfg.precision == "bfloat16" or (cfg.precision == "auto" and device.type == "cuda")
    return torch.autocast(device.type, torch.bfloat16) if wanted else nullcontext()


def gradients(cfg: TrainConfig, ranks: ProcessGroup, method: Method, batch: Batch, rng: Generator) -> dict[str, Tensor]:
    """The losses of a batch; each player's weights are left with the gradient of its loss, the mean over all ranks.

    The gradients are averaged here and not by `DistributedDataParallel`, which waits for one backward pass over
    all parameters: players have one each, over some of them.
    """
    views = method.views(batch, rng)  # in full precision: half of it would move crops by half a pixel
    views = {name: mine(ranks, method, name, view, len(batch.x)) for name, view in views.items()}
    players = method.players()
    with ranks.joined():
        with precision(cfg, batch.x.device):
            out = method.loss(**views)
        for k, (name, parameters) in enumerate(players.items()):
            for parameter in parameters:
                parameter.grad = None
            out[name].backward(inputs=parameters, retain_graph=k + 1 < len(players))
            ranks.average(p.grad for p in parameters if p.grad is not None)
    return out


def mine(ranks: ProcessGroup, method: Method, name: str, view: Tensor, images: int) -> Tensor:
    """This rank's rows of a view, one for each image; all of a view that the method lists as common."""
    if name in method.common_views:
        return view
    if not view.ndim or len(view) != images:
        shape, title = tuple(view.shape), type(method).__name__
        raise TypeError(
            f"the view {name} of {title} has shape {shape}, not a row for each of {images} images: "
            "give it one, or list it in common_views"
        )
    return ranks.share(view)


class Fit(Iterator[Step]):
    """The steps of one training. The caller stops by not asking for more; `state()` continues it exactly."""

    def __init__(
        self,
        method: Method,
        data: Split,
        cfg: TrainConfig,
        state: dict[str, Any] | None = None,
        ranks: ProcessGroup = SINGLE,
    ) -> None:
        self.method, self.data, self.cfg, self.ranks, self.t = method, data, cfg, ranks, 0
        self.used = len(data) // ranks.world * ranks.world  # images of an epoch, where a batch holds all of them, too
        if not self.used:
            raise Refused(f"{ranks.world} devices cannot share {len(data)} images: take more images or fewer devices")
        if ranks.world > 1:
            share_norms(method)
        # Adam's moments of dark pixels decay into denormals, which are slow; a job has it set, a notebook has not
        torch.set_flush_denormal(True)
        self.optimizers = optimizers(method, cfg)
        compute = partial(gradients, cfg, ranks)
        self.gradients = GraphedStep(method, compute) if ranks.world == 1 else partial(compute, method)
        self.per_epoch = steps_per_epoch(self.used, cfg.batch) if self.optimizers else 1
        self.steps = self.per_epoch * cfg.epochs if self.optimizers else 1
        self.epoch, self.order = -1, torch.empty(0, dtype=torch.long)
        if state:
            self.load(state)
        else:
            self.prepare()

    def prepare(self) -> None:
        """Let a method that asks for it look at some images before its first step."""
        if type(self.method).prepare is not Method.prepare:
            rows = torch.randperm(len(self.data), generator=generator(self.cfg.seed, "prepare"))[:PREPARED]
            self.method.prepare(self.data.batch(rows).x)

    def load(self, state: dict[str, Any]) -> None:
        """Take up a training where `state` left it; one of an older version goes on with a last smaller batch."""
        self.method.load_state_dict(state["method"])
        for name, saved in state["optimizers"].items():
            self.optimizers[name].load_state_dict(saved)
        if self.optimizers:
            self.per_epoch = state.get("per_epoch", steps_per_epoch_before(self.used, self.cfg.batch))
            self.steps = self.per_epoch * self.cfg.epochs
        self.t = state["t"]

    def state(self) -> dict[str, Any]:
        """Parameters, buffers, optimizer states and the step: randomness needs none, it has addresses."""
        saved = {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()}
        where = {"t": self.t, "per_epoch": self.per_epoch, "data": self.data.hash}
        return {"method": self.method.state_dict(), "optimizers": saved, **where}

    def __next__(self) -> Step:
        if not self.ranks.lead(self.t, more=self.t < self.steps):
            raise StopIteration
        out = self.learn() if self.optimizers else self.solve()
        self.t += 1
        return Step(self.t, self.steps, self.t / self.per_epoch, self.images, {k: v.detach() for k, v in out.items()})

    @property
    def images(self) -> int:
        """Images seen so far; who solves is given all of them at once."""
        if not self.optimizers:
            return self.t * self.used
        epoch, i = divmod(self.t, self.per_epoch)
        return epoch * min(self.used, self.per_epoch * self.cfg.batch) + i * self.cfg.batch

    def solve(self) -> dict[str, Tensor]:
        """Methods without a gradient answer in one step; the last thing that they tell is kept."""
        last: dict[str, Tensor] = {}
        for numbers in self.method.solve(self.data, generator(self.cfg.seed, "solve", device=self.data.device)):
            last = numbers
        return last

    def learn(self) -> dict[str, Tensor]:
        """One step of every player."""
        rng = generator(self.cfg.seed, "views", self.t, device=self.data.device)
        reseed(self.cfg.seed, "dropout", self.t, *self.ranks.distinct)
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = rate(self.t / self.steps, self.cfg)
        batch = self.resized(self.method.sample(self.data, self.rows(self.t), self.cfg.batch))
        if self.t + 1 < self.steps:
            self.data.expect(self.rows(self.t + 1)[: self.cfg.batch])
        self.method.train()
        out = self.gradients(batch, rng)
        for optimizer in self.optimizers.values():
            eager.step(optimizer)
        if self.ranks.world > 1:
            out = self.ranks.collect(out, len(batch.x) // self.ranks.world)
            reseed(self.cfg.seed, "after", self.t)  # what all ranks remember they choose alike
        with torch.no_grad():
            self.method.after_step(out, batch, self.t / self.steps)
        return out

    def resized(self, batch: Batch) -> Batch:
        """The batch at half the resolution in the first steps, if they are to be cheap: its crops, or its images."""
        if self.t >= min(self.cfg.half_resolution * self.steps, self.steps - 1):  # the last step sees whole images
            return batch
        side = batch.x.shape[-1] // 2
        if self.method.cfg.crops:
            return batch._replace(side=side)
        return batch._replace(x=interpolate(batch.x, [side, side], mode="bilinear", antialias=True))

    def rows(self, t: int) -> Tensor:
        """What is left at step `t` of its epoch's permutation."""
        epoch, i = divmod(t, self.per_epoch)
        if epoch != self.epoch:
            self.epoch = epoch
            order = torch.randperm(len(self.data), generator=generator(self.cfg.seed, "order", epoch))
            self.order = order[: self.used].to(self.data.places)
        return self.order[i * self.cfg.batch :]


class NonFiniteGuard:
    """The first step whose losses are no numbers, kept on the device: nobody waits for it until it is asked for."""

    def __init__(self) -> None:
        self.firsts: dict[tuple[str, ...], tuple[Tensor, Tensor]] = {}  # names: the step, 0 for none, and its values

    def watch(self, t: int, out: dict[str, Tensor]) -> None:
        """Look at the losses of a step without reading them."""
        names = tuple(name for name, value in out.items() if value.ndim == 0)
        if not names:
            return
        values = torch.stack([out[name].detach().float() for name in names])
        first, kept = self.firsts.get(names) or (torch.zeros_like(values[0], dtype=torch.long), values)
        new = (first == 0) & ~values.isfinite().all()
        self.firsts[names] = first.masked_fill(new, t), torch.where(new, values, kept)

    def first(self) -> tuple[int, str, float] | None:
        """The step, the name of the loss and its value; waits for the device."""
        steps = {names: t for names, (first, _) in self.firsts.items() if (t := int(first))}
        if not steps:
            return None
        names = min(steps, key=steps.__getitem__)
        values = zip(names, self.firsts[names][1].tolist(), strict=True)
        return steps[names], *next((name, value) for name, value in values if not abs(value) < float("inf"))


@torch.no_grad()
def validate(method: Method, data: Split, cfg: TrainConfig) -> dict[str, float]:
    """The losses on held-out images, in eval mode, with the same batches and views each time.

    Batches are drawn across classes and equally large (NT-Xent depends on both), so a last smaller one is left out.
    """
    method.eval()
    sums: dict[str, float] = {}
    order = torch.randperm(len(data), generator=generator(cfg.seed, "validation order"))
    batches = order.split(min(cfg.batch, len(data)))[: max(1, len(data) // cfg.batch)]
    for i, rows in enumerate(batches):
        views = method.views(data.batch(rows), generator(cfg.seed, "validation", i, device=data.device))
        for name, value in method.loss(**views).items():
            if value.ndim == 0:
                sums[name] = sums.get(name, 0.0) + value.item() / len(batches)
    return sums
