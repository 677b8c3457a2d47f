"""Context encoders: what is hidden, what is paid for, and who learns from what."""

import pytest
import torch

from explorer.core import TrainConfig, generator
from explorer.train import Fit
from tests.methods.pretext_cases import batch, images, made


@pytest.mark.parametrize("kind", ["centre", "block", "region"])
def test_the_encoder_sees_nothing_of_what_it_must_fill(kind):
    method, one = made("context_encoder", kind=kind), batch()
    views = method.views(one, generator(0))
    other = one._replace(x=torch.where(views["hole"], 1 - one.x, one.x))
    assert torch.equal(views["hidden"], method.views(other, generator(0))["hidden"])
    pictures = method.gallery(one.x)
    same = pictures["filled"] == one.x
    assert torch.equal(same.float().mean() > 0.5, torch.tensor(True))
    assert torch.equal(pictures["filled"][pictures["hidden"] == one.x], one.x[pictures["hidden"] == one.x])


def test_only_the_hole_is_paid_for():
    method = made("context_encoder")
    views = method.views(batch(), generator(0))
    loss = method.loss(**views)["loss"]
    elsewhere = torch.where(views["hole"], views["image"], 1 - views["image"])
    inside = torch.where(views["hole"], 1 - views["image"], views["image"])
    assert method.loss(**{**views, "image": elsewhere})["loss"] == loss
    assert method.loss(**{**views, "image": inside})["loss"] != loss


def test_each_player_learns_from_its_own_loss_alone():
    data, cfg = images(32), TrainConfig(batch=32, epochs=1, width=0.25)

    def after(frozen):
        method = made("context_encoder", adversarial=True, weight=0.5)
        everything = method.players()
        method.players = lambda: {name: p for name, p in everything.items() if name != frozen}
        before = {name: [p.clone() for p in part] for name, part in everything.items()}
        list(Fit(method, data, cfg))
        return {
            name: any(not torch.equal(a, b) for a, b in zip(before[name], part, strict=True))
            for name, part in everything.items()
        }

    assert after("loss") == {"loss": False, "adversary": True}
    assert after("adversary") == {"loss": True, "adversary": False}


def test_no_gradient_of_the_adversarys_loss_reaches_the_encoder():
    method = made("context_encoder", adversarial=True)
    out = method.loss(**method.views(batch(), generator(0)))
    fillers, judge = method.players()["loss"], method.players()["adversary"]
    assert not {*map(id, fillers)} & {*map(id, judge)}
    assert {*map(id, fillers), *map(id, judge)} == {*map(id, method.parameters())}
    gradients = torch.autograd.grad(out["adversary"], fillers, retain_graph=True, allow_unused=True)
    assert all(g is None for g in gradients)
    fooled = torch.autograd.grad(out["loss"], fillers, allow_unused=True)
    assert any(g is not None and g.abs().sum() > 0 for g in fooled)
