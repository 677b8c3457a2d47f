"""Features that are kept are those that would be computed, to the last bit: every kind of model, every task."""

import dataclasses

import numpy as np
import pytest
import torch

from explorer import data, runs
from explorer.core import TrainConfig
from explorer.data import kept
from explorer.engine import worker
from explorer.models import build, feature_cache, loading
from explorer.models.kind import KINDS
from explorer.models.model import Model, Network, PrincipalComponents
from explorer.models.reference import ModelRef
from explorer.tasks import evaluate
from explorer.tasks.request import request
from explorer.tasks.task import TASKS
from explorer.tasks.training import request as training_request
from tests.source_cases import python

TRAINED = "digits-autoencoder"  # it comes with Unfold
MODELS = [
    TRAINED, f"{TRAINED}@0", "digits-simclr", "digits-byol", "pixels", "pca", "pca:9", "untrained", "untrained:mlp",
    "untrained:vit",
]  # fmt: skip
OPTIONS = {
    "map": {"how": "pca", "n": 80},
    "evaluate": {"labels": 200},
    "embed": {"split": "test"},
    "transfer": {"epochs": 2, "arms": ("frozen",)},
    "cluster": {},
    "compare": {"n": 40, "labels": 100, "permutations": 20},
    "report": {"n": 40, "labels": 100},
    "export": {},
}
TIMES = ("seconds", "rate")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of features; the images of the session stay where they are."""
    root = data.cache_root()
    monkeypatch.setattr(kept, "cache_root", lambda: tmp_path / "own-cache")
    assert data.cache_root() == root
    return tmp_path / "own-cache"


def files(cache):
    return sorted(path.name for path in cache.glob("*/*.npy"))


def no_images(*_):
    raise AssertionError("it embeds again what is kept")


def test_every_kind_of_model_is_among_these_cases():
    others = {
        "pretrained",
        "file",
        "vectors",
    }  # 224 pixels: `kinds/test_pretrained.py` has a case; or no network at all
    assert {ModelRef.parse(text).kind for text in MODELS} == set(KINDS) - others


@pytest.mark.parametrize("text", MODELS)
@pytest.mark.parametrize("rows", [None, np.arange(700), np.arange(0, 600, 3)[::-1]], ids=["all", "batches", "some"])
def test_features_that_are_kept_are_those_that_would_be_computed(text, rows, cache, monkeypatch):
    digits = data.load("digits")
    model, x = loading.load(text, digits), digits.splits["train"].x
    plain = loading.load(text, digits).embed(x if rows is None else x[rows])
    cold = model.features(digits, "train", rows)
    assert bool(files(cache)) == model.keeps_features == (text != "pixels")
    again = loading.load(text, digits)
    if model.keeps_features:
        monkeypatch.setattr(again, "embed", no_images)
    warm = again.features(digits, "train", rows)
    for found in (cold, warm):
        assert found.dtype == plain.dtype and found.flags.writeable
        np.testing.assert_array_equal(found, plain)


def test_what_is_kept_of_a_pca_needs_no_pca(cache):
    digits = data.load("digits")
    first, second = (loading.load("pca", digits) for _ in range(2))
    first.features(digits, "test")
    second.features(digits, "test")
    assert "pca" in vars(first) and "pca" not in vars(second)


def counted(embed, calls):
    """The same, which leaves a note each time that it is given as many images as are worth being kept."""
    return lambda self, x, *more: (calls.extend([1] * (len(x) >= feature_cache.FEWEST)), embed(self, x, *more))[1]


def numbers(run):
    """All that a job has made, but for the time that it took."""
    arrays = run.result() if (run.folder / "result.npz").exists() else {}
    return timeless(arrays), timeless(run.metrics()), timeless(run.scores() or {})


def timeless(found):
    """The same without the times in it, however deep they lie."""
    if isinstance(found, list):
        return [timeless(each) for each in found]
    if not isinstance(found, dict):
        return found
    return {name: timeless(value) for name, value in found.items() if name not in TIMES}


ALONE = {"export": "digits-simclr", "report": f"{TRAINED}@0"}  # tasks that are tried with one model
JOBS = [(name, text) for name in OPTIONS if name not in ALONE for text in (f"{TRAINED}@0", "pca:9", "untrained:mlp")]


@pytest.mark.parametrize(("name", "text"), [*JOBS, *ALONE.items()])
def test_a_job_makes_the_same_with_features_that_are_kept_with_empty_cache_and_without(
    name, text, cache, tmp_path, monkeypatch
):
    embedded, made = [], {}
    for kind in (Network, PrincipalComponents):
        monkeypatch.setattr(kind, "embed", counted(kind.embed, embedded))
    for how in ("without", "cold", "warm"):
        monkeypatch.setenv("EXPLORER_RUNS", str(tmp_path / how))
        monkeypatch.setattr(evaluate, "cache_root", lambda how=how: tmp_path / how)  # of the scores that are remembered
        monkeypatch.setattr(Model, "keeps_features", how != "without")
        target = () if name == "export" else ("digits",)
        models = [text, "digits-simclr"] if name == "compare" else text
        run = runs.create(request(name, models, *target, **OPTIONS[name]))
        embedded.clear()
        worker.here(run)
        assert run.status.state == "done", run.status.error
        assert bool(embedded) == (how != "warm" or name == "report")  # a report card looks at images that it makes
        made[how] = numbers(run)
    for how in ("cold", "warm"):
        for found, plain in zip(made[how], made["without"], strict=True):
            np.testing.assert_equal(found, plain)


def test_every_task_that_reads_features_is_among_these_cases():
    others = {"train", "speed"}  # one that makes features of its own at every step, and one that measures the machine
    others |= {"story", "report_html"}  # they take what is stored
    others |= {"interpolate"}  # it embeds pictures of its own making
    assert set(TASKS) - others == set(OPTIONS)


def another_weight(model, digits, monkeypatch):
    with torch.no_grad():
        next(model.module.parameters()).view(-1)[0] += 1e-6
    return digits


def another_buffer(model, digits, monkeypatch):
    model.module.register_buffer("one_more", torch.zeros(()))
    return digits


def another_recipe(model, digits, monkeypatch):
    model.recipe += "!"
    return digits


def another_pixel(model, digits, monkeypatch):
    split = digits.splits["test"]
    x = np.array(split.x)
    x[3, 0, 0, 0] ^= 1
    return dataclasses.replace(digits, splits={**digits.splits, "test": split._replace(x=x)})


def another_source(model, digits, monkeypatch):
    monkeypatch.setattr(feature_cache, "CODE", "of another version")
    return digits


def another_device(model, digits, monkeypatch):
    monkeypatch.setattr(feature_cache, "arithmetic", lambda where: "cpu (ABACUS)")
    return digits


def another_number_of_threads(model, digits, monkeypatch):
    monkeypatch.setattr(feature_cache.torch, "get_num_threads", lambda: 77)
    return digits


def another_precision(model, digits, monkeypatch):
    monkeypatch.setattr(feature_cache.torch, "get_float32_matmul_precision", lambda: "medium")
    return digits


def another_precision_of_convolutions(model, digits, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", not torch.backends.cudnn.allow_tf32)
    return digits


def another_library(model, digits, monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", not torch.backends.mkldnn.enabled)
    return digits


@pytest.mark.parametrize("change", [
    another_weight, another_buffer, another_recipe, another_pixel, another_source, another_device,
    another_number_of_threads, another_precision, another_precision_of_convolutions, another_library,
])  # fmt: skip
def test_whatever_decides_the_features_is_in_their_key(change, cache, monkeypatch):
    digits, rows = data.load("digits"), np.arange(80)
    model = loading.load(TRAINED, digits)
    model.features(digits, "test", rows)
    before = files(cache)
    model.features(digits, "test", rows)
    assert files(cache) == before and len(before) == 1
    changed = change(model, digits, monkeypatch)
    found = model.features(changed, "test", rows)
    assert len(files(cache)) == 2
    np.testing.assert_array_equal(found, model.embed(changed.splits["test"].x[rows]))


@pytest.mark.parametrize("part", ["method", "encoder"])
def test_features_by_code_of_somebody_else_are_not_kept(part, cache):
    digits = data.load("digits")
    model = loading.load(TRAINED, digits)
    module = model.module if part == "method" else model.module.encoder
    module.__class__ = type("Theirs", (type(module),), {"__module__": "__main__"})
    found = model.features(digits, "test", np.arange(80))
    assert not files(cache) and not model.identity()
    np.testing.assert_array_equal(found, model.embed(digits.splits["test"].x[:80]))


def test_models_of_one_architecture_have_keys_of_their_own(cache):
    digits = data.load("digits")
    identities = [loading.load(text, digits).identity() for text in [*MODELS, "digits-byol-no-predictor"]]
    assert len(set(identities)) == len(identities) and all(identities)
    assert loading.load("pca", digits).identity() == loading.load("pca", digits).identity()


def test_poolings_of_the_same_weights_have_keys_of_their_own(cache):
    digits = data.load("digits")
    models = [build.untrained_encoder("untrained", "", digits, TrainConfig(pooling=n)) for n in (1, 2)]
    for model, n in zip(models, (1, 2), strict=True):
        found = model.features(digits, "test")
        assert found.shape[1] == model.module.out_dim * n**2
        np.testing.assert_array_equal(found, model.embed(digits.splits["test"].x))
    assert len(files(cache)) == 2


@pytest.mark.parametrize("other", [{"width": 0.5}, {"pooling": 2}, {"encoder": "vit"}], ids=str)
def test_the_recipe_of_a_run_says_which_encoder_it_has(other):
    """Weights alone do not: those of an encoder of its own fit every pooling."""
    recipes = []
    for train in ({}, other):
        wanted = {"epochs": 1, "subset": 100, "batch": 50, "encoder": "conv", **train}
        run = runs.create(training_request.train("rotation", "digits", {}, wanted))
        worker.here(run)
        assert run.status.state == "done", run.status.error
        recipes.append(loading.load(run.id, data.load("digits")).recipe)
    assert recipes[0] != recipes[1]


def test_a_pca_of_other_images_is_another_model():
    digits = data.load("digits")
    train = digits.splits["train"]
    fewer = dataclasses.replace(
        digits, splits={**digits.splits, "train": train._replace(x=train.x[:90], y=train.y[:90])}
    )
    assert loading.load("pca", digits).identity() != loading.load("pca", fewer).identity()


def test_the_smallest_numbers_count_as_zero_only_where_a_process_says_so():
    before = feature_cache.numerics()
    torch.set_flush_denormal(not before.endswith("True"))
    try:
        assert feature_cache.numerics() != before
    finally:
        torch.set_flush_denormal(before.endswith("True"))


def test_a_job_after_a_training_finds_the_features_of_its_end(cache, monkeypatch):
    torch.set_flush_denormal(False)  # as in a process that has trained nothing
    wanted = {"epochs": 1, "subset": 100, "batch": 50, "encoder": "mlp"}
    run = runs.create(training_request.train("autoencoder", "digits", {}, wanted), "mine")
    worker.here(run)
    assert run.status.state == "done", run.status.error
    torch.set_flush_denormal(False)
    monkeypatch.setattr(Network, "embed", no_images)
    later = runs.create(request("embed", "mine", "digits", split="test"))
    worker.here(later)
    assert later.status.state == "done", later.status.error


def test_what_nobody_can_load_again_is_not_kept(cache):
    digits = data.load("digits")
    known = loading.load(TRAINED, digits)
    model = Network("in memory", "in memory", known.module, known.spec)
    model.features(digits, "test")
    assert not files(cache)
    assert not build.network("in memory", "in memory", known.module, TrainConfig()).identity()


def test_a_few_images_are_embedded_and_not_kept(cache):
    digits = data.load("digits")
    loading.load(TRAINED, digits).features(digits, "test", np.arange(feature_cache.FEWEST - 1))
    assert not files(cache)
    loading.load(TRAINED, digits).features(digits, "test", np.arange(feature_cache.FEWEST))
    assert len(files(cache)) == 1


OTHER = """
import torch; torch.set_num_threads({threads})
from explorer import data
from explorer.models import loading
from explorer.models.model import Network
def batched(*_): raise AssertionError("it embeds again what is kept")
Network.batched = batched
torch.set_flush_denormal({flushed})
digits = data.load("digits")
print(loading.load("digits-simclr", digits).features(digits, "test").sum())
"""


def test_another_process_reads_what_this_one_has_embedded(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "own-cache"))
    digits = data.load("digits")
    expected = loading.load("digits-simclr", digits).features(digits, "test").sum()
    code = OTHER.format(threads=torch.get_num_threads(), flushed=feature_cache.numerics().endswith("True"))
    assert float(python(code)) == expected
