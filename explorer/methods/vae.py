"""Variational autoencoder, Kingma and Welling 2013, arXiv:1312.6114; with beta, Higgins et al. 2017, beta-VAE."""

import math

import torch
from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, MethodConfig, ablates, generator, method
from explorer.losses import gaussian_kl, gaussian_kl_by_dimension, pixel_bce, pixel_entropy, to_float32
from explorer.nn import Decoder, Decoding

ACTIVE = 0.01  # nats: a number of the code that tells more than this is in use


class Config(MethodConfig):
    """Hyperparameters of the variational autoencoder."""

    latent: int = Field(10, ge=1, le=512, description="latent dimension; unused dimensions fall back to the prior")
    hidden: int = Field(
        256, ge=8, le=2048, description="width of the decoder's two hidden layers, and of an mlp encoder's"
    )
    beta: float = Field(
        1.0,
        ge=0.0,
        le=512.0,
        description="weight of the KL term: 1 = the evidence lower bound, more = fewer, more independent dimensions",
        json_schema_extra=ablates(
            "without the KL term codes leave the prior, and samples from the prior no longer decode to images",
            0.0,
            least=64.0,
            beyond="with so high a weight every code equals the prior and carries no information (posterior collapse)",
        ),
    )


@method(
    "Variational autoencoder",
    family="autoencoder",
    paper="arXiv:1312.6114",
    equation=r"\mathcal L = -\mathbb E_{q(z \mid x)} \log p(x \mid z) + \beta\,\mathrm{KL}\big(q(z \mid x)\,\|\,"
    r"\mathcal N(0, I)\big), \qquad z = \mu + \sigma \odot \epsilon",
)
class VAE(Decoding):
    """Encodes each image as a Gaussian in latent space; a KL term keeps it near the prior."""

    has_prior = True
    train_defaults = {
        "encoder": "mlp", "epochs": 30, "batch": 64, "optimizer": "adam", "lr": 2e-3, "schedule": "constant",
        "weight_decay": 0.0,
    }  # fmt: skip

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build(hidden=cfg.hidden)
        self.mu = nn.Linear(self.encoder.dim, cfg.latent)
        self.logvar = nn.Linear(self.encoder.dim, cfg.latent)
        self.decoder = Decoder(cfg.latent, cfg.hidden, spec)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The image, and the noise epsilon `[B, latent]` that is added to its code."""
        noise = torch.randn(len(batch.x), self.cfg.latent, generator=rng, device=rng.device)
        return {"image": batch.x, "noise": noise}

    def loss(self, image: Tensor, noise: Tensor) -> dict[str, Tensor]:
        """The negative evidence lower bound, nats per image: eq. 10 with one sample, beta times its KL."""
        mu, logvar = self.posterior(image)
        z = mu + (0.5 * logvar).exp() * noise
        reconstruction = pixel_bce(self.decoder(z), image) * image[0].numel()
        kl = gaussian_kl(mu, logvar)
        parts = {"reconstruction": reconstruction.detach(), "kl": kl.detach()}
        return {"loss": reconstruction + self.cfg.beta * kl, **parts}

    def posterior(self, x: Tensor) -> list[Tensor]:
        """Mean and log variance `[B, latent]` of q(z | x)."""
        h = self.encoder.embed(x)
        return to_float32(self.mu(h), self.logvar(h))

    def embed(self, x: Tensor) -> Tensor:
        """The mean of q(z | x), `[B, latent]`."""
        return self.mu(self.encoder.embed(x))

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """Each image's reconstruction, and images decoded from samples of the prior, the same at every time."""
        rng = generator(0, "dreams", device=x.device)
        prior = torch.randn(len(x), self.cfg.latent, generator=rng, device=x.device)
        return {"reconstruction": self.decode(self.embed(x)), "dreams": self.decode(prior)}

    def measure(self, x: Tensor) -> dict[str, Tensor]:
        """KL of each latent dimension in nats, and how many dimensions are active."""
        kl = gaussian_kl_by_dimension(*self.posterior(x))
        return {"KL per dimension": kl, "active dimensions": (kl > ACTIVE).sum()}

    def chance(self, batch_size: int) -> float:
        """Every pixel reconstructed as 0.5 and every code on the prior: ln 2 nats for each."""
        return math.log(2) * self.spec.channels * self.spec.size**2

    def floor(self, x: Tensor) -> float:
        """The entropy of the pixels themselves: no KL is negative."""
        return pixel_entropy(x).item() * x[0].numel()
