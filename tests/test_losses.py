"""Every loss against a slow definition, term by term, over a grid of sizes; known values and invariances."""

import inspect
import math
from contextlib import nullcontext

import pytest
import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Normal, kl_divergence

from explorer import losses
from tests.losses_reference import CASES, EXACT, SIZES, TWINS, check, drawn, enlarged, gradients, slow_pixel_entropy

# ------------------------------------------------------------------------------------------------ the tests


def test_every_loss_has_its_slow_twin():
    functions = inspect.getmembers(losses, inspect.isfunction)
    own = {name for name, made in functions if made.__module__ == losses.__name__}
    assert own - {"to_float32"} == {name.partition(",")[0] for name in TWINS}


@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize(("n", "d"), SIZES)
@pytest.mark.parametrize(("twin", "hyperparameters"), CASES)
def test_a_loss_is_its_definition(twin, hyperparameters, n, d, dtype):
    inputs = drawn(twin, n, d, dtype)
    check(
        twin.fast(*inputs, **hyperparameters),
        twin.slow(*(x.double().tolist() for x in inputs), **hyperparameters),
        EXACT[dtype],
    )


@pytest.mark.parametrize(("twin", "hyperparameters"), CASES)
def test_a_loss_knows_no_order_of_images(twin, hyperparameters):
    inputs = drawn(twin, 6, 4)
    orders = {len(x): torch.randperm(len(x), generator=torch.Generator().manual_seed(len(x))) for x in inputs}
    value, shuffled = (
        twin.fast(*inputs, **hyperparameters),
        twin.fast(*(x[orders[len(x)]] for x in inputs), **hyperparameters),
    )
    check(shuffled, value[orders[6]] if len(value.shape) == 2 else value, 1e-9)  # one answer for each image, or for all


@pytest.mark.parametrize(("twin", "hyperparameters"), CASES)
def test_what_must_not_matter_does_not(twin, hyperparameters):
    inputs = drawn(twin, 6, 4)
    for changed in twin.same:
        check(twin.fast(*changed(*inputs), **hyperparameters), twin.fast(*inputs, **hyperparameters), 1e-9)


@pytest.mark.parametrize(("twin", "hyperparameters"), [case for case in CASES if case.values[0].smooth])
def test_a_gradient_is_that_of_the_loss(twin, hyperparameters):
    inputs = [x.requires_grad_() for x in drawn(twin, 3, 4)]
    assert torch.autograd.gradcheck(lambda *x: twin.fast(*x, **hyperparameters), inputs)


@pytest.mark.parametrize("autocast", [False, True], ids=["plain", "autocast"])
@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize(("twin", "hyperparameters"), CASES)
def test_half_precision_costs_a_loss_nothing(twin, hyperparameters, dtype, large, autocast):
    inputs = drawn(twin, 8, 16)
    inputs = tuple(x.to(dtype) for x in (enlarged(twin, inputs) if large else inputs))
    with torch.autocast("cpu", torch.bfloat16) if autocast else nullcontext():
        value = twin.fast(*inputs, **hyperparameters)
    assert value.isfinite().all()
    assert value.dtype in EXACT
    check(value, twin.fast(*(x.float() for x in inputs), **hyperparameters).double(), 1e-5)
    if twin.smooth:
        assert all(g.isfinite().all() for g in gradients(lambda *x: twin.fast(*x, **hyperparameters), inputs))


def test_float64_stays_and_half_becomes_float32():
    halves = (torch.zeros(1, dtype=dtype) for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64))
    assert [x.dtype for x in losses.to_float32(*halves)] == [torch.float32] * 3 + [torch.float64]


# ---------------------------------------------------------------------------------------------- known values

SAME = torch.ones(8, 4) / 2  # of unit length
ONE, TWO = torch.eye(4)[[0, 0]], torch.eye(4)[[1, 1]]
GREYS = torch.tensor([0.1, 0.5, 0.9])
KNOWN = {
    "nt_xent of equal codes": (lambda: losses.nt_xent(SAME, SAME), math.log(15)),
    "nt_xent of one image": (lambda: losses.nt_xent(ONE[:1], TWO[:1]), 0),
    "info_nce of equal codes": (lambda: losses.info_nce(SAME[:2], SAME[:2], SAME), math.log(9)),
    "matching of equal codes": (lambda: losses.info_nce_in_batch(SAME, SAME), math.log(8)),
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


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_entropy_of_counted_pixels_is_that_of_each_pixel(dtype):
    x = torch.randint(1, 255, (9, 30), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    x = x.to(dtype) / 255
    each = torch.special.entr(x.double()) + torch.special.entr(1 - x.double())
    check(losses.pixel_entropy(x), each.mean(), 1e-12)
    check(losses.pixel_entropy(x), slow_pixel_entropy(x.tolist()), 1e-6)


def test_pixels_between_two_levels_are_not_counted_as_one_of_them():
    x = torch.tensor([[100.0, 100.4]]).double() / 255
    check(losses.pixel_entropy(x), slow_pixel_entropy(x.tolist()), 1e-12)
    assert losses.pixel_entropy(x) != losses.pixel_entropy(x[:, :1])
