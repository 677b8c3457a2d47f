"""The slow definition of every loss, term by term, and what both are asked: test_losses.py compares them."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer import losses

SIZES = [(1, 1), (1, 5), (2, 3), (5, 7), (8, 4)]  # images, and numbers of each
TEMPERATURES = [{"temperature": t} for t in (0.05, 0.1, 0.5, 1.0)]
EXACT = {torch.float64: 1e-9, torch.float32: 1e-5}  # relative to 1 + |value|

# ------------------------------------------------------------------- the slow definitions, on lists of numbers


def mean(terms):
    terms = list(terms)
    return sum(terms) / len(terms)


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def cosine(a, b):
    return dot(a, b) / math.sqrt(dot(a, a) * dot(b, b))


def squared_distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))


def softmax(scores):
    top = max(scores)
    powers = [math.exp(s - top) for s in scores]
    return [p / sum(powers) for p in powers]


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def pick(scores, right):
    """What it costs to choose by these scores: -log softmax of the right one."""
    top = max(scores)
    return top + math.log(sum(math.exp(s - top) for s in scores)) - scores[right]


def slow_nt_xent(z1, z2, temperature):
    z, n = z1 + z2, len(z1)
    costs = []
    for i in range(2 * n):
        others = [k for k in range(2 * n) if k != i]
        scores = [cosine(z[i], z[k]) / temperature for k in others]
        costs.append(pick(scores, others.index((i + n) % (2 * n))))
    return mean(costs)


def slow_info_nce(q, k, negatives, temperature):
    return mean(pick([dot(a, c) / temperature for c in [b, *negatives]], 0) for a, b in zip(q, k, strict=True))


def slow_info_nce_in_batch(q, k, temperature):
    return mean(pick([dot(a, b) / temperature for b in k], i) for i, a in enumerate(q))


def slow_byol_regression(p, z):
    unit = [[[x / math.sqrt(dot(v, v)) for x in v] for v in rows] for rows in (p, z)]
    return mean(squared_distance(a, b) for a, b in zip(*unit, strict=True))


def slow_sinkhorn(scores, eps, iterations):
    n, k = len(scores), len(scores[0])
    q = [[math.exp(s / eps) for s in row] for row in scores]
    for _ in range(iterations):
        columns = [sum(row[j] for row in q) * k / n for j in range(k)]
        q = [[x / c for x, c in zip(row, columns, strict=True)] for row in q]
        q = [[x / sum(row) for x in row] for row in q]
    return [[x / sum(row) for x in row] for row in q]


def slow_soft_cross_entropy(logits, target, weight=None):
    weight = weight or [1.0] * len(logits)
    rows = zip(weight, target, logits, strict=True)
    return mean(w * sum(-t * math.log(s) for t, s in zip(b, softmax(a), strict=True)) for w, b, a in rows)


def flat(rows):
    return [x for row in rows for x in (flat(row) if isinstance(row[0], list) else row)]


def surprise(p, x):
    return -x * math.log(p) - (1 - x) * math.log(1 - p)


def slow_pixel_bce(logits, x):
    return mean(surprise(sigmoid(a), b) for a, b in zip(flat(logits), flat(x), strict=True))


def slow_pixel_entropy(x):
    return mean(surprise(p, p) for p in flat(x))


def slow_pixel_error(logits, x, kind):
    if kind == "bce":
        return slow_pixel_bce(logits, x)
    return mean((sigmoid(a) - b) ** 2 for a, b in zip(flat(logits), flat(x), strict=True))


def slow_gaussian_kl_by_dimension(mu, logvar):
    both = zip(zip(*mu, strict=True), zip(*logvar, strict=True), strict=True)  # numbers of the code, each over images
    return [mean((m * m + math.exp(v) - 1 - v) / 2 for m, v in zip(a, b, strict=True)) for a, b in both]


def slow_gaussian_kl(mu, logvar):
    return sum(slow_gaussian_kl_by_dimension(mu, logvar))


def slow_bernoulli_kl(rate, activity):
    total = 0.0
    for unit in zip(*activity, strict=True):
        on = min(max(mean(unit), 1e-6), 1 - 1e-6)
        total += sum(a * math.log(a / b) for a, b in ((rate, on), (1 - rate, 1 - on)) if a)
    return total


def slow_counting(whole, parts, other, margin):
    costs = []
    for image, tiles, stranger in zip(whole, parts, other, strict=True):
        total = [sum(column) for column in zip(*tiles, strict=True)]
        costs.append(squared_distance(image, total) + max(0.0, margin - squared_distance(stranger, total)))
    return mean(costs)


# -------------------------------------------------------------------------------------- what they are asked


def codes(n, d, rng):
    return tuple(torch.randn(2, n, d, generator=rng, dtype=torch.float64))


def asked(n, d, rng):
    return tuple(F.normalize(torch.cat(codes(m, d, rng))[:m], dim=1) for m in (n, n, n + 2))


def scores(n, d, rng):
    return codes(n, d, rng)[:1]


def choices(n, d, rng):
    logits, target = codes(n, d, rng)
    return 3 * logits, target.softmax(1)


def weighed(n, d, rng):
    return *choices(n, d, rng), 2 * torch.rand(n, generator=rng, dtype=torch.float64)


def shares(n, d, rng):
    return (torch.rand(n, d, generator=rng, dtype=torch.float64).clamp(0.02, 0.98),)


def pictures(n, d, rng):
    logits, x = torch.randn(2, n, 3, d, d, generator=rng, dtype=torch.float64)
    return 2 * logits, x.sigmoid()


def counts(n, d, rng):
    whole, other = codes(n, d, rng)
    return whole, torch.randn(n, 4, d, generator=rng, dtype=torch.float64), other


class Twin(NamedTuple):
    """A loss, its slow definition, what both are asked, and what must not change the answer."""

    fast: Callable[..., Tensor]
    slow: Callable[..., Any]
    draw: Callable[..., tuple[Tensor, ...]]
    hyperparameters: list[dict[str, Any]] = [{}]
    same: list[Callable[..., tuple[Tensor, ...]]] = []
    free: tuple[int, ...] = (0, 1)  # the inputs without bounds
    large: float = 1e4  # that they may well become
    smooth: bool = True


def bernoulli_kl(activity: Tensor, rate: float) -> Tensor:
    return losses.bernoulli_kl(rate, activity)


def turned(*vectors):
    rng = torch.Generator().manual_seed(9)
    turn = torch.linalg.qr(torch.randn(2 * [vectors[0].shape[1]], generator=rng, dtype=torch.float64))[0]
    return tuple(v @ turn for v in vectors)


def row(x):
    return torch.arange(1.0, len(x) + 1).to(x)[:, None]


TWINS = {
    "nt_xent": Twin(
        losses.nt_xent, slow_nt_xent, codes, TEMPERATURES,
        [turned, lambda a, b: (b, a), lambda a, b: (3 * a, 0.2 * b), lambda a, b: (row(a) * a, b)],
    ),
    "info_nce": Twin(losses.info_nce, slow_info_nce, asked, TEMPERATURES, [turned], free=(0, 1, 2)),
    "info_nce_in_batch": Twin(
        losses.info_nce_in_batch, slow_info_nce_in_batch, codes, TEMPERATURES, [turned, lambda q, k: (q, k + 2)]
    ),
    "byol_regression": Twin(
        losses.byol_regression, slow_byol_regression, codes,
        same=[turned, lambda p, z: (z, p), lambda p, z: (3 * p, row(z) * z)],
    ),
    "sinkhorn": Twin(
        losses.sinkhorn, slow_sinkhorn, scores, [{"eps": e, "iterations": i} for e in (0.05, 0.5) for i in (0, 1, 3)],
        [lambda s: (s + 2,)], free=(0,), smooth=False,
    ),
    "soft_cross_entropy": Twin(
        losses.soft_cross_entropy, slow_soft_cross_entropy, choices, same=[lambda a, t: (a + row(a), t)], free=(0,)
    ),
    "soft_cross_entropy, weighed": Twin(
        losses.soft_cross_entropy, slow_soft_cross_entropy, weighed,
        same=[lambda a, t, w: (a + row(a), t, w), lambda a, t, w: (a, t * row(a), w / row(a)[:, 0])], free=(0,),
    ),
    "pixel_bce": Twin(losses.pixel_bce, slow_pixel_bce, pictures, same=[lambda a, x: (-a, 1 - x)], free=(0,)),
    "pixel_entropy": Twin(losses.pixel_entropy, slow_pixel_entropy, shares, same=[lambda x: (1 - x,)], free=()),
    "pixel_error": Twin(
        losses.pixel_error, slow_pixel_error, pictures, [{"kind": "bce"}, {"kind": "mse"}],
        [lambda a, x: (-a, 1 - x)], free=(0,),
    ),
    "gaussian_kl_by_dimension": Twin(
        losses.gaussian_kl_by_dimension, slow_gaussian_kl_by_dimension, codes,
        same=[lambda mu, v: (-mu, v)], large=20,  # e^80 is near the end of float32
    ),
    "gaussian_kl": Twin(
        losses.gaussian_kl, slow_gaussian_kl, codes,
        same=[lambda mu, v: (-mu, v), lambda mu, v: (mu.flip(1), v.flip(1))], large=20,
    ),
    "bernoulli_kl": Twin(
        bernoulli_kl, lambda activity, rate: slow_bernoulli_kl(rate, activity), shares,
        [{"rate": r} for r in (0, 0.05, 0.5, 1)], [lambda a: (a.flip(1),)], free=(),
    ),
    "counting": Twin(
        losses.counting, slow_counting, counts, [{"margin": m} for m in (0.0, 1.0, 30.0)],
        [lambda w, p, o: (w, p.flip(1), o), lambda w, p, o: (-w, -p, -o), lambda *x: tuple(y.flip(-1) for y in x)],
        free=(0, 1, 2),
    ),
}  # fmt: skip
CASES = [
    pytest.param(twin, hyperparameters, id=f"{name} {hyperparameters or ''}")
    for name, twin in TWINS.items()
    for hyperparameters in twin.hyperparameters
]


def drawn(twin, n, d, dtype=torch.float64):
    rng = torch.Generator().manual_seed(100 * n + d)
    return tuple(x.to(dtype) for x in twin.draw(n, d, rng))


def enlarged(twin, inputs):
    return tuple(twin.large * x if i in twin.free else x for i, x in enumerate(inputs))


def check(value, expected, exact):
    expected = torch.as_tensor(expected, dtype=torch.float64)
    assert value.shape == expected.shape
    assert ((value.double() - expected).abs() <= exact * (1 + expected.abs())).all(), (value, expected)


def gradients(loss, inputs):
    inputs = [x.clone().requires_grad_() for x in inputs]
    return torch.autograd.grad(loss(*inputs).sum(), inputs)
