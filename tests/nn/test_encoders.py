"""Encoders: small enough for a processor."""

import torch

from explorer.nn import Conv, multiply_adds


def test_conv_is_small_enough_for_a_processor():
    assert multiply_adds(Conv(1, 28), torch.rand(1, 1, 28, 28)) <= 4_000_000
