"""Dictionary learning: sparse coding, Olshausen and Field 1996, doi:10.1038/381607a0; the dictionary is learned online.

scikit-learn's MiniBatchDictionaryLearning (Mairal et al. 2009, doi:10.1145/1553374.1553463) sees at most 10,000 images.
The code is computed by FISTA, Beck and Teboulle 2009, doi:10.1137/080716542: steps of a gradient with soft thresholds.
"""

import warnings
from collections.abc import Iterator

import torch
from pydantic import Field
from torch import Generator, Tensor
from torch.nn.functional import normalize

from explorer.core import Batch, Build, DataSpec, MethodConfig, Split, TrainConfig, method
from explorer.nn import Additive, flat_sample, too_few


class Config(MethodConfig):
    """Hyperparameters of dictionary learning."""

    atoms: int = Field(32, ge=1, le=2048, description="atoms of the dictionary; more than pixels make it overcomplete")
    alpha: float = Field(
        0.1, ge=0.001, le=10.0, description="weight of the L1 penalty on the code; more = fewer atoms per image"
    )
    passes: int = Field(20, ge=1, le=1000, description="passes over the images while the dictionary is learned")
    steps: int = Field(50, ge=1, le=1000, description="FISTA iterations for the code of an image")


@method(
    "Dictionary learning",
    family="classical",
    paper="doi:10.1038/381607a0",
    equation=r"\min_{D, z}\ \sum_i \tfrac12 \lVert x_i - \bar x - D^\top z_i \rVert^2 + \alpha \lVert z_i \rVert_1,"
    r"\qquad \lVert d_k \rVert \le 1",
)
class Dictionary(Additive):
    """Sparse coding: reconstructs each image as a weighted sum of few atoms of a learned dictionary."""

    uses_encoder = False
    train_defaults = {"epochs": 1}

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        pixels = spec.channels * spec.size**2
        self.register_buffer("atoms", normalize(torch.randn(cfg.atoms, pixels), dim=1))  # D [K, P]
        self.register_buffer("mean", torch.full((pixels,), 0.5))

    @classmethod
    def incompatible(cls, cfg: Config, spec: DataSpec, train: TrainConfig) -> str | None:
        """An atom needs an image that it is learned from."""
        return too_few("atoms", cfg.atoms, spec)

    def solve(self, data: Split, rng: Generator) -> Iterator[dict[str, Tensor]]:
        """Codes and dictionary in turn, on small batches."""
        from sklearn.decomposition import MiniBatchDictionaryLearning
        from sklearn.exceptions import ConvergenceWarning

        x, seed = flat_sample(data, rng)  # [N, P]
        self.mean.copy_(torch.from_numpy(x.mean(0)))
        learner = MiniBatchDictionaryLearning(
            len(self.atoms), alpha=self.cfg.alpha, max_iter=self.cfg.passes, fit_algorithm="cd", random_state=seed
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # codes on the way need not be exact
            self.atoms.copy_(torch.from_numpy(learner.fit(x - x.mean(0)).components_))
        yield self.loss(data.batch(torch.arange(min(1000, len(data)))).x)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The image as it is."""
        return {"image": batch.x}

    def loss(self, image: Tensor) -> dict[str, Tensor]:
        """Squared error of the reconstruction, per pixel; beside it the share of atoms that an image does not use."""
        z = self.embed(image)
        drawn = self.draw(z)
        return {"loss": (drawn - image.flatten(1)).square().mean(), "sparsity": (z == 0).float().mean()}

    def embed(self, x: Tensor) -> Tensor:
        """The sparse code `[B, K]`: argmin 1/2 |x - mean - z D|^2 + alpha |z|_1."""
        alpha, atoms = self.cfg.alpha, self.atoms
        rate = 1 / torch.linalg.matrix_norm(atoms, 2).square().clamp(min=1e-6)  # 1 / L, L the steepest curvature
        target, gram = (x.flatten(1) - self.mean) @ atoms.T, atoms @ atoms.T
        z = y = torch.zeros_like(target)
        t = 1.0
        for _ in range(self.cfg.steps):
            step = y - rate * (y @ gram - target)
            after = step.sign() * (step.abs() - rate * alpha).relu()  # soft threshold
            t, before = (1 + (1 + 4 * t * t) ** 0.5) / 2, t
            z, y = after, after + (before - 1) / t * (after - z)
        return z

    def pictures(self) -> Tensor:
        """The atoms."""
        return self.atoms
