"""Restricted Boltzmann machine trained by contrastive divergence, Hinton 2002, doi:10.1162/089976602760128018.

The gradient of F(v) - F(v_k), the chain's end held fixed, is contrastive divergence: so the ordinary loop trains it.
That difference may rise while the model improves; so what is watched as its loss is the error of the reconstruction
(Hinton 2010, UTML TR 2010-003, section 5). Gaussian visible units as in section 13.2 there, of one deviation for all.
Hidden units see pixels minus their mean, Montavon and Mueller 2012, arXiv:1203.4416: on images of many bright pixels
nearly all of them would otherwise be the same for every image.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, method

LEAST = 0.01  # of a pixel's probability to be white, at first
DEVIATION = 0.25  # of pixels, as long as none was seen
SLOWER = 0.1  # share of the gradient that Gaussian units follow: they need a much lower learning rate than binary ones


class Config(MethodConfig):
    """Hyperparameters of the restricted Boltzmann machine."""

    hidden: int = Field(128, ge=1, le=4096, description="binary hidden units")
    visible: Literal["bernoulli", "gaussian"] = Field(
        "bernoulli", description="visible units: pixels as probabilities of white, for drawings; or, for photographs, "
        "Gaussian ones around the mean image",
    )  # fmt: skip
    k: int = Field(1, ge=1, le=50, description="Gibbs steps from the image in contrastive divergence (CD-k)")


@method(
    "Restricted Boltzmann machine",
    family="classical",
    paper="doi:10.1162/089976602760128018",
    equation=r"\Delta W \propto \langle v h^\top \rangle_0 - \langle v h^\top \rangle_k, \qquad "
    r"F(v) = -b^\top v - \sum_j \log\big(1 + e^{c_j + w_j^\top (v - \mu)}\big)",
)
class RBM(Method):
    """Energy-based model with binary hidden units, trained by contrastive divergence."""

    uses_encoder = False
    train_defaults = {
        "epochs": 30, "batch": 32, "optimizer": "sgd", "lr": 0.05, "schedule": "constant", "weight_decay": 1e-4,
    }  # fmt: skip

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.shape = (spec.channels, spec.size, spec.size)
        pixels = spec.channels * spec.size**2
        self.weight = nn.Parameter(0.01 * torch.randn(pixels, cfg.hidden))  # W [P, H]
        self.visible = nn.Parameter(torch.zeros(pixels))  # b
        self.bias = nn.Parameter(torch.zeros(cfg.hidden))  # c
        self.register_buffer("mean", torch.full((pixels,), 0.5))  # of each pixel, where it is counted from
        self.register_load_state_dict_pre_hook(_of_older_versions)
        if self.gaussian:
            self.register_buffer("deviation", torch.tensor(DEVIATION))  # of all pixels: the unit they are counted in

    @property
    def gaussian(self) -> bool:
        """Whether the visible units are."""
        return self.cfg.visible == "gaussian"

    @torch.no_grad()
    def prepare(self, images: Tensor) -> None:
        """Begin at the mean image, so that the weights need not learn it: Hinton 2010, sections 8 and 13.2."""
        mean = images.flatten(1).mean(0)
        self.mean.copy_(mean)
        if self.gaussian:
            self.deviation.copy_((images.flatten(1) - mean).std().clamp(min=1e-3))
        else:
            self.visible.copy_(mean.clamp(LEAST, 1 - LEAST).logit())

    @torch.no_grad()
    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The image, and the sample after k Gibbs steps, without the last noise."""
        fantasy = batch.x
        for step in range(self.cfg.k):
            v = self.sampled(fantasy, rng) if step else fantasy
            h = torch.bernoulli(self.embed(v), generator=rng)  # [B, H]
            fantasy = self.means(h)
        return {"image": batch.x, "fantasy": fantasy}

    def sampled(self, mean: Tensor, rng: Generator) -> Tensor:
        """Images drawn from the distribution of the visible units around their means `[B, C, H, W]`."""
        if not self.gaussian:
            return torch.bernoulli(mean, generator=rng)
        return mean + self.deviation * torch.randn(mean.shape, generator=rng, device=mean.device)

    def loss(self, image: Tensor, fantasy: Tensor) -> dict[str, Tensor]:
        """The reconstruction error per pixel is monitored; F(v) - F(v_k), nats per image, is minimised."""
        divergence = (self.free_energy(image) - self.free_energy(fantasy)).mean()
        if self.gaussian:  # of the same value, with a smaller gradient: so one learning rate suits both kinds of units
            divergence = divergence.detach().lerp(divergence, SLOWER)
        return {"loss": F.mse_loss(fantasy, image), "divergence": divergence}

    def players(self) -> dict[str, list[nn.Parameter]]:
        """All weights minimise the contrastive divergence."""
        return {"divergence": list(self.parameters())}

    def free_energy(self, x: Tensor) -> Tensor:
        """F(v) of images, `[B]`: how unlikely they are, up to a constant. In full precision: it is a difference."""
        with torch.autocast(x.device.type, enabled=False):
            v = self.units(x)
            own = (v - self.visible).square().sum(1) / 2 if self.gaussian else -(v @ self.visible)
            return own - F.softplus(v @ self.weight + self.bias).sum(1)

    def units(self, x: Tensor) -> Tensor:
        """The visible units `[B, P]` of images, centred."""
        centred = x.flatten(1) - self.mean
        return centred / self.deviation if self.gaussian else centred

    def embed(self, x: Tensor) -> Tensor:
        """How likely each hidden unit is on, `[B, H]`."""
        return (self.units(x) @ self.weight + self.bias).sigmoid()

    def means(self, h: Tensor) -> Tensor:
        """The mean of each visible unit given hidden ones `[B, H]`: how likely a pixel is white, or its grey value."""
        means = h @ self.weight.T + self.visible
        means = self.mean + means * self.deviation if self.gaussian else means.sigmoid()
        return means.unflatten(1, self.shape)

    def decode(self, z: Tensor) -> Tensor:
        """The means as an image."""
        return self.means(z).clamp(0, 1)


def _of_older_versions(network: nn.Module, state: dict[str, Tensor], prefix: str, *rest: object) -> None:
    """Weights that were saved before pixels were centred belong to pixels that are not."""
    state.setdefault(f"{prefix}mean", torch.zeros_like(network.mean))
