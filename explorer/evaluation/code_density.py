"""Densities of codes: a Gaussian mixture, a kernel estimate, the standard normal prior; samples and likelihood."""

from typing import Any, NamedTuple

import numpy as np

from explorer.errors import Refused

COMPONENTS, WIDTHS = (1, 2, 5, 10, 20, 40), tuple(np.geomspace(0.05, 1.5, 8))  # tried; widths in standard deviations
FOLDS, FEW, MOST = 3, 30, 4000  # parts that are held out in turn to choose; codes at least, and at most
DEAD = 1e-3  # of the largest variance, below which a dimension is dead
RIDGE = 1e-4  # of the variance, added to that of each component
DENSITIES = {"mixture": "Gaussian mixture", "kernel": "kernel estimate", "gaussian": "one Gaussian"}
PRIOR = "prior"  # the standard normal, which a VAE is drawn to
TITLES = {**DENSITIES, PRIOR: "prior N(0, I)"}


class Density(NamedTuple):
    """A density of codes: how it was chosen, and its likelihood on codes that it has not seen."""

    name: str
    chosen: float | int | None  # components, or the width of the kernel in standard deviations
    likelihood: float  # nats per code, mean over the held-out ones
    interval: tuple[float, float]  # of that mean, 95%
    model: Any
    mean: np.ndarray
    deviation: np.ndarray
    values: np.ndarray  # [M] nats, of each held-out code
    live: np.ndarray  # [D] bool: the dimensions that it is a density of

    def sample(self, n: int, seed: int = 0) -> np.ndarray:
        """Codes `[n, D]`; dead dimensions have their mean."""
        found = np.tile(self.mean, (n, 1))
        found[:, self.live] = self._drawn(n, seed)
        return found.astype(np.float32)

    def _drawn(self, n: int, seed: int) -> np.ndarray:
        if self.name == PRIOR:
            return np.random.default_rng(seed).normal(size=(n, int(self.live.sum())))
        if self.name == "kernel":
            drawn = self.model.sample(n, random_state=seed)
        else:
            self.model.random_state = seed
            drawn = np.random.default_rng(seed).permutation(self.model.sample(n)[0])
        return drawn * self.deviation[self.live] + self.mean[self.live]


def estimate(
    name: str, codes: np.ndarray, held_out: np.ndarray, seed: int = 0, dead: np.ndarray | None = None
) -> Density:
    """The density `name` fitted on codes `[N, D]`, its size chosen on them, and its likelihood of others `[M, D]`.

    Dead dimensions `[D]` bool (unless known, those with less than a thousandth of the largest variance) are left out of
    every density alike: their tiny scale, of which nothing is decoded, would decide which one is the likeliest.
    Raises `Refused` for too few codes, or where they have collapsed.
    """
    codes, held_out = np.asarray(codes[:MOST], np.float64), np.asarray(held_out, np.float64)
    if len(codes) < FEW:
        raise Refused(f"{len(codes)} codes are too few for a density: take {FEW} or more")
    mean, deviation = codes.mean(0), codes.std(0)
    if deviation.max(initial=0) <= 1e-6 * max(float(np.abs(codes).max(initial=0)), 1e-12):
        raise Refused("the latent codes do not differ, so they have no density: choose a model that has not collapsed")
    live = _live(deviation, dead)
    if name == PRIOR:
        values = -0.5 * ((held_out[:, live] ** 2).sum(1) + live.sum() * np.log(2 * np.pi))
        return _density(name, None, values, None, mean, deviation, live)
    z, others = (((some - mean) / np.where(live, deviation, 1))[:, live] for some in (codes, held_out))
    sizes = {"mixture": COMPONENTS, "kernel": WIDTHS, "gaussian": (1,)}[name]
    chosen = _best(name, sizes, z, seed)
    model = _fitted(name, chosen, z, seed)
    values = model.score_samples(others) - np.log(deviation[live]).sum()
    return _density(name, chosen, values, model, mean, deviation, live)


def likelier(one: Density, other: Density) -> tuple[float, float, float]:
    """The mean difference of the likelihoods of the same held-out codes, nats, and its 95% interval."""
    values = one.values - other.values
    middle, half = _interval(values)
    return middle, middle - half, middle + half


def _interval(values: np.ndarray) -> tuple[float, float]:
    return float(values.mean()), 1.96 * float(values.std()) / max(1, len(values)) ** 0.5


def _live(deviation: np.ndarray, dead: np.ndarray | None) -> np.ndarray:
    """The dimensions that differ at all and are not dead; of dead ones alone those with the usual variance."""
    usual = deviation**2 >= DEAD * deviation.max() ** 2
    some = usual if dead is None else ~np.asarray(dead) & (deviation > 1e-6 * deviation.max())
    return some if some.any() else usual


def _density(
    name: str, chosen: float | int | None, values: np.ndarray, model: Any, mean: np.ndarray, deviation: np.ndarray,
    live: np.ndarray,
) -> Density:  # fmt: skip
    middle, half = _interval(values)
    return Density(name, chosen, middle, (middle - half, middle + half), model, mean, deviation, values, live)


def _best(name: str, sizes: tuple[float, ...], z: np.ndarray, seed: int) -> Any:
    """The size with the highest likelihood of parts that are held out in turn."""
    if len(sizes) == 1:
        return sizes[0]
    part = np.random.default_rng(seed).permutation(len(z)) % FOLDS
    sizes = tuple(size for size in sizes if name != "mixture" or size * 5 <= len(z))

    def likelihood(size: float) -> float:
        return sum(float(_fitted(name, size, z[part != i], seed).score_samples(z[part == i]).sum())
                   for i in range(FOLDS))  # fmt: skip

    return max(sizes, key=likelihood)


def _fitted(name: str, size: float, z: np.ndarray, seed: int) -> Any:
    from sklearn.mixture import GaussianMixture
    from sklearn.neighbors import KernelDensity

    if name == "kernel":
        return KernelDensity(bandwidth=size).fit(z)
    shape = "full" if size == 1 or z.shape[1] <= 16 else "diag"
    made = GaussianMixture(int(size), covariance_type=shape, reg_covar=RIDGE, random_state=seed, init_params="kmeans")
    return made.fit(z)
