"""Health: a watched training on digits, and a verdict that knows a planted collapse from a healthy training."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from explorer import data, runs
from explorer.augment.operations import turned
from explorer.core import ENCODERS, DataSpec, Method, TrainConfig, seeded
from explorer.evaluation import health
from explorer.losses import byol_regression
from explorer.methods import METHODS
from explorer.models import build, devices
from explorer.nn import builder
from explorer.tasks import requests
from explorer.tasks.training import loop, monitor
from explorer.train import Fit

# ----------------------------------------------------------------------------------------------- planted


class Alike(METHODS["simclr"]):
    """Planted collapse: two views attract, and nothing repels."""

    def loss(self, view_1, view_2):
        return {"loss": byol_regression(self.project(view_1), self.project(view_2))}

    def chance(self, batch_size):
        return None


class Numbered(METHODS["simclr"]):
    """Planted shortcut: each image wears its number on the border, so nobody needs to look at the digit."""

    def views(self, batch, rng):
        bits = (batch.index[:, None] >> torch.arange(12) & 1).float()[:, None]  # [B, 1, 12]
        found = super().views(batch, rng)
        for x in found.values():
            x[:, :, 0], x[:, :, -1] = bits[..., :8], bits[..., 4:]
        return found


class Marked(Method):
    """Planted shortcut: how far an image was turned is told by where its white corner is."""

    info = METHODS["simclr"].info

    def __init__(self, cfg, spec, build):
        super().__init__(cfg, spec)
        self.encoder = build()
        self.head = nn.Linear(self.encoder.out_dim, 4)

    def views(self, batch, rng):
        turns, x = torch.randint(4, (len(batch.x),), generator=rng), batch.x.clone()
        x[:, :, :2, :2] = 1
        return {"image": turned(x, turns), "turns": turns}

    def loss(self, image, turns):
        return {"loss": cross_entropy(self.head(self.encoder(image)), turns)}

    def chance(self, batch_size):
        return math.log(4)


@pytest.fixture
def few_looks(monkeypatch):
    """A look costs as much as many steps on so few images."""
    monkeypatch.setattr(loop, "frame_steps", lambda steps, _: {0, steps, *range(36, steps, max(9, steps // 8))})


LONG = {"encoder": "mlp", "epochs": 100, "lr": 0.002, "optimizer": "adam", "weight_decay": 0.0}
UPRIGHT = {"flip": 0.0, "crop": 0.4}  # digits have a left and a right
CASES = {
    "healthy SimCLR": ("learning", "simclr", UPRIGHT, {"epochs": 20}),
    "healthy autoencoder": ("learning", "autoencoder", {}, LONG),
    "nothing repels": ("collapsed", Alike, {}, {}),
    "BYOL without predictor": ("collapsed", "byol", {"predictor": False}, {}),
    "BYOL without stop-gradient": ("collapsed", "byol", {"stop_gradient": False}, {}),
    "SwAV without Sinkhorn": ("collapsed", "swav", {"sinkhorn": False}, {}),
    "numbers on the border": ("shortcut", Numbered, {}, {}),
    "a mark in the corner": ("shortcut", Marked, {}, {}),
}
QUICK = ["healthy SimCLR", "healthy autoencoder", "nothing repels", "a mark in the corner"]


def begun(method, hyperparameters, train, seed):
    """A training on digits that has not made a step, of a method by name or of one that only these tests know."""
    name = method if isinstance(method, str) else "simclr"
    run = runs.create(requests.train(name, "digits", {}, {"epochs": 12, "batch": 128, **train, "seed": seed}))
    digits, cfg = data.load("digits"), TrainConfig(**run.spec.train)
    splits = [
        devices.split_of(digits.splits[part], digits.classes, digits, torch.device("cpu"))
        for part in ("train", "validation")
    ]
    spec = DataSpec("digits", digits.channels, digits.size, digits.classes, len(splits[0]))
    if isinstance(method, str):
        made = build.fresh(method, hyperparameters, cfg, spec)
    else:
        with seeded(seed):
            made = method(
                METHODS[name].hyperparameters(hyperparameters), spec, builder(ENCODERS[cfg.encoder], cfg.width, spec)
            )
    observer = monitor.Monitor(run, made, digits, cfg, torch.device("cpu"))
    return loop.TrainingLoop(run, Fit(made, splits[0], cfg), observer, splits[1], {})


def told(case, seed):
    """The verdict on a training to its end, and its last look."""
    word, method, hyperparameters, train = CASES[case]
    torch.set_num_threads(1)
    course = begun(method, hyperparameters, train, seed)
    course.go()
    rows = course.run.metrics()
    last = [row for row in rows if "knn" in row][-1]
    print(
        case, seed, health.verdict(rows).word, {k: round(v, 4) for k, v in last.items()}, f"way {health.way(rows):.3f}"
    )
    return health.verdict(rows), word


@pytest.mark.parametrize("case", QUICK)
def test_a_planted_collapse_is_called_and_a_healthy_training_stays_green(case, few_looks):
    found, word = told(case, seed=0)
    assert found.word == word, found


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("case", CASES)
def test_in_five_of_five_seeds_the_verdict_is_right(case, few_looks):
    words = [told(case, seed)[0].word for seed in range(5)]
    assert words == [CASES[case][0]] * 5


# ----------------------------------------------------------------------------------------------- monitor


class Measuring(METHODS["simclr"]):
    """Says something of itself."""

    def measure(self, x):
        return {"brightness": x.mean(), "brightness of images": x.mean((1, 2, 3)), "knn": x.sum()}


def test_a_look_writes_health_and_what_the_method_measures():
    observer = begun(Measuring, {}, {}, 0).monitor
    observer.look(0, 0.0, 0)
    row = observer.run.metrics()[-1]
    assert set(health.METERS) <= set(row)
    assert 0 < row["brightness"] < 1
    assert row["knn"] <= 1, "what a method measures does not replace what we do"
    assert row["watched"] == len(observer.y)
    assert observer.run.frame(0)["measure_brightness of images"].shape == (min(len(observer.y), monitor.MEASURED),)
    assert row["spread"] == pytest.approx(health.feature_std(observer.embed(observer.probe)))


def test_a_method_without_a_projection_has_none_watched():
    observer = begun("autoencoder", {}, {"encoder": "mlp"}, 0).monitor
    observer.look(0, 0.0, 0)
    row = observer.run.metrics()[-1]
    assert "rank" in row
    assert "project_rank" not in row


def test_features_that_are_no_numbers_do_not_end_a_training_here():
    observer = begun("simclr", {}, {}, 0).monitor
    for parameter in observer.method.parameters():
        parameter.data.fill_(math.nan)
    observer.look(0, 0.0, 0)
    assert "rank" not in observer.run.metrics()[-1]


def test_the_crops_that_must_stay_alike_depend_on_the_data_alone():
    first, second = (begun("simclr", {}, {}, seed).monitor.pairs for seed in (0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(*first)
    digits = data.load("digits")
    ramp = np.tile(np.arange(8, dtype=np.uint8) * 30, (20, 1, 8, 1))
    crops = monitor.pairs(ramp, digits.source)
    assert all((np.diff(crop.astype(int), axis=3) >= 0).mean() > 0.9 for crop in crops), "none is mirrored"
