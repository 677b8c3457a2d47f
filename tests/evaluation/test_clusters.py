"""Clusters: found, scored against labels, and the images that each is about."""

import tracemalloc

import numpy as np
import pytest

from explorer import Refused
from explorer.evaluation.clusters import NOISE, find, typical
from explorer.evaluation.map_spread import spread
from explorer.evaluation.projections import project
from explorer.tasks import request
from explorer.tasks.cluster import Config
from tests.evaluation.projection_cases import blobs

X, Y = blobs(92), np.arange(92) % 3


@pytest.mark.parametrize("how", ["kmeans", "hdbscan"])
def test_blobs_are_found_and_agree_with_their_labels(how):
    found = find(X, Y, how, k=3)
    assert found.sizes.tolist() == [31, 31, 30] and found.outside == 0
    assert (found.ari, found.nmi) == (pytest.approx(1), pytest.approx(1)) and found.silhouette > 0.5
    assert sorted(found.labels) == [0, 1, 2] and found.purity.tolist() == [1, 1, 1]
    assert np.array_equal(find(X, Y, how, k=3).cluster, found.cluster)
    for i, points in enumerate(found.typical):
        assert len(set(points)) == 8 and (found.cluster[points] == i).all()


def test_labels_that_say_nothing_agree_by_chance_and_one_class_has_no_agreement():
    shuffled = np.random.default_rng(0).permutation(Y)
    assert abs(find(X, shuffled, k=3).ari) < 0.1
    assert find(X, np.zeros(92, int), k=3).ari is None


def test_points_between_the_clusters_are_in_none():
    far = np.concatenate([X, np.random.default_rng(1).uniform(-60, 60, (6, X.shape[1]))])
    found = find(far, np.append(Y, [0] * 6), "hdbscan")
    assert (found.cluster[92:] == NOISE).all() and found.outside >= 6 and len(found.sizes) == 3
    noise = find(np.random.default_rng(0).normal(size=(60, 30)), np.arange(60) % 2, "hdbscan")
    assert noise.silhouette is None or len(noise.sizes) >= 2


def test_a_cluster_is_about_points_near_its_mean_and_far_from_the_next():
    x = np.array([[0.0], [1], [2], [3], [10], [11], [12], [13]])
    assert typical(x, np.repeat([0, 1], 4), 2).tolist() == [[1, 2], [6, 5]]
    assert typical(x, np.zeros(8, int), 3).tolist() == [[3, 4, 2]], "one cluster alone: near its mean"


def test_a_cluster_of_a_few_among_many_has_a_silhouette():
    x = np.random.default_rng(0).normal(size=(12_000, 2))
    x[:2] += 50
    found = find(x, np.zeros(12_000, int), k=2)
    assert found.sizes.tolist() == [11_998, 2] and found.silhouette > 0.9


def test_typical_points_of_many_clusters_take_little_memory():
    x = np.random.default_rng(0).normal(size=(2000, 64))
    tracemalloc.start()
    typical(x, np.maximum(np.arange(2000) - 1900, 0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


@pytest.mark.parametrize(("more", "words"), [
    ({"k": 1}, "cannot form 1 clusters"), ({"k": 93}, "cannot form 93"),
    ({"how": "hdbscan", "min_cluster_size": 93}, "at least 93"),
])  # fmt: skip
def test_what_cannot_be_clustered_is_refused(more, words):
    with pytest.raises(Refused, match=words):
        find(X, Y, **more)
    with pytest.raises(Refused, match="collapsed"):
        find(np.ones((20, 3)), np.zeros(20, int), k=2)


def test_clusters_are_a_job_on_the_images_of_a_map(answer, tmp_path):
    out = tmp_path / "clusters.npz"
    said = answer("cluster", "pixels", "digits", "--n", "200", "--out", str(out))
    assert said["clusters"] == 10 and 0.3 < said["nmi"] < 1 and sum(said["sizes"]) == 200
    with np.load(out) as made:
        assert made["cluster"].shape == made["rows"].shape == (200,) and made["typical"].shape == (10, 8)
    assert request.request("cluster", "pixels", "digits", how="hdbscan").title == "HDBSCAN of pixels, Digits"
    assert Config.model_fields["k"].description


def test_maps_are_laid_upon_each_other_and_what_moves_is_told_from_what_stays():
    rng = np.random.default_rng(0)
    one = rng.normal(size=(50, 2))
    turned = [5 * one @ [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]] * [1, side] + 3
              for a, side in ((0, 1), (1, 1), (2, -1))]  # fmt: skip
    still = spread(turned)
    assert still.whole < 1e-6 and still.aligned.shape == (3, 50, 2)
    moved = [it.copy() for it in turned]
    moved[1][7] += 8
    found = spread(moved)
    assert found.of_points.argmax() == 7 and found.of_points[7] > 4 * np.median(found.of_points)
    chance = spread([rng.normal(size=(200, 2)) for _ in range(5)]).whole
    assert 0.8 < chance < 1, "maps that have nothing in common"
    seeds = spread([project(blobs(60), "tsne", seed=seed).coords for seed in range(3)])
    assert 0 < seeds.whole < 0.8
    with pytest.raises(Refused, match="two or more maps"):
        spread(turned[:1])
