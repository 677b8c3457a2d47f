"""The map of a projection: one plane for all frames, in the unit disc, on which a collapse is a point."""

import numpy as np
import pytest

from explorer.evaluation import sphere
from explorer.evaluation.health import unit


def points(seed=0, n=200, p=16, apart=1.0):
    """Images on the unit sphere, so far apart."""
    rng = np.random.default_rng(seed)
    return unit(rng.normal(size=(1, p)) * 3 * (1 - apart) + apart * rng.normal(size=(n, p))).astype(np.float32)


def drawn(frames):
    """The map of each frame on the plane of all."""
    plane = None
    for frame in frames:
        plane = sphere.plane(frame, plane)
    return [sphere.on_plane(frame, plane.axes) for frame in frames], plane.axes


def test_a_stored_projection_is_of_unit_length_up_to_a_byte():
    z = 7 * points() * np.linspace(0.1, 9, 200)[:, None]
    stored = sphere.packed(z)
    assert (stored.dtype, stored.nbytes) == (np.int8, z.size)
    np.testing.assert_allclose(sphere.opened(stored), unit(z), atol=0.51 / sphere.SCALE)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_what_is_no_number_is_stored_all_the_same(value):
    assert np.isfinite(sphere.opened(sphere.packed(np.full((3, 4), value, np.float32)))).all()


@pytest.mark.parametrize("apart", [0.001, 0.3, 1.0])
def test_every_map_lies_in_the_unit_disc(apart):
    maps, axes = drawn([points(seed, apart=apart) for seed in range(4)])
    np.testing.assert_allclose(axes.T @ axes, np.eye(2), atol=1e-5)
    assert max(np.linalg.norm(coords, axis=1).max() for coords in maps) <= 1 + 1e-5


def test_a_collapse_is_a_point_beside_what_was_before_and_is_not_scaled_up():
    (before, after), _ = drawn([points(0), points(1, apart=0.001)])
    assert before.std(0).min() > 0.2 and after.std(0).max() < 0.001
    (alone,), _ = drawn([points(1, apart=0.001)])
    assert alone.std(0).max() < 0.001, "nor where there is nothing else"


def spread_along(*scales, seed=0):
    """Images around the last axis of eight, so far apart along the first ones."""
    rng, sizes = np.random.default_rng(seed), np.zeros(8)
    sizes[: len(scales)] = scales
    return unit(sizes * rng.normal(size=(400, 8)) + np.eye(8)[7]).astype(np.float32)


def test_no_other_plane_shows_images_farther_apart_on_average_over_the_frames():
    frames = [spread_along(1, 1), spread_along(0.02, 0.02, 0.1), spread_along(0, 0, 0, 0.05, 0.05)]
    maps, _ = drawn(frames)
    scatter = sum(np.square(coords - coords.mean(0)).sum(1).mean() for coords in maps)
    rng = np.random.default_rng(0)
    for _ in range(50):
        axes = np.linalg.qr(rng.normal(size=(8, 2)))[0]
        others = [frame @ axes for frame in frames]
        assert sum(np.square(coords - coords.mean(0)).sum(1).mean() for coords in others) < scatter


def test_the_map_of_a_training_that_goes_on_neither_turns_nor_flips():
    first = sphere.plane(spread_along(0.5, 0.45))
    frame = spread_along(0.4, 0.6, seed=1)  # the second axis is now the larger one
    then = sphere.plane(frame, first)
    before, now = sphere.on_plane(frame, first.axes), sphere.on_plane(frame, then.axes)
    np.testing.assert_allclose(now, before, atol=0.1)
    assert np.ptp(before) > 1


def test_a_published_map_of_two_numbers_is_drawn_as_it_was():
    frames = [points(0), points(1)]
    (_, last), _ = drawn(frames)
    (_, again), _ = drawn([sphere.opened(it.astype(np.float16)) for it in drawn(frames)[0]])
    distance = lambda x: np.linalg.norm(x[:, None] - x, axis=2)  # noqa: E731
    np.testing.assert_allclose(distance(again), distance(last), atol=2e-3)
