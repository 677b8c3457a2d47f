"""Models that need no training: raw pixels, and the principal components of them."""

import numpy as np
import torch

from explorer.core import pixels, unit
from explorer.data import DataSet
from explorer.models.geometry import fit_geometry
from explorer.models.model import Model


class Pixels(Model):
    """The image itself, flattened: what every representation must beat."""

    def embed(self, x: np.ndarray, batch: int = 500) -> np.ndarray:
        """`[N, C*H*W]` in [0, 1]."""
        return np.asarray(x).reshape(len(x), -1).astype(np.float32) / 255


class Components(Model):
    """The first principal components of the training pixels (at most 10,000 images)."""

    def __init__(self, ref: str, title: str, dataset: DataSet, components: int) -> None:
        super().__init__(ref, title)
        from sklearn.decomposition import PCA

        images, _ = dataset.select("train", subset=10_000)
        flat = images.x.reshape(len(images.x), -1).astype(np.float32) / 255
        self.shape = images.x.shape[1:]
        self.pca = PCA(min(components, *flat.shape), svd_solver="randomized", random_state=0).fit(flat)
        self.decodes = True

    def embed(self, x: np.ndarray, batch: int = 500) -> np.ndarray:
        """`[N, components]`."""
        x = fit_geometry(unit(torch.from_numpy(np.array(x))), self.shape[0], self.shape[-1])
        return self.pca.transform(x.flatten(1).numpy()).astype(np.float32)

    def decode(self, z: np.ndarray) -> np.ndarray:
        """The images that these components add up to."""
        flat = torch.from_numpy(self.pca.inverse_transform(z).astype(np.float32))
        return pixels(flat.view(len(z), *self.shape)).numpy()
