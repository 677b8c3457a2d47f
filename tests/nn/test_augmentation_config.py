"""Crops of images as they are, and at half the resolution, where they show less of the image."""

import pytest
import torch

from explorer.core import generator
from explorer.nn import Distorted
from explorer.nn.augmentation_config import SMALL_CROPS, Cropped

SIZE, MANY = 32, 600


def areas(least, side):
    """The share of the image's area that each crop shows: its pixels say from where they are."""
    place = (torch.arange(SIZE) + 0.5) / SIZE
    x = torch.stack([place.expand(SIZE, SIZE), place[:, None].expand(SIZE, SIZE)]).expand(MANY, 2, SIZE, SIZE)
    cropped = Cropped(crop=least, flip=0.5).cropped(x, generator(0), side)
    assert cropped.shape[-1] == (side or SIZE)
    n = cropped.shape[-1]
    between = cropped.amax((2, 3)) - cropped.amin((2, 3))  # [B, 2], from the middle of a pixel to that of another
    return (between * n / (n - 1)).prod(1)


@pytest.mark.parametrize("least", [0.2, 0.6])
def test_crops_show_less_at_half_the_resolution(least):
    smaller, largest = SMALL_CROPS
    for side, low, high in ((0, least, 1.0), (16, smaller * least, largest)):
        shown = areas(least, side)
        assert low - 0.05 < shown.min() < low + 0.1 and high - 0.1 < shown.max() < high + 0.05


def test_a_method_without_crops_shows_whole_images_at_half_the_resolution_too():
    assert areas(1.0, 16).min() > 0.98


def test_colours_are_changed_at_half_the_resolution_too():
    x = torch.rand(8, 3, SIZE, SIZE, generator=generator(0))
    plain = Distorted(jitter=0.0, grey=0.0).draw(x, generator(1), 16)
    assert plain.shape == (8, 3, 16, 16)
    assert not torch.equal(plain, Distorted().draw(x, generator(1), 16))
