"""Studies: what is trained, what is trained again, and what is left out."""

import json
import math
import subprocess
import sys
from dataclasses import replace

import pytest

from explorer.__main__ import main
from explorer.benchmarks import STUDIES, Arm, Protocol, Study, report, results, runner, suite, trial
from explorer.benchmarks.transfers import TRANSFERS
from explorer.core import ablates
from explorer.methods import METHODS
from tests.benchmarks.study_cases import SMALL, TINY, go, stored

# ------------------------------------------------------------------------------------------- running


def test_a_study_is_trained_seed_by_seed_and_each_run_is_one_row(small, out, capsys):
    assert go(out, "--seeds", "0,3") == 0
    made = [(row["seed"], row["arm"]) for row in stored(out)]
    assert made == [(seed, arm) for seed in (0, 3) for arm in ("pixels", "plain", "smooth", "long")]
    said = capsys.readouterr()
    assert "8/8  seed 3, long:" in said.err
    assert "none left" in said.err.splitlines()[-1]
    assert said.out.startswith("**Is it so?**")


def test_a_row_says_what_was_done_and_how_well_it_went(small, out):
    go(out, "--seeds", "1", "--arms", "long")
    (row,) = stored(out)
    assert (row["study"], row["dataset"], row["arm"], row["seed"]) == ("small", "digits", "long", 1)
    assert row["protocol"] == TINY.as_row()
    assert (row["hyperparameters"]["projection"], row["hyperparameters"]["temperature"]) == (8, 0.1), "a shared one"
    assert (row["train"]["lr"], row["train"]["batch"], row["train"]["schedule"]) == (1e-3, 64, "cosine")
    assert (row["epochs"], row["steps"], row["rate"], row["images"]) == (2, 2, 1.0, 128)
    assert row["giga"] == pytest.approx(0.128) and row["cost"] == [0.001, 1e6]
    assert (row["n_train"], row["n_bank"], row["n_test"]) == (100, 100, 100)
    assert row["labels"] == {"100": 100, "10": 10, "1": 10}
    assert row["chance"] == pytest.approx(math.log(2 * 64 - 1), abs=1e-4)
    assert 0 < row["loss"] < 2 * row["chance"]
    assert 0 < row["knn"] <= 1
    assert 1 <= row["rank"] <= row["dim"] == 96
    told = "linear_100 linear_10 linear_1 untrained_knn untrained_linear_100 settled_knn settled_linear_100 parameters"
    for name in f"{told} images_per_second train_seconds core_seconds hardware torch python data date source".split():
        assert row[name], name


def test_what_was_there_already_is_counted_and_what_nobody_asked_for_is_not_missing(small, out, capsys):
    go(out, "--seeds", "0", "--arms", "plain,smooth")
    said = capsys.readouterr()
    assert "already" not in said.err and "Not there" not in said.out
    assert go(out, "--seeds", "0,1", "--arms", "plain") == 0
    assert capsys.readouterr().err.splitlines()[-1] == "1 of 2 were there already"
    assert go(out, "--table", "--arms", "p*") == 0
    assert "Not there: pixels." in capsys.readouterr().out
    assert go(out, "--table") == 0
    assert "Not there: pixels, long." in capsys.readouterr().out


def test_a_killed_study_goes_on_where_it_was(small, out, capsys, monkeypatch):
    learn, learned = trial.learn, []

    def killed(fit, run):
        if len(learned) == 2:
            raise KeyboardInterrupt
        learned.append(fit.cfg.seed)
        return learn(fit, run)

    monkeypatch.setattr(trial, "learn", killed)
    assert go(out, "--seeds", "0,1") == 130
    assert "the same command continues from there" in capsys.readouterr().err
    before = out.read_bytes()
    assert [row["arm"] for row in stored(out)] == ["pixels", "plain", "smooth"]
    out.write_bytes(before + b'{"study": "small", "arm": "lo')  # and the disk was torn away
    learned.clear()
    monkeypatch.setattr(trial, "learn", lambda fit, run: learned.append(fit.cfg.seed) or learn(fit, run))
    assert go(out, "--seeds", "0,1") == 0
    assert learned == [0, 1, 1, 1], "what was there is not trained again"
    assert out.read_bytes().startswith(before)
    assert len(stored(out)) == 8
    assert go(out, "--seeds", "0,1") == 0
    assert len(learned) == 4
    assert len(stored(out)) == 8


@pytest.mark.parametrize(
    "words",
    [
        ("--subset", "90"),
        ("--labels", "50"),
        ("--seconds", "0.2"),
        ("--batch", "32"),
        ("--pooling", "2"),
        ("--half-resolution", "0.5"),
        ("--rates", "0.5"),
        ("--encoder", "mlp"),
        ("--width", "1"),
        ("--test", "50"),
    ],
)
def test_another_protocol_is_another_row(small, out, words):
    go(out, "--seeds", "0", "--arms", "plain")
    go(out, "--seeds", "0", "--arms", "plain", *words)
    one, two = stored(out)
    assert one["protocol"] != two["protocol"]
    text = report.markdown(SMALL, "digits", stored(out))
    assert text.count("| plain ") == 2, "they are never put into one mean"


def test_an_arm_that_was_changed_is_trained_again(small, out, monkeypatch):
    go(out, "--seeds", "0", "--arms", "smooth")
    other = Study("small", "Is it so?", lambda: [Arm("smooth", "supervised", {"smoothing": 0.3})])
    monkeypatch.setitem(STUDIES, "small", other)
    go(out, "--seeds", "0", "--arms", "smooth")
    assert [row["hyperparameters"]["smoothing"] for row in stored(out)] == [0.2, 0.3]
    assert "| smooth | 1 |" in report.markdown(other, "digits", stored(out))


def test_a_method_with_other_defaults_by_now_is_trained_again(small, out, monkeypatch):
    go(out, "--seeds", "0", "--arms", "plain")
    monkeypatch.setattr(METHODS["supervised"], "train_defaults", {"batch": 128, "optimizer": "adamw", "lr": 1e-4})
    for _ in range(2):
        go(out, "--seeds", "0", "--arms", "plain")
    assert [row["train"]["lr"] for row in stored(out)] == [2e-3, 1e-4]
    assert results.outdated_defaults({"hyperparameters": {"a": 1}}, {"hyperparameters": {"a": 2}})
    assert not results.outdated_defaults(
        {"hyperparameters": {"a": 1, "gone": 1}}, {"hyperparameters": {"a": 1, "new": 2}}
    )


def test_a_run_that_another_study_has_made_is_taken_from_it(small, out, monkeypatch):
    go(out, "--seeds", "0", "--arms", "plain")
    twin = Study("twin", "And so?", lambda: [Arm("the same", "supervised")])
    wants = Study("wants", "And so?", lambda: [Arm("the same", "supervised")], extras=("classifier",))
    monkeypatch.setitem(STUDIES, "twin", twin)
    monkeypatch.setitem(STUDIES, "wants", wants)
    learn, learned = trial.learn, []
    monkeypatch.setattr(trial, "learn", lambda fit, run: learned.append(fit) or learn(fit, run))
    there = out.parent / "twin-digits.jsonl"
    go(there, "--seeds", "0", study="twin")
    assert learned == []
    (row,) = stored(there)
    assert (row["study"], row["arm"], row["from"]) == ("twin", "the same", "small: plain")
    go(out.parent / "wants-digits.jsonl", "--seeds", "0", study="wants")
    assert len(learned) == 1, "the other study has not measured what this one wants to know"
    monkeypatch.setattr(runner, "hardware", lambda: "another machine")
    there.unlink()
    go(there, "--seeds", "0", study="twin")
    assert len(learned) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda row: {**row, "protocol": row["protocol"] | {"patience": 3}},
        lambda row: {**row, "protocol": 7},
        lambda row: {**row, "asked": None},
        lambda row: {name: value for name, value in row.items() if name != "n_bank"},
    ],
    ids=["an unknown protocol", "no protocol", "no arm", "a number is missing"],
)
def test_rows_of_another_protocol_and_damaged_ones_are_left_out_and_counted(small, out, capsys, damage):
    go(out, "--seeds", "0", "--arms", "plain,smooth")
    plain, smooth = stored(out)
    out.write_text("".join(json.dumps(row) + "\n" for row in (damage(plain), smooth)))
    assert [row["arm"] for row in results.read(out, "small", "digits")] == ["smooth"]
    capsys.readouterr()
    assert go(out, "--table") == 0
    assert "1 row of another protocol, or damaged, left out." in capsys.readouterr().out


def test_of_several_rates_the_one_counts_that_validation_images_choose_and_other_seeds_keep_it(small, out, monkeypatch):
    seen = []

    def held_out(bench, model):
        seen.append(bench.seed)
        return [0.2, 0.6, 0.4][len(seen) - 1]

    monkeypatch.setattr(trial.Testbed, "held_out", held_out)
    assert go(out, "--seeds", "0,1", "--arms", "plain", "--rates", "1,0.5,0.25") == 0
    first, second = stored(out)
    assert (first["rate"], first["validation"]) == (0.5, {"1": 0.2, "0.5": 0.6, "0.25": 0.4})
    assert (second["rate"], second["validation"], seen) == (0.5, {}, [0, 0, 0])


def test_every_seed_draws_images_of_its_own(small, out):
    benches = [trial.Testbed("digits", TINY, seed) for seed in (0, 1)]
    assert set(benches[0].rows) != set(benches[1].rows)
    assert [set(bench.bank_rows) <= set(bench.rows) for bench in benches] == [True, True]
    assert (benches[0].test_rows == benches[1].test_rows).all(), "all are tested on the same images"


def test_an_arm_that_does_not_fit_is_named_and_the_others_are_trained(small, out, capsys, monkeypatch):
    arms = [
        Arm("a", "colorization"),
        Arm("b", "nobody"),
        Arm("c", "supervised", {"nothing": 1}),
        Arm("d", "supervised"),
        Arm("e", "moco", {"queue": 16}),
    ]
    monkeypatch.setitem(STUDIES, "small", Study("small", "Is it so?", lambda: arms))
    assert go(out, "--seeds", "0,1") == 0
    said = capsys.readouterr()
    assert [row["arm"] for row in stored(out)] == ["d", "d"]
    for line in ("a: left out, colorization needs colour images", "b: left out, no method 'nobody'",
                 "c: left out, no supervised hyperparameter 'nothing'", "e: left out, moco"):  # fmt: skip
        assert said.err.count(line) == 1
        assert line in said.out
    assert "Not there: a, b, c, e." in said.out


def test_a_method_that_crashes_does_not_end_the_study(small, out, capsys, monkeypatch):
    def crash(*_, **__):
        raise RuntimeError("not\nforeseen")

    monkeypatch.setattr(METHODS["simclr"], "loss", crash)
    assert go(out, "--seeds", "0") == 0
    assert "long: left out, RuntimeError: not foreseen" in capsys.readouterr().err
    assert [row["arm"] for row in stored(out)] == ["pixels", "plain", "smooth"]


def test_a_loss_that_is_no_number_is_a_row_that_failed(small, out, capsys, monkeypatch):
    loss = METHODS["simclr"].loss
    monkeypatch.setattr(METHODS["simclr"], "loss", lambda *a, **k: {"loss": loss(*a, **k)["loss"] * math.nan})
    for _ in range(2):
        assert go(out, "--seeds", "0", "--arms", "plain,long") == 0
    plain, long = stored(out)
    assert long["failed"] == "loss became nan at step 1"
    assert "knn" not in long
    assert "failed" not in plain
    said = capsys.readouterr().out
    assert "| long | 0 |" in said
    assert "long, seed 0: failed, loss became nan at step 1." in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("study", "zo", "digits"), "no study 'zo'; did you mean 'zoo'"),
        (("study", "zoo"), "Name a data set"),
        (("study", "zoo", "digitz"), "did you mean 'digits'"),
        (("study", "zoo", "digits", "--arms", "simlcr"), "no arm 'simlcr'; did you mean 'simclr'"),
        (("study", "zoo", "digits", "--seeds", "0,x"), "seed='x'"),
        (("study", "zoo", "digits", "--encoder", "vgg"), "no encoder 'vgg'; choose from conv"),
        (("study", "zoo", "digits", "--seconds", "0"), "--seconds 0 is not allowed"),
        (("study", "zoo", "digits", "--seconds", "inf"), "--seconds inf is not allowed"),
        (("study", "zoo", "digits", "--rates", "1,0"), "--rates 1,0 is not allowed"),
        (("study", "zoo", "digits", "--rates", "fast"), "--rates fast is not allowed"),
        (("study", "zoo", "digits", "--labels", "9"), "9 labels are too few for 10 classes"),
        (("study", "zoo", "digits", "--labels", "1075"), "of digits has"),
        (("study", "zoo", "digits", "--batch", "1"), "batch=1"),
        (("study", "zoo", "digits", "--test", "-1"), "--test -1 is negative"),
        (("study", "zoo", "digits", "--out", "rows.csv"), "name a .jsonl file"),
        (("study", "zoo", "digits", "--subset", "many"), "--subset"),
        (("study", "zoo", "digits", "--seed", "1"), "did you mean '--seeds'"),
        (("study", "augmentations", "digits", "--out", "rows.jsonl"), "digits is grey"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_trained(words, said, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trial, "learn", lambda *_: pytest.fail("it trains"))
    assert main(list(words)) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    assert not list(tmp_path.glob("*.*"))


def test_arms_are_chosen_by_name_or_pattern(small, out):
    go(out, "--seeds", "0", "--arms", "p*,smooth")
    assert [row["arm"] for row in stored(out)] == ["pixels", "plain", "smooth"]


def test_the_studies_are_listed_with_their_questions(answer, capsys):
    every = {**STUDIES, **TRANSFERS}
    assert answer("study")["studies"] == {name: study.question for name, study in every.items()}
    assert main(["study", "--list"]) == 0
    assert "Does h beat z = g(h)?" in capsys.readouterr().out


def test_a_training_node_conducts_studies():
    hidden = ["streamlit", "plotly", "umap", "openTSNE", "dask", "distributed", "platformdirs", "psutil"]
    code = f"import sys; sys.modules.update(dict.fromkeys({hidden})); import explorer.benchmarks.runner; print('fine')"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "fine"


# ------------------------------------------------------------------------------------------- studies


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_the_arms_of_a_study_are_there_and_their_hyperparameters_are_allowed(study):
    arms = study.arms()
    labels = [arm.label for arm in arms]
    assert len(set(labels)) == len(labels)
    assert not any("," in label for label in labels), "arms are told apart by commas"
    assert len({json.dumps(arm.definition(), sort_keys=True) for arm in arms}) == len(arms), "two arms are the same"
    assert study.question.endswith("?")
    assert set(study.extras) <= set(trial.EXTRAS)
    for arm in arms:
        assert arm.against in ("", *labels)
        assert bool(arm.method) != bool(arm.reference)
        if arm.method:
            METHODS.choose(arm.method).hyperparameters(arm.hyperparameters)
            METHODS[arm.method].training(arm.train)


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_no_two_arms_of_a_study_are_the_same_training(study):
    """What all contrastive methods share must not take away what arms differ in."""
    bench, told = trial.Testbed("digits", Protocol(subset=300, labels=300, shared=study.shared)), {}
    for arm in study.arms():
        if arm.method:
            about = [trial.resolved(replace(arm, labels=0), 0, bench), arm.method, arm.longer, arm.labels]
            twin = told.setdefault(json.dumps(about, sort_keys=True), arm.label)
            assert twin == arm.label


def test_what_another_version_of_a_method_has_made_is_trained_again(small, out, monkeypatch):
    go(out, "--seeds", "0", "--arms", "plain")
    learn, learned = trial.learn, []
    monkeypatch.setattr(trial, "learn", lambda fit, run: learned.append(fit) or learn(fit, run))
    go(out, "--seeds", "0", "--arms", "plain")
    assert not learned
    monkeypatch.setattr(runner, "source", lambda method: "another")
    go(out, "--seeds", "0", "--arms", "plain")
    assert learned


def test_every_method_is_in_the_zoo_with_what_it_must_beat():
    assert [arm.label for arm in STUDIES["zoo"].arms()] == [
        "pixels",
        "pooled pixels",
        "pca:32",
        "untrained",
        "settled",
        *METHODS,
    ]


def test_what_breaks_a_method_is_read_from_its_hyperparameters():
    schema = {
        "a": {"type": "number", **ablates("why", 0)},
        "b": {"type": "boolean", **ablates("why", False)},
        "c": {"type": "integer", **ablates("why", least=8, most=2)},
        "d": {"type": "integer"},
    }
    assert suite.ablations(schema) == [{"a": 0.0}, {"b": False}, {"c": 8}, {"c": 2}]
    arms = {arm.label: arm for arm in STUDIES["breakage"].arms()}
    assert {"byol", "byol predictor=False", "moco momentum=0", "simclr jitter=0 grey=0"} <= set(arms)
    for arm in arms.values():
        broken = METHODS[arm.method].hyperparameters(arm.hyperparameters).ablated()
        assert bool(broken) == bool(arm.against), arm.label
        assert arm.against in ("", arm.method)


def test_a_stop_in_the_last_step_leaves_no_row(small, out, monkeypatch):
    """What was interrupted is not measured, however late it was."""
    go_on = trial.TrainingLoop.go

    def interrupted_at_its_end(loop):
        go_on(loop)
        loop.run.request_stop()

    monkeypatch.setattr(trial.TrainingLoop, "go", interrupted_at_its_end)
    assert go(out, "--seeds", "0", "--arms", "plain") == 130
    assert not out.exists() or not stored(out)
    monkeypatch.setattr(trial.TrainingLoop, "go", go_on)
    assert go(out, "--seeds", "0", "--arms", "plain") == 0
    assert len(stored(out)) == 1
