"""What batch norm remembers of a training, for every method: whole images or their crops, as it will be asked to embed.

Images are planes of colour, so every crop, turn and change of colours is one, and a hole or noise is seen.
"""

import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from explorer.core import Encoder, Split, generator
from explorer.methods import METHODS
from explorer.models.build import fresh
from explorer.nn.norms import has_batch_norm, unremembered
from explorer.train import Fit

SIZE, ROWS = 24, 32
BEND = 0.15  # of neighbouring pixels: planes have none, but where colours are cut off
ALSO = {
    "combined": [{"inpainting": True}],
    "context_encoder": [{"kind": "centre"}, {"kind": "block"}, {"adversarial": True}],
    "denoising": [{"noise": "masking"}, {"share": 0.9, "noise": "masking"}],
    "jigsaw": [{"disguise": False}],
    "moco": [{"strong": True}],
    "swav": [{"small_crops": 0}],
}  # what else of a method changes what its encoder is shown
CASES = [(name, hyperparameters) for name in METHODS for hyperparameters in [{}, *ALSO.get(name, [])]]


def planes():
    """Images whose channels rise evenly from one side to the other, each in a direction of its own."""
    slope = torch.rand(ROWS, 3, 2, generator=generator(0, "slopes")) - 0.5
    place = torch.linspace(-0.5, 0.5, SIZE)
    x = 0.5 + 0.4 * (slope[..., 0, None, None] * place[:, None] + slope[..., 1, None, None] * place)
    return Split((x * 255).round().to(torch.uint8), torch.arange(ROWS) % 4, tuple("abcd"), "planes")


def made(name, hyperparameters):
    data = planes()
    cfg = METHODS[name].training({"encoder": "conv", "batch": 16, "epochs": 1, "width": 0.25})
    return fresh(name, hyperparameters, cfg, data.spec("planes")), data, cfg


def embedding(method):
    """The encoders that a representation comes from: those without which it would be another."""
    found = []
    for encoder in (module for module in method.modules() if isinstance(module, Encoder)):
        hooks = [layer.register_forward_hook(lambda *_, e=encoder: found.append(e)) for layer in encoder.modules()]
        method.eval().embed(torch.rand(2, 3, SIZE, SIZE))
        for hook in hooks:
            hook.remove()
    return list({id(encoder): encoder for encoder in found}.values())


def remembers(encoder):
    """Whether a batch norm in it keeps the statistics of what it is shown now."""
    return any(
        isinstance(layer, _BatchNorm) and layer.training and layer.momentum != 0 and layer.track_running_stats
        for layer in encoder.modules()
    )


def watched(encoder):
    """The images that this encoder is shown from now on while it remembers."""
    seen, original = [], encoder.feature_map

    def feature_map(x):
        if remembers(encoder):
            seen.append(x.detach())
        return original(x)

    encoder.feature_map = feature_map
    return seen


def bend(x):
    """The largest second difference of neighbouring pixels."""
    return max(x.diff(n=2, dim=dim).abs().max().item() for dim in (2, 3))


@pytest.mark.parametrize(("name", "hyperparameters"), CASES, ids=str)
def test_batch_norm_remembers_whole_images_or_crops_of_them_alone(name, hyperparameters):
    if METHODS[name].info.needs.modality != "image":
        pytest.skip("it learns from no images")
    method, data, cfg = made(name, hyperparameters)
    encoders = [encoder for encoder in embedding(method) if has_batch_norm(encoder)]
    shown = [watched(encoder) for encoder in encoders]
    list(Fit(method, data, cfg))
    for seen in shown:
        assert seen, "its statistics would be those of no image"
        assert {x.shape[-1] for x in seen} == {SIZE}, "no tiles"
        assert max(map(bend, seen)) < BEND, "no holes and no noise"


@pytest.mark.parametrize("spoil", [
    lambda x: x.masked_fill(torch.zeros_like(x, dtype=torch.bool).index_fill(3, torch.arange(6, 12), True), 0.0),
    lambda x: (x + 0.2 * torch.randn(x.shape, generator=generator(1))).clamp(0, 1),
    lambda x: torch.where(torch.rand(x.shape, generator=generator(1)) < 0.25, 0.0, x),
], ids=["hole", "noise", "masked"])  # fmt: skip
def test_a_hole_and_noise_bend_what_is_flat(spoil):
    x = planes().batch(torch.arange(8)).x
    assert bend(x) < 0.02 and bend(spoil(x)) > BEND


class Forgetful(nn.Module):
    """A network that is shown the second half of a batch without remembering it."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(3)

    def forward(self, x):
        with unremembered(self):
            self.norm(x[8:])
        return self.norm(x[:8])


def test_what_is_not_remembered_leaves_no_trace():
    x, one, other = torch.rand(16, 3, 4, 4, generator=generator(0)), Forgetful(), nn.BatchNorm2d(3)
    one(x), other(x[:8])
    torch.testing.assert_close(one.norm.running_mean, other.running_mean)
    torch.testing.assert_close(one.norm.running_var, other.running_var)
    assert one.norm.momentum == 0.1 and one.norm.training
