"""A split is copied to the device where it fits into half of the free memory, and read from disk where it does not."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer import Refused, data
from explorer.models import devices

CPU = torch.device("cpu")
CHOICES = {"all": ((), 0), "some classes": (("3", "1"), 0), "a subset": ((), 100), "both": (("7", "2", "9"), 60)}


@pytest.mark.parametrize("choice", CHOICES)
def test_a_split_is_what_select_takes_whether_it_is_in_memory_or_on_disk(choice):
    digits, (classes, subset) = data.load("digits"), CHOICES[choice]
    images, _ = digits.select("train", classes, subset)
    for streamed in (False, True):
        split = devices.load_split(digits, "train", classes, subset, CPU, streamed)
        assert split.streamed == streamed and split.classes == digits.kept(classes) and split.hash == digits.hash
        assert torch.equal(split.y, torch.from_numpy(images.y))
        assert torch.equal(split.x[torch.arange(len(split))], torch.from_numpy(np.array(images.x)))


def test_half_of_the_free_memory_is_the_most_that_images_take(monkeypatch):
    digits = data.load("digits")
    size = digits.splits["train"].x.nbytes
    for free, streamed in ((2 * size, False), (2 * size - 2, True)):
        monkeypatch.setattr(devices, "free", lambda where, free=free: free)
        assert devices.load_split(digits, "train", (), 0, CPU).streamed == streamed
        assert devices.split_of(digits.splits["train"], digits.classes, digits, CPU).streamed == streamed


def test_images_are_copied_piece_by_piece(monkeypatch):
    monkeypatch.setattr(devices, "PIECE", 1000)
    digits = data.load("digits")
    whole = devices.load_split(digits, "train", (), 0, CPU)
    assert torch.equal(whole.x, torch.from_numpy(np.array(digits.splits["train"].x)))


def test_a_split_without_images_of_the_classes_is_refused():
    digits = data.load("digits")
    images = digits.splits["validation"]
    kept = images.y < 8
    few = replace(digits, splits={**digits.splits, "validation": images._replace(x=images.x[kept], y=images.y[kept])})
    with pytest.raises(Refused, match="digits has no validation images of these classes: choose other classes"):
        devices.load_split(few, "validation", ("8", "9"), 0, CPU)
