"""The same labels, three ways to use an encoder."""

import numpy as np
import pytest
import torch

from explorer import Refused, data
from explorer.core import DataSpec
from explorer.evaluation import transfer
from explorer.evaluation.transfer import TransferConfig, labelled
from explorer.methods import METHODS
from explorer.models import build, loading
from explorer.train import Fit
from tests.methods.contract_cases import made

ARMS = ("frozen", "finetune", "scratch")


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


@pytest.fixture(scope="module")
def encoder(digits):
    torch.set_num_threads(1)
    return loading.load("random", digits)


def moved(model, digits, **hyperparameters):
    cfg = TransferConfig.read({"epochs": 2, "labels_per_class": 5, **hyperparameters}, "transfer")
    return list(transfer.transfer(model, digits, cfg))


def test_three_arms_leave_a_curve_each_and_one_look_at_the_test_split(encoder, digits):
    rows = moved(encoder, digits)
    assert [(row["arm"], row["epoch"]) for row in rows[:-3]] == [(arm, e) for e in (1, 2) for arm in ARMS]
    assert all(0 <= row["val_accuracy"] <= 1 and row["train_loss"] > 0 for row in rows[:-3])
    assert [row["arm"] for row in rows[-3:]] == list(ARMS)
    assert all(set(row) == {"arm", "test_accuracy", "predicted"} for row in rows[-3:])
    assert all(len(set(row["predicted"])) > 5 for row in rows[-3:]), "ten digits are named, and not one alone"
    truth = digits.splits["test"].y
    assert all(row["test_accuracy"] == (np.array(row["predicted"]) == truth).mean() for row in rows[-3:])


def test_the_models_own_weights_stand_still(encoder, digits):
    before = {name: value.clone() for name, value in encoder.module.state_dict().items()}
    moved(encoder, digits)
    after = encoder.module.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert not encoder.module.training


def test_a_transfer_is_repeatable_and_its_seed_matters(encoder, digits):
    assert moved(encoder, digits) == moved(encoder, digits)
    assert moved(encoder, digits) != moved(encoder, digits, seed=1)


def test_an_arm_does_not_depend_on_the_others(encoder, digits):
    together, alone = moved(encoder, digits), moved(encoder, digits, arms=("finetune",))
    assert [row for row in together if row["arm"] == "finetune"] == alone


def test_frozen_features_are_computed_once_in_eval_mode(encoder, digits, monkeypatch):
    seen = []
    embed = encoder.module.embed

    def watched(x):
        assert not encoder.module.training
        seen.append(len(x))
        return embed(x)

    monkeypatch.setattr(encoder.module, "embed", watched)
    monkeypatch.setattr(encoder, "keeps_features", False)
    moved(encoder, digits, arms=("frozen",), epochs=5)
    splits = digits.splits
    assert sum(seen) == 50 + len(digits.probe()[0]) + len(splits["test"].y)


def test_only_as_many_labels_are_seen_as_were_asked_for(digits):
    y = digits.splits["train"].y
    cfg = TransferConfig(labels_per_class=7)
    rows = labelled(y, 10, cfg)
    assert np.bincount(y[rows]).tolist() == [7] * 10
    assert (labelled(y, 10, cfg) == rows).all()
    assert (labelled(y, 10, TransferConfig(labels_per_class=7, seed=1)) != rows).any()
    few = np.array([0, 0, 0, 1])  # a class with fewer gives all it has
    assert np.bincount(few[labelled(few, 2, TransferConfig(labels_per_class=2))]).tolist() == [2, 1]


@pytest.mark.parametrize(("rows", "batch"), [(2, 32), (3, 2), (5, 2), (33, 32), (1000, 7)])
def test_no_batch_holds_a_single_image(rows, batch):
    sizes = [len(chunk) for chunk in transfer._batches(torch.arange(rows), batch)]
    assert sum(sizes) == rows
    assert min(sizes) >= 2
    assert max(sizes) <= batch + 1


class Scaled(torch.nn.Module):
    """An encoder that moves quickly: each pixel times a weight of its own."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(64))

    def embed(self, x):
        return x.flatten(1) * self.weight


@pytest.mark.parametrize("arm", ["frozen", "finetune"])
def test_the_norm_is_that_of_the_features_as_they_are_after_the_epoch(arm, digits):
    """A mean over the steps would be that of features that have moved since."""
    train = digits.splits["train"]
    images, y = torch.from_numpy(train.x[:200].copy()), torch.from_numpy(train.y[:200].copy())
    x, encoder = (images.flatten(1) / 255, None) if arm == "frozen" else (images, Scaled())
    spec = DataSpec.image("digits", 1, 8, digits.classes, 0)
    learner = transfer.Learner(encoder, 64, 10, TransferConfig(lr=0.1), spec)
    for _ in range(2):
        learner.learn(x, y, torch.randperm(len(y)), 16)
        features = x if encoder is None else learner.features(x)
        assert torch.allclose(learner.norm.running_mean, features.mean(0), atol=1e-5)
        assert torch.allclose(learner.norm.running_var, features.var(0), atol=1e-5)


@pytest.mark.parametrize("name", ["pixels", "pca"])
def test_what_has_no_weights_cannot_be_tuned(name, digits):
    model = loading.load(name, digits)
    with pytest.raises(Refused, match="no weights to train"):
        moved(model, digits)
    assert moved(model, digits, arms=("frozen",))[-1]["arm"] == "frozen"


@pytest.mark.parametrize("name", [name for name in METHODS if not METHODS[name].can_train()])
def test_what_was_solved_has_no_weights_to_tune(name, digits):
    method, images, cfg = made(name, "mlp", "grey")
    list(Fit(method, images, cfg))
    model = build.network(name, name, method, cfg)
    with pytest.raises(Refused, match="no weights to train"):
        moved(model, digits)
    assert moved(model, digits, arms=("frozen",))[-1]["arm"] == "frozen"


@pytest.mark.parametrize("pooling", [1, 2])
def test_all_arms_have_the_pooling_of_the_model(pooling, digits):
    method, _, cfg = made("rotation", "conv", "grey", pooling=pooling)
    model, widths = build.network("a", "a", method, cfg), []
    watched = build.network("a", "a", method, cfg)
    watched.rebuild = lambda seed: widths.append((made_anew := model.rebuild(seed)).encoder.dim) or made_anew
    assert [row["arm"] for row in moved(watched, digits)[-3:]] == list(ARMS)
    assert widths == [method.encoder.out_dim * pooling**2]


@pytest.mark.parametrize("hyperparameters", [{"arms": ()}, {"labels_per_class": 0}, {"epoch": 3}])
def test_hyperparameters_out_of_range_are_refused(hyperparameters, encoder, digits):
    with pytest.raises(Refused):
        moved(encoder, digits, **hyperparameters)
