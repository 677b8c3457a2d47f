"""Models by reference: what a text names, what each kind can do, and models that know only the rows of a data set."""

import numpy as np
import pytest

from explorer import Refused, data, descriptions, runs
from explorer.benchmarks import Protocol, testbed
from explorer.core import METHODS, TrainConfig
from explorer.engine import worker
from explorer.evaluation import latents
from explorer.models import build, loading
from explorer.models.kind import KINDS, Kind, kind
from explorer.models.model import Model
from explorer.models.reference import ModelRef, references
from explorer.runs import Spec
from explorer.tasks.request import request
from tests.methods.contract_cases import fitting, made
from tests.source_cases import python

TRAINED = "digits-autoencoder"  # it comes with Unfold


@pytest.mark.parametrize(("text", "expected", "spelled"), [
    ("my-run", ModelRef("run", "my-run"), "my-run"),
    ("my-run@best", ModelRef("run", "my-run", "best"), "my-run@best"),
    ("my-run@last", ModelRef("run", "my-run", "last"), "my-run@last"),
    ("my-run@0", ModelRef("run", "my-run", "0"), "my-run@0"),
    ("my-run@first", ModelRef("run", "my-run", "first"), "my-run@first"),
    ("pixels", ModelRef("pixels"), "pixels"),
    ("pixels:3", ModelRef("pixels", "3"), "pixels:3"),
    ("pca", ModelRef("pca"), "pca"),
    ("pca:64", ModelRef("pca", "64"), "pca:64"),
    ("untrained", ModelRef("untrained"), "untrained"),
    ("untrained:mlp", ModelRef("untrained", "mlp"), "untrained:mlp"),
    ("random", ModelRef("untrained"), "untrained"),
    ("random:mlp", ModelRef("untrained", "mlp"), "untrained:mlp"),
    ("astrology:3", ModelRef("run", "astrology:3"), "astrology:3"),
    ("pcas", ModelRef("run", "pcas"), "pcas"),
    ("run", ModelRef("run", "run"), "run"),
    ("run:3", ModelRef("run", "run:3"), "run:3"),
    ("", ModelRef("run"), ""),
])  # fmt: skip
def test_a_reference_is_what_its_text_says_and_back(text, expected, spelled):
    assert ModelRef.parse(text) == expected
    assert str(expected) == spelled
    assert ModelRef.parse(spelled) == expected


@pytest.mark.parametrize(("text", "words"), [
    ("astrology:3", "no model 'astrology:3'.*choose from.*pixels.*digits-simclr"),
    ("digits-simclr@first", "no weights 'first' of digits-simclr: choose from digits-simclr@0, digits-simclr@best"),
    ("pixels:x", "no model 'pixels:x': name the side of a grid"),
    *[(f"{name}@best", f"no weights 'best' of {name}") for name in ("pixels", "pca", "pca:9", "untrained:mlp")],
    ("pca:many", "no model 'pca:many': give 1 to 1024 components"),
    ("untrained:vgg", "no encoder 'vgg'"),
    ("", "no model ''"),
])  # fmt: skip
def test_a_reference_that_names_no_model_is_refused_with_the_choices(text, words):
    with pytest.raises(Refused, match=words):
        ModelRef.parse(text).check()


@pytest.mark.parametrize(("text", "trains", "decodes", "from_data"), [
    (TRAINED, True, True, False), ("digits-simclr", True, False, False), (f"{TRAINED}@0", True, True, False),
    ("pixels", False, False, True), ("pca:9", False, True, True), ("untrained", True, False, True),
    ("nobody", True, False, False),
])  # fmt: skip
def test_what_a_model_can_do_is_asked_by_name(text, trains, decodes, from_data):
    ref = ModelRef.parse(text)
    assert (ref.can_train, ref.can_decode, ref.made_from_data, ref.can_embed) == (trains, decodes, from_data, True)
    if text != "nobody":
        model = loading.load(ref, data.load("digits"))
        assert (model.can_train, model.can_decode, model.can_embed) == (trains, decodes, True)


@pytest.mark.parametrize("name", METHODS)
def test_a_run_has_weights_to_train_where_its_method_learns_by_gradients(name):
    run = runs.create(Spec(kind="train", title="a", dataset="digits", method=name))
    method, _, _ = made(name, "conv", fitting(name, "colour"))
    assert ModelRef.parse(run.id).can_train == METHODS[name].can_train() == bool(method.players())
    assert build.network("a", "a", method, TrainConfig()).can_train == bool(method.players())


def test_whether_a_run_has_weights_to_train_is_found_without_torch():
    run = runs.create(Spec(kind="train", title="a", dataset="digits", method="pca"))
    code = (
        "import sys; from explorer import descriptions; from explorer.models.reference import ModelRef;"
        f"print(ModelRef.parse({run.id!r}).can_train, 'torch' in sys.modules)"
    )
    descriptions.cached()  # stored by whoever asks first
    assert python(code).split() == ["False", "False"]


@pytest.mark.parametrize("text", [TRAINED, f"{TRAINED}@last", f"{TRAINED}@0", "pixels", "pca:9", "untrained:mlp"])
def test_the_features_of_rows_are_those_of_their_images(text):
    digits, rows = data.load("digits"), np.array([5, 3, 3, 40])
    model = loading.load(text, digits)
    for split in digits.splits:
        x = digits.splits[split].x
        np.testing.assert_array_equal(model.features(digits, split, rows), model.embed(x[rows]))
        np.testing.assert_array_equal(model.features(digits, split), model.embed(x))


def test_every_kind_is_listed_once_and_can_be_loaded():
    listed = [text for text, _ in references("digits")]
    assert len(listed) == len(set(listed))
    with_files = {"pretrained", "file", "vectors"}  # listed where there are some
    assert {ModelRef.parse(text).kind for text in listed} == set(KINDS) - with_files
    for text in listed:
        ModelRef.parse(text).check()


def test_two_kinds_of_one_name_fail_loudly():
    """One of another package, and a second one in the same file."""
    before = KINDS["pca"]
    for module, name in (("elsewhere.pca", "PcaKind"), ("explorer.models.kinds.pca", "SecondKind")):
        with pytest.raises(RuntimeError, match=r"two kinds of model are called 'pca'"):
            kind("PCA again", order=9)(type(name, (Kind,), {"__module__": module, "__qualname__": name}))
    assert KINDS["pca"] is before


class Vectors(Model):
    """Features that were computed elsewhere: it knows the rows of its data set, and has never seen an image."""

    can_embed = False

    def embed(self, x, batch=500):
        raise AssertionError("imported vectors have no images")

    def features(self, dataset, split, rows=None):
        y = dataset.splits[split].y
        noise = np.random.default_rng(len(y)).normal(0, 0.3, (len(y), 12))
        known = np.eye(12)[y] + noise
        return known[slice(None) if rows is None else rows].astype(np.float32)


class VectorsKind(Kind):
    """Imported vectors."""

    name, title, order, can_embed = "vectors", "Imported vectors", 9, False

    def load(self, ref, dataset):
        return Vectors("vectors", self.title)


@pytest.fixture
def vectors(monkeypatch):
    """Imported vectors among the models; returns those of the digits."""
    monkeypatch.setitem(KINDS._items, "vectors", VectorsKind())
    return loading.load("vectors", data.load("digits"))


def done(spec):
    run = runs.create(spec)
    worker.here(run)
    assert run.status.state == "done", run.status.error
    return run


def test_vectors_without_images_are_evaluated_mapped_stored_and_transferred(vectors):
    digits = data.load("digits")
    assert ("vectors", "Imported vectors") in references("digits") and not ModelRef.parse("vectors").can_embed
    scores = done(request("evaluate", "vectors", "digits")).scores()
    assert scores["knn"] > 0.8 and scores["linear"] > 0.8 and scores["dim"] == 12
    rows = done(request("map", "vectors", "digits", how="pca", n=60)).result()["rows"]
    assert len(rows) == 60
    stored = done(request("embed", "vectors", "digits", split="validation", n=30)).result()
    np.testing.assert_array_equal(stored["features"], vectors.features(digits, "validation", stored["rows"]))
    moved = done(request("transfer", "vectors", "digits", arms=("frozen",))).scores()
    assert moved["frozen"]["test_accuracy"] > 0.6
    with pytest.raises(Refused, match="Imported vectors has no weights to train: choose arms=frozen"):
        request("transfer", "vectors", "digits")


def test_vectors_without_images_are_measured_by_studies_at_the_rows_of_the_whole_data_set(vectors):
    bench = testbed.Testbed("digits", Protocol(subset=200, labels=200, test=100))
    features = bench.features(vectors)
    digits = bench.whole
    np.testing.assert_array_equal(features.bank.z, vectors.features(digits, "train", bench.rows))
    np.testing.assert_array_equal(features.queries.z, vectors.features(digits, "test", bench.test_rows))
    assert bench.probe(features)["knn"] > 0.7
    assert bench.fingerprint(vectors)


def test_vectors_without_images_have_a_bank_of_codes_and_no_way_between_two_images(vectors):
    from pages.ui.sections import latents as latents_section

    digits = data.load("digits")
    bank, x = latents_section.bank("vectors", digits), digits.splits["validation"].x
    np.testing.assert_array_equal(bank.codes, vectors.features(digits, "validation", bank.rows))
    words = "Imported vectors has features of stored images only: choose a model that can embed new images"
    with pytest.raises(Refused, match=words):
        latents.interpolate(vectors, x[0], x[1], 5, x[bank.rows], bank.codes)
    vectors.can_decode = True
    for look in (lambda: latents.reconstruct(vectors, x[:3]), lambda: latents.traverse(vectors, x[0], x)):
        with pytest.raises(Refused, match=words):
            look()
