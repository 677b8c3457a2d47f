"""t-SNE: as good as a slow one, reported, stopped, and refused where its package is missing."""

import re
import sys

import numpy as np
import pytest
from sklearn.manifold import TSNE, trustworthiness

from explorer import Refused, data, runs
from explorer.engine import worker
from explorer.evaluation import tsne
from explorer.evaluation.projections import project
from explorer.models.loading import load
from explorer.tasks import request
from explorer.tasks.map import Map, draw
from explorer.tasks.map_film import Film
from tests.evaluation.projection_cases import blobs, features


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
    project(blobs(), "tsne", watch=lambda step, of, coords: seen.append((step, of, coords.shape)))
    assert seen == [(step, 750, (90, 2)) for step in range(10, 751, 10)]


@pytest.mark.parametrize(("answer", "steps"), [(None, 75), (False, 75), ("an object", 75), (True, 1)])
def test_t_sne_is_stopped_by_true_alone(answer, steps):
    seen = []
    drawn = project(blobs(), "tsne", watch=lambda step, *_: (seen.append(step), answer)[1])
    assert len(seen) == steps and len(drawn.coords) == len(blobs())
    assert (drawn.stopped, "it was stopped at step 10 of 750" in str(drawn.notes)) == (
        (10, True) if steps == 1 else (0, False)
    )


def asked_for(**options):
    """A job of a map of 60 digits, and its map as it is drawn without a job."""
    spec = request.request("map", "pixels", "digits", how="tsne", n=60, neighbours=5, **options)
    digits = data.load("digits")
    return runs.create(spec), draw(load("pixels", digits), digits, Map().config(spec))


@pytest.mark.parametrize("seed", [0, 1])
def test_the_map_of_a_job_is_the_one_that_is_drawn_without_it(seed):
    run, plain = asked_for(seed=seed)
    worker.here(run)
    assert (run.status.state, run.status.step, run.status.steps) == ("done", 750, 750)
    np.testing.assert_array_equal(run.result()["coords"], plain["coords"])


def test_a_map_that_is_stopped_while_it_is_optimised_keeps_its_last_coordinates(monkeypatch):
    run, plain = asked_for(seed=0)
    take, taken = Film._take, []

    def stop_after_the_second_picture(self, step, coords):
        take(self, step, coords)
        taken.append(step)
        if len(taken) == 2:
            self.run.request_stop()

    monkeypatch.setattr(Film, "_take", stop_after_the_second_picture)
    worker.here(run)
    result = run.result()
    assert run.status.state == "stopped" and result["coords"].shape == (60, 2) and result["stopped"] == taken[-1]
    assert f"it was stopped at step {taken[-1]} of 750" in result["notes"][-1]
    assert not np.allclose(result["coords"], plain["coords"], atol=0.1)
    again = runs.create(run.spec)
    assert again.status.state == "queued" and again.result() is None, "whoever asks again has it drawn anew"


def test_a_machine_without_the_package_of_t_sne_is_told_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    words = "t-SNE needs the package openTSNE, which is not installed: run 'pip install -r requirements.txt' or choose"
    with pytest.raises(Refused, match=re.escape(words)):
        project(blobs(), "tsne")


def test_a_part_of_the_package_that_is_missing_is_no_missing_package(monkeypatch):
    monkeypatch.delitem(sys.modules, "openTSNE", raising=False)
    monkeypatch.setitem(sys.modules, "openTSNE.affinity", None)
    with pytest.raises(ImportError, match=r"openTSNE\.affinity"):
        project(blobs(), "tsne")


def test_a_map_by_another_library_has_another_address_than_before_and_one_that_comes_along_its_own():
    own = request.request("map", "pixels", "digits", how="tsne")
    assert own.params["library"] == "openTSNE" and Map().config(own).how == "tsne"
    along = request.request("map", "garments-vae", "garments", how="tsne")
    assert "library" not in along.params and runs.find(runs.address(along)).shipped
    assert "library" in request.request("map", "garments-vae", "garments", how="tsne", seed=1).params


def test_a_map_of_another_start_has_another_address_and_seed_0_keeps_its_own():
    asked = [request.request("map", "pixels", "digits", how="tsne", seed=seed) for seed in (0, 1)]
    assert [spec.params.get("start") for spec in asked] == [None, "random"]
    assert [Map().config(spec).seed for spec in asked] == [0, 1]
