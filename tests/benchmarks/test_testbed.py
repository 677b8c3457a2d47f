"""What a study measures of a model: probes, its untrained network, and more where it is asked for."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer import Refused, data
from explorer.benchmarks import Arm, Protocol, Study, budget, suite, trial
from explorer.benchmarks.budget import Cost
from explorer.benchmarks.testbed import Testbed
from explorer.core import DataSpec
from explorer.evaluation.probes import PROBES, Features
from explorer.methods import METHODS
from explorer.models import build, loading
from explorer.nn import multiply_adds
from tests.benchmarks.study_cases import TINY, go, stored


def test_labels_are_balanced_and_fewer_lie_inside_more():
    bench = Testbed("digits", Protocol(subset=600, labels=300), seed=4)
    few, more = bench.labelled(50), bench.labelled(200)
    assert set(few) < set(more)
    assert np.bincount(bench.bank.y[few]).tolist() == [5] * 10
    chosen, at = bench.whole.select("train", subset=50, draw=4)
    assert (bench.bank_rows[few] == at).all()
    assert (bench.split(50).x.cpu().numpy() == chosen.x).all(), "supervised learning and the probes see the same images"
    assert [bench.labels(percent) for percent in (100, 10, 1)] == [300, 30, 10]
    assert (len(bench.split()), set(bench.bank_rows) < set(bench.rows)) == (600, True)


def test_the_probes_of_a_row_are_those_of_the_model(small, out):
    go(out, "--seeds", "0", "--arms", "pixels")
    (row,) = stored(out)
    digits = data.load("digits")
    train, test = digits.select("train", subset=100)[0], digits.select("test", subset=100)[0]
    bank, queries = (Features(x.x.reshape(100, -1) / np.float32(255), x.y) for x in (train, test))
    assert row["knn"] == pytest.approx(PROBES["knn"](bank, queries), abs=1e-5)
    assert row["linear_100"] == pytest.approx(PROBES["linear"](bank, queries), abs=1e-5)


def test_pixels_get_the_pooling_of_the_protocol():
    bench = Testbed("digits", replace(TINY, pooling=2))
    model, _ = trial.reference(Arm("p", reference="pooled pixels"), 0, bench)
    quarter = bench.test.x[:, 0, :4, 4:].mean((1, 2)) / 255
    assert model.embed(bench.test.x)[:, 1] == pytest.approx(quarter, abs=1e-6)
    assert trial.reference(Arm("u", reference="untrained"), 0, bench)[0].dim == 4 * 96, "as networks do"


def test_the_untrained_twin_is_the_network_before_its_first_step(small, out):
    go(out, "--seeds", "5", "--arms", "plain")
    (row,) = stored(out)
    bench = Testbed("digits", TINY, 5)
    cfg = METHODS["supervised"].training({"seed": 5, "width": 0.5, "encoder": "conv"})
    spec = DataSpec.image("digits", 1, 8, bench.whole.classes, 100)
    model = build.network("", "", build.fresh("supervised", {}, cfg, spec), cfg)
    assert row["untrained_knn"] == pytest.approx(bench.probe(bench.features(model))["knn"], abs=1e-5)
    assert row["untrained_knn"] != row["knn"]


def test_an_untrained_twin_is_measured_once(small, out, monkeypatch):
    go(out, "--seeds", "0", "--arms", "plain")
    counted, features = [], Testbed.features
    monkeypatch.setattr(Testbed, "features", lambda *a: counted.append(a) or features(*a))
    go(out, "--seeds", "0", "--arms", "smooth")
    assert len(counted) == 1, "the trained network alone: the untrained network is that of plain"
    one, two = stored(out)
    assert one["untrained"] == two["untrained"]
    assert one["untrained_knn"] == two["untrained_knn"]


def test_extras_are_what_they_say(small, monkeypatch):
    """A classifier's accuracy, a reconstruction's error, the probes of a projection, and angles to PCA."""
    arms = [
        Arm("names", "supervised"),
        Arm("draws", "autoencoder", {"latent": 8, "error": "mse", "linear": True}),
        Arm("projects", "simclr"),
        Arm("components", reference="pca:5"),
    ]
    extras = ("project", "subspace", "reconstruction", "labels", "classifier")
    study = Study("every", "What else?", lambda: arms, extras=extras)
    monkeypatch.setattr(suite, "EACH", (20, 50))
    bench = Testbed("digits", TINY)
    made = {arm.label: trial.run(study, arm, 0, bench) for arm in arms}
    assert [label for label, row in made.items() if "accuracy" in row] == ["names"]
    assert [label for label, row in made.items() if "mse" in row] == ["draws", "components"]
    assert [label for label, row in made.items() if "z_knn" in row] == ["projects"]
    row = made["projects"]
    assert row["z_minus_h_knn"] == pytest.approx(row["z_knn"] - row["knn"])
    assert len(made["draws"]["measured"]["cosines of principal angles to PCA"]) == 8
    images = bench.test.x.reshape(100, -1) / 255
    drawn = loading.load("pca:5", bench.dataset).pca
    exact = ((drawn.inverse_transform(drawn.transform(images)).clip(0, 1) - images) ** 2).mean()
    assert made["components"]["mse"] == pytest.approx(exact, abs=2e-5)


def test_the_accuracy_of_a_classifier_is_that_of_its_answers(small):
    bench = Testbed("digits", TINY)
    study = Study("named", "?", lambda: [], extras=("classifier",))
    model, _ = trial.train(Arm("a", "supervised"), 0, bench, 0, [])
    with torch.inference_mode():
        answers = model.module.classifier(model.module.embed(model.images(bench.test.x))).argmax(1).cpu().numpy()
    told = trial.EXTRAS["classifier"](model, bench, bench.features(model))
    assert study.extras == ("classifier",)
    assert told["accuracy"] == pytest.approx((answers == bench.test.y).mean(), abs=1e-6)


@pytest.mark.parametrize("seconds", [0.13, 0.5, 0.64, 1.0, 1.3, 6.0, 6.5])
def test_all_arms_have_the_same_core_seconds_in_whole_passes(seconds):
    """To one batch in each pass; the images that a pass needs are taken from all over the subset."""
    split = Testbed("digits", Protocol(subset=600, labels=100)).split()
    cfg = METHODS["supervised"].training({"batch": 64})
    chosen, trained = budget.fit_to_budget(seconds, Cost(0.001, 1.0), split, cfg)
    seen = trained.epochs * budget.seen_per_epoch(len(chosen), trained)
    assert abs(seen * 0.001 - seconds) <= 0.064 * trained.epochs
    assert len(chosen) <= 600 and len(np.unique(chosen.x.numpy().reshape(len(chosen), -1), axis=0)) > 0.9 * len(chosen)


def test_a_budget_ends_at_the_longest_training_and_at_the_smallest_and_leaves_closed_forms_alone():
    split = Testbed("digits", Protocol(subset=100, labels=100)).split()
    cfg = METHODS["supervised"].training({"batch": 64})
    assert budget.fit_to_budget(1e9, Cost(0.001, 1.0), split, cfg)[1].epochs == budget.LONGEST
    assert len(budget.fit_to_budget(1e-9, Cost(0.001, 1.0), split, cfg)[0]) == 100, "no image twice"
    assert budget.fit_to_budget(1.0, Cost(0.0, 0.0), split, cfg) == (split, cfg)


def test_what_an_image_costs_is_that_of_both_resolutions():
    bench = Testbed("digits", Protocol(subset=600, labels=100))
    cfg = METHODS["simclr"].training({"batch": 64, "width": 0.5, "half_resolution": 0.5})
    method = build.fresh("simclr", {}, cfg, bench.spec)
    before = {name: value.clone() for name, value in method.state_dict().items()}
    whole, half = (budget.at_resolution(method, bench.split(), cfg, share) for share in (0.0, 0.9))
    mean = budget.cost(method, bench.split(), cfg)
    assert whole.core_seconds > 0 and mean.multiply_adds == pytest.approx((whole[1] + half[1]) / 2)
    layers = multiply_adds(method.encoder, torch.zeros(1, 1, 8, 8)) * 2 * 3  # two views, forwards and twice backwards
    assert 0.7 * layers < whole.multiply_adds < 1.5 * layers
    assert half.multiply_adds < whole.multiply_adds / 2
    assert all(torch.equal(value, before[name]) for name, value in method.state_dict().items()), "a copy was trained"
    pca = build.fresh("pca", {}, METHODS["pca"].training({}), bench.spec)
    assert budget.cost(pca, bench.split(), METHODS["pca"].training({})) == (0.0, 0.0)


def test_few_labels_are_those_of_the_probes():
    bench = Testbed("digits", Protocol(subset=1000, labels=500))
    assert trial.settings(Arm("few", "supervised", labels=200), 0, bench).batch == 64
    with pytest.raises(Refused, match="2000 labels are no part of 500 labelled images: raise --labels"):
        trial.settings(Arm("more", "supervised", labels=2000), 0, bench)


def test_the_protocol_fixes_what_is_compared_and_a_method_keeps_the_rest():
    bench = Testbed("digits", Protocol(subset=100, labels=100))
    cfg = trial.settings(Arm("a", "autoencoder"), 2, bench)
    assert (cfg.encoder, cfg.batch, cfg.subset, cfg.seed, cfg.pooling) == ("conv", 64, 100, 2, 2)
    assert (cfg.optimizer, cfg.schedule, cfg.half_resolution) == ("adam", "cosine", 0.0)
    cfg = trial.settings(Arm("a", "autoencoder", train={"encoder": "mlp"}), 2, bench)
    assert (cfg.encoder, cfg.pooling) == ("mlp", 1)
    cfg = trial.settings(Arm("a", "simclr", train={"batch": 32}), 2, bench)
    assert (cfg.batch, cfg.pooling, cfg.half_resolution) == (32, 2, 0.9)
    assert trial.settings(Arm("a", "rbm"), 2, bench).pooling == 1
