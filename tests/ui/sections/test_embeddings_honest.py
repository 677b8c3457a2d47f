"""The parts of the embeddings page about what a map is worth: other seeds, noise, clusters, a map on its way."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import data, engine, runs
from explorer.engine import worker
from explorer.tasks import map_film, request
from pages.ui.kit import url_state
from pages.ui.sections import embeddings_choice, embeddings_clusters, embeddings_trust
from tests import screen_text
from tests.ui import charts

SMALL = {"data": "digits", "model": "pixels", "maps": "PCA", "map.n": "60", "map.neighbours": "5"}


@pytest.fixture(autouse=True)
def no_engine(monkeypatch):
    """Jobs are created and wait; there are no other pages."""
    monkeypatch.setattr(engine, "submit", lambda spec, **_: runs.create(spec))
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    monkeypatch.setattr(url_state, "link", lambda *_, **__: None)


def opened(**query):
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/embeddings.py", default_timeout=120)
    at.query_params.update({**SMALL, **query})
    return checked(at.run())


def checked(at):
    assert not at.exception, at.exception
    assert not at.error, [it.value for it in at.error]
    return at


def said(at):
    return screen_text.unlinked(" ".join(it.value for kind in (at.markdown, at.caption) for it in kind)).replace(
        "\\", ""
    )


def small(how):
    return request.request("map", "pixels", "digits", how=how, n=60, neighbours=5)


def test_five_seeds_are_computed_when_asked_for_and_laid_upon_each_other():
    at = opened(maps="t-SNE", trust="seeds", focus="tsne")
    assert "draws no random numbers" not in said(at)
    wanted = embeddings_trust.specs("seeds", small("tsne"))
    assert [spec.seed for spec in wanted.values()] == [0, 1, 2, 3, 4]


def test_a_map_that_draws_no_random_numbers_says_so():
    assert "every seed gives the same map" in said(opened(trust="seeds"))


def test_noise_of_the_same_covariance_stands_beside_the_map_and_its_warning_is_said():
    at = opened(trust="null")
    button = next(it for it in at.button if it.key == "compute-null")
    assert button.label.startswith("Compute 1 map · about ")
    checked(button.click().run())
    (job,) = [run for run in runs.listing("map", shipped=False) if run.spec.params.get("null")]
    assert job.status.state == "queued", "it is not stopped as one that nobody wants"
    worker.here(job)
    checked(at.run())
    figures = charts.figures(at)
    assert {"trust-map-null-0", "trust-map-null-1"} <= set(figures)


def test_the_spread_of_seeds_is_0_of_equal_maps():
    assert "lies 0.00 of the map's radius" in embeddings_trust.spread([mapped(0), mapped(0), mapped(0)])
    assert "lies 0.00 of" not in embeddings_trust.spread([mapped(0), mapped(1)])


def mapped(seed):
    from pages.ui.sections import embeddings

    coords = np.random.default_rng(seed).normal(size=(30, 2))
    return embeddings.Map(coords, np.arange(30), np.zeros(30, int), np.zeros((30, 3), int), 0.1, 0.9)


def test_clusters_are_found_when_asked_for_and_colour_the_maps():
    at = opened()
    assert "cluster" not in at.selectbox(key="colour").options
    checked(at.button("compute-clusters").click().run())
    (job,) = runs.listing("cluster", shipped=False)
    worker.here(job)
    assert job.status.state == "done", job.status.error
    checked(at.run())
    assert "**10 clusters**" in said(at) and "ARI" in said(at) and "Cluster 1" in said(at)
    checked(at.run())
    checked(at.selectbox(key="colour").set_value("cluster").run())
    names = [trace["name"] for trace in charts.figures(at)["map-pca-digits"]["data"]]
    assert names == [*(f"cluster {i}" for i in range(1, 11)), "in none"]
    assert sum(len(trace["x"]) for trace in charts.figures(at)["map-pca-digits"]["data"] if trace["x"]) > 0


def waiting() -> None:
    from explorer import data, runs
    from pages.ui.sections import embeddings_film

    (run,) = runs.listing("map", shipped=False)
    embeddings_film.show(run, data.load("digits"), 140)


def test_a_map_on_its_way_shows_its_newest_picture_coloured_by_class():
    run = runs.create(small("tsne"))
    at = checked(AppTest.from_function(waiting).run(timeout=60))
    assert not charts.figures(at), "there is none before the first"
    film = map_film.Film(run)
    film._take(50, np.random.default_rng(0).normal(size=(60, 2)))
    film._take(100, np.random.default_rng(1).normal(size=(60, 2)))
    at = checked(at.run())
    (figure,) = charts.figures(at).values()
    (message,) = charts.messages(at).values()
    assert len(figure["data"]) == 10 and "after step 100" in message["alt"]


def test_only_parameters_that_the_chosen_maps_read_are_offered():
    at = opened()
    keys = {it.key for kind in ("number_input", "slider", "selectbox", "toggle") for it in at.get(kind)}
    assert "map.n" in keys and "map.dims" in keys and "map.perplexity" not in keys and "map.min_dist" not in keys


def test_the_number_of_points_is_that_of_the_map():
    digits = data.load("digits")
    n = len(digits.splits["validation"].y)
    assert embeddings_choice.points("digits", digits.hash, 1000, "auto", "") == n
    assert embeddings_choice.points("digits", digits.hash, 60, "all", "") == 60
    assert embeddings_choice.points("digits", digits.hash, 1000, "auto", "3") < n / 5


def test_clusters_of_other_points_are_not_drawn_on_a_map():
    found = {"rows": np.arange(5), "cluster": np.zeros(5, int)}
    assert "cluster" not in embeddings_clusters._with(mapped(0), found, "x").more
    found = {"rows": np.arange(30), "cluster": np.zeros(30, int)}
    assert len(embeddings_clusters._with(mapped(0), found, "x").more["cluster"]) == 30
