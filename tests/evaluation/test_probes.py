"""Probes against scikit-learn and planted truths."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from explorer import Refused, data
from explorer.evaluation import probes
from explorer.evaluation.neighbours import nearest
from explorer.evaluation.probes import PROBES, Features
from explorer.evaluation.probes.knn import chance, predict
from explorer.models import geometry, loading


def blobs(n, seed, classes=4, dim=6, apart=4.0):
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(classes, dim)) * apart
    y = rng.integers(0, classes, n)
    return (centres[y] + rng.normal(size=(n, dim))).astype(np.float32), y


def test_knn_is_scikit_learns_with_the_same_weights():
    bank, labels = blobs(600, 0, apart=0.5)
    queries, _ = blobs(400, 1, apart=0.5)
    mean = bank.mean(0)
    theirs = KNeighborsClassifier(20, metric="cosine", weights=lambda d: np.exp((1 - d) / 0.1))
    theirs = theirs.fit(bank - mean, labels).predict(queries - mean)
    ours = predict(*(torch.from_numpy(a) for a in (bank, labels, queries)))
    assert (ours.numpy() == theirs).all()


def test_knn_knows_no_scale_and_no_origin():
    bank, labels = blobs(300, 0, apart=0.7)
    queries, truth = blobs(200, 1, apart=0.7)
    plain = PROBES["knn"](Features(bank, labels), Features(queries, truth))
    assert PROBES["knn"](Features(bank * 7 + 3, labels), Features(queries * 7 + 3, truth)) == plain


def test_probes_find_what_is_there_and_nothing_in_noise():
    (bank, labels), (queries, truth) = blobs(400, 0), blobs(400, 1)
    assert PROBES["knn"](Features(bank, labels), Features(queries, truth)) > 0.95
    assert PROBES["linear"](Features(bank, labels), Features(queries, truth)) > 0.95
    noise = np.random.default_rng(5).normal(size=(800, 6)).astype(np.float32)
    for name in ("knn", "linear"):
        assert PROBES[name](Features(noise[:400], labels), Features(noise[400:], truth)) < 0.4


@pytest.mark.parametrize("ref", ["pixels", "pca", "pca:8", "random", "random:mlp", "random:resnet18"])
def test_every_reference_can_be_measured_on_digits(ref):
    dataset = data.load("digits")
    scores = probes.evaluate(loading.load(ref, dataset), dataset, 300)
    assert scores["n_train"] == 300
    assert 0.5 < scores["knn"] <= 1


@pytest.mark.parametrize(
    ("ref", "words"), [("nobody", "no model 'nobody'"), ("pca:0", "1 to 1024"), ("random:vgg", "no encoder 'vgg'")]
)
def test_an_unknown_model_is_refused_with_the_choices(ref, words):
    with pytest.raises(Refused, match=words):
        loading.load(ref, data.load("digits"))


def test_any_image_is_brought_to_the_networks_geometry():
    x = torch.rand(2, 3, 40, 60, generator=torch.Generator().manual_seed(0))
    assert geometry.fit_geometry(x, 1, 28).shape == (2, 1, 28, 28)
    assert geometry.fit_geometry(x[:, :1], 3, 8).shape == (2, 3, 8, 8)
    square = x[:, :, :, 10:50]
    assert torch.equal(geometry.fit_geometry(x, 3, 40), square)


@pytest.mark.parametrize(
    ("bank", "queries"),
    [
        ((1100, 900), (550, 450)),
        ((123, 121), (70, 83)),
        ((850, 150), (85, 15)),
        ((500, 500), (70, 30)),
        ((500, 500), (30, 30, 40)),  # a class that the bank does not have
        ((500, 500, 500, 500), (70, 10, 10, 10)),
        ((240, *[200] * 9), (60, *[50] * 9)),
        ((1700, 100, 100, 100), (340, 20, 20, 20)),
    ],
)
def test_chance_is_what_knn_reads_off_a_representation_of_noise(bank, queries):
    labels, truth = (np.repeat(range(len(counts)), counts) for counts in (bank, queries))
    rng, measured = np.random.default_rng(7), []
    for _ in range(60):
        z = rng.normal(size=(len(labels) + len(truth), 6)).astype(np.float32)
        measured.append(PROBES["knn"](Features(z[: len(labels)], labels), Features(z[len(labels) :], truth)))
    assert chance(labels, truth) == pytest.approx(np.mean(measured), abs=0.015)


def test_classes_without_test_images_are_refused():
    found = data.load("digits")
    test = found.splits["test"]
    kept = test.y < 8
    few = replace(found, splits={**found.splits, "test": test._replace(x=test.x[kept], y=test.y[kept])})
    probes.check_classes(few, ("1", "9"))
    with pytest.raises(Refused, match="digits has no test images of these classes: choose other classes, or add"):
        probes.check_classes(few, ("8", "9"))


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_chance_of_a_balanced_bank_is_that_of_guessing_whatever_the_queries_are(classes):
    bank = np.arange(classes * 40) % classes
    assert chance(bank, bank) == pytest.approx(1 / classes, abs=1e-6)
    assert chance(bank, np.zeros(9, int)) == pytest.approx(1 / classes, abs=1e-6)


def test_the_linear_probe_is_scikit_learns_and_takes_one_thread(monkeypatch):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_info, threadpool_limits

    rng, fit, seen = np.random.default_rng(0), LogisticRegression.fit, []
    y, centres = rng.integers(0, 4, 600), rng.normal(size=(4, 20))
    z = (centres[y] + 2 * rng.normal(size=(600, 20))).astype(np.float32)

    def watched(self, *data):
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        return fit(self, *data)

    with threadpool_limits(2):
        scaler = StandardScaler().fit(z[:400])
        plain = LogisticRegression(C=0.1, max_iter=300).fit(scaler.transform(z[:400]), y[:400])
        monkeypatch.setattr(LogisticRegression, "fit", watched)
        found = PROBES["linear"](Features(z[:400], y[:400]), Features(z[400:], y[400:]))
        assert {pool["num_threads"] for pool in threadpool_info()} == {2}
    assert set(seen) == {1}
    assert found == plain.score(scaler.transform(z[400:]), y[400:]) < 1


@pytest.mark.parametrize("name", PROBES)
@pytest.mark.parametrize("ref", ["pixels", "pca:8", "untrained"])
def test_features_that_are_computed_on_demand_get_the_numbers_of_an_array(name, ref, monkeypatch):
    torch.set_num_threads(1)
    dataset, largest = data.load("digits"), []
    model = loading.load(ref, dataset)
    (known, labels), (asked, truth) = dataset.chosen("train", (), 300), dataset.chosen("validation")
    asked, truth = np.tile(asked, 8), np.tile(truth, 8)  # several parts
    bank, z = Features(model.features(dataset, "train", known), labels), model.features(dataset, "validation", asked)
    embed = model.embed
    monkeypatch.setattr(model, "keeps_features", False)
    monkeypatch.setattr(model, "embed", lambda x: largest.append(len(x)) or embed(x))
    now = PROBES[name](bank, Features(model.on_demand(dataset, "validation", asked), truth))
    assert now == PROBES[name](bank, Features(z, truth))
    assert largest and max(largest) <= 500 < len(asked), "no more than a part is held"


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_queries_that_are_computed_on_demand_have_the_same_neighbours(metric):
    bank, queries = blobs(300, 0)[0], blobs(620, 1)[0]
    for library in (np.asarray, torch.from_numpy):
        whole = nearest(library(bank), library(queries), 5, metric)
        sliced = nearest(library(bank), Sliced(queries), 5, metric)
        assert all((np.asarray(one) == np.asarray(two)).all() for one, two in zip(whole, sliced, strict=True))


class Sliced:
    """Queries of which no more than a chunk may be asked for."""

    def __init__(self, z):
        self.z = z

    def __len__(self):
        return len(self.z)

    def __getitem__(self, part):
        assert len(self.z[part]) <= 250
        return self.z[part]


def test_a_probe_that_does_not_say_that_it_works_in_parts_is_given_an_array():
    given = []
    plain = probes.Probe(
        lambda bank, queries: given.append(queries.z) or 0.0, "p", "P", "higher", False, False, "", False
    )
    dataset = data.load("digits")
    model, rows = loading.load("pixels", dataset), np.arange(5)
    plain(Features(np.zeros((1, 64)), np.zeros(1)), Features(model.on_demand(dataset, "test", rows), rows))
    assert isinstance(given[0], np.ndarray) and (given[0] == model.features(dataset, "test", rows)).all()
