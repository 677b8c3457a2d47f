"""SwAV: shared assignments, small crops, swapped predictions, prototypes that stay at first."""

import pytest
import torch

from explorer.core import generator
from explorer.methods import METHODS
from explorer.models.build import fresh
from explorer.train import Fit
from tests.methods import contract_cases
from tests.methods.contrastive_cases import B, made


def test_sinkhorn_shares_the_images_and_without_it_one_prototype_may_have_all():
    scores = torch.zeros(20, 4)
    scores[:, 0] = 1.0  # all images like the first prototype best
    kind = made("swav", prototypes=4, iterations=20)
    assert kind.assigned(scores).sum(0).tolist() == pytest.approx([5] * 4, abs=1e-3)
    greedy = made("swav", prototypes=4, sinkhorn=False)
    assert greedy.assigned(scores)[:, 0].min() > 0.99


def test_swav_shows_small_crops_of_half_the_size_beside_two_large_ones(batch):
    views = made("swav", small_crops=3).views(batch, generator(1))
    assert views["crop_1"].shape == views["crop_2"].shape == batch.x.shape
    assert views["small"].shape == (B, 3, 3, 8, 8)
    assert set(made("swav", small_crops=0).views(batch, generator(1))) == {"crop_1", "crop_2"}


def test_the_loss_of_swav_swaps_the_assignments(batch):
    method = made("swav", small_crops=0).eval()
    views = method.views(batch, generator(1))
    s1, s2 = method.scores(views["crop_1"]).detach(), method.scores(views["crop_2"]).detach()
    slow = 0.0
    for q, s in ((method.assigned(s1), s2), (method.assigned(s2), s1)):
        p = (s / method.cfg.temperature).softmax(1)
        slow -= sum(float((q[i] * p[i].log()).sum()) for i in range(B)) / B / 2
    assert method.loss(**views)["loss"].item() == pytest.approx(slow, abs=1e-5)


def training(frozen, epochs=5, state=None, **train):
    """A training of so many epochs of two steps."""
    data = contract_cases.split("colour")
    cfg = METHODS["swav"].training({"encoder": "conv", "batch": 16, "epochs": epochs, "width": 0.25, **train})
    return Fit(fresh("swav", {"frozen": frozen}, cfg, data.spec("test")), data, cfg, state)


def directions(fit):
    """Where the prototypes are: cosines know no length, which weight decay changes."""
    return torch.nn.functional.normalize(fit.method.prototypes.weight.detach().clone(), dim=1)


@pytest.mark.parametrize(("frozen", "still"), [(0.0, 0), (0.05, 2), (0.35, 5), (1.0, 10)])
@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_prototypes_stay_for_the_first_share_of_the_steps_and_then_learn(optimizer, frozen, still):
    fit = training(frozen, optimizer=optimizer)
    before, moved = directions(fit), []
    for _ in fit:
        after = directions(fit)
        moved.append(not torch.allclose(before, after, atol=1e-6))
        before = after
    assert moved == [False] * still + [True] * (10 - still)


def test_prototypes_that_have_begun_to_learn_go_on_in_a_longer_run():
    fit = training(0.4)
    list(fit)
    longer = training(0.4, epochs=100, state=fit.state())
    for _ in range(3):
        next(longer)
        assert longer.method.moving == 1


def test_weights_of_before_prototypes_could_stay_are_loaded_as_those_that_learn():
    old = training(0.0).method.state_dict()
    del old["moving"]
    new = training(0.5).method
    assert new.moving == 0
    new.load_state_dict(old)
    assert new.moving == 1
    assert "moving" not in old
