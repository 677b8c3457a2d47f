"""Studies: what is trained, what is trained again, and what the table says of it."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest
import torch

from explorer import Refused, data, models, probes
from explorer.__main__ import main
from explorer.core import DataSpec, breaks
from explorer.methods import METHODS
from explorer.studies import STUDIES, Arm, Protocol, Study, conducting, gaps, questions, rows, running, tables
from explorer.studies.bench import Bench

TINY = Protocol(subset=100, epochs=1, width=0.5, test=100)
ARMS = [
    Arm("pixels", reference="pixels"),
    Arm("plain", "supervised"),
    Arm("smooth", "supervised", {"smoothing": 0.2}, against="plain"),
    Arm("long", "simclr", {"projection": 8}, {"lr": 1e-3}, longer=2, against="plain"),
]
SMALL = Study("small", "Is it so?", lambda: ARMS)
WORDS = ("--subset", "100", "--epochs", "1", "--width", "0.5", "--test", "100", "--threads", "1")


@pytest.fixture
def small(monkeypatch):
    """A study for tests among the studies."""
    monkeypatch.setitem(STUDIES, "small", SMALL)
    return SMALL


@pytest.fixture
def out(tmp_path):
    return tmp_path / "small-digits.jsonl"


def go(out, *words, study="small", dataset="digits"):
    return main(["study", study, dataset, *WORDS, "--out", str(out), *words])


def stored(out):
    return [json.loads(line) for line in out.read_text().splitlines()]


def planted(arm, seed, study="small", protocol=TINY, **more):
    """A row as a run would leave it."""
    row = {"study": study, "dataset": "digits", "arm": arm.label, "asked": arm.asked(), "seed": seed}
    row |= {"protocol": protocol.told(), "extras": [], "data": "abcdef0123", "hardware": "a machine, 1 thread"}
    row |= {"torch": "2.0", "python": "3.11", "n_bank": 100, "n_test": 50, "seconds": 2.0, "train_seconds": 1.0}
    return row | {"labels": {"100": 100, "10": 10, "1": 10}} | more


# ------------------------------------------------------------------------------------------- running


def test_a_study_is_trained_seed_by_seed_and_each_run_is_one_row(small, out, capsys):
    assert go(out, "--seeds", "0,3") == 0
    made = [(row["seed"], row["arm"]) for row in stored(out)]
    assert made == [(0, "pixels"), (0, "plain"), (0, "smooth"), (0, "long"), (3, "plain"), (3, "smooth"), (3, "long")]
    said = capsys.readouterr()
    assert "7/7  seed 3, long:" in said.err
    assert "none left" in said.err.splitlines()[-1]
    assert said.out.startswith("**Is it so?**")


def test_a_row_says_what_was_done_and_how_well_it_went(small, out):
    go(out, "--seeds", "1", "--arms", "long")
    (row,) = stored(out)
    assert (row["study"], row["dataset"], row["arm"], row["seed"]) == ("small", "digits", "long", 1)
    assert row["protocol"] == TINY.told()
    assert (row["knobs"]["projection"], row["knobs"]["temperature"]) == (8, 0.5)
    assert (row["train"]["epochs"], row["train"]["lr"], row["train"]["batch"], row["steps"]) == (2, 1e-3, 256, 2)
    assert (row["n_train"], row["n_bank"], row["n_test"], row["labels"]) == (
        100,
        100,
        100,
        {"100": 100, "10": 10, "1": 10},
    )
    assert row["chance"] == pytest.approx(math.log(2 * 100 - 1), abs=1e-4)
    assert 0 < row["loss"] < 2 * row["chance"]
    assert 0 < row["knn"] <= 1
    assert 1 <= row["rank"] <= row["dim"] == 96
    told = "linear_100 linear_10 linear_1 untrained_knn untrained_linear_100 parameters images_per_second train_seconds"
    for name in f"{told} core_seconds hardware torch python data date source".split():
        assert row[name], name


def test_a_killed_study_goes_on_where_it_was(small, out, capsys, monkeypatch):
    learn, learned = running.learn, []

    def killed(fit):
        if len(learned) == 2:
            raise KeyboardInterrupt
        learned.append(fit.cfg.seed)
        return learn(fit)

    monkeypatch.setattr(running, "learn", killed)
    assert go(out, "--seeds", "0,1") == 130
    assert "the same command goes on from there" in capsys.readouterr().err
    before = out.read_bytes()
    assert [row["arm"] for row in stored(out)] == ["pixels", "plain", "smooth"]
    out.write_bytes(before + b'{"study": "small", "arm": "lo')  # and the disk was torn away
    learned.clear()
    monkeypatch.setattr(running, "learn", lambda fit: learned.append(fit.cfg.seed) or learn(fit))
    assert go(out, "--seeds", "0,1") == 0
    assert learned == [0, 1, 1, 1], "what was there is not trained again"
    assert out.read_bytes().startswith(before)
    assert len(stored(out)) == 7
    assert go(out, "--seeds", "0,1") == 0
    assert len(learned) == 4
    assert len(stored(out)) == 7


@pytest.mark.parametrize(
    "words", [("--subset", "90"), ("--epochs", "2"), ("--encoder", "mlp"), ("--width", "1"), ("--test", "50")]
)
def test_another_protocol_is_another_row(small, out, words):
    go(out, "--seeds", "0", "--arms", "plain")
    go(out, "--seeds", "0", "--arms", "plain", *words)
    one, two = stored(out)
    assert one["protocol"] != two["protocol"]
    text = tables.markdown(SMALL, "digits", stored(out))
    assert text.count("| plain |") == 2, "they are never put into one mean"


def test_an_arm_that_was_changed_is_trained_again(small, out, monkeypatch):
    go(out, "--seeds", "0", "--arms", "smooth")
    other = Study("small", "Is it so?", lambda: [Arm("smooth", "supervised", {"smoothing": 0.3})])
    monkeypatch.setitem(STUDIES, "small", other)
    go(out, "--seeds", "0", "--arms", "smooth")
    assert [row["knobs"]["smoothing"] for row in stored(out)] == [0.2, 0.3]
    assert "| smooth | 1 |" in tables.markdown(other, "digits", stored(out))


def test_a_method_with_other_defaults_by_now_is_trained_again(small, out, monkeypatch):
    go(out, "--seeds", "0", "--arms", "plain")
    monkeypatch.setattr(METHODS["supervised"], "train_defaults", {"batch": 128, "optimizer": "adamw", "lr": 1e-4})
    for _ in range(2):
        go(out, "--seeds", "0", "--arms", "plain")
    assert [row["train"]["lr"] for row in stored(out)] == [2e-3, 1e-4]
    assert rows.mended({"knobs": {"a": 1}}, {"knobs": {"a": 2}})
    assert not rows.mended({"knobs": {"a": 1, "gone": 1}}, {"knobs": {"a": 1, "new": 2}})


def test_a_run_that_another_study_has_made_is_taken_from_it(small, out, monkeypatch):
    go(out, "--seeds", "0", "--arms", "plain")
    twin = Study("twin", "And so?", lambda: [Arm("the same", "supervised")])
    wants = Study("wants", "And so?", lambda: [Arm("the same", "supervised")], extras=("classifier",))
    monkeypatch.setitem(STUDIES, "twin", twin)
    monkeypatch.setitem(STUDIES, "wants", wants)
    learn, learned = running.learn, []
    monkeypatch.setattr(running, "learn", lambda fit: learned.append(fit) or learn(fit))
    there = out.parent / "twin-digits.jsonl"
    go(there, "--seeds", "0", study="twin")
    assert learned == []
    (row,) = stored(there)
    assert (row["study"], row["arm"], row["from"]) == ("twin", "the same", "small: plain")
    go(out.parent / "wants-digits.jsonl", "--seeds", "0", study="wants")
    assert len(learned) == 1, "the other study has not measured what this one wants to know"
    monkeypatch.setattr(conducting, "hardware", lambda: "another machine")
    there.unlink()
    go(there, "--seeds", "0", study="twin")
    assert len(learned) == 2


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
                 "c: left out, no supervised knob 'nothing'", "e: left out, moco"):  # fmt: skip
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
        (("study", "zoo", "digits", "--epochs", "0"), "epochs=0"),
        (("study", "zoo", "digits", "--test", "-1"), "--test -1 is negative"),
        (("study", "zoo", "digits", "--out", "rows.csv"), "name a .jsonl file"),
        (("study", "zoo", "digits", "--subset", "many"), "--subset"),
        (("study", "zoo", "digits", "--seed", "1"), "did you mean '--seeds'"),
        (("study", "augmentations", "digits", "--out", "rows.jsonl"), "digits is grey"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_trained(words, said, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(running, "learn", lambda fit: pytest.fail("it trains"))
    assert main(list(words)) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    assert not list(tmp_path.glob("*.*"))


def test_arms_are_chosen_by_name_or_pattern(small, out):
    go(out, "--seeds", "0", "--arms", "p*,smooth")
    assert [row["arm"] for row in stored(out)] == ["pixels", "plain", "smooth"]


def test_the_studies_are_listed_with_their_questions(answer, capsys):
    assert answer("study")["studies"] == {name: study.question for name, study in STUDIES.items()}
    assert main(["study", "--list"]) == 0
    assert "Does h beat z = g(h)?" in capsys.readouterr().out


def test_a_training_node_conducts_studies():
    hidden = ["streamlit", "plotly", "umap", "dask", "distributed", "platformdirs", "lightning_fabric", "psutil"]
    code = f"import sys; sys.modules.update(dict.fromkeys({hidden})); import explorer.studies.conducting; print('fine')"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "fine"


# ------------------------------------------------------------------------------------------ measuring


def test_labels_are_balanced_and_fewer_lie_inside_more():
    bench = Bench("digits", Protocol(subset=600, epochs=1))
    few, more = bench.labelled(50), bench.labelled(200)
    assert set(few) < set(more)
    assert np.bincount(bench.train.y[few]).tolist() == [5] * 10
    chosen, at = bench.whole.select("train", subset=50)
    assert (bench.rows[few] == at).all()
    assert (bench.split(50).x.numpy() == chosen.x).all(), "supervised learning and the probes see the same images"
    assert [bench.labels(percent) for percent in (100, 10, 1)] == [600, 60, 10]


def test_the_probes_of_a_row_are_those_of_the_model(small, out):
    go(out, "--seeds", "0", "--arms", "pixels")
    (row,) = stored(out)
    digits = data.load("digits")
    train, test = digits.select("train", subset=100)[0], digits.select("test", subset=100)[0]
    bank, queries = (x.x.reshape(100, -1) / np.float32(255) for x in (train, test))
    assert row["knn"] == pytest.approx(probes.knn(bank, train.y, queries, test.y), abs=1e-5)
    assert row["linear_100"] == pytest.approx(probes.linear(bank, train.y, queries, test.y), abs=1e-5)


def test_the_untrained_twin_is_the_network_before_its_first_step(small, out):
    go(out, "--seeds", "5", "--arms", "plain")
    (row,) = stored(out)
    bench = Bench("digits", TINY)
    cfg = METHODS["supervised"].training({"seed": 5, "width": 0.5, "encoder": "conv"})
    spec = DataSpec("digits", 1, 8, bench.whole.classes, 100)
    model = models.Network("", "", models.fresh("supervised", {}, cfg, spec), cfg)
    assert row["untrained_knn"] == pytest.approx(bench.knn(bench.features(model)), abs=1e-5)
    assert row["untrained_knn"] != row["knn"]


def test_an_untrained_twin_is_measured_once(small, out, monkeypatch):
    go(out, "--seeds", "0", "--arms", "plain")
    counted, features = [], Bench.features
    monkeypatch.setattr(Bench, "features", lambda *a: counted.append(a) or features(*a))
    go(out, "--seeds", "0", "--arms", "smooth")
    assert len(counted) == 1, "the trained network alone: the twin is that of plain"
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
    monkeypatch.setattr(questions, "EACH", (20, 50))
    bench = Bench("digits", TINY)
    made = {arm.label: running.run(study, arm, 0, bench) for arm in arms}
    assert [label for label, row in made.items() if "accuracy" in row] == ["names"]
    assert [label for label, row in made.items() if "mse" in row] == ["draws", "components"]
    assert [label for label, row in made.items() if "z_knn" in row] == ["projects"]
    row = made["projects"]
    assert row["z_minus_h_knn"] == pytest.approx(row["z_knn"] - row["knn"])
    assert len(made["draws"]["measured"]["cosines of principal angles to PCA"]) == 8
    images = bench.test.x.reshape(100, -1) / 255
    drawn = models.load("pca:5", bench.dataset).pca
    exact = ((drawn.inverse_transform(drawn.transform(images)).clip(0, 1) - images) ** 2).mean()
    assert made["components"]["mse"] == pytest.approx(exact, abs=2e-5)


def test_the_accuracy_of_a_classifier_is_that_of_its_answers():
    bench = Bench("digits", TINY)
    study = Study("named", "?", lambda: [], extras=("classifier",))
    cfg = running.settings(Arm("a", "supervised"), 0, bench)
    model, _ = running.trained(Arm("a", "supervised"), 0, bench, 0, [])
    assert cfg.epochs == 1
    with torch.inference_mode():
        answers = model.method.classifier(model.method.embed(model.images(bench.test.x))).argmax(1).cpu().numpy()
    told = running.EXTRAS["classifier"](model, bench, bench.features(model))
    assert study.extras == ("classifier",)
    assert told["accuracy"] == pytest.approx((answers == bench.test.y).mean(), abs=1e-6)


def test_few_labels_make_as_many_steps_as_all():
    bench = Bench("digits", Protocol(subset=1000, epochs=4))
    whole = running.settings(Arm("all", "supervised"), 0, bench)
    few = running.settings(Arm("few", "supervised", labels=200), 0, bench)
    assert (whole.epochs, whole.batch) == (4, 128)  # 8 steps an epoch
    assert (few.epochs, few.subset) == (16, 200)  # 2 steps an epoch
    with pytest.raises(Refused, match="2000 labels are no part of 1000"):
        running.settings(Arm("more", "supervised", labels=2000), 0, bench)


def test_the_protocol_fixes_what_is_compared_and_a_method_keeps_the_rest():
    bench = Bench("digits", Protocol(subset=100, epochs=7))
    cfg = running.settings(Arm("a", "autoencoder"), 2, bench)
    assert (cfg.encoder, cfg.epochs, cfg.subset, cfg.seed) == ("conv", 7, 100, 2)
    assert (cfg.batch, cfg.optimizer, cfg.schedule) == (128, "adam", "constant")
    cfg = running.settings(Arm("a", "autoencoder", train={"encoder": "mlp"}, longer=2), 2, bench)
    assert (cfg.encoder, cfg.epochs) == ("mlp", 14)


# ------------------------------------------------------------------------------------------- studies


@pytest.mark.parametrize("study", STUDIES.values(), ids=str)
def test_the_arms_of_a_study_are_there_and_their_knobs_are_allowed(study):
    arms = study.arms()
    labels = [arm.label for arm in arms]
    assert len(set(labels)) == len(labels)
    assert not any("," in label for label in labels), "arms are told apart by commas"
    assert len({json.dumps(arm.asked(), sort_keys=True) for arm in arms}) == len(arms), "two arms are the same"
    assert study.question.endswith("?")
    assert set(study.extras) <= set(running.EXTRAS)
    for arm in arms:
        assert arm.against in ("", *labels)
        assert bool(arm.method) != bool(arm.reference)
        if arm.method:
            METHODS.choose(arm.method).knobs(arm.knobs)
            METHODS[arm.method].training(arm.train)


def test_every_method_is_in_the_zoo_with_what_it_must_beat():
    assert [arm.label for arm in STUDIES["zoo"].arms()] == ["pixels", "pca:32", "untrained", *METHODS]


def test_what_breaks_a_method_is_read_from_its_knobs():
    schema = {
        "a": {"type": "number", **breaks("why", 0)},
        "b": {"type": "boolean", **breaks("why", False)},
        "c": {"type": "integer", **breaks("why", least=8, most=2)},
        "d": {"type": "integer"},
    }
    assert questions.broken(schema) == [{"a": 0.0}, {"b": False}, {"c": 8}, {"c": 2}]
    arms = {arm.label: arm for arm in STUDIES["breakage"].arms()}
    assert {"byol", "byol predictor=False", "moco momentum=0", "simclr jitter=0 grey=0"} <= set(arms)
    for arm in arms.values():
        broken = METHODS[arm.method].knobs(arm.knobs).broken()
        assert bool(broken) == bool(arm.against), arm.label
        assert arm.against in ("", arm.method)


# -------------------------------------------------------------------------------------------- tables


def test_the_table_has_means_spreads_and_differences_of_the_same_seed():
    pixels, plain, smooth, long = ARMS
    known = [planted(pixels, 0, knn=0.3, linear_100=0.4)]
    for seed, (a, b) in enumerate([(0.5, 0.6), (0.6, 0.61), (0.7, 0.8)]):
        known.append(planted(plain, seed, knn=a, linear_100=a, untrained_knn=a - 0.1 * (seed + 1)))
        known.append(planted(smooth, seed, knn=b, linear_100=b + 0.1))
    known.append(planted(long, 7, knn=0.9, linear_100=0.9))  # no seed in common
    text = tables.markdown(SMALL, "digits", known)
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    cells = {line[0]: dict(zip(lines[0], line, strict=True)) for line in lines[2:]}
    assert list(cells) == ["pixels", "plain", "smooth", "long"]
    assert cells["plain"]["n"] == "3"
    assert cells["plain"]["kNN"] == "0.600 (0.500 to 0.700)"
    assert cells["plain"]["kNN over untrained"] == "+0.200 (+0.100 to +0.300)"
    assert cells["smooth"]["against"] == "plain"
    assert cells["smooth"]["kNN, difference"] == "+0.070 (+0.010 to +0.100)"
    assert cells["smooth"]["linear 100 %, difference"] == "+0.170 (+0.110 to +0.200)"
    assert cells["long"]["kNN, difference"] == ""
    assert cells["pixels"]["kNN"] == "0.300"
    assert "linear 10 %" not in lines[0], "a column that nobody fills is left out"
    assert "**Is it so?**" in text
    assert "`digits` (abcdef01), 100 training images, 1 epochs, encoder `conv` of width 0.5, 50 test images" in text
    assert "Seeds 0, 1, 2, 7" in text
    assert "a machine, 1 thread; torch 2.0, Python 3.11." in text
    assert text == tables.markdown(SMALL, "digits", [*known[::-1]]), "the order of the rows does not matter"


def test_a_ranking_is_sorted_by_the_linear_probe():
    study = Study("small", "Is it so?", lambda: ARMS, ranked=True)
    scores = {"pixels": 0.2, "plain": 0.8, "smooth": 0.5, "long": 0.9}
    known = [planted(arm, 0, knn=0.1, linear_100=scores[arm.label]) for arm in ARMS]
    text = tables.markdown(study, "digits", known)
    assert [line.split()[1] for line in text.splitlines() if line.startswith("|")][2:] == [
        "long",
        "plain",
        "smooth",
        "pixels",
    ]


def test_a_reference_without_a_seed_is_compared_with_every_seed():
    arms = [Arm("best", reference="pca:8"), Arm("mine", "autoencoder", against="best")]
    study = Study("small", "Is it so?", lambda: arms, columns={"measured.angles": "smallest"})
    known = [planted(arms[0], 0, knn=0.5)]
    known += [planted(arms[1], seed, knn=0.4 + seed / 10, measured={"angles": [0.9, 0.3]}) for seed in (0, 1, 2)]
    text = tables.markdown(study, "digits", known)
    assert "+0.000 (-0.100 to +0.100)" in text
    assert "| 0.300 |" in text


def test_rows_of_other_images_are_never_put_into_one_mean():
    known = [planted(ARMS[1], seed, knn=0.5, data=hash) for seed, hash in ((0, "aaaa"), (1, "bbbb"))]
    assert tables.markdown(SMALL, "digits", known).count("| plain | 1 |") == 2


def test_the_table_alone_trains_nothing(small, out, capsys, monkeypatch):
    go(out, "--seeds", "0", "--arms", "plain")
    whole = capsys.readouterr().out
    monkeypatch.setattr(conducting, "conduct", lambda *_: pytest.fail("it trains"))
    assert main(["study", "small", "digits", "--table", "--out", str(out)]) == 0
    assert capsys.readouterr().out == whole
    assert main(["study", "small", "shapes", "--table", "--out", str(out)]) == 0
    assert "No run has finished yet." in capsys.readouterr().out


def test_few_labels_are_turned_into_labels_that_supervised_learning_needs():
    assert gaps.needed({100: 0.2, 1000: 0.4}, 0.3) == pytest.approx(10**2.5)
    assert gaps.needed({100: 0.2, 1000: 0.4}, 0.5) == math.inf
    assert gaps.needed({100: 0.2, 1000: 0.4}, 0.1) == 0
    arms = {f"supervised {n} labels": {0: {"n_train": n, "accuracy": a}} for n, a in ((100, 0.2), (1000, 0.4))}
    arms["simclr"] = {0: {"n_bank": 1000, "linear_100": 0.5, "linear_at": {"100": 0.3}}}
    lines = gaps.closing(arms).splitlines()
    assert lines[2] == "| 100 | 0.200 | 0.300 | 316 (3.2 times) |"
    assert lines[3] == "| 1,000 | 0.400 | 0.500 | more than 1,000 (1 of 1 seeds) |"
