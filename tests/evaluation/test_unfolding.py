"""A map for each frame of a training, and what its neighbours say."""

import numpy as np
import pytest

from explorer import Refused
from explorer.evaluation import unfolding

N, CLASSES = 60, 3


@pytest.fixture(scope="module")
def frames():
    """An untrained network's features without order, then those of a trained one: a cluster for each class."""
    rng, y = np.random.default_rng(0), np.arange(N) % CLASSES
    noise = rng.normal(size=(N, 8)).astype(np.float32)
    clusters = np.eye(8, dtype=np.float32)[y] * 10 + 0.3 * noise
    rows = np.arange(N) + 5
    return {step: {"features": x, "rows": rows, "y": y} for step, x in {0: noise, 7: clusters, 9: clusters}.items()}


@pytest.fixture(scope="module")
def stored(frames, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    images = np.random.default_rng(1).integers(0, 255, (N, 1, 4, 4), dtype=np.uint8)
    (folder / unfolding.FILE).write_bytes(unfolding.as_bytes(frames, images))
    return unfolding.read(folder)


def test_what_is_stored_has_a_place_for_every_image_in_every_frame(stored):
    assert stored.coords.shape == (3, N, 2)
    assert np.isfinite(stored.coords).all()
    assert (list(stored.steps), stored.rows[0]) == ([0, 7, 9], 5)


def test_classes_that_gather_are_seen_and_those_that_do_not_are_not(stored):
    before, after, pixels = stored.agreement
    assert after > 0.95
    assert max(before, pixels) < 0.6, "by chance a third"


def test_what_does_not_change_stays_where_it_is(stored):
    moved = np.linalg.norm((stored.coords[2] - stored.coords[1]).astype(np.float32), axis=1).mean()
    assert moved < 0.25 * stored.coords[1].astype(np.float32).std()


def test_a_map_is_turned_onto_the_one_before_and_keeps_its_size(frames, monkeypatch):
    plane = np.random.default_rng(2).normal(size=(N, 2))
    plane = (plane - plane.mean(0)) / (plane - plane.mean(0)).std()
    quarter = plane @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    layouts = iter([plane, quarter, 3 * quarter / 3])
    monkeypatch.setattr(unfolding, "_layout", lambda x, start, seed: next(layouts))
    out = unfolding.unfold([frame["features"] for frame in frames.values()])
    np.testing.assert_allclose(out[1], out[0], atol=1e-5)
    np.testing.assert_allclose(out[2], out[0], atol=1e-5)


def test_the_same_seed_gives_the_same_maps(frames):
    features = [frame["features"] for frame in frames.values()][:2]
    first, again = unfolding.unfold(features, seed=3), unfolding.unfold(features, seed=3)
    np.testing.assert_array_equal(first, again)


def test_a_truncated_map_is_refused(frames, tmp_path):
    whole = unfolding.as_bytes(frames, np.zeros((N, 1, 4, 4), np.uint8))
    for n in (0, 100, len(whole) // 2):
        (tmp_path / unfolding.FILE).write_bytes(whole[:n])
        with pytest.raises(Refused, match="cannot be read"):
            unfolding.read(tmp_path)
