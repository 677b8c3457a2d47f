"""Parts of images: tiles that come back, gaps that keep them apart, holes of their size, cuts that are refused."""

import pytest
import torch

from explorer.augment import (
    AROUND,
    assemble,
    cut,
    hole,
    incompatible,
    neighbours,
    overlapping,
    reordered,
    shifted_channels,
    standardised,
    tiles,
)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def images(n=6, channels=3, size=24):
    return torch.rand(n, channels, size, size, generator=rng())


@pytest.mark.parametrize(("n", "size"), [(2, 8), (2, 24), (3, 24), (4, 24)])
def test_tiles_come_back_where_they_were(n, size):
    x = images(size=size)
    assert torch.equal(assemble(tiles(x, n)[0], n, size), x)


def test_tiles_are_in_reading_order():
    x = torch.arange(9.0).view(1, 1, 3, 3).repeat_interleave(4, 2).repeat_interleave(4, 3)
    parts, _ = tiles(x, 3, gap=1, jitter=2, rng=rng())
    assert torch.equal(parts, torch.arange(9.0).view(1, 9, 1, 1, 1).expand_as(parts))


@pytest.mark.parametrize(("n", "gap", "jitter"), [(2, 1, 0), (2, 2, 3), (3, 1, 2), (3, 3, 1)])
def test_a_gap_keeps_tiles_from_touching_however_they_are_moved(n, gap, jitter):
    place = torch.arange(24.0 * 24).view(1, 1, 24, 24).expand(200, -1, -1, -1)
    parts, drawn = tiles(place, n, gap, jitter, rng())
    assert len(drawn["top"].unique()) == n * (jitter + 1)
    rows, columns = (parts // 24).flatten(2), (parts % 24).flatten(2)  # of each pixel, [B, n*n, pixels]
    for a in range(n * n):
        for b in range(a):
            apart = [
                torch.maximum(k[:, a].amin(1) - k[:, b].amax(1), k[:, b].amin(1) - k[:, a].amax(1))
                for k in (rows, columns)
            ]
            assert torch.maximum(*apart).min() > gap


def test_without_a_gap_tiles_touch():
    _, drawn = tiles(images(1), 2)
    assert drawn["left"].tolist() == [[0, 12, 0, 12]]


def test_neighbours_lie_in_the_direction_that_is_said():
    grid = torch.arange(9.0).view(1, 9, 1, 1, 1).expand(400, -1, -1, -1, -1)
    pair, direction = neighbours(grid, 3, rng())
    first, second = pair.flatten(1).long().unbind(1)
    step = torch.stack([second // 3 - first // 3, second % 3 - first % 3], 1)
    assert torch.equal(step, torch.tensor(AROUND)[direction])
    assert len(first.unique()) == len(second.unique()) == 9
    assert direction.bincount(minlength=8).min() > 25


def test_four_tiles_have_neighbours_in_all_directions():
    grid = torch.arange(4.0).view(1, 4, 1, 1, 1).expand(400, -1, -1, -1, -1)
    pair, direction = neighbours(grid, 2, rng())
    assert (pair[:, 0] != pair[:, 1]).all()
    assert len(direction.unique()) == 8


def test_an_order_is_undone_by_its_inverse():
    parts, _ = tiles(images(), 3)
    order = torch.rand(6, 9, generator=rng()).argsort(1)
    there = reordered(parts, order)
    assert torch.equal(there[2, 4], parts[2, order[2, 4]])
    assert torch.equal(reordered(there, order.argsort(1)), parts)


@pytest.mark.parametrize(
    ("size", "grid", "made"),
    [(8, 0, (2, 0, 0, 4)), (16, 0, (2, 1, 1, 6)), (28, 0, (3, 1, 1, 7)), (96, 3, (3, 4, 4, 24))],
)
def test_a_cut_has_whole_pixels(size, grid, made):
    assert cut(size, grid, 0.15, 0.15) == made
    assert incompatible(size, grid, 0.15, 0.15) is None


@pytest.mark.parametrize(
    ("size", "grid", "gap", "jitter"), [(8, 3, 0.0, 0.0), (8, 2, 0.3, 0.0), (16, 0, 0.3, 0.4), (24, 3, 0.4, 0.3)]
)
def test_what_is_recommended_in_place_of_a_cut_fits_and_no_larger_value_does(size, grid, gap, jitter):
    words = incompatible(size, grid, gap, jitter)
    assert f"{size}x{size}" in words
    assert "4 are the least" in words
    chosen = words.partition("choose ")[2].split(" or ")
    found = 0
    for name, value in {"gap": gap, "jitter": jitter, "grid": grid}.items():
        for part in (p for p in chosen if p.startswith(f"{name} ")):
            cuts = {"grid": grid, "gap": gap, "jitter": jitter}
            near = float(part.split()[1])
            assert near < value
            assert incompatible(size, **{**cuts, name: int(near) if name == "grid" else near}) is None
            assert name == "grid" or incompatible(size, **{**cuts, name: near + 0.01}) is not None
            found += 1
    least = int(words.rpartition(" at least ")[2].partition("x")[0])
    assert incompatible(least, grid, gap, jitter) is None
    assert incompatible(least - 1, grid, gap, jitter) is not None
    assert found


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
@pytest.mark.parametrize("kind", ["centre", "block", "region"])
def test_a_hole_covers_its_share(kind, share):
    hidden = hole(images(50, size=32), rng(), kind, share).float().mean((1, 2, 3))
    assert hidden.min() > share - 0.05
    assert hidden.mean() < share + 0.05


def test_holes_differ_from_image_to_image_but_for_those_in_the_centre():
    x = images(8, size=32)
    different = {kind: len(hole(x, rng(), kind).flatten(1).unique(dim=0)) for kind in ("centre", "block", "region")}
    assert different["centre"] == 1
    assert different["block"] > 4
    assert different["region"] == 8


def test_a_region_is_no_square():
    where = hole(images(8, size=32), rng(), "region")[:, 0]
    rows, columns = where.any(2).sum(1), where.any(1).sum(1)
    assert (where.sum((1, 2)) < 0.8 * rows * columns).all()


def test_overlapping_patches_share_pixels():
    x = images(2, size=16)
    parts = overlapping(x, 8, 4)
    assert parts.shape == (2, 9, 3, 8, 8)
    assert torch.equal(parts[:, 0, :, :, 4:], parts[:, 1, :, :, :4])
    assert torch.equal(parts[:, 4], x[:, :, 4:12, 4:12])


# --------------------------------------------------------------------------------- tiles in disguise


@pytest.mark.parametrize("channels", [1, 3])
def test_standardised_tiles_have_the_same_light_and_contrast_whatever_they_had(channels):
    gain, offset = torch.rand(6, 9, 1, 1, 1, generator=rng(1)), torch.rand(6, 9, 1, 1, 1, generator=rng(2))
    pattern = torch.rand(6, 9, channels, 6, 6, generator=rng())
    parts = (0.1 + 0.4 * gain) * pattern + 0.3 * offset
    out = standardised(parts)
    deviation, mean = torch.std_mean(out, (2, 3, 4), correction=0)
    assert (mean - 0.5).abs().max() < 0.02 and (deviation - 0.25).abs().max() < 0.02
    torch.testing.assert_close(out, standardised(pattern), rtol=0, atol=1e-5)  # nothing else of them is lost


def test_a_tile_of_one_colour_is_grey_and_its_noise_is_not_enlarged_beyond_measure():
    parts = torch.full((1, 2, 3, 6, 6), 0.9)
    parts[:, 1] += 0.001 * torch.rand(3, 6, 6, generator=rng())
    assert (standardised(parts) - 0.5).abs().max() < 0.02


def test_each_channel_moves_by_itself_by_up_to_a_pixel_in_all_directions():
    parts = images(200 * 2, size=8).view(200, 2, 3, 8, 8)
    out, found = shifted_channels(parts, rng(1)), []
    inside = (slice(1, -1), slice(1, -1))  # where no edge is repeated
    for one, moved in zip(parts.flatten(0, 2), out.flatten(0, 2), strict=True):
        match = [
            (down, right)
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
            if torch.equal(one.roll((-down, -right), (0, 1))[inside], moved[inside])
        ]
        assert len(match) == 1
        found += match
    assert len(set(found)) == 9 and min(map(found.count, set(found))) > 0.6 * len(found) / 9
    channels = [found[i : i + 3] for i in range(0, len(found), 3)]
    assert 0 < sum(len(set(each)) == 1 for each in channels) < 0.1 * len(channels), "not all three together"


def test_a_grey_image_has_no_channels_to_move():
    parts = images(4, 1, 8)[:, None]
    assert shifted_channels(parts, rng()) is parts
