"""Studies of transfers: what is asked, what has a row is not trained again, and the bench that trainings share."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer import data
from explorer.__main__ import main
from explorer.benchmarks.transfers import TRANSFERS, Training, rows, runner
from explorer.benchmarks.transfers.study import OWN_HEAD
from explorer.evaluation.arms import ARMS
from explorer.evaluation.transfer import Bench, Cell, TransferConfig
from explorer.evaluation.transfer.sample import Sample
from explorer.models import loading
from explorer.runs import SHIPPED
from tests.benchmarks.transfers.transfer_cases import SMALL

STUDY = pytest.mark.parametrize("study", TRANSFERS.values(), ids=lambda study: study.name)


@pytest.fixture
def small(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setitem(TRANSFERS, SMALL.name, SMALL)
    return SMALL


def go(out, *words):
    return main(["study", SMALL.name, "--seeds", "0", "--threads", "1", "--out", str(out), *words])


def test_what_has_a_row_is_not_trained_again_and_what_is_missing_is_named(small, tmp_path, monkeypatch, capsys):
    out = tmp_path / "rows.jsonl"
    assert go(out, "--arms", "frozen") == 0
    said = capsys.readouterr().out
    assert "digits-simclr, from scratch: 1" in said and "digits-simclr, frozen: 1 (seed 1, 2), all (seed 1, 2)" in said
    first, trained = out.read_text(), []
    monkeypatch.setattr(runner, "trained", lambda *args: trained.append(args[2]) or {"test_accuracy": 0.5})
    go(out)
    assert trained == [Training("digits-simclr", "scratch", "1")]
    assert out.read_text().startswith(first)


def test_a_row_says_what_was_done_and_which_images_were_named_rightly(small, tmp_path):
    out = tmp_path / "rows.jsonl"
    go(out, "--arms", "scratch")
    (row,) = rows.read(out, small)
    assert (row["arm"], row["labels"], row["seed"], row["n_train"], row["epochs"]) == ("scratch", "1", 0, 10, 4)
    assert rows.unpacked(row).mean() == pytest.approx(row["test_accuracy"], abs=1e-5)
    assert row["n_test"] == len(data.load("digits").splits["test"].y)


def test_a_row_of_another_protocol_or_a_torn_one_is_none_and_is_counted(small, tmp_path):
    out = tmp_path / "rows.jsonl"
    go(out, "--arms", "scratch")
    other = {**json.loads(out.read_text()), "protocol": replace(small, steps=5).protocol()}
    with out.open("a") as file:
        file.write(json.dumps(other) + "\n" + '{"study": "transfer-small", "dataset": "digits"}\n')
    assert len(rows.read(out, small)) == 1
    assert rows.left_out(out, small) == 2


@pytest.mark.parametrize("changed", [{"data": "other"}, {"weights": "other"}])
def test_a_row_of_other_images_or_weights_does_not_stand_in(changed):
    wanted, inputs = Training("s", "frozen", "1"), rows.Inputs("d", "w")
    row = {**wanted._asdict(), "seed": 0, **inputs._asdict()}
    assert rows.there([row], wanted, 0, inputs)
    assert not rows.there([row], wanted, 0, inputs._replace(**changed))
    assert not rows.there([row], wanted, 1, inputs)


def test_what_was_named_rightly_survives_the_row():
    right = np.random.default_rng(0).random(153) < 0.5
    assert np.array_equal(rows.unpacked({"right": rows.packed(right), "n_test": 153}), right)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sources", "vgg"], "no source 'vgg'"),
        (["--arms", "frosen"], "no arm 'frosen'; did you mean 'frozen'?"),
        (["--seeds", "0,x"], "--seeds 0,x is not allowed"),
        (["--out", "rows.csv"], "--out rows.csv is not allowed"),
        (["cifar10"], "transfer-small is about digits"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_before_any_work(small, words, said, capsys):
    assert main(["study", SMALL.name, *words]) == 2
    assert said in capsys.readouterr().err


def test_sources_are_chosen_of_studies_of_transfers_alone(capsys):
    assert main(["study", "zoo", "cifar10", "--sources", "vgg16"]) == 2
    assert "--sources is about studies of transfers" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------- what is asked


@STUDY
def test_the_trainings_of_a_study_are_possible_and_make_about_equally_many_steps(study):
    for each in study.trainings():
        assert each.arm in (*ARMS, OWN_HEAD)
    for n in (2, 10, 100, 244):
        cfg = study.config(Training("s", "frozen", "all"), 0, n)
        steps = cfg.epochs * max(1, min(-(-n // cfg.batch), n // 2))
        assert 0.5 * study.steps <= steps <= 1.5 * study.steps
    assert study.question.endswith("?")


def test_ants_and_bees_are_asked_with_all_arms_and_all_sources():
    study = TRANSFERS["transfer-sources"]
    asked = set(study.trainings())
    assert all(Training(source, arm, "all") in asked for source in study.sources for arm in ARMS)
    assert all(Training(source, "frozen", n) in asked for source in study.sources for n in ("1", "5", "10", "50"))
    assert study.amounts("squeezenet1_0") == ["1", "5", "10", "50", "all"]


def test_the_own_head_is_asked_once_and_seeds_of_a_source_follow_each_other():
    plan = TRANSFERS["transfer-sources"].plan((0, 1, 2))
    assert len(plan) == len(set(plan))
    assert [seed for each, seed in plan if each.arm == OWN_HEAD] == [0, 0]
    frozen = [seed for each, seed in plan if each[:2] == ("squeezenet1_0", "frozen")]
    assert frozen == sorted(frozen) and len(frozen) == 15


@pytest.mark.parametrize("study", TRANSFERS.values(), ids=lambda study: study.name)
def test_every_row_that_comes_along_is_of_a_training_that_is_asked_for(study):
    path = rows.place(study)
    assert path.parent == SHIPPED.parent / "results" / "transfer"
    known = rows.read(path, study)
    assert known and rows.left_out(path, study) == 0
    assert {rows.training(row) for row in known} <= set(study.trainings())
    assert len({(rows.training(row), row["seed"]) for row in known}) == len(known)


# ------------------------------------------------------------------------------------------- what is shared


@pytest.fixture(scope="module")
def digits():
    torch.set_num_threads(1)
    return data.load("digits")


def test_a_bench_with_other_options_has_the_features_of_the_first_one(digits, monkeypatch):
    model = loading.load("digits-simclr")
    cfg = TransferConfig(arms=("frozen",), labels=("5", "10"), epochs=2, augment=True, draws=1)
    shared, few = Bench(model, digits, cfg), cfg.model_copy(update={"labels": ("5",), "epochs": 3})
    cell, passed = Cell("5", 0, "frozen"), []
    list(shared.train(Cell("10", 0, "frozen"), None))
    monkeypatch.setattr(
        Bench, "pass_once", lambda self, sample, at: passed.append(sample) or sample.features(model, at)
    )
    *_, ours = shared.on(few).train(cell, None)
    assert all(sample in (shared.watched, shared.test) for sample in passed), "no labelled image is passed again"
    monkeypatch.undo()
    *rows_, fresh = Bench(model, digits, few).train(cell, None)
    assert len(rows_) == 3
    assert np.allclose(ours["confidence"], fresh["confidence"], atol=1e-5)


def test_an_epoch_that_nobody_looks_at_changes_nothing(digits):
    """Statistics of the norms are taken after the last epoch alone, and the test images are named as ever."""
    model, cell = loading.load("digits-simclr"), Cell("5", 0, "finetune")
    cfg = TransferConfig(arms=("finetune",), labels=("5",), epochs=3)
    watched, unwatched = Bench(model, digits, cfg), Bench(model, digits, cfg)
    unwatched.watched = Sample(digits, {"validation": np.arange(0)})
    (*_, first), (*_, second) = (list(bench.train(cell, None)) for bench in (watched, unwatched))
    assert np.array_equal(first["predicted"], second["predicted"])
    assert np.allclose(first["confidence"], second["confidence"], atol=1e-5)
    assert second["val_accuracy"] is None
