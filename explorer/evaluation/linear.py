"""PCA and Kernel PCA, and the widths of kernels."""

from typing import Any

import numpy as np


class PCA:
    """Principal components."""

    def __init__(self, seed: int, dims: int = 2) -> None:
        self.seed, self.dims = seed, dims
        self.notes: tuple[str, ...] = ()

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates `[N, dims]` of features `[N, D]`; there are as many axes as features."""
        from sklearn.decomposition import PCA as Library

        found = Library(min(self.dims, *x.shape), random_state=self.seed)
        coords = found.fit_transform(x)
        share = float(found.explained_variance_ratio_.sum())
        self.notes = (f"{self.dims} axes hold {share:.0%} of the variance",)
        return np.pad(coords, ((0, 0), (0, self.dims - coords.shape[1])))


class KernelPCA:
    """Principal components in the space of a Gaussian kernel, Schölkopf et al. 1998.

    exp(-|x - y|^2 / (D width^2)): on features of unit deviation 1 is the typical distance of a point from the middle.
    """

    def __init__(self, seed: int, dims: int = 2, width: float = 1.0) -> None:
        self.seed, self.dims, self.width = seed, dims, width
        self.notes: tuple[str, ...] = ()

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates `[N, dims]` of features `[N, D]`."""
        from sklearn.decomposition import KernelPCA as Library

        made: Any = Library(self.dims, kernel="rbf", gamma=self._gamma(x), random_state=self.seed)
        coords = made.fit_transform(x)
        return np.pad(coords, ((0, 0), (0, self.dims - coords.shape[1])))

    def kernel(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Its values `[M, N]` between points."""
        from sklearn.metrics.pairwise import rbf_kernel

        return rbf_kernel(one, other, gamma=self._gamma(other))

    def _gamma(self, x: np.ndarray) -> float | None:
        return None if self.width == 1 else 1 / (x.shape[1] * self.width**2)
