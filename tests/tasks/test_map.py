"""A map's job: which images it shows, its film, its stop, its seed in two processes, and the maps that belong to it."""

import json

import numpy as np
import pytest

from explorer import Refused, data, runs
from explorer.engine import worker
from explorer.evaluation.projections import project
from explorer.models.loading import load
from explorer.tasks import finished_vectors, map_family, map_film, map_result, map_rows, request
from explorer.tasks.map import Config, Map, draw
from tests.evaluation.projection_cases import blobs
from tests.source_cases import python


@pytest.fixture(scope="module")
def digits_set():
    return data.load("digits")


def options(**asked):
    return Config.read({"how": "pca", **asked}, "map")


def test_a_map_shows_validation_images_and_of_few_training_images_too(digits_set, monkeypatch):
    plain = map_rows.choose_rows(digits_set, 60)
    assert set(plain.split) == {map_rows.VALIDATION} and not plain.notes
    assert np.bincount(plain.y).tolist() == [6] * 10
    whole = len(digits_set.splits["validation"].y)
    more = map_rows.choose_rows(digits_set, 1200)
    assert len(more.rows) == 1200 and (more.split == map_rows.VALIDATION).sum() == whole
    assert more.notes == (f"{whole} images are of validation and {1200 - whole} of training, as there are no more of "
                          "validation",)  # fmt: skip
    monkeypatch.setattr(map_rows, "FEW", 1000)
    few = map_rows.choose_rows(digits_set, 400)
    assert (few.split == map_rows.VALIDATION).sum() == whole and "as there are few of validation" in few.notes[0]
    assert set(map_rows.choose_rows(digits_set, 40).split) == {map_rows.VALIDATION}
    for chosen in (plain, more, few):
        y = [digits_set.splits[map_rows.SPLITS[k]].y[row] for k, row in zip(chosen.split, chosen.rows, strict=True)]
        assert y == chosen.y.tolist() and len(set(zip(chosen.split, chosen.rows, strict=True))) == len(y)


def test_the_split_and_the_class_of_a_map_can_be_named(digits_set):
    test = map_rows.choose_rows(digits_set, 30, "test")
    assert set(test.split) == {map_rows.SPLITS.index("test")}
    every = map_rows.choose_rows(digits_set, 5000, "all")
    assert len(every.rows) == 1797 and set(every.split) == {0, 1, 2}
    threes = map_rows.choose_rows(digits_set, 5000, "all", "3")
    assert set(threes.y) == {3} and len(threes.rows) == (every.y == 3).sum()
    with pytest.raises(Refused, match="no class 'x'"):
        request.request("map", "pixels", "digits", how="tsne", label="x")
    z = map_rows.features(load("pixels", digits_set), digits_set, every)
    at = np.flatnonzero(every.split == 2)[5]
    np.testing.assert_array_equal(z[at], digits_set.splits["test"].x[every.rows[at]].reshape(-1) / np.float32(255))


@pytest.mark.parametrize(("option", "value"), [
    ("dims", 3), ("perplexity", 5.0), ("min_dist", 0.5), ("kernel_width", 2.0), ("metric", "cosine"), ("split", "test"),
    ("null", True), ("label", "3"),
])  # fmt: skip
def test_an_option_that_came_later_has_no_part_in_an_address_at_its_default(option, value):
    plain, other = (request.request("map", "pixels", "digits", how="tsne", **more) for more in ({}, {option: value}))
    assert option not in plain.params and other.params[option] == value
    assert getattr(Map().config(other), option) == value and runs.address(plain) != runs.address(other)
    default = Config.model_fields[option].default
    same = request.request("map", "pixels", "digits", how="tsne", **{option: default})
    assert runs.address(same) == runs.address(plain)


@pytest.mark.parametrize(("wrong", "words"), [
    ({"dims": 4}, "dims"), ({"perplexity": -1}, "perplexity"), ({"min_dist": 1}, "min_dist"), ({"n": 2}, "n="),
    ({"kernel_width": 0}, "kernel_width"), ({"metric": "cosin"}, "did you mean 'cosine'"), ({"n": 60_001}, "n="),
    ({"split": "valid"}, "split"), ({"how": "umap", "n": 10, "neighbours": 10}, "10 points allow 2 to 9"),
])  # fmt: skip
def test_a_wrong_option_is_refused_with_its_range(wrong, words):
    with pytest.raises(Refused, match=words):
        options(**wrong)
    assert all(field.description for field in Config.model_fields.values())


@pytest.mark.parametrize("how", ["tsne", "umap"])
def test_a_map_that_is_optimised_leaves_a_film_that_ends_with_it(how):
    run = runs.create(request.request("map", "pixels", "digits", how=how, n=60))
    worker.here(run)
    assert run.status.state == "done" and run.status.step == run.status.steps
    steps = map_film.steps(run)
    assert sum(path.stat().st_size for path in (run.folder / "film").iterdir()) < 60_000
    assert 20 <= len(steps) <= 60 and sum(step <= run.status.steps / 5 for step in steps) >= len(steps) / 3
    film = map_film.film(run)
    assert len(film) == len(steps) + 1 and film[-1].step == run.status.steps
    assert all(picture.coords.shape == (60, 2) and np.abs(picture.coords).max() == 1 for picture in film[:-1])
    np.testing.assert_allclose(film[-1].coords, map_film.scaled(run.result()["coords"]), atol=1e-6)
    assert np.abs(film[-2].coords - film[-1].coords).mean() < np.abs(film[0].coords - film[-1].coords).mean() / 3
    assert map_film.newest(run).step == steps[-1]
    map_film.Film(run)
    assert map_film.newest(run) is None, "another attempt begins its film anew"


def test_umap_that_is_stopped_keeps_its_last_coordinates_and_looking_on_changes_nothing():
    x, seen = blobs(80), []
    stopped = project(x, "umap", watch=lambda step, of, coords: (seen.append((step, of, coords.copy())), step == 30)[1])
    assert (stopped.stopped, seen[-1][:2]) == (30, (30, 500)) and "stopped at step 30 of 500" in str(stopped.notes)
    np.testing.assert_array_equal(stopped.coords, seen[-1][2])
    looked_at = project(x, "umap", watch=lambda *_: None)
    np.testing.assert_array_equal(looked_at.coords, project(x, "umap").coords)


def test_a_film_of_many_points_is_small():
    from explorer.evaluation.watching import frames, is_taken

    assert frames(1000) == 50 and frames(60_000, 3) * 60_000 * 3 * 2 <= 4_000_000
    for of, every in ((750, 10), (500, 1), (200, 1)):
        for wanted in (10, 50):
            taken = []
            for step in range(every, of + 1, every):
                if is_taken(step, taken[-1] if taken else 0, of, wanted):
                    taken.append(step)
            assert wanted * 0.7 <= len(taken) <= 60, (of, wanted, len(taken))


DRAWN = """
import json
from explorer.evaluation.projections import project
from tests.evaluation.projection_cases import blobs
print(json.dumps([project(blobs(90, 20), how, seed=seed, dims=dims).coords.tolist()
                  for how in ("tsne", "umap") for seed in (0, 4) for dims in (2, 3)]))
"""


def test_one_seed_gives_the_same_coordinates_in_another_process():
    theirs = iter(json.loads(python(DRAWN).splitlines()[-1]))
    for how in ("tsne", "umap"):
        for seed in (0, 4):
            for dims in (2, 3):
                here = project(blobs(90, 20), how, seed=seed, dims=dims).coords
                np.testing.assert_array_equal(here, np.array(next(theirs), np.float32))


def test_the_result_says_who_is_near_whom_and_a_map_of_before_is_read_as_well(digits_set, tmp_path):
    run = map_family.draw_now(
        request.request("map", "pixels", "digits", how="pca", n=60), load("pixels", digits_set), digits_set
    )
    found = map_result.read(run)
    assert run.status.state == "done" and len(found.rows) == 60 and found.dims == 2
    assert found.trust.mean() == pytest.approx(found.trustworthiness, abs=1e-3)
    assert found.distortion().shape == (60,) and set(found.split_names()) == {"validation"}
    assert found.position(int(found.rows[7])) == 7 and found.position(int(found.rows[7]), "test") is None
    near = map_result.around(found, 7)
    assert (
        near.near.tolist() == found.near[7].tolist()
        and near.missing.tolist() == (~np.isin(near.near, near.shown)).tolist()
    )
    x = map_family.features_of(run, load("pixels", digits_set), digits_set)
    unmeasured = found._replace(measured=np.array([0]))
    assert map_result.around(unmeasured, 7, x).near.tolist() == near.near.tolist()
    assert map_result.nearest_to(x, x[7] * 1.0, 1).tolist() == [[7]]
    before = map_result.read(runs.find(runs.address(request.request("map", "digits-simclr", "digits", how="tsne"))))
    assert before.continuity is None and not before.notes and before.coords.shape == (len(before.rows), 2)
    assert set(before.split) == {map_rows.VALIDATION} and np.isnan(before.distortion()).all()


def test_new_points_are_placed_on_the_map_of_a_job_and_its_own_lie_where_they_lay(digits_set):
    model = load("pixels", digits_set)
    for null in (False, True):
        run = map_family.draw_now(
            request.request("map", "pixels", "digits", how="isomap", n=60, null=null), model, digits_set
        )
        found = map_result.read(run)
        x = map_family.features_of(run, model, digits_set)
        again = map_family.place_on(run, model, digits_set, x[:8])
        assert np.abs(again - found.coords[:8]).max() < 1e-4 * np.ptp(found.coords)
    test = model.features(digits_set, "test", np.arange(4))
    assert map_family.place_on(run, model, digits_set, test).shape == (4, 2)


def test_a_map_has_siblings_by_seed_a_null_twin_and_one_of_the_pixels():
    spec = request.request("map", "digits-simclr", "digits", how="umap", n=100, neighbours=7, seed=3, min_dist=0.3)
    five = map_family.seeds(spec)
    assert five[0] is spec and [it.seed for it in five] == [3, 4, 5, 6, 7]
    assert len({runs.address(it) for it in five}) == 5
    assert all(Map().config(it) == Map().config(spec).model_copy(update={"seed": it.seed}) for it in five)
    twin, pixels = map_family.null(spec), map_family.of_pixels(spec)
    assert twin.params["null"] and "Gaussian" in twin.title and pixels.models == ("pixels",)
    assert Map().config(pixels) == Map().config(spec)
    assert len(map_family.seeds(request.request("map", "pixels", "digits", how="pca"))) == 1


def test_a_small_pca_stands_at_once_and_where_the_engine_would_put_it(digits_set):
    spec = request.request("map", "pixels", "digits", how="pca", n=100)
    assert map_family.is_instant(spec)
    assert not map_family.is_instant(request.request("map", "pixels", "digits", how="pca", n=10_000))
    assert not map_family.is_instant(request.request("map", "pixels", "digits", how="tsne", n=100))
    run = map_family.draw_now(spec, load("pixels", digits_set), digits_set)
    again = runs.create(spec)
    assert (again.id, again.status.state) == (run.id, "done")
    with run.lock():
        pass
    queued = runs.create(request.request("map", "pixels", "digits", how="pca", n=101))
    with queued.lock():
        at_work = map_family.draw_now(queued.spec, load("pixels", digits_set), digits_set)
    assert at_work.status.state == "queued", "another process is at it"


def test_a_twin_of_features_is_drawn_and_says_that_it_is_noise(digits_set):
    made = draw(load("pixels", digits_set), digits_set, options(null=True, n=300))
    plain = draw(load("pixels", digits_set), digits_set, options(n=300))
    assert (
        "no more structure than a Gaussian" in str(made["warning"]) and str(made["warning"]) in made["notes"].tolist()
    )
    assert not str(plain["warning"]) and plain["nats"] > 0.1
    assert plain["rows"].tolist() == made["rows"].tolist()


def test_finished_vectors_are_mapped_with_all_their_rows_and_many_classes(tmp_path):
    x = np.random.default_rng(0).normal(size=(600, 4)) + np.arange(600)[:, None] % 120
    np.savez(tmp_path / "v.npz", vectors=x, label=np.array([f"class {i % 120}" for i in range(600)]))
    finished_vectors.import_vectors(tmp_path / "v.npz", name="mine")
    made = draw(load("mine", data.load("mine")), data.load("mine"), options())
    assert len(made["rows"]) == 600 and set(made["split"]) == {0, 1, 2} and len(set(made["y"])) == 120
    one = np.zeros((40, 3))
    one[:, 0] = np.arange(40)
    np.save(tmp_path / "one.npy", one)
    finished_vectors.import_vectors(tmp_path / "one.npy", name="one")
    assert set(draw(load("one", data.load("one")), data.load("one"), options())["y"]) == {0}
