"""The contracts: what data, an encoder, a method and knobs are. Imports nothing of ours but the error type."""

from __future__ import annotations

import hashlib
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, TypeVar

import torch
from pydantic import BaseModel, Field, ValidationError, field_validator
from torch import Generator, Tensor, nn

from explorer import Refused, choose

T = TypeVar("T")


def address(seed: int, *what: object, device: str | torch.device = "cpu") -> Generator:
    """A generator for one purpose, such as the order of epoch 3: nothing to save, nothing to restore."""
    digest = hashlib.blake2b(f"{seed}:{what}".encode(), digest_size=8).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest, "little") >> 1)


def reseed(seed: int, *what: object) -> None:
    """Give the process's own generator (dropout) the state of an address; only in a process that has one task."""
    torch.manual_seed(address(seed, *what).initial_seed())


_drawing = Lock()


@contextmanager
def drawn_from(seed: int) -> Iterator[None]:
    """Weights made in this block are those of the seed: one thread at a time, and nobody's random numbers are moved."""
    with _drawing, torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


# ------------------------------------------------------------------------------------------------- data


class DataSpec(NamedTuple):
    """What a network must know about its images before it sees one."""

    name: str
    channels: int
    size: int  # height and width in pixels
    classes: tuple[str, ...]
    rows: int  # of the training subset (memory banks)


@dataclass(frozen=True)
class Split:
    """A whole split on one device."""

    x: Tensor  # [N, C, H, W] uint8
    y: Tensor  # [N] int64
    classes: tuple[str, ...]
    hash: str

    def __len__(self) -> int:
        return len(self.x)

    def spec(self, name: str) -> DataSpec:
        """The shape of these images under the name of their data set."""
        return DataSpec(name, self.x.shape[1], self.x.shape[-1], self.classes, len(self.x))

    def to(self, device: str | torch.device) -> Split:
        """The same split on another device."""
        return replace(self, x=self.x.to(device), y=self.y.to(device))

    def batch(self, rows: Tensor) -> Batch:
        """The images of `rows`, as numbers in [0, 1]."""
        rows = rows.to(self.x.device)
        return Batch(unit(self.x[rows]), self.y[rows], rows)


class Batch(NamedTuple):
    """What one training step sees."""

    x: Tensor  # [B, C, H, W] in [0, 1]
    y: Tensor  # [B]
    index: Tensor  # [B] row in the training subset


def unit(x: Tensor) -> Tensor:
    """`uint8` pixels as numbers in [0, 1]."""
    return x.float().div_(255)


def pixels(x: Tensor) -> Tensor:
    """Numbers in [0, 1] as `uint8` pixels."""
    return x.detach().clamp(0, 1).mul(255).round().to(torch.uint8)


class Needs(NamedTuple):
    """What a method asks of its images."""

    colour: bool = False
    min_size: int = 0

    def unmet(self, spec: DataSpec) -> str | None:
        """The rule that this data set breaks, or None."""
        if self.colour and spec.channels < 3:
            return f"needs colour images, and {spec.name} is grey"
        if spec.size < self.min_size:
            return (
                f"needs images of at least {self.min_size}x{self.min_size}, and {spec.name} has {spec.size}x{spec.size}"
            )
        return None


# ------------------------------------------------------------------------------------------------ knobs


class Config(BaseModel, frozen=True, extra="forbid"):
    """A set of knobs, each described once: default, range, one sentence."""

    @classmethod
    def read(cls, knobs: Mapping[str, Any], what: str) -> Config:
        """The checked knobs of `what`; raises `Refused` with the name, the value and the rule."""
        for name in knobs:
            choose(f"{what} knob", name, cls.model_fields)
        try:
            return cls(**knobs)
        except ValidationError as error:
            first = error.errors()[0]
            name, rule = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
            raise Refused(
                f"{what} knob {name}={first['input']!r} is not allowed: {rule[0].lower()}{rule[1:]}"
            ) from None


class MethodConfig(Config):
    """The knobs of one method."""


class TrainConfig(Config):
    """The knobs of every training."""

    epochs: int = Field(5, ge=1, le=1000, description="passes over the training images")
    batch: int = Field(256, ge=2, le=8192, description="images per step")
    encoder: str = Field(
        "conv",
        description="kind of network whose output is the representation",
        json_schema_extra=lambda schema: schema.update(enum=list(ENCODERS)),
    )
    width: float = Field(1.0, ge=0.25, le=4, description="multiplies the channels of the encoder")
    optimizer: Literal["adam", "adamw", "sgd"] = Field("adamw", description="rule of the step (SGD has momentum 0.9)")
    lr: float = Field(2e-3, gt=0, le=10, description="learning rate at its highest")
    schedule: Literal["constant", "cosine"] = Field("cosine", description="how the learning rate goes over the run")
    weight_decay: float = Field(
        1e-4, ge=0, le=1, description="pull of the weights towards zero (not of biases and norms)"
    )
    subset: int = Field(0, ge=0, description="training images used, balanced over classes; 0 = all")
    classes: tuple[str, ...] = Field((), description="classes used; none chosen = all")
    size: int = Field(0, ge=0, le=512, description="height and width in pixels; 0 = the data set's own")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="auto = bfloat16 on a GPU, else float32"
    )
    threads: int = Field(0, ge=0, le=256, description="processor threads; 0 = what the machine offers")
    seed: int = Field(0, ge=0, lt=2**31, description="start of everything random")

    @field_validator("encoder")
    @classmethod
    def _known(cls, name: str) -> str:
        choose("encoder", name, ENCODERS)
        return name


# --------------------------------------------------------------------------------------------- registry


class Registry(Mapping[str, T]):
    """Names to classes; each registers itself, and importing a module again replaces its entry."""

    def __init__(self, kind: str) -> None:
        self.kind, self._items = kind, {}

    def add(self, name: str, item: T) -> None:
        """Enter `item`; raises if a class of another module has the name."""
        old = self._items.get(name)
        if old is not None and old.__module__ != item.__module__:
            raise RuntimeError(f"two {self.kind}s are called '{name}': {old.__module__} and {item.__module__}")
        self._items[name] = item

    def choose(self, name: str) -> T:
        """The class called `name`; raises `Refused` with the choices."""
        return choose(self.kind, name, self._items)

    def __getitem__(self, name: str) -> T:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._items))

    def __len__(self) -> int:
        return len(self._items)


ENCODERS: Registry[type[Encoder]] = Registry("encoder")
METHODS: Registry[type[Method]] = Registry("method")


# ---------------------------------------------------------------------------------------------- encoder


class Encoder(nn.Module, ABC):
    """The network whose output is the representation: `[B, C, H, W]` in [0, 1] to `[B, out_dim]`."""

    out_dim: int
    min_size: ClassVar[int] = 8

    @abstractmethod
    def feature_map(self, x: Tensor) -> Tensor:
        """The last features that still have a place: `[B, C, h, w]`."""

    def forward(self, x: Tensor) -> Tensor:
        """The representation `[B, out_dim]`: the feature map averaged over places."""
        return self.feature_map(x).mean((2, 3))


def encoder(cls: type[Encoder]) -> type[Encoder]:
    """Register an encoder under its class's name in lower case."""
    ENCODERS.add(cls.__name__.lower(), cls)
    return cls


class Build(Protocol):
    """Gives a method the encoder that its user chose."""

    def __call__(self, channels: int | None = None, hidden: int | None = None) -> Encoder:
        """A fresh encoder for images of `channels`; `hidden` is the width of an `mlp`'s hidden layers."""


# ----------------------------------------------------------------------------------------------- method


@dataclass(frozen=True)
class Info:
    """What the interface tells about a method."""

    name: str
    title: str
    family: str
    paper: str
    summary: str
    equation: str
    needs: Needs


class Method(nn.Module, ABC):
    """One way to learn a representation. All its state is a parameter or a buffer."""

    info: ClassVar[Info]
    Config: ClassVar[type[MethodConfig]] = MethodConfig
    train_defaults: ClassVar[dict[str, Any]] = {}
    encoder: Encoder

    def __init__(self, cfg: MethodConfig, spec: DataSpec) -> None:
        super().__init__()
        self.cfg, self.spec = cfg, spec

    @classmethod
    def knobs(cls, knobs: Mapping[str, Any]) -> MethodConfig:
        """The checked knobs of this method; raises `Refused`."""
        return cls.Config.read(knobs, cls.info.name)

    @classmethod
    def training(cls, knobs: Mapping[str, Any]) -> TrainConfig:
        """The checked training knobs: this method's own defaults under what is given; raises `Refused`."""
        return TrainConfig.read({**cls.train_defaults, **knobs}, "training")

    def sample(self, data: Split, order: Tensor, n: int) -> Batch:
        """The next batch: the first `n` of the rows that this epoch has not seen yet."""
        return data.batch(order[:n])

    @abstractmethod
    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """What the method makes of a batch: captions of the Views page, arguments of `loss`."""

    @abstractmethod
    def loss(self, **views: Tensor) -> dict[str, Tensor]:
        """`loss` is minimised; detached extras are drawn (scalars) or handed to `after_step`."""

    def players(self) -> dict[str, list[nn.Parameter]]:
        """Each named loss is minimised over its own parameters; an adversary is a second entry."""
        learned = [p for p in self.parameters() if p.requires_grad]
        return {"loss": learned} if learned else {}

    def solve(self, data: Split, rng: Generator) -> Iterable[dict[str, Tensor]]:
        """A closed form or a library's fit, used when `players()` is empty; results go into buffers."""
        raise TypeError(f"{type(self).__name__} has no players and does not solve")

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """Move a teacher, a queue, a memory bank: from what `loss` returned, never inside it."""

    def embed(self, x: Tensor) -> Tensor:
        """The representation `[B, D]` of images `[B, C, H, W]` in [0, 1]; differentiable."""
        return self.encoder(x)

    def decode(self, z: Tensor) -> Tensor | None:
        """Images `[B, C, H, W]` in [0, 1] from codes `[B, D]`; None if the method cannot."""
        return None

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """Pictures `[B, C, H, W]` in [0, 1] worth watching while it learns, by name."""
        return {}

    def chance(self, batch_size: int) -> float | None:
        """The loss of a network that has learned nothing."""
        return None

    def floor(self, x: Tensor) -> float | None:
        """The loss below which no network can come on the images `[N, C, H, W]` in [0, 1]; None where that is zero."""
        return None


def method(title: str, *, family: str, paper: str, equation: str = "", needs: Needs | None = None) -> Callable:
    """Register a method under the name of its file; its summary is the class's docstring."""

    def register(cls: type[Method]) -> type[Method]:
        module = sys.modules[cls.__module__]
        name = cls.__module__.rpartition(".")[2]
        cls.Config = getattr(module, "Config", MethodConfig)
        summary = (cls.__doc__ or "").strip().partition("\n")[0]
        cls.info = Info(name, title, family, paper, summary, equation, needs or Needs())
        METHODS.add(name, cls)
        return cls

    return register
