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


@pytest.mark.parametrize("pooling", [1, 2, 3, 4])
@pytest.mark.parametrize("name", [name for name in ENCODERS if ENCODERS[name].any_size])
def test_the_representation_is_the_means_of_the_parts_of_the_feature_map(name, pooling):
    encoder, x = ENCODERS[name](3, 32, 0.25).eval(), torch.rand(2, 3, 32, 32)
    encoder.pooling = pooling
    features = encoder.feature_map(x)
    size = features.shape[-1]
    ends = [(k * size // pooling, -(-(k + 1) * size // pooling)) for k in range(pooling)]  # neighbours may overlap
    slow = [features[:, :, a:b, c:d].mean((2, 3)) for a, b in ends for c, d in ends]  # of [B, C] each
    z = encoder.embed(x)
    assert z.shape == (2, encoder.dim) == (2, encoder.out_dim * pooling**2)
    torch.testing.assert_close(z, torch.stack(slow, 2).flatten(1))
    torch.testing.assert_close(encoder(x), features.mean((2, 3)))  # what heads get


@pytest.mark.parametrize("name", ENCODERS)
def test_an_encoder_says_truly_whether_it_takes_images_of_any_size(name):
    encoder = ENCODERS[name](3, 32, 0.25).eval()
    takes = True
    try:
        takes = encoder(torch.rand(2, 3, 16, 16)).shape == encoder(torch.rand(2, 3, 32, 32)).shape
    except RuntimeError:
        takes = False
    assert takes == encoder.any_size
    assert (encoder.feature_map(torch.rand(2, 3, 32, 32)).shape[-1] > 1) == encoder.any_size
