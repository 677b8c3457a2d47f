"""Health: its meters by their slow definitions, its verdict, its panel, and failures planted in trainings."""

import math
from itertools import combinations

import numpy as np
import pytest
import scipy.linalg
import torch
from streamlit.testing.v1 import AppTest
from torch import nn
from torch.nn.functional import cross_entropy

from explorer import data, runs
from explorer.augment.operations import turned
from explorer.core import DataSpec, Method, TrainConfig, seeded
from explorer.evaluation import health, sphere
from explorer.losses import byol_regression
from explorer.methods import METHODS
from explorer.models import build, devices
from explorer.nn import builder
from explorer.tasks.training import loop, monitor
from explorer.tasks.training import request as training_request
from explorer.train import Fit
from pages.ui.runs import curve_sentences, curves

# ---------------------------------------------------------------------------------------------- meters
from tests import screen_text
from tests.ui import charts


def features(n=30, d=7, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(1, 1, size=(n, d)).astype(dtype)


def directions(z):
    return [row / math.sqrt(sum(value**2 for value in row)) for row in z]


def distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))


def slow_rank(z):
    s = np.linalg.svd(z, compute_uv=False)
    return math.exp(-sum(value / s.sum() * math.log(value / s.sum()) for value in s))


def slow_spread(z):
    columns = np.array(directions(z)).T
    deviations = [math.sqrt(sum((value - column.mean()) ** 2 for value in column) / len(column)) for column in columns]
    return math.sqrt(len(columns)) * sum(deviations) / len(deviations)


def slow_alignment(z1, z2):
    return sum(distance(a, b) for a, b in zip(directions(z1), directions(z2), strict=True)) / len(z1)


def slow_uniformity(z):
    near = [math.exp(-2 * distance(a, b)) for a, b in combinations(directions(z), 2)]
    return math.log(sum(near) / len(near))


@pytest.mark.parametrize(("dtype", "within"), [(np.float64, 1e-9), (np.float32, 1e-5)])
@pytest.mark.parametrize("shape", [(30, 7), (7, 30), (2, 1)])
def test_a_meter_is_its_slow_definition(shape, dtype, within):
    z, other = features(*shape, dtype=dtype), features(*shape, seed=1, dtype=dtype)
    assert health.effective_rank(z) == pytest.approx(slow_rank(z.astype(np.float64)), rel=within)
    assert health.feature_std(z) == pytest.approx(slow_spread(z.astype(np.float64)), rel=within, abs=within)
    assert health.alignment(z, other) == pytest.approx(slow_alignment(z, other), rel=within)
    assert health.uniformity(z) == pytest.approx(slow_uniformity(z), rel=10 * within, abs=within)


def test_images_that_are_all_alike_have_rank_one_and_no_spread():
    z = np.tile(features(1, 16), (50, 1)) + 1e-9 * features(50, 16)
    assert health.effective_rank(z) == pytest.approx(1, abs=1e-3)
    assert health.feature_std(z) < 1e-6
    assert health.uniformity(z) == pytest.approx(0, abs=1e-6)
    assert health.alignment(z, z) == 0


def test_images_all_over_the_sphere_have_full_rank_and_full_spread():
    z = np.random.default_rng(0).normal(size=(4000, 16))
    assert health.effective_rank(z) == pytest.approx(16, rel=0.01)
    assert health.feature_std(z) == pytest.approx(1, rel=0.01)
    assert health.effective_rank(np.eye(5)) == pytest.approx(5)
    assert health.uniformity(np.eye(5)) == pytest.approx(-4)  # all pairs at right angles


def test_length_and_rotation_do_not_count_on_the_sphere():
    z, turn = features(40, 6), np.linalg.qr(features(6, 6, seed=3))[0]
    longer = z * np.random.default_rng(2).uniform(0.5, 2, size=(40, 1))
    assert health.uniformity(longer @ turn) == pytest.approx(health.uniformity(z))
    assert health.alignment(longer @ turn, z @ turn) == pytest.approx(0, abs=1e-12)
    assert health.effective_rank(3 * z @ turn) == pytest.approx(health.effective_rank(z))


# ------------------------------------------------------------------------------------------------ LiDAR


def views(n=20, q=6, d=5, apart=1.0, noise=0.5, seed=0):
    """Features of q views of each of n images, which lie so far apart."""
    rng = np.random.default_rng(seed)
    return rng.normal(1, 1, size=(1, 1, d)) + apart * rng.normal(size=(n, 1, d)) + noise * rng.normal(size=(n, q, d))


def slow_lidar(z, delta):
    """By the paper's equations, one outer product at a time, and with a matrix square root of its own."""
    n, q, d = z.shape
    mu = sum(z[i, j] for i in range(n) for j in range(q)) / (n * q)
    between, within = np.zeros((d, d)), delta * np.eye(d)
    for i in range(n):
        mu_x = sum(z[i, j] for j in range(q)) / q
        between += np.outer(mu_x - mu, mu_x - mu) / n
        within += sum(np.outer(z[i, j] - mu_x, z[i, j] - mu_x) for j in range(q)) / (n * q)
    root = scipy.linalg.inv(scipy.linalg.sqrtm(within))
    sizes = scipy.linalg.eigvals(root @ between @ root).real
    return math.exp(-sum(size / sizes.sum() * math.log(size / sizes.sum()) for size in sizes if size > 1e-12))


@pytest.mark.parametrize("delta", [1e-4, 0.1])
@pytest.mark.parametrize("shape", [(20, 6, 5), (4, 10, 9), (30, 2, 8)])
def test_lidar_without_a_floor_is_the_definition_of_the_paper(shape, delta):
    z = views(*shape) * np.linspace(0.2, 3, shape[2])
    assert health.lidar(z, delta, floor=0) == pytest.approx(slow_lidar(z, delta), rel=1e-6)


def test_lidar_of_views_that_are_all_alike_is_one():
    alike = np.tile(features(1, 16), (30, 8, 1))
    assert health.lidar(alike) == health.lidar(alike, floor=0) == 1
    assert health.lidar((alike + 1e-7 * views(30, 8, 16)).astype(np.float32), floor=0) == 1, "rounding is no direction"
    assert health.lidar(np.zeros((30, 8, 16))) == 1


def test_lidar_counts_the_directions_in_which_images_differ_more_than_views():
    assert health.lidar(views(4000, 4, 8, noise=0.1)) == pytest.approx(8, rel=0.01)
    three = views(400, 4, 8, apart=np.array([1, 1, 1, 0, 0, 0, 0, 0]), noise=0.05)
    assert health.lidar(three) == pytest.approx(3, rel=0.1)
    noisy = np.array([0.05, 0.05, 0.05, 0.05, 5, 5, 5, 5])  # where views differ, a difference of images is none
    assert health.lidar(views(400, 4, 8, noise=noisy)) == pytest.approx(4, rel=0.1)
    assert health.effective_rank(views(400, 4, 8, noise=noisy).reshape(-1, 8)) > 5, "which RankMe does not know"


def test_lidar_does_not_count_the_directions_of_what_a_collapse_leaves():
    left = health.unit(features(1, 16) + 0.003 * views(100, 10, 16).reshape(-1, 16)).reshape(100, 10, 16)
    assert health.lidar(left) < 1.5 < 10 < health.lidar(left, floor=0)


def test_nothing_at_all_is_no_error():
    z = np.zeros((10, 4), np.float32)
    assert (health.effective_rank(z), health.feature_std(z), health.uniformity(z), health.uniformity(z[:1])) == (
        1,
        0,
        0,
        0,
    )


# --------------------------------------------------------------------------------------------- verdict


def rows_of(losses, knns, chance=None, floor=None, **last):
    """Rows as a training writes them: a look every 10 steps, `last` in the last of them."""
    rows = [{"step": 0, "chance": chance, "floor": floor}]
    for i, knn in enumerate(knns):
        loss = {} if not i else {"train_loss": losses[min(i, len(losses)) - 1]}
        rows.append({"step": 10 * i, "epoch": i, "knn": knn, "watched": 400, "spread": 0.5, **loss})
    rows[-1] |= last
    return rows


@pytest.mark.parametrize(
    ("word", "rows"),
    [
        ("learning", rows_of([5, 4.6], [0.80, 0.7, 0.8, 0.85, 0.9], chance=5.5)),
        ("nothing yet", rows_of([5, 4.6], [0.80, 0.7, 0.8, 0.83], chance=5.5)),  # within the error
        ("nothing yet", rows_of([5.5], [0.80, 0.7, 0.7, 0.7, 0.7, 0.7], chance=5.5)),
        ("too early", rows_of([5, 4], [0.80, 0.9, 0.95], chance=5.5)),
        ("shortcut", rows_of([4, 2], [0.80, 0.7, 0.7, 0.7, 0.7, 0.7], chance=5.5)),
        ("nothing yet", rows_of([4, 2], [0.80, 0.5, 0.5, 0.5, 0.6, 0.7], chance=5.5)),  # it recovers
        ("shortcut", rows_of([1, 0.01], [0.80, 0.8, 0.8, 0.8], chance=1.39)),
        ("nothing yet", rows_of([0.5, 0.4], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6], chance=0.69, floor=0.2)),
        ("shortcut", rows_of([0.5, 0.25], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6], chance=0.69, floor=0.2)),
        ("nothing yet", rows_of([2, 1.5], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6])),  # no chance line
        ("shortcut", rows_of([2, 0.01], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6])),
        ("collapsed", rows_of([2, 0.01], [0.80, 0.9, 0.9, 0.9], project_spread=0.08)),
        ("collapsed", rows_of([2, 0.01], [0.80, 0.9, 0.9, 0.9], spread=0.02)),
        ("learning", rows_of([2, 0.01], [0.80, 0.9, 0.9, 0.9], spread=0.1)),
        ("nothing yet", rows_of([5.5], [0.80, 0.8, 0.8, 0.8], chance=5.5, project_spread=0.01)),
        ("collapsed", rows_of([5.5], [0.8] * 22, chance=5.5, project_spread=0.01)),
        ("nothing yet", rows_of([-2, -9], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6])),  # an energy has no way down
        ("fitted", [{"step": s, "solved": not s, "knn": 0.5 + s / 4, "watched": 400} for s in (0, 1)]),
        (
            "too few images",
            [{"step": 40 * s, "epoch": s, "knn": s, "watched": 20, "train_loss": 2} for s in (0, 1)],
        ),
        ("too early", [{"step": s, "epoch": s, "knn": 0.5, "watched": 400, "train_loss": 2} for s in (0, 1)]),
    ],
)
def test_a_verdict_follows_from_what_was_written_down(word, rows):
    found = health.verdict(rows)
    assert found.word == word, found
    assert found.reason.endswith(".")


@pytest.mark.parametrize(
    ("rows", "of", "said"),
    [
        (
            rows_of([2, 0.01], [0.8, 0.9, 0.9, 0.9], project_spread=0.08),
            "projection",
            "representation has not: kNN 90%",
        ),
        (rows_of([2, 0.01], [0.8, 0.1, 0.1, 0.1], project_spread=0.08, spread=0.04), "projection", "So has the rep"),
        (rows_of([5.5], [0.8] * 22, chance=5.5, project_spread=0.0123), "projection", "and the loss stays at chance"),
        (rows_of([2, 0.01], [0.8, 0.9, 0.9, 0.9], spread=0.0212), "representation", "The representation has collapsed"),
    ],
)
def test_a_verdict_of_collapse_names_what_has_collapsed_in_few_words(rows, of, said):
    found = health.verdict(rows)
    assert (found.word, found.of) == ("collapsed", of)
    assert said in found.reason and f"The {of} has collapsed" in found.reason
    assert len(found.reason.split()) <= (25 if "chance" not in said else 31)


def test_what_was_never_measured_has_no_verdict():
    assert health.verdict([]) is None
    assert health.verdict([{"step": 0, "knn": 0.5, "spread": 0.01}]) is None


# ----------------------------------------------------------------------------------------------- panel


def shown(id: str) -> None:
    from explorer import runs
    from pages.ui.runs import health

    run = runs.find(id)
    health.panel(run, run.metrics())


def run_with(rows, state="done"):
    run = runs.create(training_request.train("simclr", "digits", {}, {}))
    for row in rows:
        run.append(row)
    run.update(state=state)
    return run


def seen(run):
    at = AppTest.from_function(shown, args=(run.id,)).run(timeout=60)
    assert not at.exception
    return at, screen_text.unlinked(" ".join(part.value for part in [*at.markdown, *at.caption]))


def test_the_panel_says_the_verdict_in_a_word_with_its_reason():
    meters = dict.fromkeys(health.METERS, 0.5) | {"project_spread": 0.01}
    at, said = seen(run_with(rows_of([2, 0.01], [0.80, 0.9, 0.9, 0.9], **meters)))
    assert "Projection collapsed" in said
    assert "The representation has not" in said
    assert "never for training" in said
    titles = ("Effective rank", "Spread", "Alignment and uniformity")
    assert {f"health-{title}" for title in titles} == set(charts.messages(at))
    assert len(charts.figures(at)) == 3


@pytest.mark.parametrize(("state", "word"), [("running", "Learning"), ("done", "Learned")])
def test_who_is_done_has_learned(state, word):
    assert word in seen(run_with(rows_of([5, 4.6], [0.80, 0.7, 0.8, 0.85, 0.9], chance=5.5), state))[1]


def test_a_run_of_an_older_version_says_that_its_health_was_not_measured():
    at, said = seen(run_with([{"step": 0, "knn": 0.5, "spread": 0.01}]))
    assert "a version that did not measure health" in said
    assert not charts.figures(at)


@pytest.mark.parametrize(
    ("method", "rows", "said"),
    [
        ("byol", [], True),
        ("autoencoder", [], False),
        ("byol", rows_of([2, 0.01], [0.8, 0.9], rank=4.0), False),
        ("byol", rows_of([2, 0.01], [0.8, 0.9], rank=4.0, lidar=3.0), True),
    ],
    ids=["it will be measured", "no views are drawn", "an older version", "measured"],
)
def test_what_lidar_counts_is_said_where_it_is_measured(method, rows, said):
    run = runs.create(training_request.train(method, "digits", {}, {}))
    for row in rows:
        run.append(row)
    run.update(state="running")
    assert ("LiDAR counts those" in seen(run)[1]) == said


def test_before_the_first_look_the_measures_have_their_places_and_say_what_is_waited_for():
    at, said = seen(run_with([], "running"))
    assert "Not evaluated yet" in said
    assert len(charts.messages(at)) == 3 and not charts.figures(at)


def test_what_the_panel_shows_is_not_shown_again_below():
    rows = [{"step": 0, "watched": 9, "knn": 0.5, "active dimensions": 4, **dict.fromkeys(health.METERS, 1.0)}]
    assert curves.others(rows) == ["active dimensions"]


def test_neighbours_that_name_fewer_than_before_are_said_to():
    said = health.verdict(rows_of([2, 1.5], [0.80, 0.6, 0.6, 0.6, 0.6, 0.6])).reason
    assert "worse than before training, by more than the sampling error (±" in said


@pytest.mark.parametrize("scores", [None, {"knn": 0.1, "n_test": 100, "references": {}}])
def test_overfitting_is_not_spoken_of_in_a_run_that_has_collapsed(scores):
    rows = rows_of([2, 0.01], [0.80, 0.9, 0.9, 0.9, 0.9], project_spread=0.08)
    rows[1]["loss"] = 2.0
    for row, loss in zip(rows[1:], (1, 1, 2, 3, 3), strict=True):
        row["val_loss"] = loss
    said = curve_sentences.summary(runs.Status(state="done", step=40), rows, scores)
    assert "The projection has collapsed" in said and "verfit" not in said
    well = [*rows[:-1], {**rows[-1], "project_spread": 0.8}]
    assert "Overfitting since step" in curve_sentences.summary(runs.Status(state="done", step=40), well, scores)


def test_a_method_that_is_done_in_one_step_was_not_stopped():
    rows, scores = [{"step": 1, "train_loss": 0.5}], {"knn": 0.9, "n_test": 100, "references": {}}
    assert "stopped before its first steps" in curve_sentences.summary(runs.Status(state="stopped"), [], None)
    assert curve_sentences.summary(runs.Status(state="done", step=1), rows, None) == "It was solved in one step."
    assert "90%" in curve_sentences.summary(runs.Status(state="done", step=1), rows, scores)


# --------------------------------------------------------------------------------------------- planted


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
    run = runs.create(training_request.train(name, "digits", {}, {"epochs": 12, "batch": 128, **train, "seed": seed}))
    digits, cfg = data.load("digits"), TrainConfig(**run.spec.train)
    splits = [
        devices.split_of(digits.splits[part], digits.classes, digits, torch.device("cpu"))
        for part in ("train", "validation")
    ]
    spec = DataSpec.of(digits, digits.classes, len(splits[0]))
    if isinstance(method, str):
        made = build.fresh(method, hyperparameters, cfg, spec)
    else:
        with seeded(seed):
            made = method(METHODS[name].hyperparameters(hyperparameters), spec, builder(cfg, spec))
    observer = monitor.Monitor(run, made, digits, cfg, torch.device("cpu"))
    return loop.TrainingLoop(run, Fit(made, splits[0], cfg), observer, splits[1], {})


def told(case, seed):
    """The verdict on a training to its end, and its last look."""
    word, method, hyperparameters, train = CASES[case]
    torch.set_num_threads(1)
    training_loop = begun(method, hyperparameters, train, seed)
    training_loop.go()
    rows = training_loop.run.metrics()
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
    observer.record(0, 0.0, 0)
    row = observer.run.metrics()[-1]
    assert set(health.METERS) <= set(row)
    assert 0 < row["brightness"] < 1
    assert row["knn"] <= 1, "what a method measures does not replace what we do"
    assert row["watched"] == len(observer.y)
    assert observer.run.frame(0)["measure_brightness of images"].shape == (min(len(observer.y), monitor.MEASURED),)
    assert row["spread"] == pytest.approx(health.feature_std(observer.embed(observer.probe)))


def test_a_method_without_a_projection_has_none_watched():
    observer = begun("autoencoder", {}, {"encoder": "mlp"}, 0).monitor
    observer.record(0, 0.0, 0)
    row = observer.run.metrics()[-1]
    assert "rank" in row
    assert not {"project_rank", "lidar"} & row.keys()
    assert sphere.STORED not in observer.run.frame(0)


PROJECTING = [name for name in METHODS if METHODS[name].can_project()]


@pytest.mark.parametrize("name", PROJECTING)
def test_a_frame_holds_the_projection_of_the_images_of_its_map_at_unit_length(name):
    observer = begun(name, {}, {}, 0).monitor
    observer.record(0, 0.0, 0)
    frame, row = observer.run.frame(0), observer.run.metrics()[-1]
    with torch.inference_mode():
        z = observer.method.project(observer.images(observer.probe)).numpy()
    stored = sphere.opened(frame[sphere.STORED])
    np.testing.assert_allclose(stored, health.unit(z), atol=0.51 / sphere.SCALE)
    assert stored.shape[0] == len(frame["features"]) and frame[sphere.STORED].nbytes <= frame["features"].nbytes / 2
    assert row["project_spread"] == pytest.approx(health.feature_std(z[: monitor.MEASURED]))


def test_lidar_is_that_of_the_same_views_at_every_step_of_every_run():
    observers = [begun("byol", {}, {}, seed).monitor for seed in (0, 1)]
    first, second = (observer.views for observer in observers)
    assert np.array_equal(first, second) and len(first) == monitor.IMAGES * monitor.VIEWS
    of_one = first.reshape(monitor.IMAGES, monitor.VIEWS, -1).astype(float)
    assert 0 < of_one.std(1).mean() < 0.9 * of_one.std((0, 1)).mean(), "the views of an image stand together"
    observers[0].record(0, 0.0, 0)
    with torch.inference_mode():
        z = observers[0].method.project(observers[0].images(first)).numpy()
    expected = health.lidar(health.unit(z).reshape(monitor.IMAGES, monitor.VIEWS, -1))
    assert observers[0].run.metrics()[-1]["lidar"] == pytest.approx(expected, rel=1e-4)


def test_lidar_is_measured_first_and_last_and_seldom_between():
    observer = begun("simclr", {}, {}, 0).monitor
    observer.run.update(steps=50)
    seen = {}
    for step, images in ((0, 0), (5, 500), (9, monitor.EVERY), (20, monitor.EVERY + 100), (50, monitor.EVERY + 200)):
        observer.record(step, 0.0, images)
        seen[step] = "lidar" in observer.run.metrics()[-1]
    assert seen == {0: True, 5: False, 9: True, 20: False, 50: True}


def test_a_method_that_draws_views_and_has_no_projection_has_lidar_of_its_representation():
    observer = begun("exemplar", {}, {}, 0).monitor
    observer.record(0, 0.0, 0)
    z = health.unit(observer.embed(observer.views)).reshape(monitor.IMAGES, monitor.VIEWS, -1)
    assert observer.run.metrics()[-1]["lidar"] == pytest.approx(health.lidar(z), rel=1e-4)


def test_features_that_are_no_numbers_do_not_end_a_training_here():
    observer = begun("simclr", {}, {}, 0).monitor
    for parameter in observer.method.parameters():
        parameter.data.fill_(math.nan)
    observer.record(0, 0.0, 0)
    assert not {"rank", "lidar"} & observer.run.metrics()[-1].keys()
    assert (observer.run.frame(0)[sphere.STORED] == 0).all()


def test_the_crops_that_must_stay_alike_depend_on_the_data_alone():
    first, second = (begun("simclr", {}, {}, seed).monitor.pairs for seed in (0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(*first)
    digits = data.load("digits")
    ramp = np.tile(np.arange(8, dtype=np.uint8) * 30, (20, 1, 8, 1))
    crops = monitor.pairs(ramp, digits.source)
    assert all((np.diff(crop.astype(int), axis=3) >= 0).mean() > 0.9 for crop in crops), "none is mirrored"
