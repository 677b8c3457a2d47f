"""What makes each method that compares views the method it is: targets, banks, assignments, contexts."""

import math

import pytest
import torch
from torch import nn

from explorer import Refused
from explorer.core import Batch, DataSpec, generator
from explorer.losses import info_nce_in_batch
from explorer.methods import METHODS
from explorer.methods.cpc import TURNS
from explorer.models.build import fresh
from explorer.nn.norms import NORMS

SPEC = DataSpec.image("test", 3, 16, ("a", "b"), 64)
B = 12


def made(name, **hyperparameters):
    return fresh(name, hyperparameters, METHODS[name].training({"encoder": "conv", "width": 0.25, "batch": B}), SPEC)


@pytest.fixture
def batch():
    x = torch.rand(B, 3, 16, 16, generator=generator(0))
    return Batch(x, torch.arange(B) % 2, torch.arange(B) * 5)


def gradients(network):
    return [p.grad is not None and bool(p.grad.any()) for p in network.parameters()]


# -------------------------------------------------------------------------------------------------- BYOL


def test_no_gradient_reaches_the_target_of_byol(batch):
    method = made("byol")
    method.loss(**method.views(batch, generator(1)))["loss"].backward()
    assert not any(gradients(method.target_encoder) + gradients(method.target_head))
    assert all(gradients(method.head) + gradients(method.predictor))


def test_without_stop_gradient_the_target_is_the_online_network_and_learns(batch):
    method = made("byol", stop_gradient=False)
    x = batch.x
    assert method.target(x).requires_grad
    assert torch.equal(method.target(x), method.project(x))


@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
def test_the_target_of_byol_follows_by_its_schedule(progress, batch):
    method = made("byol", momentum=0.9)
    online, target = (next(network.parameters()) for network in (method.encoder, method.target_encoder))
    before = target.clone()
    with torch.no_grad():
        online.add_(1.0)
    method.after_step({}, batch, progress)
    tau = 1 - (1 - 0.9) * (math.cos(math.pi * progress) + 1) / 2
    torch.testing.assert_close(target, tau * before + (1 - tau) * online)


def test_with_momentum_0_the_target_of_byol_is_a_copy_until_the_end(batch):
    method = made("byol", momentum=0.0)
    with torch.no_grad():
        next(method.encoder.parameters()).add_(1.0)
    method.after_step({}, batch, 0.9)
    assert torch.equal(next(method.target_encoder.parameters()), next(method.encoder.parameters()))


@pytest.mark.parametrize(("name", "hyperparameter"), [("byol", "batch_norm"), ("cpc", "layer_norm")])
def test_batch_norm_can_be_left_out_everywhere(name, hyperparameter):
    def norms(method):
        return [layer for layer in method.modules() if isinstance(layer, NORMS)]

    with_batch_norm = hyperparameter == "batch_norm"
    assert norms(made(name, **{hyperparameter: with_batch_norm}))
    assert not norms(made(name, **{hyperparameter: not with_batch_norm}))


def test_without_the_predictor_byol_compares_the_projections_themselves(batch):
    assert isinstance(made("byol", predictor=False).predictor, nn.Identity)


# -------------------------------------------------------------------------------------------------- SwAV


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


# --------------------------------------------------------------------------------- banks, queues, batches


def test_the_bank_remembers_what_was_seen_and_nothing_else(batch):
    method = made("instance_discrimination", memory=0.5)
    before = method.bank.clone()
    out = method.loss(**method.views(batch, generator(1)))
    method.after_step(out, batch, 0.0)
    seen = torch.zeros(64, dtype=torch.bool)
    seen[batch.index] = True
    assert torch.equal(method.bank[~seen], before[~seen])
    mixed = 0.5 * before[seen] + 0.5 * out["keys"][batch.index.argsort()]
    torch.testing.assert_close(method.bank[seen], nn.functional.normalize(mixed, dim=1))


def test_a_held_out_image_has_no_place_in_the_bank(batch):
    method = made("instance_discrimination").eval()
    far = batch._replace(index=batch.index + 1000)
    assert method.loss(**method.views(far, generator(1)))["loss"].isfinite()


@pytest.mark.parametrize(("name", "reached"), [("end_to_end", True), ("moco", False)])
def test_the_gradient_reaches_the_keys_end_to_end_and_not_through_a_queue(name, reached, batch):
    method = made(name)
    views = {caption: view.requires_grad_() for caption, view in method.views(batch, generator(1)).items()}
    method.loss(**views)["loss"].backward()
    assert views["query"].grad.any()
    assert (views["key"].grad is not None) == reached


def test_the_negatives_of_end_to_end_contrast_are_the_other_keys_of_the_batch(batch):
    method = made("end_to_end")
    views = method.views(batch, generator(1))
    q, k = method.project(views["query"]), method.project(views["key"])
    torch.testing.assert_close(method.loss(**views)["loss"], info_nce_in_batch(q, k, method.cfg.temperature))


def test_a_queue_smaller_than_a_batch_is_refused_with_the_nearest():
    with pytest.raises(Refused, match=r"queue that holds a batch of 64, and 32 is less: choose queue 64"):
        fresh("moco", {"queue": 32}, METHODS["moco"].training({"batch": 128}), SPEC)  # there are 64 images in all
    fresh("moco", {"queue": 64}, METHODS["moco"].training({"batch": 128}), SPEC)


def test_strong_views_of_moco_are_blurred_besides(batch):
    def rough(**hyperparameters):
        x = (
            METHODS["moco"]
            .Config(crop=1.0, flip=0.0, jitter=0.0, grey=0.0, **hyperparameters)
            .draw(batch.x, generator(2))
        )
        return (x[..., 1:] - x[..., :-1]).abs().mean()

    assert rough(strong=True) < 0.9 * rough()


# --------------------------------------------------------------------------------------------------- CPC


def test_the_context_of_cpc_has_not_read_what_it_predicts(batch):
    method = made("cpc", steps=2)
    z = torch.randn(method.grid, 5, method.encoder.out_dim, requires_grad=True)
    context = method.readers[0](z.transpose(0, 1))[0].transpose(0, 1)
    context[1].sum().backward()
    reached = z.grad.abs().sum((1, 2)) > 0
    assert reached.tolist() == [True, True] + [False] * (method.grid - 2)


def test_cpc_is_asked_for_the_patches_one_and_two_rows_further_down():
    method = made("cpc", steps=2)
    g, images = method.grid, 3
    z = torch.randn(g, images * g, method.encoder.out_dim)
    c = method.readers[0](z.transpose(0, 1))[0].transpose(0, 1)
    slow = [info_nce_in_batch(method.guesses[k - 1](c[row]), z[row + k]) for k in (1, 2) for row in range(g - k)]
    found = method.ahead(z, method.readers[0], method.guesses, images)
    torch.testing.assert_close(torch.stack(found), torch.stack(slow))


@pytest.mark.parametrize("directions", [1, 2, 4])
def test_each_direction_of_cpc_has_its_own_guesses(directions, batch):
    method = made("cpc", steps=2, directions=directions)
    assert len(method.readers) == directions
    assert len(method.guesses) == 2 * directions
    method.loss(**method.views(batch, generator(1)))["loss"].backward()
    assert all(gradients(method.guesses))


def test_a_direction_of_cpc_is_a_turn_of_the_grid():
    """What goes down in a turned image goes right, left or up in the image itself."""
    method = made("cpc", steps=1, directions=4)
    for d in range(1, 4):
        method.readers[d].load_state_dict(method.readers[0].state_dict())
        method.guesses[d].load_state_dict(method.guesses[0].state_dict())
    z = torch.randn(2, method.grid, method.grid, method.encoder.out_dim)

    def losses(d, z):
        turned = torch.rot90(z, TURNS[d], (1, 2)).transpose(0, 1).flatten(1, 2)
        return torch.stack(method.ahead(turned, method.readers[d], method.guesses[d : d + 1], len(z)))

    upside_down = z.flip(1, 2)
    torch.testing.assert_close(losses(1, upside_down), losses(0, z))


def test_patches_that_do_not_fit_are_refused_with_the_nearest():
    with pytest.raises(Refused, match=r"patches of 14 do not go twice into 16x16 pixels: choose patch 4 to 10"):
        made("cpc", patch=14)
    assert made("cpc", patch=10).grid == 2


def test_the_patches_of_cpc_overlap_by_half(batch):
    method = made("cpc")
    patches = method.views(batch, generator(1))["patches"].unflatten(1, (method.grid, method.grid))
    half = method.side // 2
    assert torch.equal(patches[:, :-1, :, :, half:], patches[:, 1:, :, :, :half])


def test_colour_dropping_leaves_one_channel(batch):
    patches = made("cpc", colour_drop=1.0).views(batch, generator(1))["patches"]
    assert torch.equal(patches[:, :, 0], patches[:, :, 1])
    assert torch.equal(patches[:, :, 1], patches[:, :, 2])
