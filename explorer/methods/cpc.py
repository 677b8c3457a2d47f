"""CPC on images, van den Oord et al. 2018, arXiv:1807.03748; steps of v2, Henaff et al. 2019, arXiv:1905.09272.

The context is a recurrent network that goes down each column of the grid of patches (the paper's is a PixelCNN). The
negatives of a patch are those in the same row of the grid, of all images of the batch. A code is the mean over patches.
"""

import math

import torch
from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.augment import colour_jitter, crop_flip, drop_channels, overlapping
from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, TrainConfig, method
from explorer.losses import info_nce_in_batch
from explorer.nn import layer_normed

LEAST = 4  # pixels of a patch
TURNS = (0, 2, 3, 1)  # quarter turns after which a grid that is read downwards is read down, up, right, left


class Config(MethodConfig):
    """Hyperparameters of CPC."""

    patch: int = Field(
        0, ge=0, le=112, description="side of a patch in pixels; neighbours overlap by half of it; 0 = a quarter "
        "of the image (v2: larger patches, such as half of it)",
    )  # fmt: skip
    steps: int = Field(3, ge=1, le=12, description="prediction steps, rows ahead, as far as the grid goes (paper: 5)")
    directions: int = Field(
        1, ge=1, le=4, description="directions of prediction: down, up, right, left (v2: 4, paper: 1)"
    )
    context: int = Field(128, ge=16, le=1024, description="width of the context vector c")
    layer_norm: bool = Field(
        True,
        description="layer norm in the encoder (as in v2; the first paper has no norm); else batch norm, which "
        "leaks information between patches",
    )
    patch_augmentation: bool = Field(False, description="v2: crop, flip and colour jitter of each patch by itself")
    colour_drop: float = Field(
        0.0, ge=0.0, le=1.0, description="v2: colour dropping, probability that a patch keeps one colour channel alone"
    )


@method(
    "CPC",
    family="contrastive",
    paper="arXiv:1807.03748",
    equation=r"\mathcal{L} = -\mathbb{E}\,\log\frac{f_k(z_{i+k}, c_i)}{\sum_{z_j} f_k(z_j, c_i)},"
    r"\qquad f_k(z, c) = \exp(z^\top W_k\, c)",
)
class CPC(Method):
    """Predicts the codes of later patches from a context of earlier ones, against negatives of the batch (InfoNCE)."""

    train_defaults = {"batch": 64, "optimizer": "adamw", "lr": 1e-3}  # a batch holds hundreds of negatives already

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = layer_normed(build()) if cfg.layer_norm else build()
        self.side, self.grid = grid_of(cfg, spec)
        self.steps = min(cfg.steps, self.grid - 1)
        width = self.encoder.out_dim
        self.readers = nn.ModuleList(nn.GRU(width, cfg.context, batch_first=True) for _ in range(cfg.directions))
        self.guesses = nn.ModuleList(  # W_k of each direction
            nn.Linear(cfg.context, width, bias=False) for _ in range(cfg.directions * self.steps)
        )

    @classmethod
    def incompatible(cls, cfg: Config, spec: DataSpec, train: TrainConfig) -> str | None:
        """Two rows of patches at least."""
        side, grid = grid_of(cfg, spec)
        if grid < 2 or side < LEAST:
            most = max(LEAST, 2 * (spec.size // 3))
            patch = f"{LEAST} to {most}" if most > LEAST else f"{LEAST}"
            return (
                f"needs two rows of patches of at least {LEAST} pixels, and patches of {side} do not go twice into "
                f"{spec.size}x{spec.size} pixels: choose patch {patch}, or a larger size"
            )
        return None

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """Overlapping patches, each augmented by itself in v2."""
        patches = overlapping(batch.x, self.side, self.side // 2)  # [B, g*g, C, p, p]
        each = patches.flatten(0, 1)
        if self.cfg.patch_augmentation:
            each = colour_jitter(crop_flip(each, rng, 0.5)[0], rng, 0.5, 0.8, 0.2)[0]
        if self.cfg.colour_drop:
            each = drop_channels(each, rng, self.cfg.colour_drop)[0]
        return {"patches": each.view_as(patches)}

    def loss(self, patches: Tensor) -> dict[str, Tensor]:
        """InfoNCE over k steps, mean over steps, rows and directions."""
        z = self.encode(patches).unflatten(1, (self.grid, self.grid))  # [B, rows, columns, D]
        losses = []
        for d, reader in enumerate(self.readers):
            turned = torch.rot90(z, TURNS[d], (1, 2))
            guesses = self.guesses[d * self.steps : (d + 1) * self.steps]
            losses += self.ahead(turned.transpose(0, 1).flatten(1, 2), reader, guesses, len(z))
        return {"loss": torch.stack(losses).mean()}

    def ahead(self, z: Tensor, reader: nn.GRU, guesses: nn.ModuleList, images: int) -> list[Tensor]:
        """The loss of each row of z `[rows, B*columns, D]` that is predicted from a context above it."""
        c = reader(z.transpose(0, 1))[0].transpose(0, 1)  # [rows, B*columns, context]
        losses = []
        for k, guess in enumerate(guesses, 1):
            for row in range(self.grid - k):
                predicted, target = guess(c[row]), z[row + k]  # W_k c_i and z_{i+k}
                rows = [part.unflatten(0, (images, self.grid)) for part in (predicted, target)]
                predicted, target = (self.gather(part).flatten(0, 1) for part in rows)
                losses.append(info_nce_in_batch(predicted, target))
        return losses

    def encode(self, patches: Tensor) -> Tensor:
        """The codes `[B, g*g, D]` of patches `[B, g*g, C, p, p]`."""
        return self.encoder(self.encoder.admit(patches.flatten(0, 1))).unflatten(0, patches.shape[:2])

    def embed(self, x: Tensor) -> Tensor:
        """The mean over the patches' codes, or over each part of a grid of them."""
        codes = self.encode(overlapping(x, self.side, self.side // 2))
        return self.encoder.pooled(codes.mT.unflatten(2, (self.grid, self.grid)))

    def chance(self, batch_size: int) -> float:
        """ln of the number of patches in one row of the grid, over all images."""
        return math.log(batch_size * self.grid)


def grid_of(cfg: Config, spec: DataSpec) -> tuple[int, int]:
    """The side of a patch, an even number of pixels, and the patches in a row."""
    side = cfg.patch // 2 * 2 or max(LEAST, 2 * round(spec.size / 8))
    return side, (spec.size - side) // (side // 2) + 1 if side <= spec.size else 0
