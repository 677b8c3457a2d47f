"""Encoders: small enough for a processor, and in the layout that it is fast with."""

import pytest
import torch

from explorer.core import ENCODERS
from explorer.nn import Conv, multiply_adds


def test_conv_is_small_enough_for_a_processor():
    assert multiply_adds(Conv(1, 28), torch.rand(1, 1, 28, 28)) <= 4_000_000


@pytest.mark.parametrize("name", ["conv", "resnet18"])
def test_the_mean_over_places_is_the_plain_one_and_its_gradient_lies_as_its_features_do(name):
    encoder, x = ENCODERS[name](3, 32), torch.rand(4, 3, 32, 32).contiguous(memory_format=torch.channels_last)
    kept = []

    def feature_map(x, own=encoder.feature_map):
        kept.append(own(x))
        kept[-1].register_hook(kept.append)
        return kept[-1]

    encoder.feature_map = feature_map
    out = encoder(x)
    out.square().sum().backward()
    features, gradient = kept
    torch.testing.assert_close(out, features.mean((2, 3)))
    assert gradient.is_contiguous(memory_format=torch.channels_last)
