"""What two processes do for `test_devices.py`: the same steps as one process, each on its share of the batch."""

import sys
from pathlib import Path
from unittest import mock

import torch
import torch.distributed as dist
from torch import Tensor, nn

from explorer import distributed
from explorer.core import SINGLE, Batch, Method, MethodConfig, Split, generator
from explorer.methods import METHODS
from explorer.models.build import fresh
from explorer.nn import Conv
from explorer.train import Fit

STEPS = 3  # two make an epoch
TRAIN = {"encoder": "conv", "batch": 32, "epochs": 2, "width": 0.25, "lr": 1e-3, "optimizer": "sgd"}
HALF = [name for name in METHODS if METHODS[name].any_size]  # tried at half the resolution first, too
SMALL = {"moco": {"queue": 128, "projection": 16}}
BREAKS = {
    "batch norm": lambda: mock.patch("explorer.train.share_norms"),
    "gather": lambda: mock.patch.object(Method, "gather", lambda _, z: z),
    "backward of gather": lambda: mock.patch.object(distributed.Gather, "backward", mine_alone),
    "average": lambda: mock.patch.object(distributed.TorchProcessGroup, "average", lambda *_: None),
}


def mine_alone(_, gradient):
    """A backward pass that forgets what the other ranks send."""
    return gradient.chunk(dist.get_world_size())[dist.get_rank()]


def images():
    x = torch.randint(0, 256, (72, 3, 16, 16), generator=generator(0, "images"), dtype=torch.uint8)
    return Split(x, torch.arange(72) % 4, tuple("abcd"), "none")


def fitted(name, ranks=SINGLE, **train):
    """A fresh training of a method, alone or as one of several ranks."""
    data, cfg = images(), METHODS[name].training({**TRAIN, **train})
    return Fit(fresh(name, SMALL.get(name, {}), cfg, data.spec("test")), data, cfg, ranks=ranks)


def steps(fit, n=STEPS):
    """The losses of some steps, the gradient of the first, and all that is there afterwards."""
    losses, gradient = [], {}
    for _ in range(n):
        step = next(fit, None)
        if step is None:
            break
        losses.append({name: value.item() for name, value in step.out.items() if value.ndim == 0})
        if step.t == 1:
            gradient = {name: p.grad.clone() for name, p in fit.method.named_parameters() if p.grad is not None}
    return {"losses": losses, "gradient": gradient, "state": state(fit)}


def state(fit):
    return {name: value.clone() for name, value in fit.method.state_dict().items()}


class Duel(Method):
    """Two players that look at one network; dropout; extras for each image; random choices after the step."""

    common_views = ("weight",)

    def __init__(self, cfg, spec):
        super().__init__(cfg, spec)
        self.encoder, self.judge, self.drop = Conv(3, 16, 0.25), nn.Linear(48, 1), nn.Dropout(0.0)
        self.norm = nn.BatchNorm1d(48, momentum=None, affine=False, eps=0.01)
        self.register_buffer("memory", torch.zeros(72, 48))
        self.register_buffer("batch", torch.zeros(32, 48))
        self.register_buffer("noise", torch.zeros(4))

    def players(self):
        return {"loss": [*self.encoder.parameters()], "judged": [*self.judge.parameters()]}

    def views(self, batch: Batch, rng) -> dict[str, Tensor]:
        return {"image": batch.x, "label": batch.y, "weight": torch.ones(())}

    def loss(self, image: Tensor, label: Tensor, weight: Tensor) -> dict[str, Tensor]:
        z = self.drop(self.norm(self.encoder(image)))
        error = ((self.judge(z)[:, 0] - label) ** 2).mean() * weight
        apart = self.gather(z).var(0).mean()  # nonlinear in the batch: not the mean of the ranks' own
        return {"loss": error - apart, "judged": error + apart.detach(), "codes": z.detach(), "apart": apart.detach()}

    def after_step(self, out, batch, progress):
        self.memory[batch.index] = out["codes"]
        self.batch[: len(out["codes"])] = out["codes"]
        self.noise.copy_(torch.rand(4))


def duel(ranks=SINGLE, dropout=0.0):
    """A training of the two players."""
    data, cfg = images(), METHODS["simclr"].training(TRAIN)
    torch.manual_seed(0)
    method = Duel(MethodConfig(), data.spec("test"))
    method.drop.p = dropout
    return Fit(method, data, cfg, ranks=ranks)


def resumed(several):
    """All that is there after four steps, the first two at half the resolution, at a stretch and with a break."""
    whole, first, second = (fitted("moco", several, half_resolution=0.5) for _ in range(3))
    list(whole)
    next(first)
    several.dismiss() if several.rank == 0 else list(first)
    second.load(first.state())
    torch.randn(99)  # somebody else used the global generator
    list(second)
    return {"whole": state(whole), "resumed": state(second)}


def dismissed(several):
    """The number of steps that a rank has made when the first one asks for no more after the second."""
    fit = fitted("autoencoder", several)
    if several.rank == 0:
        next(fit), next(fit)
        several.dismiss()
    else:
        list(fit)
    return fit.t


def main(rank: int, store: str, out: str) -> None:
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    several = distributed.TorchProcessGroup(rank, 2)
    told = {name: steps(fitted(name, several)) for name in METHODS}
    told |= {f"half {name}": steps(fitted(name, several, half_resolution=0.5)) for name in HALF}
    told["players"] = steps(duel(several))
    told["bfloat16"] = steps(fitted("simclr", several, precision="bfloat16"), 1)
    told["dropout"] = steps(duel(several, 0.5))
    for name, broken in BREAKS.items():
        with broken():
            told[f"broken {name}"] = steps(fitted("simclr", several), 1)
    told["resume"], told["dismissed"] = resumed(several), dismissed(several)
    torch.save(told, Path(out) / f"{rank}.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(int(sys.argv[1]), *sys.argv[2:])
