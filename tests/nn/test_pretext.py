"""What pretext tasks share: tiles that fit, gaps between them, layers that fill a hole."""

import pytest
import torch

from explorer import Refused
from explorer.core import generator
from explorer.methods import METHODS
from explorer.nn import ChannelWise
from tests.methods.pretext_cases import made


@pytest.mark.parametrize("name", ["jigsaw", "relative_patch", "combined"])
def test_no_gap_breaks_on_purpose(name):
    broken = METHODS[name].hyperparameters({"gap": 0})
    assert "edges" in broken.ablated()["gap"]
    assert broken.restored() == METHODS[name].hyperparameters({})


@pytest.mark.parametrize(
    ("name", "size", "hyperparameters", "words"),
    [
        ("jigsaw", 8, {"grid": 3}, r"jigsaw cuts images of 8x8 into 3x3 tiles of 2 pixels, and 4 .* choose grid 2 or"),
        ("jigsaw", 8, {"gap": 0.3}, r"choose gap 0.24 or less or images of at least 10x10 pixels"),
        ("jigsaw", 16, {"permutations": 100}, r"100 orders of 2x2 tiles apart, there are 24: choose 24"),
        ("relative_patch", 16, {"grid": 3, "gap": 0.4}, r"choose gap 0.39 or less or grid 2"),
        ("combined", 8, {"jitter": 0.3}, r"choose jitter 0.24 or less"),
        (
            "combined",
            8,
            {"rotation": False, "relative_patch": False, "jigsaw": False},
            r"^combined: at least one task must be on: .* rotation, relative_patch, jigsaw, inpainting$",
        ),
        ("relative_patch", 24, {"grid": 1}, r"choose 2 or 3"),
        ("relative_patch", 6, {}, r"at least 8x8"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_rule_and_what_would(name, size, hyperparameters, words):
    with pytest.raises(Refused, match=words):
        made(name, size=size, **hyperparameters)


def test_a_channel_wise_layer_mixes_places_and_no_channels():
    layer, x = ChannelWise(3, 4), torch.rand(2, 3, 4, 4, generator=generator(0))
    moved = x.clone()
    moved[:, 1, 2, 2] += 1
    changed = (layer(x) != layer(moved)).flatten(2).float().mean(2)
    assert torch.equal(changed[0] > 0.9, torch.tensor([False, True, False]))
    slow = sum(x[1, 2].flatten()[p] * layer.weight[2, p] for p in range(16)) + layer.bias[2]
    torch.testing.assert_close(layer(x)[1, 2].flatten(), slow)
