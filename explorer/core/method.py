"""The method: one way to learn a representation, as one class in one file."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Generator, Tensor, nn

from explorer.core.config import MethodConfig, TrainConfig
from explorer.core.data import Batch, DataSpec, Needs, Split
from explorer.core.distributed import joined
from explorer.core.encoder import Encoder
from explorer.core.registry import METHODS


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
    moving_target: ClassVar[bool] = False  # True: its losses of two epochs cannot be compared, so no weights are best
    has_prior: ClassVar[bool] = False  # whether its codes are drawn to a standard normal, samples of which it decodes
    any_size: ClassVar[bool] = False  # whether it also learns from images of another size than it was built for
    common_views: ClassVar[tuple[str, ...]] = ()  # the views that have no row for each image: all devices get all of it
    uses_encoder: ClassVar[bool] = True  # False: a closed form or a model of its own, whatever encoder is chosen
    encoder: Encoder

    def __init__(self, cfg: MethodConfig, spec: DataSpec) -> None:
        super().__init__()
        self.cfg, self.spec = cfg, spec

    @classmethod
    def hyperparameters(cls, hyperparameters: Mapping[str, Any]) -> MethodConfig:
        """The checked hyperparameters of this method; raises `Refused`."""
        return cls.Config.read(hyperparameters, cls.info.name)

    @classmethod
    def training(cls, hyperparameters: Mapping[str, Any]) -> TrainConfig:
        """The checked training hyperparameters: this method's own defaults under what is given; raises `Refused`."""
        return TrainConfig.read({**cls.train_defaults, **hyperparameters}, "training")

    @classmethod
    def incompatible(cls, cfg: MethodConfig, spec: DataSpec, train: TrainConfig) -> str | None:
        """The rule that these hyperparameters break on these images or in this training, and the nearest allowed.

        None where they fit. `info.needs` says what no hyperparameter can change; `spec.rows` is 0 while it is unknown.
        """
        return None

    def prepare(self, images: Tensor) -> None:
        """Look at some training images `[N, C, H, W]` before the first step, as biases may begin at a mean."""

    def sample(self, data: Split, order: Tensor, n: int) -> Batch:
        """The next batch: the first `n` of the rows that this epoch has not used yet."""
        return data.batch(order[:n])

    @abstractmethod
    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The views of a batch by name: captions of the Views page, arguments of `loss`."""

    @abstractmethod
    def loss(self, **views: Tensor) -> dict[str, Tensor]:
        """`loss` is minimised; detached extras are plotted (scalars) or handed to `after_step` (one row per image)."""

    def players(self) -> dict[str, list[nn.Parameter]]:
        """Each named loss is minimised over its own parameters; an adversary is a second entry."""
        trainable = [p for p in self.parameters() if p.requires_grad]
        return {"loss": trainable} if trainable else {}

    def solve(self, data: Split, rng: Generator) -> Iterable[dict[str, Tensor]]:
        """A closed form or a library's fit, used when `players()` is empty; results go into buffers."""
        raise TypeError(f"{type(self).__name__} has no players and does not solve")

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """Move a teacher, a queue, a memory bank: from what `loss` returned, never inside it."""

    def gather(self, z: Tensor) -> Tensor:
        """The rows of all devices, for a loss that compares images with each other; z itself on one device.

        A mean over images needs none of it: see `explorer/core/distributed.py` for why the gradient is exact in
        both cases.
        """
        return joined().gather(z)

    def embed(self, x: Tensor) -> Tensor:
        """The representation `[B, D]` of images `[B, C, H, W]` in [0, 1]; differentiable."""
        return self.encoder.embed(x)

    def project(self, x: Tensor) -> Tensor | None:
        """What the loss compares, `[B, P]`, where that is not the representation itself: monitored for collapse."""
        return None

    def measure(self, x: Tensor) -> dict[str, Tensor]:
        """Further numbers about images `[N, C, H, W]` in [0, 1], taken with each frame: scalars, or vectors by name."""
        return {}

    def classify(self, x: Tensor) -> Tensor | None:
        """Logits `[B, K]` over the classes of the data set, where the method itself is a classifier."""
        return None

    def decode(self, z: Tensor) -> Tensor | None:
        """Images `[B, C, H, W]` in [0, 1] from codes `[B, D]`; None if the method cannot."""
        return None

    def fill(self, hidden: Tensor) -> Tensor | None:
        """Whole images `[B, C, H, W]` from ones of which parts are grey; None if the method cannot."""
        return None

    @classmethod
    def can_fill(cls) -> bool:
        """Whether it fills holes."""
        return cls.fill is not Method.fill

    @classmethod
    def can_train(cls) -> bool:
        """Whether it has weights that a gradient moves; a closed form has none."""
        return cls.solve is Method.solve

    @classmethod
    def can_decode(cls) -> bool:
        """Whether it decodes images from codes."""
        return cls.decode is not Method.decode

    @classmethod
    def can_project(cls) -> bool:
        """Whether the loss compares something else than the representation."""
        return cls.project is not Method.project

    @classmethod
    def can_classify(cls) -> bool:
        """Whether it is a classifier."""
        return cls.classify is not Method.classify

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """Pictures `[B, C, H, W]` in [0, 1] worth watching while it learns, by name: reconstructions, if it decodes."""
        return {} if not self.can_decode() else {"reconstruction": self.decode(self.embed(x))}

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
