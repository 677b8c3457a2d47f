"""Frames of shipped models: few, balanced, on axes that they share."""

import numpy as np
import pytest

from explorer.evaluation import sphere
from explorer.evaluation.projections import common_axes, on_axes, scaled
from explorer.runs import Run
from explorer.tasks.publish import frames


@pytest.fixture
def run(tmp_path):
    """A run whose 40 frames turn from noise to ten clusters."""
    rng = np.random.default_rng(0)
    run, y = Run(tmp_path), rng.permutation(np.repeat(np.arange(10), 100))
    centres, noise = rng.normal(size=(10, 64)), rng.normal(size=(1000, 64))
    for step in range(40):
        features = (centres[y] * step / 39 + noise * (40 - step) / 40).astype(np.float16)
        pictures = np.zeros((16, 1, 8, 8), np.uint8)
        run.write_frame(step, features=features, rows=np.arange(1000), y=y, gallery_of=pictures, measure_kl=np.ones(3))
    return run


def test_there_are_few_frames_the_first_and_the_last_among_them(run):
    kept, shares = frames.slim(run, pictures=True)
    assert len(kept) == frames.FRAMES and {0, 39} <= set(kept)
    assert list(shares) == list(kept)


def test_a_frame_holds_few_balanced_rows_on_sixteen_components(run):
    for frame in frames.slim(run, pictures=True)[0].values():
        assert (frame["features"].shape, frame["features"].dtype) == ((500, 16), np.float16)
        assert np.bincount(frame["y"]).tolist() == [50] * 10
        assert (frame["rows"][:16] == np.arange(16)).all(), "the gallery shows the first rows"
        assert {"gallery_of", "measure_kl"} <= frame.keys()


def test_pictures_are_left_out_where_they_must_not_be_given_away(run):
    for frame in frames.slim(run, pictures=False)[0].values():
        assert set(frame) == {"features", "rows", "y", "measure_kl"}


def test_the_map_of_the_last_frame_is_that_of_the_whole_features(run):
    frame = frames.slim(run, pictures=True)[0][39]
    whole = run.frame(39)["features"][frame["rows"]]
    maps = [on_axes(x, common_axes(x, frame["y"])) for x in (whole, frame["features"])]
    assert np.corrcoef(maps[0].ravel(), maps[1].ravel())[0, 1] > 0.98


def test_the_share_of_variance_that_is_kept_is_stated(run):
    kept, shares = frames.slim(run, pictures=True)
    whole = scaled(run.frame(0)["features"][kept[0]["rows"]])
    assert shares[0] == pytest.approx((kept[0]["features"].astype(float) ** 2).sum() / (whole**2).sum(), abs=2e-3)
    assert shares[0] < shares[39] <= 1


@pytest.mark.parametrize(("y", "n", "counts"), [([0] * 9 + [1] * 3, 6, [3, 3]), ([0] * 9 + [1], 6, [5, 1])])
def test_rows_are_balanced_as_far_as_the_classes_reach(y, n, counts):
    rows = frames.first_of_each_class(np.array(y), n)
    assert np.bincount(np.array(y)[rows]).tolist() == counts
    assert (np.diff(rows) > 0).all()


def test_a_representation_of_fewer_numbers_keeps_all_of_them(tmp_path):
    rng, run = np.random.default_rng(0), Run(tmp_path)
    run.write_frame(0, features=rng.normal(size=(30, 2)), rows=np.arange(30), y=np.arange(30) % 3)
    kept, shares = frames.slim(run, pictures=True)
    assert (kept[0]["features"].shape, shares) == ((30, 2), {0: 1.0})


def test_the_projection_is_kept_where_it_lies_on_the_plane_of_all_frames(tmp_path):
    rng, run = np.random.default_rng(0), Run(tmp_path)
    stored = {step: sphere.packed(rng.normal(size=(30, 64))) for step in (0, 1)}
    for step, z in stored.items():
        run.write_frame(step, features=rng.normal(size=(30, 8)), rows=np.arange(30), y=np.arange(30) % 3, projection=z)
    kept, _ = frames.slim(run, pictures=True)
    plane = sphere.plane(sphere.opened(stored[1]), sphere.plane(sphere.opened(stored[0])))
    for step, frame in kept.items():
        assert (frame[sphere.STORED].shape, frame[sphere.STORED].dtype) == ((30, 2), np.float16)
        whole = sphere.on_plane(sphere.opened(stored[step]), plane.axes)
        np.testing.assert_allclose(frame[sphere.STORED], whole, atol=1e-3)
