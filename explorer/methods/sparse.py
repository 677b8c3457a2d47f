"""Sparse autoencoder: the KL penalty of Ng's lecture notes (CS294A, 2011), or an L1 penalty as in sparse coding.

A small code with a large picture would escape the L1 penalty, so each unit pays by the length of what it draws, as in
sparse autoencoders of language models (Conerly et al. 2024, transformer-circuits.pub).
"""

from typing import Literal

from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, MethodConfig, method
from explorer.losses import bernoulli_kl, pixel_error, to_float32
from explorer.nn import Decoder, Decoding


class Config(MethodConfig):
    """Hyperparameters of the sparse autoencoder."""

    latent: int = Field(
        128, ge=1, le=4096, description="latent dimension; it may exceed the number of pixels (overcomplete)"
    )
    penalty: Literal["kl", "l1"] = Field(
        "kl", description="sparsity penalty: kl keeps each unit's mean at the rate, l1 sums all activities"
    )
    weight: float = Field(
        0.1, ge=0.0, le=100.0, description="weight of the sparsity penalty (notes: 3, with one hidden layer)"
    )
    rate: float = Field(0.05, ge=0.001, le=0.5, description="target mean activity of a unit (kl only)")
    hidden: int = Field(256, ge=8, le=2048, description="width of an mlp encoder's hidden layers")
    error: Literal["bce", "mse"] = Field(
        "bce", description="reconstruction loss per pixel: cross entropy or squared error"
    )


@method(
    "Sparse autoencoder",
    family="autoencoder",
    paper="web.stanford.edu/class/cs294a/sparseAutoencoder.pdf",
    equation=r"\mathcal L = \sum_p L(x_p, \hat x_p) + \beta \sum_j \mathrm{KL}(\rho \,\|\, \hat\rho_j)"
    r"\quad\text{or}\quad \dots + \beta \sum_j |z_j|\,\lVert w_j \rVert",
)
class Sparse(Decoding):
    """Reconstructs each image from a sparse code, in which few of many units are active."""

    train_defaults = {
        "encoder": "mlp", "epochs": 30, "batch": 64, "optimizer": "adam", "lr": 2e-3, "schedule": "constant",
        "weight_decay": 0.0,
    }  # fmt: skip

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build(hidden=cfg.hidden)
        self.code = nn.Linear(self.encoder.dim, cfg.latent)
        self.decoder = Decoder(cfg.latent, 0, spec)  # linear: no hidden layer could make up for a unit

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The image is both input and target."""
        return {"image": batch.x}

    def loss(self, image: Tensor) -> dict[str, Tensor]:
        """The error summed over pixels, as the penalty is over units; their parts are plotted beside it."""
        z = self.embed(image)  # [B, latent]
        error = pixel_error(self.decoder(z), image, self.cfg.error) * image[0].numel()
        z = self.gather(z)  # a unit's mean activity is that of the whole batch
        penalty = self.penalty(*to_float32(z))
        silent = (z <= 0.1 * z.amax(0)).float().mean()  # below a tenth of a unit's own best in this batch
        parts = {"reconstruction": error, "penalty": penalty, "sparsity": silent}
        return {"loss": error + self.cfg.weight * penalty} | {name: value.detach() for name, value in parts.items()}

    def penalty(self, z: Tensor) -> Tensor:
        """What the activities `[B, latent]` cost, summed over units."""
        if self.cfg.penalty == "kl":
            return bernoulli_kl(self.cfg.rate, z)
        return (z * self.decoder[0].weight.norm(dim=0)).sum(1).mean()  # w_j: column j, what unit j draws

    def embed(self, x: Tensor) -> Tensor:
        """The activities `[B, latent]`: in (0, 1) for kl, which asks for a rate; from 0 upwards for l1."""
        z = self.code(self.encoder.embed(x))
        return z.sigmoid() if self.cfg.penalty == "kl" else z.relu()
