"""k-means as a feature learner, Coates, Lee and Ng 2011, proceedings.mlr.press/v15/coates11a: the triangle code.

They cut whitened patches out of images and pool; here the whole image is one patch. scikit-learn's MiniBatchKMeans
(Sculley 2010, doi:10.1145/1772690.1772862) sees at most 10,000 images.
"""

from collections.abc import Iterator

import torch
from pydantic import Field
from torch import Generator, Tensor

from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, Split, TrainConfig, method
from explorer.nn import flat_sample, too_few


class Config(MethodConfig):
    """Hyperparameters of k-means."""

    centres: int = Field(32, ge=2, le=4096, description="number of cluster centres (paper: up to 4,000, for patches)")
    starts: int = Field(3, ge=1, le=20, description="random initialisations; the best result is kept")


@method(
    "k-means",
    family="classical",
    paper="proceedings.mlr.press/v15/coates11a",
    equation=r"\min_{c}\ \sum_i \min_k \lVert x_i - c_k \rVert^2, \qquad "
    r"f_k(x) = \max\Big(0,\ \tfrac1K \sum_j \lVert x - c_j \rVert - \lVert x - c_k \rVert\Big)",
)
class KMeans(Method):
    """Clusters the images; a feature is how much closer than average an image is to a cluster's centre."""

    uses_encoder = False
    train_defaults = {"epochs": 1}

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.register_buffer("centres", torch.rand(cfg.centres, spec.channels * spec.size**2))  # [K, P]

    @classmethod
    def incompatible(cls, cfg: Config, spec: DataSpec, train: TrainConfig) -> str | None:
        """A centre needs an image of its own."""
        return too_few("centres", cfg.centres, spec)

    def solve(self, data: Split, rng: Generator) -> Iterator[dict[str, Tensor]]:
        """Centres move to the mean of the images that are nearest to them."""
        from sklearn.cluster import MiniBatchKMeans

        x, seed = flat_sample(data, rng)  # [N, P]
        fitted = MiniBatchKMeans(len(self.centres), n_init=self.cfg.starts, random_state=seed).fit(x)
        self.centres.copy_(torch.from_numpy(fitted.cluster_centers_))
        yield self.loss(data.batch(torch.arange(min(1000, len(data)))).x)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The image as it is."""
        return {"image": batch.x}

    def loss(self, image: Tensor) -> dict[str, Tensor]:
        """Squared distance to the nearest centre, per pixel."""
        nearest = self.distances(image).min(1).values
        return {"loss": nearest.square().mean() / image[0].numel()}

    def distances(self, x: Tensor) -> Tensor:
        """From each image to each centre, `[B, K]`."""
        return torch.cdist(x.flatten(1), self.centres, compute_mode="donot_use_mm_for_euclid_dist")

    def embed(self, x: Tensor) -> Tensor:
        """The triangle code `[B, K]`: how much nearer than on average each centre is, 0 for the far ones."""
        distances = self.distances(x)
        return (distances.mean(1, keepdim=True) - distances).relu()

    def decode(self, z: Tensor) -> Tensor:
        """The centre that a code lies nearest to."""
        return self.centres[z.argmax(1)].unflatten(1, (self.spec.channels, self.spec.size, self.spec.size)).clamp(0, 1)
