"""What a study measures of a model: probes, its untrained network, and more where it is asked for."""

import numpy as np
import pytest
import torch

from explorer import Refused, data
from explorer.benchmarks import Arm, Protocol, Study, suite, trial
from explorer.benchmarks.testbed import Testbed
from explorer.core import DataSpec
from explorer.evaluation.probes import PROBES, Features
from explorer.methods import METHODS
from explorer.models import build, loading
from tests.benchmarks.study_cases import TINY, go, stored


def test_labels_are_balanced_and_fewer_lie_inside_more():
    bench = Testbed("digits", Protocol(subset=600, epochs=1))
    few, more = bench.labelled(50), bench.labelled(200)
    assert set(few) < set(more)
    assert np.bincount(bench.train.y[few]).tolist() == [5] * 10
    chosen, at = bench.whole.select("train", subset=50)
    assert (bench.rows[few] == at).all()
    assert (bench.split(50).x.cpu().numpy() == chosen.x).all(), "supervised learning and the probes see the same images"
    assert [bench.labels(percent) for percent in (100, 10, 1)] == [600, 60, 10]


def test_the_probes_of_a_row_are_those_of_the_model(small, out):
    go(out, "--seeds", "0", "--arms", "pixels")
    (row,) = stored(out)
    digits = data.load("digits")
    train, test = digits.select("train", subset=100)[0], digits.select("test", subset=100)[0]
    bank, queries = (Features(x.x.reshape(100, -1) / np.float32(255), x.y) for x in (train, test))
    assert row["knn"] == pytest.approx(PROBES["knn"](bank, queries), abs=1e-5)
    assert row["linear_100"] == pytest.approx(PROBES["linear"](bank, queries), abs=1e-5)


def test_the_untrained_twin_is_the_network_before_its_first_step(small, out):
    go(out, "--seeds", "5", "--arms", "plain")
    (row,) = stored(out)
    bench = Testbed("digits", TINY)
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


def test_extras_are_what_they_say(out, monkeypatch):
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


def test_the_accuracy_of_a_classifier_is_that_of_its_answers():
    bench = Testbed("digits", TINY)
    study = Study("named", "?", lambda: [], extras=("classifier",))
    cfg = trial.settings(Arm("a", "supervised"), 0, bench)
    model, _ = trial.train(Arm("a", "supervised"), 0, bench, 0, [])
    assert cfg.epochs == 1
    with torch.inference_mode():
        answers = model.module.classifier(model.module.embed(model.images(bench.test.x))).argmax(1).cpu().numpy()
    told = trial.EXTRAS["classifier"](model, bench, bench.features(model))
    assert study.extras == ("classifier",)
    assert told["accuracy"] == pytest.approx((answers == bench.test.y).mean(), abs=1e-6)


def test_few_labels_make_as_many_steps_as_all():
    bench = Testbed("digits", Protocol(subset=1000, epochs=4))
    whole = trial.settings(Arm("all", "supervised"), 0, bench)
    few = trial.settings(Arm("few", "supervised", labels=200), 0, bench)
    assert (whole.epochs, whole.batch) == (4, 128)  # 8 steps an epoch
    assert (few.epochs, few.subset) == (16, 200)  # 2 steps an epoch
    with pytest.raises(Refused, match="2000 labels are no part of 1000"):
        trial.settings(Arm("more", "supervised", labels=2000), 0, bench)


def test_the_protocol_fixes_what_is_compared_and_a_method_keeps_the_rest():
    bench = Testbed("digits", Protocol(subset=100, epochs=7))
    cfg = trial.settings(Arm("a", "autoencoder"), 2, bench)
    assert (cfg.encoder, cfg.epochs, cfg.subset, cfg.seed) == ("conv", 7, 100, 2)
    assert (cfg.batch, cfg.optimizer, cfg.schedule) == (128, "adam", "constant")
    cfg = trial.settings(Arm("a", "autoencoder", train={"encoder": "mlp"}, longer=2), 2, bench)
    assert (cfg.encoder, cfg.epochs) == ("mlp", 14)
