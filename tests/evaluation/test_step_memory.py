"""What a step of a transfer takes is known before it is made, and a step that does not fit is refused in words."""

import json
import subprocess
import sys

import pytest
import torch
from torch import nn

from explorer import Refused, data
from explorer.evaluation.arms import ARMS
from explorer.evaluation.transfer import TransferConfig, step_memory, transfer
from explorer.models import loading
from tests.evaluation.arm_cases import foreign

FIVE = ("resnet18", "alexnet", "vgg16", "squeezenet1_0", "densenet121")
MOVING = [name for name in ARMS if name != "frozen"]


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def config(**options):
    return TransferConfig(**{"arms": ("finetune",), "epochs": 2, **options})


@pytest.mark.parametrize("arm", MOVING)
def test_each_arm_has_a_step_that_grows_with_the_batch(arm):
    few, many = (step_memory.step(foreign(size=32), arm, config(), 3, batch) for batch in (8, 64))
    assert many.alive > 4 * few.alive
    assert many.weights == few.weights > 0


def test_what_is_kept_beside_the_step_is_counted():
    adam, sgd = (step_memory.step(foreign(), "finetune", config(optimizer=name), 3, 4) for name in ("adam", "sgd"))
    best = step_memory.step(foreign(), "finetune", config(keep="best"), 3, 4)
    learning = 4 * (sum(p.numel() for p in parameters(foreign().module)) + 3 * 12 + 3)
    assert adam.weights - sgd.weights == best.weights - adam.weights == learning


def parameters(module):
    return [p for name, p in module.named_parameters() if not name.startswith("last.")]


def test_activations_are_as_large_as_they_are():
    """Of a convolution and a ReLU one knows what is alive when the gradient begins."""

    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 16, 1)

        def embed(self, x):
            return self.conv(x).relu().mean((2, 3))

        def blocks(self):
            return [("conv", self.conv)]

    model = foreign(size=64)
    model.module = Plain()
    model.dim = 16
    one_map = 4 * 16 * 64 * 64
    step = step_memory.step(model, "finetune", config(head="replaced"), 2, 10)
    assert 2 * 10 * one_map <= step.alive <= 4 * 10 * one_map


def test_nothing_is_computed_and_nothing_changes():
    model = foreign()
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    state = torch.get_rng_state()
    step_memory.step(model, "lora", config(), 3, 1024)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in model.module.state_dict().items())
    assert not any("parametrizations" in name for name in model.module.state_dict())


def test_a_step_that_does_not_fit_is_refused_with_the_batch_that_does(monkeypatch):
    model = foreign(size=32)
    room = step_memory.step(model, "finetune", config(), 3, 16).bytes
    monkeypatch.setattr(step_memory, "allowed", lambda: room)
    step_memory.check(model, config(batch=16), 3, 100)
    with pytest.raises(Refused, match=r"Fine-tuned: a step on 64 images of 32x32 pixels .* choose batch 16 or less"):
        step_memory.check(model, config(batch=64), 3, 100)
    step_memory.check(model, config(batch=64), 3, 10)  # ten images make no larger step
    step_memory.check(model, config(batch=64, arms=("frozen",)), 3, 100)
    monkeypatch.setattr(step_memory, "allowed", lambda: 0)
    with pytest.raises(Refused, match="choose arms=frozen, or a smaller network, or set EXPLORER_MEMORY"):
        step_memory.check(model, config(batch=16), 3, 100)


def test_a_transfer_is_refused_before_any_feature_is_computed(monkeypatch):
    monkeypatch.setattr(step_memory, "allowed", lambda: 1000)
    with pytest.raises(Refused, match="a step on 32 images"):
        next(transfer(foreign(size=8), data.load("digits"), config(labels_per_class=10)))


def test_a_network_that_cannot_go_without_numbers_is_not_refused(monkeypatch):
    model = foreign()
    assert model.dim == 12  # known before
    monkeypatch.setattr(step_memory, "allowed", lambda: 0)
    monkeypatch.setattr(model.module, "embed", lambda x: x.sum().item())
    step_memory.check(model, config(), 3, 100)


# ------------------------------------------------------------------------------------------- for real

CHILD = """
import json, sys, torch
from explorer.evaluation.transfer import TransferConfig, step_memory
from explorer.evaluation.transfer.bench import Bench
from explorer.evaluation.transfer.cells import Cell
from explorer.evaluation.transfer.learner import Learner
from explorer.evaluation.transfer.heads import new_head
from explorer.evaluation.arms import ARMS
from explorer.models import loading
import copy
torch.set_num_threads(1)
name, arm, batch = sys.argv[1], sys.argv[2], int(sys.argv[3])
cfg = TransferConfig(arms=(arm,), preset="tutorial", epochs=2, batch=batch)
model = loading.load(name + "@0")
step_memory.check(model, cfg, 2, batch)
encoder = None
if ARMS[arm].moves(1, cfg):
    encoder = copy.deepcopy(model.module) if ARMS[arm].pretrained else model.rebuild(0)
    encoder = encoder.requires_grad_(True).to(memory_format=torch.channels_last)
    head = new_head(model, model.dim, 2, cfg.head)
    ARMS[arm].prepare(encoder, cfg)
    learner = Learner(arm, encoder, head, cfg, model.spec)
    learner.begin(cfg.epochs)
    x, y = torch.rand(batch, *model.spec.shape), torch.arange(batch) % 2
    for _ in range(2):
        learner.learn([(x, y)], False)
        kept = learner.snapshot()
else:
    model.embed(torch.zeros(batch, *model.spec.shape, dtype=torch.uint8).numpy())
lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps(int(lines["VmHWM"].split()[0]) * 1024))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc, which is Linux's")
@pytest.mark.parametrize("name", FIVE)
@pytest.mark.parametrize("arm", ARMS)
def test_a_step_of_each_arm_at_224_pixels_stays_within_4_gb(name, arm):
    """The tutorial's batch of 4, in a process of its own, with its Python, torch and the source."""
    words = [sys.executable, "-c", CHILD, name, arm, "4"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr[-500:]
    peak = json.loads(ended.stdout)
    print(f"{name}, {arm}: {peak / 1e9:.2f} GB")
    assert peak <= 4e9


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vgg16", "densenet121"])
def test_a_batch_too_large_for_4_gib_is_refused_with_one_that_fits(name, monkeypatch):
    monkeypatch.delenv("EXPLORER_MEMORY", raising=False)
    model = loading.load(f"{name}@0")
    with pytest.raises(Refused, match=r"32 images of 224x224 pixels .* choose batch \d+ or less"):
        step_memory.check(model, config(), 2, 244)
    step_memory.check(model, config(batch=4), 2, 244)
