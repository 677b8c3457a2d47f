"""Principal component analysis, Pearson 1901, doi:10.1080/14786440109462720; scikit-learn's on at most 10,000 images.

Before its one step the components are random directions at right angles: what any projection is worth.
"""

from collections.abc import Iterator

import torch
from pydantic import Field
from torch import Generator, Tensor

from explorer.core import Batch, Build, DataSpec, MethodConfig, Split, TrainConfig, method
from explorer.nn import Additive, flat_sample, too_few, too_many


class Config(MethodConfig):
    """Hyperparameters of principal component analysis."""

    components: int = Field(32, ge=1, le=1024, description="principal components, at most as many as pixels")


@method(
    "PCA",
    family="classical",
    paper="doi:10.1080/14786440109462720",
    equation=r"\max_{W^\top W = I}\ \mathrm{tr}\big(W^\top \Sigma\, W\big), \qquad z = W^\top (x - \bar x)",
)
class PCA(Additive):
    """Projects images onto the principal components, the orthogonal directions of largest variance."""

    uses_encoder = False
    train_defaults = {"epochs": 1}

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        pixels = spec.channels * spec.size**2
        directions = torch.randn(pixels, min(cfg.components, pixels))
        self.register_buffer("components", torch.linalg.qr(directions).Q.T.contiguous())  # [K, P]
        self.register_buffer("mean", torch.full((pixels,), 0.5))
        self.register_buffer("share", torch.zeros(len(self.components)))  # of the variance

    @classmethod
    def incompatible(cls, cfg: Config, spec: DataSpec, train: TrainConfig) -> str | None:
        """There are no more components than images."""
        return too_many("components", cfg.components, spec) or too_few(
            "components", min(cfg.components, spec.channels * spec.size**2), spec
        )

    def solve(self, data: Split, rng: Generator) -> Iterator[dict[str, Tensor]]:
        """The eigenvectors of the covariance with the largest eigenvalues."""
        from sklearn import decomposition

        x, seed = flat_sample(data, rng)  # [N, P]
        fitted = decomposition.PCA(len(self.components), random_state=seed).fit(x)
        self.components.copy_(torch.from_numpy(fitted.components_))
        self.mean.copy_(torch.from_numpy(fitted.mean_))
        self.share.copy_(torch.from_numpy(fitted.explained_variance_ratio_))
        yield self.loss(data.batch(torch.arange(min(1000, len(data)))).x)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The image as it is."""
        return {"image": batch.x}

    def loss(self, image: Tensor) -> dict[str, Tensor]:
        """Squared error of the reconstruction, per pixel."""
        drawn = self.draw(self.embed(image))
        return {"loss": (drawn - image.flatten(1)).square().mean()}

    def embed(self, x: Tensor) -> Tensor:
        """The coordinates `[B, K]` along the components."""
        return (x.flatten(1) - self.mean) @ self.components.T

    def pictures(self) -> Tensor:
        """The components."""
        return self.components

    def measure(self, x: Tensor) -> dict[str, Tensor]:
        """How much of the variance of the training images each component holds, and all together."""
        return {"share of variance per component": self.share, "share of variance": self.share.sum()}
