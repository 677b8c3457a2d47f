"""Independent component analysis by FastICA, Hyvärinen 1999, doi:10.1109/72.761722; scikit-learn's, <= 10,000 images.

The images are whitened along their principal components, then turned until each coordinate is as far from a Gaussian as
can be. Directions along which the images do not differ cannot be whitened: their sources stay 0.
"""

import warnings
from collections.abc import Iterator

import numpy as np
import torch
from pydantic import Field
from torch import Generator, Tensor

from explorer.core import Batch, Build, DataSpec, MethodConfig, Split, TrainConfig, method
from explorer.nn import Additive, flat_sample, too_few, too_many

FLAT = 1e-4  # of the greatest spread: a direction with less has none


class Config(MethodConfig):
    """Hyperparameters of independent component analysis."""

    components: int = Field(32, ge=1, le=512, description="independent components, at most as many as pixels")
    iterations: int = Field(200, ge=10, le=2000, description="FastICA iterations at most")


@method(
    "ICA",
    family="classical",
    paper="doi:10.1109/72.761722",
    equation=r"x - \bar x = A s,\quad s = W V (x - \bar x), \qquad "
    r"\max_{W W^\top = I}\ \sum_i \big(\mathbb E\, G(w_i^\top V x) - \mathbb E\, G(\nu)\big)^2,\quad G = \log\cosh",
)
class ICA(Additive):
    """Independent component analysis: decomposes images into statistically independent, non-Gaussian sources."""

    uses_encoder = False
    train_defaults = {"epochs": 1}

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        pixels = spec.channels * spec.size**2
        directions = torch.linalg.qr(torch.randn(pixels, min(cfg.components, pixels))).Q  # [P, K]
        self.register_buffer("unmixing", directions.T.contiguous())  # W V: from an image to its sources
        self.register_buffer("mixing", directions.contiguous())  # A: what each source draws
        self.register_buffer("mean", torch.full((pixels,), 0.5))

    @classmethod
    def incompatible(cls, cfg: Config, spec: DataSpec, train: TrainConfig) -> str | None:
        """There are no more sources than images."""
        return too_many("components", cfg.components, spec) or too_few(
            "components", min(cfg.components, spec.channels * spec.size**2), spec
        )

    def solve(self, data: Split, rng: Generator) -> Iterator[dict[str, Tensor]]:
        """Whiten, then turn."""
        from sklearn.decomposition import PCA, FastICA
        from sklearn.exceptions import ConvergenceWarning

        x, seed = flat_sample(data, rng)  # [N, P]
        pca = PCA(len(self.unmixing), random_state=seed).fit(x)
        spread = np.sqrt(pca.explained_variance_)
        kept = spread > FLAT * spread.max()
        axes, spread = pca.components_[kept], spread[kept, None]  # [R, P], [R, 1]
        ica = FastICA(whiten=False, max_iter=self.cfg.iterations, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the bound on iterations is a hyperparameter
            turn = ica.fit((x - pca.mean_) @ (axes / spread).T).components_  # [R, R]
        self.mean.copy_(torch.from_numpy(pca.mean_))
        for buffer, matrix in ((self.unmixing, turn @ (axes / spread)), (self.mixing.T, turn @ (axes * spread))):
            buffer.zero_()[: len(matrix)] = torch.from_numpy(matrix)
        yield self.loss(data.batch(torch.arange(min(1000, len(data)))).x)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The image as it is."""
        return {"image": batch.x}

    def loss(self, image: Tensor) -> dict[str, Tensor]:
        """Squared error of the reconstruction, per pixel."""
        drawn = self.draw(self.embed(image))
        return {"loss": (drawn - image.flatten(1)).square().mean()}

    def embed(self, x: Tensor) -> Tensor:
        """The sources `[B, K]`, each of variance 1."""
        return (x.flatten(1) - self.mean) @ self.unmixing.T

    def pictures(self) -> Tensor:
        """The columns of A."""
        return self.mixing.T
