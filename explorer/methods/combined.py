"""Several pretext tasks on one trunk, Doersch and Zisserman 2017, arXiv:1708.07860.

Each task's loss is divided by what it costs with nothing learned, so that all weigh alike.
"""

import math

import torch
from pydantic import Field, model_validator
from torch import Generator, Tensor, nn

from explorer.augment import AROUND, assemble, drop_channels, hole, neighbours, reordered, turned
from explorer.core import Batch, Build, DataSpec, Method, TrainConfig, generator, method
from explorer.nn import (
    Filler,
    Tiled,
    disguised,
    encode_parts,
    far_apart,
    guess,
    hole_error,
    mlp,
    see_whole,
    unremembered,
)

ORDERS = 24  # 2x2 tiles have no more

GUESSED = {  # the views that ask and answer, and among how many answers
    "rotation": ("turned", "turns", 4),
    "relative_patch": ("pair", "direction", len(AROUND)),
    "jigsaw": ("shuffled", "order", ORDERS),
}
TASKS = (*GUESSED, "inpainting")


class Config(Tiled):
    """Hyperparameters of the combination."""

    rotation: bool = Field(
        True, description="rotation prediction: by which multiple of 90 degrees an image was rotated"
    )
    relative_patch: bool = Field(True, description="relative position: in which direction the second of two tiles lies")
    jigsaw: bool = Field(True, description="jigsaw: which of 24 permutations the tiles were put in")
    inpainting: bool = Field(False, description="inpainting: fill a masked region of the image")

    @model_validator(mode="after")
    def _some(self) -> "Config":
        if not self.tasks:
            raise ValueError(f"at least one task must be on: choose one or more of {', '.join(TASKS)}")
        return self

    @property
    def tasks(self) -> list[str]:
        """The tasks that are switched on."""
        return [name for name in TASKS if getattr(self, name)]

    def warning(self, spec: DataSpec) -> str | None:
        """Of tiles, if there are any."""
        return super().warning(spec) if self.relative_patch or self.jigsaw else None


@method(
    "Combined",
    family="pretext",
    paper="arXiv:1708.07860",
    equation=r"\mathcal L = \frac{1}{|T|}\sum_{t \in T} \frac{\mathcal L_t}{\mathcal L_t^{\,\text{chance}}}",
)
class Combined(Method):
    """Trains one encoder on several pretext tasks at once (multi-task learning)."""

    train_defaults = {"batch": 128, "lr": 1e-3}

    @classmethod
    def incompatible(cls, cfg: Config, spec: DataSpec, train: TrainConfig) -> str | None:
        """Tiles, if there are any, must be large enough to show something."""
        return cfg.incompatible_with(spec.size) if cfg.relative_patch or cfg.jigsaw else None

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        self.grid, width = cfg.grid_of(spec.size), self.encoder.out_dim
        heads = {
            "rotation": lambda: nn.Linear(width, 4),
            "relative_patch": lambda: mlp(2 * width, width, len(AROUND)),
            "jigsaw": lambda: mlp(self.grid**2 * width, width, ORDERS),
            "inpainting": lambda: Filler(self.encoder, spec),
        }
        self.heads = nn.ModuleDict({task: heads[task]() for task in cfg.tasks})
        self.register_buffer("permutations", far_apart(self.grid**2, ORDERS))  # [24, n*n]

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The input and the target of each task."""
        views: dict[str, Tensor] = {}
        for task in self.cfg.tasks:
            views |= getattr(self, f"{task}_views")(batch.x, rng)
        return views

    def rotation_views(self, x: Tensor, rng: Generator) -> dict[str, Tensor]:
        """Each rotated image, and by how many quarter turns."""
        turns = torch.randint(4, (len(x),), generator=rng, device=x.device)
        return {"turned": turned(x, turns), "turns": turns}

    def relative_patch_views(self, x: Tensor, rng: Generator) -> dict[str, Tensor]:
        """Two neighbouring tiles, each in one of its colours alone, and where the second lies."""
        pair, direction = neighbours(*self.cfg.tiles_of(x, rng), rng)
        return {"pair": drop_channels(pair.flatten(0, 1), rng)[0].view_as(pair), "direction": direction}

    def jigsaw_views(self, x: Tensor, rng: Generator) -> dict[str, Tensor]:
        """The tiles in another order, and in which."""
        parts = disguised(self.cfg.tiles_of(x, rng)[0], rng)
        order = torch.randint(ORDERS, (len(x),), generator=rng, device=x.device)
        return {"shuffled": reordered(parts, self.permutations[order]), "order": order}

    def inpainting_views(self, x: Tensor, rng: Generator) -> dict[str, Tensor]:
        """Each image with grey holes, the image, and where the holes are."""
        where = hole(x, rng, "region")
        return {"hidden": x.masked_fill(where, 0.5), "image": x, "hole": where}

    def loss(self, **views: Tensor) -> dict[str, Tensor]:
        """Mean over tasks of loss / chance; each task's share and accuracy are returned as well."""
        shares, parts = [], {}
        for task in self.cfg.tasks:
            if task == "inpainting":
                shares.append(self.inpainting_loss(views["hidden"], views["image"], views["hole"]))
            else:
                _, answer, choices = GUESSED[task]
                loss, parts[f"{task}_accuracy"] = guess(self.answers(task, views), views[answer])
                shares.append(loss / math.log(choices))
            parts[task] = shares[-1].detach()
        return {"loss": torch.stack(shares).mean(), **parts}

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """Updates the batch norm statistics with whole images, which are what is embedded."""
        see_whole(self.encoder, batch.x)

    def answers(self, task: str, views: dict[str, Tensor]) -> Tensor:
        """Logits of a task from the features of each part of its input."""
        parts = views[GUESSED[task][0]]
        parts = parts if parts.ndim == 5 else parts[:, None]  # a whole image is its only part
        return self.heads[task](encode_parts(self.encoder, parts).flatten(1))

    def inpainting_loss(self, hidden: Tensor, image: Tensor, hole: Tensor) -> Tensor:
        """The squared error in the hole as a share of what it would be if the hole were left grey, mean over images."""
        grey = hole_error(hidden, image, hole).clamp(min=1e-3)
        return (hole_error(self.paint(hidden), image, hole) / grey).mean()

    def paint(self, hidden: Tensor) -> Tensor:
        """What the network takes for the whole image."""
        with unremembered(self.encoder):
            return self.heads["inpainting"](self.encoder.feature_map(hidden))

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """Each image rotated, shuffled or masked, always alike, and restored by the network's predictions."""
        views, pictures = self.views(Batch(x, x, x), generator(0, "gallery", device=x.device)), {}
        if self.cfg.rotation:
            turns = self.answers("rotation", views).argmax(1)
            pictures |= {"turned": views["turned"], "turned back": turned(views["turned"], -turns)}
        if self.cfg.jigsaw:
            back = self.permutations[self.answers("jigsaw", views).argmax(1)].argsort(1)
            tiles = {"shuffled": views["shuffled"], "put together": reordered(views["shuffled"], back)}
            pictures |= {name: assemble(parts, self.grid, x.shape[-1]) for name, parts in tiles.items()}
        if self.cfg.inpainting:
            hidden = views["hidden"]
            pictures |= {"hidden": hidden, "filled": torch.where(views["hole"], self.paint(hidden).to(x.dtype), x)}
        return pictures

    def chance(self, batch_size: int) -> float:
        """1: each task costs what it costs by chance."""
        return 1.0
