"""Each arm moves what it says it moves, and nothing else."""

import copy
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from explorer import data
from explorer.core import ENCODERS, seeded
from explorer.data import Images
from explorer.evaluation.arms import ARMS, DEFAULT, TransferConfig, gradual, titles
from explorer.evaluation.transfer import bench, heads, parts, transfer
from explorer.models import loading
from explorer.models.geometry import network_input
from explorer.nn import lora
from tests.evaluation import arm_cases
from tests.evaluation.arm_cases import foreign

EPOCHS = 4


@pytest.fixture(scope="module")
def digits():
    """A few of them: what moves is seen on few images."""
    torch.set_num_threads(1)
    whole = data.load("digits")
    few = {split: Images(images.x[:150], images.y[:150], {}) for split, images in whole.splits.items()}
    return replace(whole, splits=few)


def trained(model, digits, arm, monkeypatch, **options):
    """The learner of an arm before its first and after its last epoch, and its rows."""
    found, make = [], bench.Bench.learner

    def watched(self, *args):
        found.append(make(self, *args))
        found.append(copy.deepcopy(found[0]))
        return found[0]

    cfg = TransferConfig.read({"arms": (arm,), "epochs": EPOCHS, "labels_per_class": 4, "lr": 0.01} | options, "t")
    with monkeypatch.context() as patch:
        patch.setattr(bench.Bench, "learner", watched)
        rows = list(transfer(model, digits, cfg))
    after, before = found
    return before, after, rows


def changed(before, after):
    """The names of parameters, and of buffers, that are others than before; the head's own norm left out."""
    was, parameters = (
        {**dict(before.named_parameters()), **dict(before.named_buffers())},
        dict(after.named_parameters()),
    )
    differ = {
        name
        for name, value in {**parameters, **dict(after.named_buffers())}.items()
        if not name.startswith("norm.") and not torch.equal(value, was[name])
    }
    return differ & parameters.keys(), differ - parameters.keys()


MOVED = {  # by block of the foreign network
    "frozen": (), "finetune": ("stem", "middle", "top"), "last_blocks": ("top",), "lp_ft": ("stem", "middle", "top"),
    "gradual": ("stem", "middle", "top"), "scratch": ("stem", "middle", "top"), "lora": ("stem", "middle", "top"),
}  # fmt: skip


def test_all_arms_are_tried_here():
    assert set(MOVED) == set(ARMS) == set(titles()) and set(DEFAULT) <= set(ARMS)


@pytest.mark.parametrize("arm", MOVED)
def test_the_trainable_numbers_are_those_that_autograd_moves_and_no_others_buffers_included(arm, digits, monkeypatch):
    before, after, rows = trained(foreign(), digits, arm, monkeypatch)
    parameters, buffers = changed(before, after)
    own = dict(after.named_parameters())
    assert sum(own[name].numel() for name in parameters) == rows[-1]["trainable"]
    assert {"head.weight", "head.bias"} <= parameters
    blocks = {name.split(".")[1] for name in parameters if not name.startswith("head.")}
    assert blocks == set(MOVED[arm])
    assert all(("parametrizations" in name and ".original" not in name) == (arm == "lora") or "head" in name
               for name in parameters)  # fmt: skip
    statistics = {name.split(".")[1] for name in buffers}
    assert statistics == (set() if arm == "lora" else set(MOVED[arm]) - {"top"}), "batch norm of what learns"


@pytest.mark.parametrize("arm", ["finetune", "last_blocks", "lora"])
@pytest.mark.parametrize("name", [*ENCODERS, "digits-simclr", "digits-autoencoder"])
def test_of_our_own_networks_too(name, arm, digits, monkeypatch):
    model = loading.load(f"untrained:{name}" if name in ENCODERS else name, digits)
    before, after, rows = trained(model, digits, arm, monkeypatch, epochs=1, labels_per_class=2)
    parameters = changed(before, after)[0]
    own = dict(after.named_parameters())
    assert rows[-1]["trainable"] == sum(own[each].numel() for each in parameters | still(after))
    assert not any(each.startswith(("encoder.head", "encoder.decoder", "encoder.projection")) for each in parameters)


def still(learner):
    """Parameters that learn and whose gradient was zero throughout: of units that are off for all images."""
    return {name for name, each in learner.named_parameters() if each.grad is not None and not each.grad.any()}


def test_the_last_blocks_are_the_last_ones(digits, monkeypatch):
    before, after, _ = trained(foreign(), digits, "last_blocks", monkeypatch, last_blocks=2)
    assert {name.split(".")[1] for name in changed(before, after)[0]} == {"weight", "bias", "middle", "top"}
    assert ARMS["last_blocks"].rates(3, 1, TransferConfig(last_blocks=9, lr=0.1)) == [0.1] * 3


@pytest.mark.parametrize("blocks", [1, 3, 9, 40])
@pytest.mark.parametrize("epochs", [1, 2, 3, 4, 15])
def test_gradual_unfreezing_thaws_from_the_top_each_block_below_2_6_times_as_slowly(blocks, epochs):
    cfg = TransferConfig(epochs=epochs, lr=0.1)
    rates = [ARMS["gradual"].rates(blocks, epoch, cfg) for epoch in range(1, epochs + 1)]
    if epochs > 1:
        assert not any(rates[0]), "the classifier alone first"
    thawed = [sum(rate > 0 for rate in of) for of in rates]
    assert thawed == sorted(thawed) and thawed[-1] == blocks and thawed[min(epochs - 1, epochs // 2)] == blocks
    for of in rates:
        learning = [rate for rate in of if rate]
        assert of[len(of) - len(learning) :] == learning, "from the top"
        assert not learning or learning[-1] == 0.1
        assert all(high == pytest.approx(gradual.DECAY * low) for low, high in pairwise(learning))


def test_lp_ft_probes_before_it_fine_tunes():
    cfg = TransferConfig(epochs=5, lr=0.1)
    assert [ARMS["lp_ft"].rates(2, epoch, cfg) for epoch in range(1, 6)] == 2 * [[0.0, 0.0]] + 3 * [[0.1, 0.1]]


def test_probing_first_is_the_frozen_arm_until_the_middle(digits):
    cfg = TransferConfig(arms=("frozen", "lp_ft", "gradual"), epochs=4, labels_per_class=4)
    rows = [row for row in transfer(foreign(), digits, cfg) if row.get("epoch") in (1, 2)]
    losses = {arm: [row["train_loss"] for row in rows if row["arm"] == arm] for arm in cfg.arms}
    assert losses["lp_ft"] == losses["frozen"] and losses["gradual"][0] == losses["frozen"][0]


@pytest.mark.parametrize("rank", [1, 4])
@pytest.mark.parametrize("name", ["foreign", *(f"untrained:{name}" for name in ENCODERS)])
def test_lora_begins_as_the_source_and_merged_equals_unmerged(name, rank, digits):
    model = foreign() if name == "foreign" else loading.load(name, digits)
    x = model.images(digits.splits["test"].x[:6])
    adapted = copy.deepcopy(model.module).requires_grad_(True)
    with torch.no_grad():
        source = model.module.embed(x)
        matrices = [(getattr(layer, each).shape[0], getattr(layer, each)[0].numel())
                    for layer, each in lora.matrices(adapted)]  # fmt: skip
        assert lora.adapt(adapted, rank) == len(matrices) > 0
        assert (adapted.embed(x) - source).abs().max() <= 1e-6, "B = 0"
        numbers = sum(each.numel() for each in adapted.parameters() if each.requires_grad)
        assert numbers == sum(min(rank, d_out, d_in) * (d_in + d_out) for d_out, d_in in matrices)
        for module in adapted.modules():
            if isinstance(module, lora.LowRank):
                module.b.normal_(std=0.05)
        unmerged = adapted.embed(x)
        assert (unmerged - source).abs().max() > 1e-3
        lora.merge(adapted)
        assert not any(isinstance(module, lora.LowRank) for module in adapted.modules())
        assert type(adapted) is type(model.module) and adapted.state_dict().keys() == model.module.state_dict().keys()
        assert (adapted.embed(x) - unmerged).abs().max() <= 1e-5


def test_lora_adds_b_a_to_a_linear_layer_and_to_a_convolution_as_a_matrix():
    x = torch.randn(2, 3, 5, 5)
    conv = torch.nn.Conv2d(3, 4, 3)
    plain = copy.deepcopy(conv)
    lora.adapt(conv, 2)
    low = conv.parametrizations.weight[0]
    low.b.data.normal_()
    assert (low.a.shape, low.b.shape) == ((2, 27), (4, 2))
    patches = torch.nn.functional.unfold(x, 3)  # [2, 27, 9]
    expected = plain(x) + (low.b @ (low.a @ patches)).view(2, 4, 3, 3)  # W x + B A x
    assert torch.allclose(conv(x), expected, atol=1e-5)


def test_heads_that_features_do_not_pass_do_not_count(digits):
    method = copy.deepcopy(loading.load("digits-simclr").module).requires_grad_(True)
    found = parts.parts(method, method.spec)
    assert sum(each.numel() for part in found for each in part.parameters) == sum(
        each.numel() for each in method.encoder.parameters()
    )
    assert [part.name for part in found] == [f"layers.{n}" for n in range(4)]


@pytest.mark.parametrize("head", ["linear", "convolution"])
def test_a_new_last_layer_replaces_the_old_one_and_learns_for_each_class(head, digits, monkeypatch):
    model = foreign(head)
    _, after, rows = trained(model, digits, "finetune", monkeypatch, head="replaced")
    assert isinstance(after.norm, torch.nn.Identity) and "norm.running_mean" not in after.state_dict()
    _, after, rows = trained(model, digits, "frozen", monkeypatch, head="replaced")
    assert rows[-1]["trainable"] == 13 * 10
    x = digits.splits["test"].x[:20]
    with torch.no_grad():
        entered = model.module.embed(model.images(x))
        assert (rows[-1]["predicted"][:20] == after.head(entered).argmax(1).numpy()).all()
    with seeded(0):
        before = heads.new_head(model, 12, 10, "replaced")
    assert (after.head.weight - before.weight).norm(dim=1).min() > 0.01, "each class has learned"


@pytest.mark.parametrize("arm", ["finetune", "last_blocks", "lp_ft", "lora", "gradual"])
def test_the_best_weights_are_brought_back(arm, digits, monkeypatch):
    accuracies = iter((0.1, 0.6, 0.9, 0.2, 0.9))
    snapshots = []
    see = bench.Selection.see

    def watched(self, epoch, named, learner):
        wanted = np.array(self.y)
        wanted[int(next(accuracies) * len(wanted)) :] = -1
        see(self, epoch, named._replace(predicted=torch.from_numpy(wanted)), learner)
        snapshots.append(copy.deepcopy(learner.state_dict()))

    monkeypatch.setattr(bench.Selection, "see", watched)
    _, after, rows = trained(foreign(), digits, arm, monkeypatch, keep="best", epochs=5)
    assert rows[-1]["kept_epoch"] == 3, "the first of the best"
    assert all(torch.equal(value, snapshots[2][name]) for name, value in after.state_dict().items())
    assert any(not torch.equal(value, snapshots[4][name]) for name, value in after.state_dict().items())


def slow(monkeypatch):
    """The foreign network, whose norms take long to remember: as EfficientNet-Lite's do, 0.01."""
    init = arm_cases.Foreign.__init__

    def slowly(self, *args):
        init(self, *args)
        self.stem[1].momentum = self.middle[1].momentum = 0.01

    monkeypatch.setattr(arm_cases.Foreign, "__init__", slowly)
    return foreign()


@pytest.mark.parametrize("arm", ["scratch", "finetune"])
def test_norms_that_learn_have_the_statistics_of_the_training_images_however_few_the_steps(arm, digits, monkeypatch):
    _, after, _ = trained(slow(monkeypatch), digits, arm, monkeypatch, epochs=2)
    encoder, rows = after.encoder, bench.labelled(digits.splits["train"].y, 10, "4", 0)
    with torch.no_grad():
        x = network_input(torch.from_numpy(digits.splits["train"].x[rows]), after.spec)
        entered = encoder.stem[0](x - encoder.mean)
    assert torch.allclose(encoder.stem[1].running_mean, entered.mean((0, 2, 3)), atol=1e-4)
    assert torch.allclose(encoder.stem[1].running_var, entered.var((0, 2, 3)), atol=1e-4)
    assert encoder.stem[1].momentum == 0.01 and not encoder.training


def test_only_norms_that_learn_are_restated(digits, monkeypatch):
    for arm in ("last_blocks", "lora"):
        before, after, _ = trained(slow(monkeypatch), digits, arm, monkeypatch, epochs=2)
        assert torch.equal(before.encoder.stem[1].running_mean, after.encoder.stem[1].running_mean)
