"""Maps: every projection, what it promises and what it refuses."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from explorer import Refused, data
from explorer.evaluation.preparation import preparation
from explorer.evaluation.projections import PROJECTIONS, check, common_axes, following_axes, nearest, project, scaled
from explorer.models.loading import load
from explorer.tasks import request
from explorer.tasks.map import Config, Map, draw
from tests.evaluation.projection_cases import blobs

EVERY = pytest.mark.parametrize("how", PROJECTIONS)


@EVERY
def test_a_projection_gives_a_finite_map_that_its_seed_repeats(how):
    x = blobs().astype(np.float32)
    one, two = project(x, how, seed=3), project(x, how, seed=3)
    assert one.coords.shape == (90, 2)
    assert one.coords.dtype == np.float32
    assert np.isfinite(one.coords).all()
    assert np.array_equal(one.coords, two.coords)
    assert 0.8 < one.trustworthiness <= 1
    assert one.seconds >= 0


@pytest.mark.parametrize("how", ["tsne", "umap"])
@pytest.mark.parametrize("seeds", [(0, 1), (1, 2)])
def test_two_seeds_give_two_maps_of_a_random_projection(how, seeds):
    one, two = (scaled(project(blobs(), how, seed=seed).coords) for seed in seeds)
    assert np.abs(one - two).mean() > 0.1, "of a map whose points lie 1 from its middle"


def test_trustworthiness_is_that_of_ten_neighbours_whatever_a_map_was_drawn_with():
    x = np.random.default_rng(0).normal(size=(100, 6))
    x = (x - x.mean(0)) / (x - x.mean(0)).std()
    for neighbours in (2, 10, 30):
        drawn = project(x, "isomap", neighbours=neighbours)
        assert drawn.trustworthiness == pytest.approx(trustworthiness(x, drawn.coords, n_neighbors=10), abs=1e-4)
    assert project(x[:8], "pca", neighbours=2).trustworthiness == pytest.approx(
        trustworthiness(x[:8], project(x[:8], "pca", neighbours=2).coords, n_neighbors=3), abs=1e-2
    )


def test_a_map_of_another_neighbourhood_size_has_another_address_than_before_and_that_of_ten_its_own():
    asked = [request.request("map", "pixels", "digits", how="pca", neighbours=n) for n in (10, 50)]
    assert [spec.params.get("trust_at") for spec in asked] == [None, "10"]
    assert [Map().config(spec).neighbours for spec in asked] == [10, 50]


@EVERY
def test_blobs_stay_apart_on_every_map(how):
    coords = project(blobs(), how).coords
    coords = (coords - coords.mean(0)) / coords.std(0)
    same = nearest(coords, 5) % 3 == (np.arange(90) % 3)[:, None]
    assert same.mean() > 0.9


LEAST = {"pca": (3, 4), "kernel_pca": (3, 4), "lle": (5, 7), "isomap": (4, 4), "tsne": (4, 6), "umap": (4, 6)}


@EVERY
@pytest.mark.parametrize("dims", [2, 3])
def test_each_projection_has_its_own_least_number_of_points(how, dims):
    least = LEAST[how][dims - 2]
    for few in (1, 2, least - 1):
        with pytest.raises(Refused, match=f"few for .* take at least {least}"):
            project(blobs(few), how, dims=dims)
    for n in (least, 8, 31):
        drawn = project(blobs(n), how, dims=dims)
        assert drawn.coords.shape == (n, dims) and np.isfinite(drawn.coords).all()
    small = project(blobs(8), how)
    words = {"lle": "8 points have 7 neighbours at most", "tsne": "a perplexity of 30 needs 91 points: with 8, that of"}
    said = words.get("lle" if "neighbours" in PROJECTIONS[how].reads else how, "")
    assert not said or any(note.startswith(said) for note in small.notes)


@pytest.mark.parametrize("how", ["kernel_pca", "lle", "isomap"])
def test_a_projection_whose_memory_grows_with_the_square_refuses_many_points_at_once(how):
    with pytest.raises(
        Refused, match=r"5,001 points are too many for .*square of them \(0 GB here\): take at most 5,000"
    ):
        project(np.zeros((5001, 2)), how)
    with pytest.raises(Refused, match=r"60,000 points are too many.*\(29 GB here\)"):
        check(how, 60_000)
    assert request.request("map", "pixels", "digits", how="pca", n=60_000).params["n"] == 60_000


@EVERY
@pytest.mark.parametrize("x", [
    pytest.param(np.pad(blobs(40), ((0, 0), (0, 3)), constant_values=7.0), id="constant columns"),
    pytest.param(np.repeat(blobs(5), 8, 0), id="five places"),
    pytest.param(np.arange(40.0)[:, None] * [1, 1], id="a line"),
    pytest.param(blobs(40) * 1e-12, id="tiny"), pytest.param(blobs(40) * 1e12 + 1e13, id="huge"),
])  # fmt: skip
def test_odd_features_have_a_map_or_a_sentence(how, x):
    try:
        drawn = project(x.astype(np.float32), how, dims=3)
    except Refused as refused:
        assert "found no map" in str(refused)
    else:
        assert np.isfinite(drawn.coords).all() and 0 <= drawn.trustworthiness <= 1
        assert len(np.unique(x, axis=0)) == 40 or "35 of 40 points are copies of others" in " ".join(drawn.notes)


def test_a_degenerate_map_and_a_graph_in_parts_are_said():
    x = blobs(90, 20)
    assert "90% of the points lie in 3 places: this map is degenerate" in project(x, "lle").notes[-1]
    assert "falls into 3 parts, each of which LLE draws as a point" in project(x, "lle").notes[0]
    assert "falls into 3 parts, which are joined by their shortest links" in project(x, "isomap").notes[0]
    assert not project(np.random.default_rng(0).normal(size=(90, 3)), "isomap").notes


@EVERY
def test_the_options_that_a_projection_reads_change_its_map_and_no_others_do(how):
    x, plain = blobs(60) + 1, project(blobs(60) + 1, how).coords
    changed = {"neighbours": 6, "perplexity": 5.0, "min_dist": 0.6, "kernel_width": 0.5, "metric": "cosine", "seed": 5}
    for option, value in changed.items():
        same = np.allclose(project(x, how, **{option: value}).coords, plain, atol=1e-6)
        reads = option in PROJECTIONS[how].reads or option == "metric" or (how, option) == ("tsne", "neighbours")
        assert same != reads, option


def test_the_cosine_sees_directions_alone():
    x = np.random.default_rng(0).normal(size=(40, 5))
    longer = (x - x.mean(0)) * np.random.default_rng(1).uniform(1, 9, (40, 1))
    longer -= longer.mean(0)
    found = preparation(longer, "cosine").apply(longer)
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    assert np.allclose(found, longer / np.linalg.norm(longer, axis=1, keepdims=True))


@EVERY
def test_a_collapsed_representation_is_refused(how):
    with pytest.raises(Refused, match="collapsed"):
        project(np.full((60, 4), 0.3, np.float32), how)


@EVERY
def test_images_that_occur_twice_do_not_break_a_map(how):
    assert np.isfinite(project(np.repeat(blobs(45), 2, 0), how).coords).all()


@EVERY
def test_a_code_of_a_single_number_has_a_map(how):
    x = np.random.default_rng(0).normal(size=(60, 1))
    assert project(x, how).trustworthiness > 0.9


@pytest.mark.parametrize(("x", "how", "neighbours", "words"), [
    (blobs(), "tsen", 10, "did you mean 'tsne'"),
    (blobs(), "pca", 1, "at least 2"),
    (np.where(np.arange(6) == 2, np.nan, blobs()), "pca", 10, "some features are not finite"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_refused(x, how, neighbours, words):
    with pytest.raises(Refused, match=words):
        project(x, how, neighbours=neighbours)


def test_the_map_of_principal_components_is_the_plane_of_greatest_spread():
    x = blobs()
    x -= x.mean(0)
    values = np.linalg.svd(x / x.std(), compute_uv=False)
    coords = project(x, "pca").coords
    assert np.allclose(np.linalg.norm(coords, axis=0), values[:2], rtol=1e-4)
    assert project(x[:, :2], "pca").trustworthiness == 1  # nothing is lost from a plane


def test_the_nearest_are_those_of_the_largest_cosine():
    x = blobs(40)
    z = x - x.mean(0)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    for i, found in enumerate(nearest(x, 4)):
        slow = sorted((j for j in range(40) if j != i), key=lambda j: -z[i] @ z[j])[:4]
        assert found.tolist() == slow


def test_a_map_job_holds_a_balanced_part_of_the_probe_set():
    digits = data.load("digits")
    asked = request.request("map", "pixels", "digits", how="pca", n=60).params
    cfg = Config.read({name: value for name, value in asked.items() if name != "origin"}, "map")
    made = draw(load("pixels", digits), digits, cfg)
    assert set(made["rows"]) <= set(digits.probe()[0])
    assert np.bincount(made["y"]).tolist() == [6] * 10
    assert (made["y"] == digits.splits["validation"].y[made["rows"]]).all()
    assert made["coords"].shape == (60, 2)
    assert made["neighbours"].shape == (60, 10)
    assert made["features"].dtype == np.float16
    assert (made["y"][made["neighbours"]] == made["y"][:, None]).mean() > 0.3  # chance 0.08, at most 0.5


def test_scaled_features_have_a_mean_of_zero_and_a_length_of_one():
    z = scaled(blobs().astype(np.float16) * 3 + 7)
    assert z.dtype == np.float32
    assert np.allclose(z.mean(0), 0, atol=1e-6)
    assert np.isclose((z**2).sum(1).mean(), 1)
    broken = np.where(np.arange(6) == 2, np.nan, blobs())
    assert np.isfinite(scaled(broken)).all()
    assert scaled(np.ones((5, 1))).tolist() == [[0, 0]] * 5


def test_the_common_axes_are_those_of_a_pca_whatever_their_sign():
    x, y = blobs(), np.arange(90) % 3
    axes = common_axes(x, y)
    _, _, directions = np.linalg.svd(scaled(x), full_matrices=False)
    assert np.allclose(np.abs(axes), np.abs(directions[:2].T), atol=1e-4)
    clock = 2 * np.pi * np.arange(3) / 3
    for axis, towards in zip(axes.T, (np.sin(clock), np.cos(clock)), strict=True):
        assert [(scaled(x)[y == label] @ axis).mean() for label in range(3)] @ towards >= 0


def test_the_common_axes_do_not_turn_over_when_the_features_do():
    x, y = blobs(), np.arange(90) % 3
    assert np.allclose(scaled(x) @ common_axes(x, y), scaled(-x) @ common_axes(-x, y), atol=1e-4)


@pytest.mark.parametrize("turn", [np.diag([-1.0, 1.0]), np.array([[0.0, 1.0], [1.0, 0.0]]), -np.eye(2)])
def test_the_axes_of_the_next_frame_neither_turn_nor_flip_the_map(turn):
    x = blobs()
    before = scaled(x) @ common_axes(x, np.arange(90) % 3) @ turn
    after = x + 0.05 * np.random.default_rng(1).normal(size=x.shape)
    coords = scaled(after) @ following_axes(after, before)
    assert np.corrcoef(coords[:, 0], before[:, 0])[0, 1] > 0.95 < np.corrcoef(coords[:, 1], before[:, 1])[0, 1]
    _, _, directions = np.linalg.svd(scaled(after), full_matrices=False)
    axes = following_axes(after, before)
    assert np.allclose(axes @ axes.T, directions[:2].T @ directions[:2], atol=1e-4), "the plane is that of the PCA"
