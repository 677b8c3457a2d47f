"""The same labels, several ways to use an encoder."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from explorer import Refused, data
from explorer.core import DataSpec
from explorer.evaluation.arms import DEFAULT as ARMS
from explorer.evaluation.transfer import TransferConfig, bench, labelled, learner, sample, transfer
from explorer.methods import METHODS
from explorer.models import build, loading
from explorer.train import Fit
from tests.methods.contract_cases import made


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


@pytest.fixture(scope="module")
def encoder(digits):
    torch.set_num_threads(1)
    return loading.load("random", digits)


def moved(model, digits, **hyperparameters):
    """All rows, with plain numbers in place of arrays."""
    cfg = TransferConfig.read({"epochs": 2, "labels_per_class": 5, **hyperparameters}, "transfer")
    rows = [dict(row) for row in transfer(model, digits, cfg)]
    return [{key: value.tolist() if hasattr(value, "tolist") else value for key, value in row.items()} for row in rows]


def outcomes(rows):
    return [row for row in rows if "test_accuracy" in row]


def test_each_arm_leaves_a_curve_and_then_one_look_at_the_test_split(encoder, digits):
    rows = moved(encoder, digits)
    assert [(row["arm"], row.get("epoch")) for row in rows] == [(arm, e) for arm in ARMS for e in (1, 2, None)]
    assert all(0 <= row["val_accuracy"] <= 1 and row["train_loss"] > 0 for row in rows if "epoch" in row)
    assert all(len(set(row["predicted"])) > 5 for row in outcomes(rows)), "ten digits are named, and not one alone"
    truth = digits.splits["test"].y
    assert all(row["test_accuracy"] == (np.array(row["predicted"]) == truth).mean() for row in outcomes(rows))
    assert all(len(row["confidence"]) == len(truth) and min(row["confidence"]) >= 0.1 for row in outcomes(rows))


def test_the_models_own_weights_stand_still(encoder, digits):
    before = {name: value.clone() for name, value in encoder.module.state_dict().items()}
    moved(encoder, digits, arms=(*ARMS, "lora"))
    after = encoder.module.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert not encoder.module.training


def test_a_transfer_is_repeatable_and_its_seed_matters(encoder, digits):
    assert moved(encoder, digits) == moved(encoder, digits)
    assert moved(encoder, digits) != moved(encoder, digits, seed=1)


def test_an_arm_does_not_depend_on_the_others_and_a_repeat_is_the_seed_after(encoder, digits):
    together, alone = moved(encoder, digits, seeds=2), moved(encoder, digits, arms=("finetune",))
    assert [row for row in together if row["arm"] == "finetune" and row["seed"] == 0] == alone
    assert [row for row in together if row["seed"] == 1] == moved(encoder, digits, seed=1)


def test_trainings_that_are_done_are_left_out(encoder, digits):
    cfg = TransferConfig(epochs=1, labels_per_class=5)
    every, rest = (list(transfer(encoder, digits, cfg, done)) for done in (0, 2))
    assert [row["arm"] for row in rest] == ["scratch"] * 2
    assert (rest[-1]["confidence"] == every[-1]["confidence"]).all()


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
    rest = len(digits.probe()[0]) + len(digits.splits["test"].y)
    assert sum(seen) == 50 + rest
    seen.clear()
    moved(encoder, digits, arms=("frozen",), epochs=5, labels=("2", "3"), seeds=2)
    y = digits.splits["train"].y
    every = {row for seed in (0, 1) for row in labelled(y, 10, "3", seed)}
    assert sum(seen) == len(every) + rest, "once for each image, however many trainings"


@pytest.mark.parametrize(("draws", "epochs"), [(2, 5), (5, 2)])
def test_a_frozen_encoder_sees_each_stored_draw_of_an_image_once(draws, epochs, encoder, digits, monkeypatch):
    seen = []
    embed = encoder.module.embed
    monkeypatch.setattr(encoder, "keeps_features", False)
    monkeypatch.setattr(encoder.module, "embed", lambda x: seen.append(len(x)) or embed(x))
    moved(encoder, digits, arms=("frozen",), epochs=epochs, augment=True, draws=draws)
    rest = len(digits.probe()[0]) + len(digits.splits["test"].y)
    assert sum(seen) == 50 * (1 + min(draws, epochs)) + rest  # and once as they are, for the norm


def test_only_as_many_labels_are_seen_as_were_asked_for(digits):
    y = digits.splits["train"].y
    rows = labelled(y, 10, "7", 0)
    assert np.bincount(y[rows]).tolist() == [7] * 10
    assert (labelled(y, 10, "7", 0) == rows).all()
    assert (labelled(y, 10, "7", 1) != rows).any()
    few = np.array([0, 0, 0, 1])  # a class with fewer gives all it has
    assert np.bincount(few[labelled(few, 2, "2", 0)]).tolist() == [2, 1]
    assert len(labelled(few, 2, "all", 0)) == 4
    assert np.bincount(few[labelled(few, 2, "40%", 0)]).tolist() == [1, 1]


@pytest.mark.parametrize("seed", [0, 1])
def test_few_labels_lie_inside_more(seed, digits):
    y = digits.splits["train"].y
    drawn = [set(labelled(y, 10, amount, seed)) for amount in ("1", "3%", "5", "10%", "50", "100%")]
    assert all(few < more for few, more in pairwise(drawn))
    assert drawn[-1] == set(labelled(y, 10, "all", seed)) == set(range(len(y)))


@pytest.mark.parametrize(("rows", "batch"), [(2, 32), (3, 2), (5, 2), (33, 32), (1000, 7)])
def test_no_batch_holds_a_single_image(rows, batch):
    sizes = [len(chunk) for chunk in bench.chunks(np.arange(rows), batch)]
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


def test_the_norm_is_that_of_the_features_as_they_are_after_the_epoch(encoder, digits, monkeypatch):
    """A mean over the steps would be that of features that have moved since."""
    seen = []
    monkeypatch.setattr(bench.Bench, "outcome", lambda self, one, _: seen.append(one) or {})
    moved(encoder, digits, arms=("frozen", "finetune"))
    rows = labelled(digits.splits["train"].y, 10, "5", 0)
    images = digits.splits["train"].x[rows]
    frozen, tuned = encoder.features(digits, "train", rows), seen[1].represent(torch.from_numpy(images)).numpy()
    for one, z in zip(seen, (frozen, tuned), strict=True):
        assert np.allclose(one.norm.running_mean, z.mean(0), atol=1e-5)
        assert np.allclose(one.norm.running_var, z.var(0, ddof=1), atol=1e-5)


def test_parameters_outside_all_blocks_learn_too():
    spec = DataSpec.image("digits", 1, 8, tuple("0123456789"), 0)
    one = learner.Learner("finetune", Scaled(), torch.nn.Linear(64, 10), TransferConfig(), spec)
    one.begin(1)
    assert [part.name for part in one.parts] == ["what stands beside the blocks"]
    assert one.trainable == 64 + 650


@pytest.mark.parametrize("name", ["pixels", "pca"])
def test_what_has_no_weights_cannot_be_tuned(name, digits):
    model = loading.load(name, digits)
    with pytest.raises(Refused, match="no weights to train"):
        moved(model, digits)
    assert moved(model, digits, arms=("frozen",))[-1]["arm"] == "frozen"
    assert moved(model, digits, arms=("frozen",), augment=True)[-1]["arm"] == "frozen"


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
    assert [row["arm"] for row in outcomes(moved(watched, digits))] == list(ARMS)
    assert widths == [method.encoder.out_dim * pooling**2]


@pytest.mark.parametrize(
    "hyperparameters",
    [
        {"arms": ()},
        {"arms": ("finetun",)},
        {"labels_per_class": 0},
        {"labels_per_class": "0%"},
        {"epoch": 3},
        {"labels": ("ten",)},
        {"labels": ("101%",)},
        {"lr": 0.0},
        {"lr": -1.0},
        {"lr": float("nan")},
        {"head_lr": float("inf")},
        {"seeds": 0},
        {"preset": "turorial"},
        {"rank": 0},
    ],
)
def test_hyperparameters_out_of_range_are_refused(hyperparameters, encoder, digits):
    with pytest.raises(Refused):
        moved(encoder, digits, **hyperparameters)


@pytest.mark.parametrize(
    ("given", "amounts"),
    [
        ({}, ("10",)), ({"labels_per_class": 3}, ("3",)), ({"labels_per_class": "3"}, ("3",)),
        ({"labels_per_class": "all"}, ("all",)), ({"labels_per_class": "1, 10%,all"}, ("1", "10%", "all")),
        ({"labels": ("5", "5", "50")}, ("5", "50")), ({"preset": "tutorial"}, ("all",)),
        ({"preset": "tutorial", "labels_per_class": 7}, ("7",)),
    ],
)  # fmt: skip
def test_amounts_of_labels_are_numbers_shares_or_all(given, amounts):
    cfg = TransferConfig.read(given, "transfer")
    assert cfg.amounts == amounts
    assert TransferConfig.read(cfg.model_dump(mode="json"), "transfer") == cfg


def test_what_is_given_goes_before_a_preset():
    cfg = TransferConfig.read({"preset": "tutorial", "epochs": 2, "augment": False}, "transfer")
    assert (cfg.epochs, cfg.augment, cfg.batch, cfg.optimizer, cfg.lr) == (2, False, 4, "sgd", 1e-3)
    assert TransferConfig.read(cfg.model_dump(mode="json"), "transfer") == cfg


def test_the_tutorial_trains_on_all_images_that_are_not_tested_and_watches_those(digits):
    made_of = bench.Bench(loading.load("pixels", digits), digits, TransferConfig.read({"preset": "tutorial"}, "t"))
    splits = digits.splits
    assert len(made_of.pool) == len(splits["train"].y) + len(splits["validation"].y)
    assert made_of.watched is made_of.test and len(made_of.test) == len(splits["test"].y)
    at = np.array([0, len(splits["train"].y), 1])
    assert (made_of.pool[at][1] == splits["validation"].x[0]).all()
    assert (made_of.pool[at][2] == splits["train"].x[1]).all()


def test_random_crops_come_at_the_size_and_colours_of_the_network_and_differ_by_address():
    x = torch.randint(0, 256, (5, 1, 16, 16), dtype=torch.uint8)
    spec = DataSpec.image("a", 3, 24, ("b", "c"), 0)
    first, again, other = (sample.crops(x, spec, torch.Generator().manual_seed(n)) for n in (0, 0, 1))
    assert first.shape == (5, 3, 24, 24) and 0 <= first.min() <= first.max() <= 1
    assert torch.equal(first, again) and not torch.equal(first, other)
