"""SwAV, Caron et al. 2020, arXiv:2006.09882, algorithm 1: swapped predictions of online cluster assignments."""

import math

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.augment import crop_flip
from explorer.core import Batch, Build, DataSpec, Method, ablates, method
from explorer.losses import sinkhorn, soft_cross_entropy
from explorer.nn import Distorted, mlp, unremembered

SMALL = (0.3, 0.6)  # share of the area that a small crop keeps (paper: 0.05 to 0.14, at 224 pixels)


class Config(Distorted):
    """Hyperparameters of SwAV."""

    prototypes: int = Field(100, ge=4, le=3000, description="prototypes, the centres of the clusters (paper: 3000)")
    sinkhorn: bool = Field(
        True, description="equipartition: all prototypes are used equally in each batch",
        json_schema_extra=ablates("all images can be assigned to one prototype, a collapse", False),
    )  # fmt: skip
    eps: float = Field(0.02, ge=0.01, le=1.0, description="entropy of the assignments; more = softer (paper: 0.05)")
    iterations: int = Field(3, ge=1, le=20, description="iterations of the Sinkhorn-Knopp algorithm")
    small_crops: int = Field(
        2, ge=0, le=8, description="multi-crop: crops of half the size beside two large ones (paper: 6)"
    )
    temperature: float = Field(0.1, ge=0.05, le=1.0, description="softmax temperature of the predictions")
    projection: int = Field(64, ge=8, le=512, description="width of the projection (paper: 128)")
    frozen: float = Field(
        0.05, ge=0.0, le=1.0, description="share of the steps, the first ones, in which the prototypes stay as they "
        "were drawn (paper: the first epoch)",
    )  # fmt: skip


@method(
    "SwAV",
    family="contrastive",
    paper="arXiv:2006.09882",
    equation=r"\mathcal{L}(z_t, z_s) = -\sum_k q_s^{(k)} \log p_t^{(k)} - \sum_k q_t^{(k)} \log p_s^{(k)},"
    r"\qquad p_t = \mathrm{softmax}(C^\top z_t / \tau),\quad q = \mathrm{Sinkhorn}(C^\top z)",
)
class SwAV(Method):
    """Predicts from one crop the cluster assignment (to prototypes) of another crop of the same image."""

    any_size = True
    train_defaults = {"batch": 128, "optimizer": "adamw", "lr": 2e-3}  # LARS and batch 4096 need a bigger machine

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        width = self.encoder.out_dim
        self.head = mlp(width, width, cfg.projection, norm=True)
        self.prototypes = nn.Linear(cfg.projection, cfg.prototypes, bias=False)  # C
        self.register_buffer("moving", torch.tensor(float(cfg.frozen == 0)))  # 1 once the prototypes learn
        self.register_load_state_dict_pre_hook(_of_older_versions)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """Two large crops, and small ones of half the size."""
        large = {"crop_1": self.cfg.draw(batch.x, rng, batch.side), "crop_2": self.cfg.draw(batch.x, rng, batch.side)}
        if not self.cfg.small_crops:
            return large
        small = [self.small(batch.x, rng, batch.side or batch.x.shape[-1]) for _ in range(self.cfg.small_crops)]
        return large | {"small": torch.stack(small, 1)}  # [B, V, C, h/2, w/2]

    def small(self, x: Tensor, rng: Generator, side: int) -> Tensor:
        """One small crop of each image, half as wide as the large ones of this side."""
        low, high = SMALL
        x, _ = crop_flip(x, rng, low, self.cfg.flip, largest=high, size=max(2, side // 2))
        return self.cfg.recolour(x, rng)

    def loss(self, crop_1: Tensor, crop_2: Tensor, small: Tensor | None = None) -> dict[str, Tensor]:
        """Each crop predicts the assignment of each large crop but itself."""
        scores = [self.gather(self.scores(crop)) for crop in (crop_1, crop_2)]  # [N, K] each
        with unremembered(self):  # what batch norm keeps shall be that of whole images
            scores += [
                self.gather(self.scores(self.encoder.admit(crop)))
                for crop in ([] if small is None else small.unbind(1))
            ]
        losses = [
            soft_cross_entropy(scores[t] / self.cfg.temperature, self.assigned(scores[s]))
            for s in range(2)
            for t in range(len(scores))
            if t != s
        ]
        return {"loss": torch.stack(losses).mean()}

    def scores(self, x: Tensor) -> Tensor:
        """Cosines of images with prototypes `[B, K]`."""
        weight = self.prototypes.weight
        weight = weight.detach().lerp(weight, self.moving)  # of the same value, with a gradient or with one of zero
        z, c = self.project(x).float(), F.normalize(weight, dim=1)
        with torch.autocast(z.device.type, enabled=False):
            return z @ c.T

    @torch.no_grad()
    def assigned(self, scores: Tensor) -> Tensor:
        """The assignments q `[N, K]`, no gradient: equally many images for each prototype, if Sinkhorn is on."""
        if self.cfg.sinkhorn:
            return sinkhorn(scores, self.cfg.eps, self.cfg.iterations)
        return (scores / self.cfg.eps).softmax(1)

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """The prototypes begin to learn, for good: a run that goes on for longer does not stop them again."""
        self.moving.clamp_(min=float(progress >= self.cfg.frozen))

    def project(self, x: Tensor) -> Tensor:
        """z, of unit length."""
        return F.normalize(self.head(self.encoder(x)), dim=1)

    def chance(self, batch_size: int) -> float:
        """ln(K): every prototype is as likely as any other."""
        return math.log(self.cfg.prototypes)


def _of_older_versions(network: nn.Module, state: dict[str, Tensor], prefix: str, *rest: object) -> None:
    """Weights that were saved before prototypes could stay are those of prototypes that learn."""
    state.setdefault(f"{prefix}moving", torch.ones(()))
