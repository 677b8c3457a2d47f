"""The denoising autoencoder: noise as strong as it says, answered by the clean image."""

import pytest
import torch

from explorer.core import Split, generator
from tests.methods.coding_cases import made


@pytest.mark.parametrize("share", [0.0, 0.25, 0.9])
def test_masking_noise_hides_the_share_that_it_says(share, digits):
    bright = Split(torch.full((20, 3, 10, 10), 255, dtype=torch.uint8), digits.y[:20], digits.classes, "bright")
    method, _ = made("denoising", {"noise": "masking", "share": share}, bright)
    views = method.views(bright.batch(torch.arange(20)), generator(0))
    hidden = views["noisy"] == 0
    assert hidden.float().mean((1, 2, 3)).tolist() == pytest.approx([share] * 20)
    assert (hidden == hidden[:, :1]).all(), "a pixel is hidden in all its channels"
    assert share == 0 or not torch.equal(hidden[0], hidden[1]), "each image is spoilt in its own way"
    assert (views["image"] == 1).all()


def test_gaussian_noise_has_the_strength_that_it_says(digits):
    grey = Split(torch.full((200, 1, 8, 8), 128, dtype=torch.uint8), digits.y[:200], digits.classes, "grey")
    method, _ = made("denoising", {"noise": "gaussian", "sigma": 0.1}, grey)
    views = method.views(grey.batch(torch.arange(200)), generator(0))
    assert (views["noisy"] - views["image"]).std().item() == pytest.approx(0.1, rel=0.05)


def test_the_answer_to_a_spoilt_image_is_the_clean_one(digits):
    method, _ = made("denoising", {"error": "mse", "noise": "masking", "share": 0.5}, digits)
    views = method.views(digits.batch(torch.arange(50)), generator(0))
    drawn = method.decode(method.embed(views["noisy"]))
    assert method.loss(**views)["loss"].item() == pytest.approx(((drawn - views["image"]) ** 2).mean().item(), rel=1e-5)
