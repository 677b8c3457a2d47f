"""Rotation: the answer is in the pixels."""

import torch

from explorer.augment import turned
from explorer.core import generator
from tests.methods.pretext_cases import batch, made


def test_the_turn_is_the_one_that_the_image_was_given():
    method, images = made("rotation"), batch()
    views = method.views(images, generator(0))
    assert torch.equal(turned(views["turned"], -views["turns"]), images.x)
    assert len(views["turns"].unique()) == 4
