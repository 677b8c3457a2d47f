"""What makes MoCo MoCo: the teacher follows, the queue forgets its oldest keys, no gradient reaches a key."""

import pytest
import torch

from explorer import Refused
from explorer.core import Batch, DataSpec, generator
from explorer.methods import METHODS
from explorer.models.build import fresh
from tests.methods.contrastive_cases import SPEC

GREY = DataSpec.image("test", 1, 8, ("a", "b"), 64)


@pytest.fixture
def method():
    return fresh("moco", {"queue": 16, "projection": 8, "momentum": 0.9}, METHODS["moco"].training({"batch": 16}), GREY)


def keys(first, n=6):
    """Rows that can be told apart."""
    return torch.arange(first, first + n).float()[:, None].expand(n, 8)


def remember(method, rows):
    method.after_step({"keys": rows}, Batch(rows, rows, rows), 0.0)


def test_the_queue_keeps_the_newest_keys_and_forgets_the_oldest(method):
    for first in (0, 6, 12):
        remember(method, keys(first))
    assert sorted(method.queue[:, 0].tolist()) == list(range(2, 18))


@pytest.mark.parametrize("momentum", [0.0, 0.9, 1.0])
def test_the_key_encoder_follows_by_equation_2(momentum):
    method = fresh("moco", {"momentum": momentum}, METHODS["moco"].training({}), GREY)
    query, key = (next(network.parameters()) for network in (method.encoder, method.key_encoder))
    before = key.clone()
    with torch.no_grad():
        query.add_(1.0)
    remember(method, torch.zeros(2, 128))
    torch.testing.assert_close(key, momentum * before + (1 - momentum) * query)


def test_no_gradient_reaches_the_keys_or_their_encoder(method):
    x = torch.rand(12, 1, 8, 8, generator=generator(0))
    out = method.loss(**method.views(Batch(x, x, x), generator(1)))
    out["loss"].backward()
    assert not out["keys"].requires_grad
    assert all(p.grad is None for p in [*method.key_encoder.parameters(), *method.key_head.parameters()])
    assert all(p.grad is not None for p in [*method.encoder.parameters(), *method.head.parameters()])


def test_a_queue_smaller_than_a_batch_is_refused_with_the_nearest():
    with pytest.raises(Refused, match=r"queue that holds a batch of 64, and 32 is less: choose queue 64"):
        fresh("moco", {"queue": 32}, METHODS["moco"].training({"batch": 128}), SPEC)  # there are 64 images in all
    fresh("moco", {"queue": 64}, METHODS["moco"].training({"batch": 128}), SPEC)


WHOLE = {"crop": 1.0, "flip": 0.0, "grey": 0.0}
MANY = 400


def changed(x, **hyperparameters):
    """The share of images whose view is another picture."""
    view = METHODS["moco"].Config(**WHOLE, **hyperparameters).draw(x, generator(2))
    return ((view - x).abs().amax((1, 2, 3)) > 0.01).float().mean().item()


@pytest.mark.parametrize(
    ("hyperparameters", "share"),
    [({}, 0), ({"blur": 0.3}, 0.3), ({"strong": True}, 0.5), ({"strong": True, "blur": 0.2}, 0.2),
     ({"strong": True, "blur": 1.0}, 1)],
)  # fmt: skip
def test_as_many_views_are_blurred_as_the_version_says_or_the_user(hyperparameters, share):
    x = torch.rand(MANY, 3, 12, 12, generator=generator(0))
    seen = 0.92  # of the blurs; the weakest change nothing
    assert changed(x, jitter=0.0, **hyperparameters) == pytest.approx(seen * share, abs=0.06)


@pytest.mark.parametrize(("strong", "share"), [(False, 1.0), (True, 0.8)])
def test_the_first_version_jitters_all_views_and_the_second_four_of_five(strong, share):
    x = torch.rand(MANY, 3, 12, 12, generator=generator(0))
    smooth = x.mean((2, 3), keepdim=True).expand_as(x)  # which no blur changes
    assert changed(smooth, strong=strong) == pytest.approx(share, abs=0.06)


@pytest.mark.parametrize(("strong", "least", "most"), [(False, 0.4, 0.8), (True, 0.0, 0.0)])
def test_hues_of_the_first_version_turn_further_than_red_stays_red(strong, least, most):
    red = torch.tensor([0.6, 0.2, 0.2])[:, None, None].expand(MANY, 3, 8, 8)
    view = METHODS["moco"].Config(**WHOLE, strong=strong).draw(red, generator(2))
    assert least <= (view.mean((2, 3)).argmax(1) > 0).float().mean() <= most
