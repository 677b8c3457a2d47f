"""How alike two representations of the same images are, whatever their axes and their scale. Numpy only."""

from typing import NamedTuple

import numpy as np

from explorer import Refused
from explorer.evaluation.preparation import FLAT

LEAST = 4  # images of which the unbiased estimator is defined
TINY = 1e-12  # the least norm by which is divided: constant features, whose norm is 0, are like nothing


class Alignment(NamedTuple):
    """The rotation (or reflection) that brings one representation onto another, and what is left between them."""

    aligned: np.ndarray  # [N, D] the first, centred, scaled to norm 1 and rotated onto the second
    target: np.ndarray  # [N, D] the second, centred and scaled to norm 1
    distance: float  # |aligned - target|^2 in [0, 2]: 0 = the same but for rotation, scale and origin
    rotation: np.ndarray  # [D, D] orthogonal: by which the first was multiplied


def linear_cka(x: np.ndarray, y: np.ndarray) -> float:
    """Linear centred kernel alignment, Kornblith et al. 2019, arXiv:1905.00414, eq. 3 with K = XX', L = YY'; 0 to 1.

    |Y'X|^2 / (|X'X| |Y'Y|) of centred features `[N, D1]` and `[N, D2]` (Frobenius norms). 1 = the same but for rotation
    and scale. It grows with D / N even of noise: compare on many more images than there are numbers.
    """
    x, y = _paired(x, y)
    norms = _product_norm(x, x) * _product_norm(y, y)
    return float(_product_norm(x, y) ** 2 / max(norms, TINY))


def debiased_cka(x: np.ndarray, y: np.ndarray) -> float:
    """Linear CKA from the unbiased estimator of HSIC, Song et al. 2012, as Nguyen et al. 2021, arXiv:2010.15327, eq. 3.

    Of features without any relation it is 0 in the mean, however few the images `[N, D1]`, `[N, D2]`; so it may be
    below 0. At most 1. Raises `Refused` for fewer than 4 images, of which it is not defined.
    """
    x, y = _paired(x, y)
    first, second = u_centred(x), u_centred(y)
    return float((first * second).sum() / max(np.linalg.norm(first) * np.linalg.norm(second), TINY))


def u_centred(x: np.ndarray) -> np.ndarray:
    """The kernel xx' `[N, N]` of features `[N, D]` without its diagonal, centred so that each row sums to 0.

    Székely and Rizzo 2014, doi:10.1214/14-AOS1255, eq. 2.3: the inner product of two of these over N(N - 3) is the
    unbiased estimator of HSIC. Raises `Refused` for fewer than 4 images.
    """
    n = len(x)
    if n < LEAST:
        raise Refused(f"{n} images are too few for a debiased CKA: take at least {LEAST}")
    kernel = x @ x.T
    np.fill_diagonal(kernel, 0)
    means = kernel.sum(1) / (n - 2)
    centred = kernel - means[:, None] - means + kernel.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(centred, 0)
    return centred


def procrustes(x: np.ndarray, y: np.ndarray) -> Alignment:
    """Orthogonal Procrustes, Schönemann 1966: the orthogonal Q that minimises |xQ - y|, Q = UV' of x'y = USV'.

    Features `[N, D1]` and `[N, D2]` are centred and scaled to Frobenius norm 1; the narrower gets columns of zeros. The
    distance is 2 - 2 sum(S), as in Williams et al. 2021, arXiv:2110.14739.
    """
    x, y = _paired(x, y)
    width = max(x.shape[1], y.shape[1])
    x, y = (np.pad(z, ((0, 0), (0, width - z.shape[1]))) for z in (x, y))
    u, _, vt = np.linalg.svd(x.T @ y)
    aligned = x @ (u @ vt)
    return Alignment(aligned, y, float(((aligned - y) ** 2).sum()), u @ vt)


def standard(x: np.ndarray) -> np.ndarray:
    """Features `[N, D]` in double precision around their mean, at Frobenius norm 1; zeros where all are the same.

    What is 10 million times smaller than the features themselves is rounding, and counts as the same.
    """
    x = np.asarray(x, np.float64)
    centred = x - x.mean(0)
    size = np.linalg.norm(centred)
    return centred / size if size > FLAT * np.linalg.norm(x) else np.zeros_like(x)


def _paired(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both in this form; raises `Refused` unless they are of equally many images."""
    if len(x) != len(y):
        raise Refused(f"{len(x)} and {len(y)} images cannot be compared: take the same images for both models")
    return standard(x), standard(y)


def _product_norm(x: np.ndarray, y: np.ndarray) -> float:
    """The Frobenius norm of x'y, from the smaller of `[D1, D2]` and the two `[N, N]` kernels: |x'y|^2 = <xx', yy'>."""
    if x.shape[1] * y.shape[1] <= len(x) ** 2:
        return float(np.linalg.norm(x.T @ y))
    return float(np.sqrt(max(((x @ x.T) * (y @ y.T)).sum(), 0.0)))
