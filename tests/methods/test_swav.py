"""SwAV: shared assignments, small crops, swapped predictions."""

import pytest
import torch

from explorer.core import generator
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
