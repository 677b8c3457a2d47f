"""Every loss against a slow definition, term by term, over a grid of sizes and knobs; known values and invariances."""

import inspect
import math
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.distributions import Bernoulli, Normal, kl_divergence

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


def slow_matching(q, k, temperature):
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
    knobs: list[dict[str, Any]] = [{}]
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
    "matching": Twin(losses.matching, slow_matching, codes, TEMPERATURES, [turned, lambda q, k: (q, k + 2)]),
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
CASES = [pytest.param(twin, knobs, id=f"{name} {knobs or ''}") for name, twin in TWINS.items() for knobs in twin.knobs]


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


# ------------------------------------------------------------------------------------------------ the tests


def test_every_loss_has_its_slow_twin():
    functions = inspect.getmembers(losses, inspect.isfunction)
    own = {name for name, made in functions if made.__module__ == losses.__name__}
    assert own - {"fine"} == {name.partition(",")[0] for name in TWINS}


@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize(("n", "d"), SIZES)
@pytest.mark.parametrize(("twin", "knobs"), CASES)
def test_a_loss_is_its_definition(twin, knobs, n, d, dtype):
    inputs = drawn(twin, n, d, dtype)
    check(twin.fast(*inputs, **knobs), twin.slow(*(x.double().tolist() for x in inputs), **knobs), EXACT[dtype])


@pytest.mark.parametrize(("twin", "knobs"), CASES)
def test_a_loss_knows_no_order_of_images(twin, knobs):
    inputs = drawn(twin, 6, 4)
    orders = {len(x): torch.randperm(len(x), generator=torch.Generator().manual_seed(len(x))) for x in inputs}
    value, shuffled = twin.fast(*inputs, **knobs), twin.fast(*(x[orders[len(x)]] for x in inputs), **knobs)
    check(shuffled, value[orders[6]] if len(value.shape) == 2 else value, 1e-9)  # one answer for each image, or for all


@pytest.mark.parametrize(("twin", "knobs"), CASES)
def test_what_must_not_matter_does_not(twin, knobs):
    inputs = drawn(twin, 6, 4)
    for changed in twin.same:
        check(twin.fast(*changed(*inputs), **knobs), twin.fast(*inputs, **knobs), 1e-9)


@pytest.mark.parametrize(("twin", "knobs"), [case for case in CASES if case.values[0].smooth])
def test_a_gradient_is_that_of_the_loss(twin, knobs):
    inputs = [x.requires_grad_() for x in drawn(twin, 3, 4)]
    assert torch.autograd.gradcheck(lambda *x: twin.fast(*x, **knobs), inputs)


@pytest.mark.parametrize("autocast", [False, True], ids=["plain", "autocast"])
@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize(("twin", "knobs"), CASES)
def test_half_precision_costs_a_loss_nothing(twin, knobs, dtype, large, autocast):
    inputs = drawn(twin, 8, 16)
    inputs = tuple(x.to(dtype) for x in (enlarged(twin, inputs) if large else inputs))
    with torch.autocast("cpu", torch.bfloat16) if autocast else nullcontext():
        value = twin.fast(*inputs, **knobs)
    assert value.isfinite().all()
    assert value.dtype in EXACT
    check(value, twin.fast(*(x.float() for x in inputs), **knobs).double(), 1e-5)
    if twin.smooth:
        assert all(g.isfinite().all() for g in gradients(lambda *x: twin.fast(*x, **knobs), inputs))


def test_float64_stays_and_half_becomes_float32():
    halves = (torch.zeros(1, dtype=dtype) for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64))
    assert [x.dtype for x in losses.fine(*halves)] == [torch.float32] * 3 + [torch.float64]


# ---------------------------------------------------------------------------------------------- known values

SAME = torch.ones(8, 4) / 2  # of unit length
ONE, TWO = torch.eye(4)[[0, 0]], torch.eye(4)[[1, 1]]
GREYS = torch.tensor([0.1, 0.5, 0.9])
KNOWN = {
    "nt_xent of equal codes": (lambda: losses.nt_xent(SAME, SAME), math.log(15)),
    "nt_xent of one image": (lambda: losses.nt_xent(ONE[:1], TWO[:1]), 0),
    "info_nce of equal codes": (lambda: losses.info_nce(SAME[:2], SAME[:2], SAME), math.log(9)),
    "matching of equal codes": (lambda: losses.matching(SAME, SAME), math.log(8)),
    "byol of one direction": (lambda: losses.byol_regression(ONE, 3 * ONE), 0),
    "byol of a right angle": (lambda: losses.byol_regression(ONE, TWO), 2),
    "byol of opposites": (lambda: losses.byol_regression(ONE, -ONE), 4),
    "sinkhorn of equal scores": (lambda: losses.sinkhorn(torch.zeros(6, 3)), [[1 / 3] * 3] * 6),
    "soft cross entropy of equal logits": (
        lambda: losses.soft_cross_entropy(torch.zeros(3, 5), torch.rand(3, 5).softmax(1)), math.log(5)
    ),
    "bce of a grey guess": (lambda: losses.pixel_bce(torch.zeros(3), GREYS), math.log(2)),
    "bce of the best guess": (
        lambda: losses.pixel_bce(GREYS.logit(), GREYS) - losses.pixel_entropy(GREYS).float(), 0
    ),
    "mse of the best guess": (lambda: losses.pixel_error(GREYS.logit(), GREYS, "mse"), 0),
    "entropy of black and white": (lambda: losses.pixel_entropy(torch.tensor([0.0, 1, 1])), 0),
    "entropy of grey": (lambda: losses.pixel_entropy(torch.full((3,), 0.5)), math.log(2)),
    "kl of the standard normal": (lambda: losses.gaussian_kl(torch.zeros(3, 5), torch.zeros(3, 5)), 0),
    "kl of a mean of 1": (lambda: losses.gaussian_kl(torch.ones(3, 5), torch.zeros(3, 5)), 2.5),
    "kl at the rate": (lambda: losses.bernoulli_kl(0.25, torch.full((7, 3), 0.25)), 0),
    "counting of nothing": (lambda: losses.counting(ONE * 0, torch.zeros(2, 4, 4), ONE * 0, 10.0), 10),
    "counting that is right": (lambda: losses.counting(8 * ONE, 2 * torch.stack([ONE] * 4, 1), 8 * TWO, 10.0), 0),
}  # fmt: skip


@pytest.mark.parametrize(("loss", "value"), KNOWN.values(), ids=KNOWN)
def test_a_loss_has_its_known_value(loss, value):
    check(loss(), value, 1e-6)


@pytest.mark.parametrize(("n", "k"), [(12, 4), (4, 12), (1, 3), (7, 7)])
@pytest.mark.parametrize("eps", [0.05, 0.5])
def test_sinkhorn_shares_the_images_out_evenly(n, k, eps):
    q = losses.sinkhorn(0.05 * drawn(TWINS["sinkhorn"], n, k)[0], eps, iterations=500)
    check(q.sum(1), torch.ones(n), 1e-9)
    check(q.sum(0), torch.full((k,), n / k, dtype=torch.float64), 1e-6)


@pytest.mark.parametrize("iterations", [1, 3])
def test_sinkhorn_does_not_care_how_popular_a_prototype_is(iterations):
    (scores,) = drawn(TWINS["sinkhorn"], 6, 4)
    favoured = scores + torch.tensor([0, 1, 0, 3])
    check(losses.sinkhorn(favoured, 0.5, iterations), losses.sinkhorn(scores, 0.5, iterations), 1e-9)


def test_an_assignment_hands_no_gradient_on():
    assert not losses.sinkhorn(torch.randn(4, 3, requires_grad=True)).requires_grad


def test_soft_cross_entropy_of_certain_targets_is_cross_entropy():
    logits, index = drawn(TWINS["soft_cross_entropy"], 6, 4)[0], torch.tensor([0, 3, 1, 1, 2, 0])
    check(losses.soft_cross_entropy(logits, F.one_hot(index, 4)), F.cross_entropy(logits, index), 1e-12)


def test_soft_cross_entropy_takes_places_as_rows():
    logits, target, weight = drawn(TWINS["soft_cross_entropy, weighed"], 12, 5)
    there = [x.unflatten(0, (2, 3, 2)).movedim(-1, 1) for x in (logits, target)]  # [2, 5, 3, 2]
    in_rows = losses.soft_cross_entropy(logits, target, weight)
    check(losses.soft_cross_entropy(*there, weight.view(2, 3, 2)), in_rows, 1e-12)


def test_no_guess_is_cheaper_than_the_entropy():
    logits, x = drawn(TWINS["pixel_bce"], 8, 4)
    assert losses.pixel_bce(logits, x) > losses.pixel_entropy(x)


def test_divergences_are_those_of_torchs_distributions():
    mu, logvar = drawn(TWINS["gaussian_kl"], 8, 4)
    gaussian = kl_divergence(Normal(mu, (logvar / 2).exp()), Normal(0.0, 1.0))
    check(losses.gaussian_kl(mu, logvar), gaussian.sum(1).mean(), 1e-12)
    (activity,) = drawn(TWINS["bernoulli_kl"], 8, 4)
    bernoulli = kl_divergence(Bernoulli(torch.tensor(0.1, dtype=torch.float64)), Bernoulli(activity.mean(0)))
    check(losses.bernoulli_kl(0.1, activity), bernoulli.sum(), 1e-6)  # torch's probabilities are float32 inside


def test_gaussian_kl_is_the_mean_of_what_samples_say():
    mu, logvar = drawn(TWINS["gaussian_kl"], 1, 3)
    noise = torch.randn(200_000, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    code, own = Normal(mu, (logvar / 2).exp()), Normal(0.0, 1.0)
    z = mu + (logvar / 2).exp() * noise
    said = (code.log_prob(z) - own.log_prob(z)).sum(1)
    assert losses.gaussian_kl(mu, logvar).item() == pytest.approx(said.mean().item(), abs=4 * said.std().item() / 447)
