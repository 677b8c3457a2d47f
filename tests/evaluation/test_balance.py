"""An accuracy beside its baseline: majority share, balanced accuracy and recalls, against scikit-learn and by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.metrics import balanced_accuracy_score, recall_score

from explorer import data
from explorer.evaluation import balance, probes
from explorer.evaluation.probes import PROBES, Features, Probe
from explorer.models import loading


def some(seed, classes=4, n=200):
    rng = np.random.default_rng(seed)
    truth = rng.choice(classes, n, p=rng.dirichlet(np.ones(classes)))
    return truth, np.where(rng.random(n) < 0.6, truth, rng.integers(0, classes, n))


@pytest.mark.parametrize("seed", range(5))
def test_recalls_and_balanced_accuracy_are_scikit_learns(seed):
    truth, named = some(seed)
    scores = balance.measure({"knn": named}, truth, truth, tuple("abcd"))
    there = np.unique(truth)
    known = recall_score(truth, named, labels=there, average=None)
    assert [scores["per_class"]["knn"][label] for label in there] == pytest.approx(known.tolist())
    assert scores["balanced_accuracy"]["knn"] == pytest.approx(balanced_accuracy_score(truth, named))
    assert scores["per_class"]["n"] == np.bincount(truth, minlength=4).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_the_majority_share_is_the_accuracy_of_scikit_learns_dummy(seed):
    (train, _), (truth, _) = some(seed), some(seed + 9)
    dummy = DummyClassifier(strategy="most_frequent").fit(train[:, None], train)
    scores = balance.measure({}, truth, train, tuple("abcd"))
    assert scores["majority_share"] == pytest.approx(dummy.score(truth[:, None], truth))


def test_classes_that_are_equally_frequent_in_training_share_their_votes():
    train, truth = np.repeat([0, 1], 50), np.repeat([0, 1], [95, 5])
    assert balance.measure({}, truth, train, "ab")["majority_share"] == 0.5
    assert balance.measure({}, truth, train[:99], "ab")["majority_share"] == 0.95


def test_a_class_without_test_images_has_no_recall_and_does_not_count():
    scores = balance.measure({"knn": np.array([0, 0, 2])}, np.array([0, 2, 2]), np.arange(3), "abc")
    assert scores["per_class"]["knn"] == [1.0, None, 0.5]
    assert scores["balanced_accuracy"]["knn"] == 0.75
    assert balance.classes_of(scores)[1] == balance.PerClass("b", 0, {})
    assert json.loads(json.dumps(scores)) == scores, "plain numbers, which a file can hold"


@pytest.mark.parametrize(
    ("train", "test", "imbalanced"),
    [
        ((95, 5), (95, 5), True),
        ((50, 50), (50, 50), False),
        ((55, 45), (83, 70), False),
        ((50, 50, 50), (50, 50, 0), False),
        ((50, 50), (50, 0), True),
        ((50, 50), (95, 5), True),  # one class alone is still most of the test
        ((6, 4), (61, 39), True),
        ((100,) * 10, (36, 35, 37, 36, 35, 36, 36, 37, 36, 35), False),
        ((160, *[100] * 9), (160, *[100] * 9), True),
        ((1000, *[10] * 9), (1000, *[10] * 9), True),
    ],
)
def test_imbalance_is_a_class_clearly_more_frequent_than_the_others(train, test, imbalanced):
    labels = [np.repeat(range(len(counts)), counts) for counts in (test, train)]
    assert balance.is_imbalanced(balance.measure({}, *labels, "abcdefghij"[: len(train)])) is imbalanced


@pytest.mark.parametrize("scores", [{}, {"knn": 0.5, "n_test": 9}, {"majority_share": 0.9}])
def test_scores_from_before_it_was_measured_say_nothing_of_it(scores):
    assert balance.is_imbalanced(scores) is False and balance.classes_of(scores) == []


def noise(counts=(950, 50)):
    """Digits of two classes as noise, 95 to 5, in every split."""
    rng, found = np.random.default_rng(0), data.load("digits")
    y = np.repeat([0, 1], counts)
    images = found.splits["train"]._replace(x=rng.integers(0, 255, (len(y), 1, 8, 8), np.uint8), y=y)
    return replace(
        found, name="noise", classes=("often", "rare"), splits=dict.fromkeys(found.splits, images), copies={}
    )


def test_noise_with_imbalanced_classes_scores_high_and_its_balanced_accuracy_does_not():
    dataset = noise()
    rng = np.random.default_rng(1)
    test = dataset.splits["test"]._replace(x=rng.integers(0, 255, dataset.splits["test"].x.shape, np.uint8))
    dataset = replace(dataset, splits={**dataset.splits, "test": test})
    scores = probes.evaluate(loading.load("pixels", dataset), dataset)
    assert scores["knn"] > 0.93 and scores["majority_share"] == 0.95 and balance.is_imbalanced(scores)
    assert set(scores["balanced_accuracy"]) == {name for name, probe in PROBES.items() if probe.accuracy}
    assert all(value < 0.56 for value in scores["balanced_accuracy"].values())
    often, rare = balance.classes_of(scores)
    assert (often.name, often.n, rare.name, rare.n) == ("often", 950, "rare", 50)
    assert rare.recalls["knn"] < 0.1 < 0.9 < often.recalls["knn"]


@pytest.mark.parametrize("name", [name for name, probe in PROBES.items() if probe.accuracy])
def test_a_probe_that_names_classes_is_asked_once_and_its_number_is_their_accuracy(name, monkeypatch):
    dataset = data.load("digits")
    model, asked, probe = loading.load("pixels", dataset), [], PROBES[name]
    measure = probe.measure
    monkeypatch.setattr(probe, "measure", lambda *features: asked.append(measure(*features)) or asked[-1])
    scores = probes.evaluate(model, dataset, 300)
    (named,) = asked
    truth = dataset.splits["test"].y
    assert scores[name] == (named == truth).mean()
    assert scores["balanced_accuracy"][name] == pytest.approx(balanced_accuracy_score(truth, named))


def test_a_new_probe_that_names_classes_has_all_that_comes_with_an_accuracy(monkeypatch):
    always = Probe(lambda bank, queries: np.zeros(len(queries.y), int), "zero", "Zero", "higher", False, False, "z")
    monkeypatch.setitem(PROBES._found(), "zero", always)
    dataset = noise()
    scores = probes.evaluate(loading.load("pixels", dataset), dataset)
    assert scores["zero"] == scores["majority_share"] == 0.95
    assert scores["balanced_accuracy"]["zero"] == 0.5 and scores["per_class"]["zero"] == [1.0, 0.0]


def test_a_probe_that_returns_a_number_has_that_number_alone():
    plain = Probe(lambda bank, queries: np.float32(0.25), "p", "P", "lower", False, False, "")
    features = Features(np.zeros((2, 3)), np.zeros(2, int))
    assert plain.measured(features, features).predicted is None and plain(features, features) == 0.25
