"""A place on a map as a code, what lies around a code, densities of codes."""

import time

import numpy as np
import pytest

from explorer import Refused, data
from explorer.evaluation import code_density, latent_points
from explorer.models import loading


@pytest.fixture(scope="module")
def codes():
    return np.random.default_rng(0).normal(size=(1000, 10)).astype(np.float32)


def test_a_place_at_a_point_of_the_map_is_its_code_and_one_between_two_lies_between(codes):
    coords = np.random.default_rng(1).normal(size=(1000, 2))
    assert np.allclose(latent_points.code_at(coords, codes, coords[17]), codes[17], atol=1e-6)
    line = np.stack([np.arange(6.0), np.zeros(6)], 1)
    along = np.stack([np.arange(6.0), 2 * np.arange(6.0)], 1)
    between = latent_points.code_at(line, along, np.array([2.5, 0]))
    assert between == pytest.approx([2.5, 5], rel=0.02)


@pytest.mark.parametrize("far", [1e6, 1e25, 1e160, 1e300])
def test_far_outside_the_map_the_code_stays_among_the_others(codes, far):
    code = latent_points.code_at(codes[:, :2], codes, np.array([far, far]))
    assert (np.abs(code) <= np.abs(codes).max()).all()


def test_the_nearest_of_a_code_is_itself_and_few_lie_far_out(codes):
    here = latent_points.around(codes, codes[5])
    assert here.near[0] == 5
    assert len(here.near) == latent_points.NEAR
    centre, far = (latent_points.around(codes, code).density for code in (np.zeros(10), np.full(10, 9.0)))
    assert far < 0.3 < 1 < centre


def test_a_decoded_points_neighbours_come_within_a_tenth_of_a_second_of_work(codes):
    dataset = data.load("digits")
    model = loading.load("pca:10", dataset)
    bank = model.embed(dataset.splits["validation"].x[:])
    latent_points.around(bank, bank[0])
    began = time.process_time()
    for _ in range(5):
        latent_points.around(codes, codes[3])
    assert (time.process_time() - began) / 5 < 0.1


def test_arithmetic_and_the_plane_in_which_codes_vary_most():
    assert latent_points.arithmetic(np.array([[3, 1], [1, 1], [5, 0]])).tolist() == [7, 0]
    line = np.random.default_rng(0).normal(size=(50, 1))
    found = latent_points.plane(line)
    assert np.allclose([found.code(at) for at in found.coords], line, atol=1e-5)
    assert (found.coords[:, 1] == 0).all()
    wide = np.random.default_rng(1).normal(size=(200, 5)) * [9, 1, 1, 1, 5]
    assert np.abs(latent_points.plane(wide).directions).argmax(1).tolist() == [0, 4]
    assert latent_points.plane(wide).coords.std(0) == pytest.approx([1, 1])


@pytest.mark.parametrize("act", [
    lambda flat: latent_points.code_at(np.zeros((30, 2)), flat, np.zeros(2)),
    lambda flat: latent_points.around(flat, flat[0]),
    latent_points.plane,
    lambda flat: code_density.estimate("mixture", flat, flat),
])  # fmt: skip
def test_a_collapsed_code_is_refused(act):
    with pytest.raises(Refused, match="has not collapsed"):
        act(np.ones((40, 3), np.float32))


def test_two_clusters_are_found_by_a_mixture_and_a_kernel_and_not_by_one_gaussian():
    rng = np.random.default_rng(0)
    draw = lambda n: (rng.normal(size=(n, 2)) * 0.3 + rng.choice([-4, 4], (n, 1))).astype(np.float32)  # noqa: E731
    codes, others = draw(600), draw(300)
    found = {name: code_density.estimate(name, codes, others) for name in (*code_density.DENSITIES, "prior")}
    assert (
        found["mixture"].likelihood
        > found["kernel"].likelihood
        > found["gaussian"].likelihood
        > found["prior"].likelihood
    )
    true = -np.log(2) - np.log(2 * np.pi * 0.09) - 1  # of two equal Gaussians that are far apart
    assert found["mixture"].likelihood == pytest.approx(true, abs=0.1)
    for name in ("mixture", "kernel"):
        drawn = found[name].sample(200, 1)
        assert drawn.shape == (200, 2)
        assert (np.abs(np.abs(drawn) - 4) < 2).mean() > 0.97
        assert 0.3 < (drawn[:, 0] > 0).mean() < 0.7


def test_the_likelihood_of_the_prior_is_known():
    z = np.zeros((40, 3))
    z[0] = 1
    found = code_density.estimate("prior", np.random.default_rng(0).normal(size=(40, 3)), z)
    assert found.likelihood == pytest.approx(-1.5 * np.log(2 * np.pi) - 0.5 * 3 / 40)
    assert found.sample(5000).std() == pytest.approx(1, abs=0.03)


def test_a_dead_dimension_does_not_decide_which_density_is_likeliest():
    rng = np.random.default_rng(0)
    live, dead = rng.normal(size=(800, 3)), rng.normal(size=(800, 2)) * 1e-3
    z, names = np.concatenate([live, dead], 1), ("gaussian", "prior")
    alone = {name: code_density.estimate(name, live[:400], live[400:]) for name in names}
    both = {name: code_density.estimate(name, z[:400], z[400:]) for name in names}
    for name in names:
        assert both[name].live.tolist() == [True] * 3 + [False] * 2
        assert both[name].likelihood == pytest.approx(alone[name].likelihood, abs=1e-6)
        assert both[name].sample(7).shape == (7, 5)
        assert np.abs(both[name].sample(7)[:, 3:]).max() < 1e-3
    told = code_density.estimate("prior", z[:400], z[400:], dead=np.array([0, 1, 1, 1, 1], bool))
    assert told.live.tolist() == [True] + [False] * 4


def test_two_densities_are_compared_on_the_same_codes():
    rng = np.random.default_rng(0)
    codes, others = rng.normal(size=(600, 8)) * 1.08, rng.normal(size=(300, 8)) * 1.08
    ours, prior = (code_density.estimate(name, codes, others) for name in ("gaussian", "prior"))
    middle, low, high = code_density.likelier(ours, prior)
    assert middle == pytest.approx(ours.likelihood - prior.likelihood)
    assert high - low < 0.5 * (ours.interval[1] - ours.interval[0])  # codes that are unlikely are so for both
    assert code_density.likelier(ours, ours) == (0, 0, 0)


def test_few_codes_are_refused():
    with pytest.raises(Refused, match="30 or more"):
        code_density.estimate("kernel", np.zeros((5, 2)), np.zeros((5, 2)))
