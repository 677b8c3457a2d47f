"""The models that come with the project: small, complete, with scores that their weights have."""

import hashlib
import json

import numpy as np
import pytest
from safetensors import safe_open

from explorer import data, runs
from explorer.evaluation import unfolding
from explorer.evaluation.probes import PROBES
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import Run, store
from explorer.tasks.publish import card, frames, publishing, rebuild, recipes
from explorer.tasks.request import request

RECIPES = recipes.read()
MEBIBYTE = 2**20
ALL, EACH = 60 * MEBIBYTE, 4 * MEBIBYTE  # at most
FILES = {"spec.json", "status.json", "metrics.jsonl", "scores.json", "card.json", "model.safetensors", "frames"}
QUICK = tuple(name for name, probe in PROBES.items() if probe.live)


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def shipped(name):
    return Run(store.SHIPPED / name, shipped=True)


def embedded(name):
    return data.catalogue()[RECIPES[name].data].kind == "embedded"


def measurable(name):
    """Skips a model whose images are not on this machine; the test data are those of the developer."""
    if why := rebuild.obstacle(name):
        pytest.skip(why)


@pytest.fixture
def real_data(monkeypatch):
    from tests.data.image_cases import REAL

    if REAL.exists():
        monkeypatch.setenv("EXPLORER_DATA", str(REAL))


def test_all_shipped_models_and_their_maps_are_small():
    assert size(store.SHIPPED) <= ALL


def test_the_models_that_are_shipped_are_those_of_the_recipes():
    there = {run.id for run in runs.listing("train") if run.shipped}
    assert there == set(RECIPES)


def test_every_map_is_one_of_a_shipped_model():
    for run in runs.listing(kind=None):
        if run.shipped and run.spec.kind != "train":
            assert run.spec.kind == "map" and run.spec.model in RECIPES


@pytest.mark.parametrize("name", RECIPES)
def test_a_shipped_model_has_one_weights_file_in_half_precision_and_nothing_else(name):
    folder = shipped(name).folder
    embedded = data.catalogue()[runs.get(name).spec.dataset].kind == "embedded"  # its maps may be given away
    assert {path.name for path in folder.iterdir()} == FILES | ({unfolding.FILE} if embedded else set())
    assert size(folder) <= EACH
    with safe_open(folder / publishing.WEIGHTS, "pt") as file:
        kinds = {file.get_slice(key).get_dtype() for key in file.keys()}  # noqa: SIM118 - no mapping
    assert "F16" in kinds and kinds <= {"F16", "I64"}


@pytest.mark.parametrize("name", RECIPES)
def test_a_shipped_model_is_the_one_of_its_recipe(name):
    run, recipe = shipped(name), RECIPES[name]
    known = card.read(run)
    assert (known.title, known.shows, known.method, known.data.name) == (
        recipe.title, recipe.shows, recipe.method, recipe.data,
    )  # fmt: skip
    assert (known.hyperparameters, known.train) == (run.spec.hyperparameters, run.spec.train)
    assert {**known.hyperparameters, **recipe.hyperparameters} == known.hyperparameters
    assert {**known.train, **recipe.training} == known.train
    assert known.weights == hashlib.sha256((run.folder / publishing.WEIGHTS).read_bytes()).hexdigest()


@pytest.mark.parametrize("name", RECIPES)
def test_a_card_is_complete(name):
    run = shipped(name)
    known = card.read(run)
    assert known.name == name == run.id and known.title == run.title
    assert known.shows.endswith(".") and known.command.startswith(f"python -m explorer train {known.method}")
    assert known.hardware and known.seconds > 0 and known.core_seconds > 0 and known.versions["torch"]
    assert known.data.hash and known.data.source and known.data.train > 0
    assert known.scores == run.scores() and known.n == known.scores["n_test"] > 0
    assert set(known.scores["references"]) == {"Untrained", "Raw pixels", "PCA of the pixels"}
    assert (known.against, known.measured) == (card.verdicts(known.scores), card.in_words(known.scores))


@pytest.mark.parametrize("name", RECIPES)
def test_frames_are_few_and_slim(name):
    run = shipped(name)
    steps, known = run.frames(), card.read(run).frames
    assert 2 <= len(steps) <= frames.FRAMES and list(known.variance) == steps
    assert (steps[0], steps[-1]) == (0, run.status.steps)
    for step in steps:
        frame = run.frame(step)
        n, components = frame["features"].shape
        assert n == known.rows <= frames.ROWS and components == known.components <= frames.COMPONENTS
        assert frame["features"].dtype == np.float16
        counts = np.bincount(frame["y"])
        assert counts.max() - counts.min() <= 2, "balanced over classes"
        assert len(frame["rows"]) == len(frame["y"]) == n


@pytest.mark.parametrize("name", [name for name in RECIPES if not embedded(name)])
def test_pictures_of_sets_that_do_not_come_along_are_not_in_the_project(name):
    for step in shipped(name).frames():
        assert not [key for key, array in shipped(name).frame(step).items() if array.dtype == np.uint8]
    assert not [run for run in runs.listing("map") if run.shipped and run.spec.model == name]


@pytest.mark.parametrize("name", [name for name in RECIPES if embedded(name)])
def test_every_map_with_its_default_settings_comes_along(name):
    for how in PROJECTIONS:
        run = runs.find(runs.address(request("map", name, RECIPES[name].data, how=how)))
        assert run and run.shipped and run.status.state == "done", how
        images = data.load(run.spec.dataset).splits["validation"]
        stored = run.result()
        assert (stored["y"] == images.y[stored["rows"]]).all()
        assert len(stored["coords"]) == min(1000, len(images.y))


@pytest.mark.parametrize(
    "name", [name if embedded(name) else pytest.param(name, marks=pytest.mark.slow) for name in RECIPES]
)
def test_the_stated_accuracy_of_neighbours_is_that_of_the_committed_weights(name, real_data):
    measurable(name)
    for score in rebuild.check(name, QUICK):
        assert score.holds, score


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_every_stated_score_is_that_of_the_committed_weights(name, real_data):
    measurable(name)
    for score in rebuild.check(name):
        assert score.holds, score


@pytest.mark.parametrize("name", RECIPES)
def test_the_scores_of_the_page_are_those_of_the_card(name):
    stated = json.loads((store.SHIPPED / name / card.NAME).read_text())
    assert stated["scores"] == json.loads((store.SHIPPED / name / "scores.json").read_text())
