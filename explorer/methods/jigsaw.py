"""Jigsaw puzzles, Noroozi and Favaro 2016, arXiv:1603.09246."""

import math

import torch
from pydantic import Field
from torch import Generator, Tensor

from explorer.augment import assemble, reordered
from explorer.core import Batch, Build, DataSpec, Method, Needs, TrainConfig, ablates, generator, method
from explorer.nn import Tiled, disguised, encode_parts, far_apart, guess, mlp, see_whole


class Config(Tiled):
    """Hyperparameters of the jigsaw puzzles."""

    permutations: int = Field(
        24, ge=2, le=1000, description="permutations to classify (paper: up to 1000; 2x2 tiles have 24 in all)"
    )
    disguise: bool = Field(
        True,
        description="each tile with the same mean and contrast, some images grey, else each colour channel moved by up "
        "to a pixel",
        json_schema_extra=ablates("light, contrast and colour fringes tell where a tile belongs (a shortcut)", False),
    )  # fmt: skip


@method(
    "Jigsaw",
    family="pretext",
    paper="arXiv:1603.09246",
    equation=r"\mathcal L = -\log \mathrm{softmax}\big(h(f(t_{\pi(1)}), \dots, f(t_{\pi(n)}))\big)_\pi,"
    r"\qquad \pi \in \Pi",
    needs=Needs(min_size=8),
)
class Jigsaw(Method):
    """Predicts the permutation of an image's shuffled tiles, which requires knowing how its parts are arranged."""

    train_defaults = {"batch": 128, "lr": 1e-3}

    @classmethod
    def incompatible(cls, cfg: Config, spec: DataSpec, train: TrainConfig) -> str | None:
        """Tiles must be large enough to show something, and have so many orders."""
        n = cfg.grid_of(spec.size)
        most = math.factorial(n * n)
        if cfg.permutations > most:
            return f"cannot tell {cfg.permutations} orders of {n}x{n} tiles apart, there are {most}: choose {most}"
        return cfg.incompatible_with(spec.size)

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        self.grid, width = cfg.grid_of(spec.size), self.encoder.out_dim
        self.head = mlp(self.grid**2 * width, width, cfg.permutations)
        self.register_buffer("permutations", far_apart(self.grid**2, cfg.permutations))  # [P, n*n]

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The tiles of each image in random order, and the permutation."""
        parts, _ = self.cfg.tiles_of(batch.x, rng)
        parts = disguised(parts, rng) if self.cfg.disguise else parts
        order = torch.randint(self.cfg.permutations, (len(parts),), generator=rng, device=parts.device)
        return {"shuffled": reordered(parts, self.permutations[order]), "order": order}

    def loss(self, shuffled: Tensor, order: Tensor) -> dict[str, Tensor]:
        """Cross entropy over all permutations."""
        loss, accuracy = guess(self.orders(shuffled), order)
        return {"loss": loss, "accuracy": accuracy}

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """Updates the batch norm statistics with whole images, which are what is embedded."""
        see_whole(self.encoder, batch.x)

    def orders(self, shuffled: Tensor) -> Tensor:
        """Logits `[B, P]` from what the encoder says of each tile alone."""
        return self.head(encode_parts(self.encoder, shuffled).flatten(1))

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """Each image shuffled, always alike, and put together by the predicted permutation."""
        shuffled = self.views(Batch(x, x, x), generator(0, "gallery", device=x.device))["shuffled"]
        back = self.permutations[self.orders(shuffled).argmax(1)].argsort(1)
        pictures = {"shuffled": shuffled, "put together": reordered(shuffled, back)}
        return {name: assemble(parts, self.grid, x.shape[-1]) for name, parts in pictures.items()}

    def chance(self, batch_size: int) -> float:
        """ln P: all permutations are equally likely."""
        return math.log(self.cfg.permutations)
