"""Maps: every projection, what it promises and what it refuses."""

import re
import sys

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, LocallyLinearEmbedding, trustworthiness
from sklearn.manifold import Isomap as SlowIsomap

from explorer import Refused, data, runs
from explorer.engine import worker
from explorer.evaluation import manifolds, tsne
from explorer.evaluation.projections import PROJECTIONS, common_axes, following_axes, nearest, project, scaled
from explorer.models.loading import load
from explorer.runs import Run
from explorer.tasks import request
from explorer.tasks.map import Config, Map, draw

EVERY = pytest.mark.parametrize("how", PROJECTIONS)


def blobs(n=90, dims=6, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(3, dims)) * 6)[np.arange(n) % 3] + rng.normal(size=(n, dims))


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


def features(name, n=200):
    """Features as maps are drawn of: the pixels of digits, blobs, one cloud; centred, on one scale."""
    digits = data.load("digits").splits["validation"].x.reshape(-1, 64).astype(float)
    cloud = np.random.default_rng(0).normal(size=(n, 6)) * [6, 5, 4, 3, 2, 1]
    x = {"digits": digits, "blobs": blobs(n, 20), "cloud": cloud}[name][:n]
    return (x - x.mean(0)) / (x - x.mean(0)).std()


def divergence(x, coords, perplexity):
    """Kullback-Leibler divergence (nats) of a map from the affinities of the features, exactly, by scikit-learn."""
    steps = {"method": "exact", "init": coords, "max_iter": 260, "early_exaggeration": 1, "learning_rate": 1e-9}
    return TSNE(2, perplexity=perplexity, **steps).fit(x).kl_divergence_


@pytest.mark.parametrize(("name", "seed", "neighbours"), [
    ("digits", 0, 5), ("digits", 0, 10), ("digits", 1, 10), ("blobs", 0, 10), ("digits", 0, 50),
])  # fmt: skip
def test_t_sne_is_as_good_as_that_of_scikit_learn(name, seed, neighbours):
    x, perplexity = features(name), 3 * neighbours
    drawn = project(x, "tsne", seed, neighbours)
    slow = TSNE(2, perplexity=perplexity, init="random" if seed else "pca", random_state=seed).fit_transform(x)
    theirs, ours = (divergence(x, coords, perplexity) for coords in (slow, drawn.coords))
    assert ours < 1.15 * theirs + 0.01, "nats; both end in a local minimum"
    assert drawn.trustworthiness > trustworthiness(x, slow, n_neighbors=10) - 0.02


def test_seed_0_of_t_sne_starts_at_the_principal_components(monkeypatch):
    for name in ("EXAGGERATED", "PLAIN"):
        monkeypatch.setattr(tsne, name, 0)
    x = features("digits")
    start, plane = project(x, "tsne").coords, project(x, "pca").coords
    assert np.abs(np.corrcoef(start.T, plane.T)[:2, 2:]) == pytest.approx(np.eye(2), abs=1e-2)


def test_t_sne_reports_its_steps_up_to_the_last():
    seen = []
    project(blobs(), "tsne", progress=lambda step, of: seen.append((step, of)))
    assert seen == [(step, 15) for step in range(1, 16)]


@pytest.mark.parametrize(("answer", "steps"), [(None, 15), (False, 15), ("an object", 15), (True, 1)])
def test_t_sne_is_stopped_by_true_alone(answer, steps):
    seen = []
    drawn = project(blobs(), "tsne", progress=lambda step, of: (seen.append(step), answer)[1])
    assert len(seen) == steps and len(drawn.coords) == len(blobs())


def asked_for(**options):
    """A job of a map of 60 digits, and its map as it is drawn without a job."""
    spec = request.request("map", "pixels", "digits", how="tsne", n=60, neighbours=5, **options)
    digits = data.load("digits")
    return runs.create(spec), draw(load("pixels", digits), digits, Map().config(spec))


@pytest.mark.parametrize("seed", [0, 1])
def test_the_map_of_a_job_is_the_one_that_is_drawn_without_it(seed):
    run, plain = asked_for(seed=seed)
    worker.here(run)
    assert (run.status.state, run.status.step, run.status.steps) == ("done", 15, 15)
    np.testing.assert_array_equal(run.result()["coords"], plain["coords"])


def test_a_map_that_is_stopped_while_t_sne_optimises_leaves_no_result(monkeypatch):
    run, _ = asked_for(seed=0)
    reported, update = [], Run.update

    def stop_after_the_second_report(self, **fields):
        if "steps" in fields:
            reported.append(fields["step"])
        if reported == [1, 2]:
            self.request_stop()
        return update(self, **fields)

    monkeypatch.setattr(Run, "update", stop_after_the_second_report)
    worker.here(run)
    assert reported == [1, 2]
    assert run.status.state == "stopped" and not (run.folder / "result.npz").exists()


def test_a_machine_without_the_package_of_t_sne_is_told_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    words = "t-SNE needs the package openTSNE, which is not installed: run 'pip install -r requirements.txt' or choose"
    with pytest.raises(Refused, match=re.escape(words)):
        project(blobs(), "tsne")


def test_a_map_by_another_library_has_another_address_than_before_and_one_that_comes_along_its_own():
    own = request.request("map", "pixels", "digits", how="tsne")
    assert own.params["library"] == "openTSNE" and Map().config(own).how == "tsne"
    along = request.request("map", "digits-simclr", "digits", how="tsne")
    assert "library" not in along.params and runs.find(runs.address(along)).shipped
    assert "library" in request.request("map", "digits-simclr", "digits", how="tsne", seed=1).params


def same_up_to_sign(one, other):
    """The largest difference of two maps whose axes may point the other way, as a share of their extent."""
    return np.abs(one * np.sign((one * other).sum(0)) - other).max() / np.abs(other).max()


@pytest.mark.parametrize("name", ["digits", "cloud"])
@pytest.mark.parametrize(("how", "slow"), [
    ("isomap", lambda: SlowIsomap(n_neighbors=10, eigen_solver="dense")),
    ("lle", lambda: LocallyLinearEmbedding(n_neighbors=10, eigen_solver="dense")),
    ("pca", lambda: PCA(2, svd_solver="full")),
])  # fmt: skip
def test_the_quick_solver_finds_the_axes_of_the_slow_one_with_any_seed(how, slow, name, monkeypatch):
    for many in ("MANY_FOR_ISOMAP", "MANY_FOR_LLE"):
        monkeypatch.setattr(manifolds, many, 0)
    x = features(name, 300)
    expected = slow().fit_transform(x)
    for module in ("decomposition._kernel_pca", "manifold._locally_linear"):
        monkeypatch.setattr(f"sklearn.{module}.eigh", None)  # whoever calls the dense solver fails
    for seed in (0, 1):
        one, two = (project(x, how, seed).coords for _ in range(2))
        assert same_up_to_sign(one, expected) < 1e-5
        assert np.array_equal(one, two)


@pytest.mark.parametrize("how", ["isomap", "lle"])
@pytest.mark.parametrize("x", [blobs(), np.repeat(blobs(45), 2, 0)], ids=["in parts", "twice"])
def test_many_points_in_parts_have_the_map_of_few(how, x, monkeypatch):
    expected = project(x, how, seed=1).coords
    for many in ("MANY_FOR_ISOMAP", "MANY_FOR_LLE"):
        monkeypatch.setattr(manifolds, many, 0)
    assert np.array_equal(project(x, how, seed=1).coords, expected)


def test_a_solver_that_gives_up_is_followed_by_the_dense_one(monkeypatch):
    x, solved, tried = features("cloud"), manifolds.LLE._solved, []

    def gives_up(self, x, solver):
        tried.append(solver)
        if solver == "arpack":
            raise ValueError("Error in determining null-space with ARPACK")
        return solved(self, x, solver)

    monkeypatch.setattr(manifolds, "MANY_FOR_LLE", 0)
    monkeypatch.setattr(manifolds.LLE, "_solved", gives_up)
    assert project(x, "lle").trustworthiness > 0.5
    assert tried == ["arpack", "dense"]


def test_a_map_of_another_start_has_another_address_and_seed_0_keeps_its_own():
    asked = [request.request("map", "pixels", "digits", how="tsne", seed=seed) for seed in (0, 1)]
    assert [spec.params.get("start") for spec in asked] == [None, "random"]
    assert [Map().config(spec).seed for spec in asked] == [0, 1]


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


@EVERY
def test_too_few_points_are_refused_with_the_number_that_is_needed(how):
    with pytest.raises(Refused, match="at least 32"):
        project(blobs(31), how)
    assert project(blobs(32), how).coords.shape == (32, 2)


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
