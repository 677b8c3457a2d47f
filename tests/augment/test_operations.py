"""Augmentations: repeatable, per image, within [0, 1], and what they say they are."""

from importlib import import_module

import pytest
import torch
import torch.nn.functional as F
from scipy.stats import ks_2samp

from explorer import augment
from explorer.augment import OPERATIONS, blur, colour_jitter, colour_matrix, crop_flip, cutout, quarter_turn, to_grey
from explorer.core import seeded


def images(n=6, channels=3, size=16, seed=0):
    return torch.rand(n, channels, size, size, generator=torch.Generator().manual_seed(seed))


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_keeps_shape_and_range_and_repeats_with_its_seed(name, channels):
    operation, x = OPERATIONS[name], images(channels=channels)
    for strength in (operation.low, operation.default, operation.high):
        out, drawn = operation.run(x, rng(), strength)
        assert out.shape == x.shape
        assert out.min() >= -1e-6
        assert out.max() <= 1 + 1e-6
        assert all(len(values) == len(x) for values in drawn.values())
        assert torch.equal(out, operation.run(x, rng(), strength)[0])


@pytest.mark.parametrize("name", ["crop", "crop_flip", "jitter", "rotate", "cutout", "noise", "blur"])
def test_each_image_gets_its_own_draw(name):
    x = images(1).expand(8, -1, -1, -1).contiguous()
    out, _ = OPERATIONS[name].run(x, rng(), OPERATIONS[name].default)
    assert len({tuple(image.flatten().tolist()) for image in out}) > 2


def test_a_whole_crop_without_flip_is_the_image_and_a_certain_flip_mirrors():
    x = images()
    out, _ = crop_flip(x, rng(), scale=1.0, flip=0.0)
    assert (out - x).abs().max() < 1e-3
    kept = torch.ones(2, 1, 8, 8) * torch.linspace(0, 1, 8)
    mirrored, _ = crop_flip(kept, rng(), scale=1.0, flip=1.0)
    assert (mirrored[..., 0] > mirrored[..., -1]).all()


@pytest.mark.parametrize("size", [None, 5, 24])
def test_a_crop_is_the_affine_map_of_its_corners(size):
    x = images(40, 3, 12)
    out, drawn = crop_flip(x, rng(), scale=0.1, size=size)
    theta = torch.zeros(len(x), 2, 3)
    theta[:, 0, 0] = drawn["width"] * (1 - 2 * drawn["flipped"].float())
    theta[:, 1, 1], theta[:, 0, 2], theta[:, 1, 2] = drawn["height"], drawn["x"], drawn["y"]
    grid = F.affine_grid(theta, [40, 3, size or 12, size or 12], align_corners=False)
    plain = F.grid_sample(x, grid, "bilinear", "reflection", align_corners=False)
    torch.testing.assert_close(out, plain, atol=1e-5, rtol=0)


def test_crops_stay_inside_the_image_and_within_the_area_they_promise():
    _, drawn = crop_flip(images(2000, 1, 4), rng(), scale=0.25, largest=0.8)
    area = drawn["width"] * drawn["height"]
    assert area.min() >= 0.25 - 1e-5
    assert area.max() <= 0.8 + 1e-5
    assert max(drawn["width"].max(), drawn["height"].max()) <= 1
    assert 0.45 < drawn["flipped"].float().mean() < 0.55


@pytest.mark.parametrize("scale", [0.08, 0.2, 0.6, 0.9])
def test_crops_follow_the_law_of_torchvision(scale):
    """Area, aspect ratio and place of 3,000 crops of each; torchvision's are in whole pixels of a large image."""
    from explorer.system.torchvision import torchvision

    theirs = torchvision().transforms.RandomResizedCrop
    side, n = 1000, 3000
    with seeded(0):
        image = torch.empty(1, side, side)
        boxes = torch.tensor([theirs.get_params(image, [scale, 1.0], [3 / 4, 4 / 3]) for _ in range(n)]) / side
    top, left, h, w = boxes.T
    _, ours = crop_flip(images(n, 1, 4), rng(1), scale=scale)
    pairs = {
        "area": (ours["width"] * ours["height"], h * w),
        "ratio": (ours["width"] / ours["height"], w / h),
        "x": (ours["x"], 2 * left + w - 1),
        "y": (ours["y"], 2 * top + h - 1),
    }
    for name, (one, other) in pairs.items():
        assert ks_2samp(one.numpy(), other.numpy()).pvalue > 1e-3, name


def test_the_colour_matrix_is_the_image_libraries_brightness_contrast_and_saturation():
    from explorer.system.torchvision import torchvision

    torchvision()
    F = import_module("torchvision.transforms.v2.functional")
    x = images(4).mul(0.4).add(0.3)  # nothing is clamped on the way
    b, c, s = (
        torch.tensor([0.9, 1.1, 1.0, 0.95]),
        torch.tensor([1.1, 0.9, 0.8, 1.0]),
        torch.tensor([0.5, 1.2, 0.0, 1.0]),
    )
    mean = x.mean((2, 3)) @ torch.tensor(augment.GREY)
    matrix, offset = colour_matrix(b, c, s, torch.zeros(4), mean)
    ours = torch.baddbmm(offset[:, :, None], matrix, x.flatten(2)).view_as(x)
    for i in range(4):
        theirs = F.adjust_brightness(x[i], b[i].item())
        theirs = F.adjust_saturation(F.adjust_contrast(theirs, c[i].item()), s[i].item())
        assert (ours[i] - theirs).abs().max() < 2e-3  # they round the luma weights


def test_a_full_turn_of_hue_is_the_same_image_and_grey_has_no_hue():
    x, one = images(3), torch.ones(3)
    mean = x.mean((1, 2, 3))
    matrix, _ = colour_matrix(one, one, one, one, mean)
    assert (matrix - torch.eye(3)).abs().max() < 1e-5
    third, _ = colour_matrix(one, one, one, one / 3, mean)
    assert (third[0] @ torch.tensor([1.0, 0, 0]) - torch.tensor([0, 1.0, 0])).abs().max() < 1e-5  # red becomes green
    assert (third[0] @ torch.ones(3) - 1).abs().max() < 1e-5


def test_no_jitter_is_no_change():
    x = images()
    assert (colour_jitter(x, rng(), strength=0.0, grey=0.0)[0] - x).abs().max() < 1e-5


def test_dropped_colour_has_three_equal_channels():
    out, _ = to_grey(images(), rng())
    assert (out[:, 0] - out[:, 2]).abs().max() == 0


def test_quarter_turns_are_turns():
    x = images(32)
    out, drawn = quarter_turn(x, rng())
    assert set(drawn["degrees"].tolist()) == {90, 180, 270}
    for image, turned, degrees in zip(x, out, drawn["degrees"].tolist(), strict=True):
        assert torch.equal(turned, torch.rot90(image, degrees // 90, (1, 2)))


def test_a_blur_keeps_a_flat_image_and_smooths_an_edge():
    flat = torch.full((2, 3, 12, 12), 0.4)
    assert (blur(flat, rng(), 2.0)[0] - flat).abs().max() < 1e-5
    x = images(4)
    assert (blur(x, rng(), 3.0)[0].var((2, 3)) < x.var((2, 3))).all()


def test_a_cutout_leaves_a_hole_of_its_size():
    out, _ = cutout(torch.zeros(50, 1, 20, 20), rng(), 0.5)
    holes = (out == 0.5).flatten(1).sum(1)
    assert holes.max() == 100
    assert holes.min() >= 25
