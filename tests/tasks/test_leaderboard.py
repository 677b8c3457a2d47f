"""The table of all trainings: seeds that belong together, numbers that a gradient moved, what a table program reads."""

import csv
import io

import numpy as np
import pytest

from explorer import data, runs
from explorer.evaluation import statistics
from explorer.models import loading
from explorer.runs import Spec
from explorer.tasks import leaderboard
from explorer.tasks.stories.layout import ABOUT
from pages.ui.sections import compare_leaderboard
from tests.tasks.stories import story_cases

SHIPPED = [run.id for run in runs.listing("train") if run.shipped]


def trained(seed, knn, method="autoencoder", **settings):
    train = {"epochs": 2, "seed": seed, **settings}
    run = runs.create(Spec(kind="train", title="A trial", dataset="digits", method=method, train=train, seed=seed))
    run.write_scores({"knn": knn, "linear": 0.9, "n_train": 100, "train_seconds": 2.0 + seed})
    run.update(state="done")
    return run


def own():
    return leaderboard.entries(run for run in runs.listing("train") if not run.shipped)


@pytest.mark.parametrize("name", SHIPPED)
def test_trainable_numbers_are_those_that_an_optimizer_moves(name):
    (module,) = (value for value in vars(loading.load(name)).values() if hasattr(value, "players"))
    exact = sum(part.numel() for parts in module.players().values() for part in parts)
    assert leaderboard.trainable(runs.find(name)) == exact


def test_trainings_that_differ_in_the_seed_alone_are_one_row_with_its_spread():
    for seed, knn in enumerate((0.7, 0.8, 0.9)):
        trained(seed, knn)
    trained(0, 0.5, lr=0.1)
    first, second = sorted(own(), key=lambda it: -it.n)
    assert (first.n, first.seeds, second.n) == (3, (0, 1, 2), 1)
    assert first.scores["knn"] == pytest.approx(0.8) and first.spread["knn"] == pytest.approx(0.1)
    assert first.facts["seconds"] == pytest.approx(3) and second.spread == {}
    assert len(leaderboard.entries(runs.listing("train"), joined=False)) == len(SHIPPED) + 4


def test_a_seed_that_was_trained_twice_counts_once():
    for knn in (0.7, 0.9):
        trained(0, knn)
    (row,) = own()
    assert row.n == 1 and row.spread == {}


@pytest.mark.parametrize(
    ("bank", "images", "settings"),
    [
        (1079, 1079, {}),
        (1079, 50, {"subset": 50}),
        (322, 322, {"classes": ["0", "1", "2"], "subset": 5_000}),
        (10_000, 20, {"subset": 20}),
        (10_000, 1079, {}),  # the most that probes take: those of the data set count
        (None, 322, {"classes": ["0", "1", "2"]}),
    ],
)
def test_training_images_are_those_of_the_training_not_of_its_probes(bank, images, settings):
    data.load("digits")
    run = trained(0, 0.7, **settings)
    run.write_scores({"knn": 0.7} | ({} if bank is None else {"n_train": bank}))
    (row,) = own()
    assert row.facts["training images"] == images and row.facts[leaderboard.BANK] == bank
    (line,) = csv.DictReader(io.StringIO(leaderboard.as_csv([row])))
    assert line["training_images"] == str(images) and line["labels_of_the_probes"] == str(bank or "")


def test_the_best_comes_first_and_one_without_the_number_last():
    for seed, knn in ((0, 0.7), (0, 0.9)):
        trained(seed, knn, lr=knn)
    run = trained(0, 0.8, lr=3.0)
    run.write_scores({"linear": 0.9})
    assert [it.scores.get("knn") for it in leaderboard.ordered(own(), "knn")] == [0.9, 0.7, None]


def scored(knn, n_test, **settings):
    run = trained(0, knn, **settings)
    run.write_scores({"knn": knn, "n_test": n_test})


def test_answers_to_several_questions_have_no_best():
    scored(0.7, 500, lr=0.1)
    scored(0.9, 500, classes=["0", "1"])
    scored(0.8, 500, lr=0.3)
    rows = leaderboard.ordered(own(), "knn")
    assert [it.scores["knn"] for it in rows] == [0.8, 0.7, 0.9], "by question, in each as they came: the newest first"
    assert len({it.question for it in rows}) == 2
    assert [it.scores["knn"] for it in leaderboard.ordered(rows[:2], "knn")] == [0.8, 0.7]


def test_a_score_has_the_interval_of_its_test_images_and_of_its_seeds():
    scored(0.9, 500)
    (row,) = own()
    assert leaderboard.interval(row, "knn") == pytest.approx(statistics.interval(0.9, 500))
    low, high = leaderboard.interval(row._replace(ids=("a", "b", "c"), spread={"knn": 0.01}), "knn")
    seeds = 4.303 * 0.01 / 3**0.5
    assert 0.9 - low == pytest.approx(((0.9 - statistics.interval(0.9, 500)[0]) ** 2 + seeds**2) ** 0.5)
    assert high - 0.9 == pytest.approx(((statistics.interval(0.9, 500)[1] - 0.9) ** 2 + seeds**2) ** 0.5)


@pytest.mark.parametrize(("n", "alike"), [(50, [0.88, 0.8]), (500, [0.88]), (50_000, [])])
def test_models_whose_intervals_overlap_are_not_told_apart_from_the_best(n, alike):
    for knn in (0.9, 0.88, 0.8):
        scored(knn, n, lr=knn)
    rows = leaderboard.ordered(own(), "knn")
    assert [it.scores["knn"] for it in leaderboard.rivals(rows, "knn")] == alike


def test_rows_are_grouped_by_a_hyperparameter_that_differs():
    for lr in (0.1, 0.02):
        trained(0, 0.7, lr=lr)
    trained(0, 0.7, method="simclr")
    assert leaderboard.varied(own()) == ["method", "lr"]
    groups = leaderboard.by_hyperparameter(own(), "lr")
    assert list(groups) == [0.02, 0.1, None] and [len(group) for group in groups.values()] == [1, 1, 1]


def test_the_csv_reads_back_and_holds_no_formula():
    trained(0, 0.7)
    run = trained(1, 0.9)
    (run.folder / "title.txt").write_text("=HYPERLINK(1)")
    rows = list(csv.DictReader(io.StringIO(leaderboard.as_csv(own()))))
    assert len(rows) == 1 and rows[0]["seeds"] == "0 1" and float(rows[0]["knn"]) == pytest.approx(0.8)
    assert rows[0]["title"] == "'=HYPERLINK(1)" and rows[0]["epochs"] == "2"


def opened(seed, knn, hash):
    """A training as a story leaves it here, of images with this hash."""
    run = trained(seed, knn)
    (run.folder / ABOUT).write_bytes(story_cases.told(story_cases.parts(), files={})[ABOUT])
    run.append({"step": 0, "data": hash})
    y = data.load("digits").splits["validation"].y[:9]
    run.write_frame(0, features=np.eye(9), rows=np.arange(9), y=y)
    return run


def test_a_story_joins_no_seeds_says_where_it_is_from_and_is_left_out_of_other_images():
    for seed, knn in enumerate((0.7, 0.8)):
        trained(seed, knn)
    run = opened(2, 0.99, data.load("digits").hash)
    opened(3, 0.99, "0" * 64)
    mine, told = sorted(own(), key=lambda it: it.told)
    assert (mine.n, mine.told, mine.label) == (2, False, "A trial")
    assert (told.ids, told.label) == ((run.id,), "A trial (opened from a story)")
    rows = csv.DictReader(io.StringIO(leaderboard.as_csv([mine, told])))
    assert [row["from_story"] for row in rows] == ["0", "1"]


@pytest.mark.parametrize("value", [1.5, -0.1, True, float("nan"), "0.9"])
def test_what_is_no_accuracy_is_no_score(value, monkeypatch):
    run = trained(0, 0.7)
    monkeypatch.setattr(type(run), "scores", lambda run: {"knn": value, "linear": 0.9, "n_train": 100})
    assert leaderboard.entry(run).scores == {"linear": 0.9}


def test_a_score_out_of_a_story_does_not_lead():
    dataset = data.load("digits")
    opened(0, 1.0, dataset.hash)
    assert "Digits, SimCLR has the highest" in compare_leaderboard.lead(dataset)
