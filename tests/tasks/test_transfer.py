"""A transfer is refused where an arm would train weights that the model does not have; it leaves what must be said."""

from dataclasses import replace

import numpy as np
import pytest

from explorer import Refused, data, runs
from explorer.__main__ import main
from explorer.core import METHODS
from explorer.data import caveats
from explorer.engine import worker
from explorer.evaluation import imagenet
from explorer.evaluation.arms import titles
from explorer.models import loading
from explorer.tasks.inputs import Inputs
from explorer.tasks.lookup import known_data
from explorer.tasks.request import request
from explorer.tasks.task import TASKS
from explorer.tasks.training import request as training_request
from tests.data.image_cases import REAL, encoded, picture, put

SOLVED = [name for name in METHODS if not METHODS[name].can_train()]


def trained(name):
    """A small run of this method that is done."""
    run = runs.create(training_request.train(name, "digits", {}, {"subset": 300, "epochs": 1}))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    return run


@pytest.mark.parametrize("name", SOLVED)
def test_what_was_solved_in_closed_form_can_only_be_evaluated_frozen(name, capsys):
    run = trained(name)
    for arms in (("finetune",), ("scratch",), ("frozen", "scratch")):
        with pytest.raises(Refused, match=r"has no weights to train: choose arms=frozen, or a trained model$"):
            request("transfer", run.id, "digits", arms=arms)
    moved = runs.create(request("transfer", run.id, "digits", arms=("frozen",), epochs=5))
    worker.here(moved)
    assert moved.status.state == "done", moved.status.error
    assert moved.scores()["frozen"]["test_accuracy"] > 0.3
    capsys.readouterr()
    assert main(["transfer", run.id, "digits"]) == 2
    assert "has no weights to train: choose arms=frozen" in capsys.readouterr().err


@pytest.mark.parametrize("options", [{"augment": True}, {"preset": "tutorial"}])
def test_only_images_are_augmented(options, monkeypatch):
    text = replace(known_data("digits"), modality="text")
    monkeypatch.setattr("explorer.tasks.request.known_data", lambda _: text)
    with pytest.raises(Refused, match=r"^digits is text data, and only images are cropped: choose augment=false$"):
        request("transfer", "untrained:mlp", "digits", **options)
    request("transfer", "untrained:mlp", "digits", **options | {"augment": False})


@pytest.mark.parametrize("name", ["rbm", "autoencoder"])
def test_what_learns_by_gradients_can_be_tuned(name):
    run = trained(name)
    moved = runs.create(request("transfer", run.id, "digits", epochs=1))
    worker.here(moved)
    assert moved.status.state == "done", moved.status.error


def of_pca():
    run = runs.create(request("transfer", "pca", "digits", arms=("frozen",), epochs=1))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    return run


def test_the_numbers_of_balanced_classes_are_kept_and_not_said():
    lines, answer = TASKS["transfer"].report(of_pca())
    assert [line.partition(":")[0] for line in lines] == ["frozen", "before training"] and "(" not in lines[0]
    assert answer["majority_share"] == pytest.approx(0.1, abs=0.02) and answer["caveats"] == []
    recalls = answer["per_class"]["frozen"]
    assert answer["balanced_accuracy"]["frozen"] == pytest.approx(np.mean(recalls))
    right = np.dot(recalls, answer["per_class"]["n"]) / answer["n_test"]
    assert answer["test_accuracy"]["frozen"] == pytest.approx(right)


def test_of_features_that_do_not_vary_the_report_says_that_there_is_no_logme():
    run = of_pca()
    run.write_scores(run.scores() | {"logme": None})
    assert any("LogME none, as nothing varies; " in line for line in TASKS["transfer"].report(run)[0])


def test_imbalanced_classes_and_caveats_are_said_with_every_arm(monkeypatch):
    digits = data.load("digits")
    splits = {split: images._replace(y=(images.y == 0).astype(np.int64)) for split, images in digits.splits.items()}
    uneven = replace(digits, classes=("other", "zero"), splits=splits)
    monkeypatch.setattr(data, "load", lambda *_: uneven)
    monkeypatch.setattr(caveats, "of_scores", lambda *_: ["9 of the images are copies."])
    first, *others = TASKS["transfer"].report(of_pca())[0]
    assert first.startswith("frozen: test accuracy 0.")
    assert "(always naming the most frequent class: 0.9" in first and "; balanced accuracy: " in first
    assert [line.partition(": ")[0] for line in others[1:]] == ["class other", "class zero", "note", "note"]
    assert others[-2] == "note: 9 of the images are copies."


def test_the_most_frequent_class_is_that_of_all_images_that_may_be_trained_on(monkeypatch):
    digits = data.load("digits")
    y = {"train": np.arange(len(digits.splits["train"].y)) % 5 // 3, "test": digits.splits["test"].y % 5 // 4,
         "validation": np.ones_like(digits.splits["validation"].y)}  # fmt: skip
    splits = {split: images._replace(y=y[split]) for split, images in digits.splits.items()}
    monkeypatch.setattr(data, "load", lambda *_: replace(digits, classes=("low", "high"), splits=splits))
    for whole, expected in ((False, (y["test"] == 0).mean()), (True, (y["test"] == 1).mean())):
        options = {"arms": ("frozen",), "epochs": 1, "train_on_validation": whole}
        run = runs.create(request("transfer", "pca", "digits", **options))
        worker.here(run)
        assert run.status.state == "done", run.status.error
        assert run.scores()["majority_share"] == pytest.approx(expected)


def test_a_transfer_of_an_earlier_version_is_still_reported():
    run = of_pca()
    run.write_scores({"frozen": {"test_accuracy": 0.5}, "n_test": 9})
    assert TASKS["transfer"].report(run)[0] == ["frozen: test accuracy 0.5000"]


AXIS = {"labels": ("1", "3", "5"), "seeds": 2, "epochs": 2, "arms": ("frozen", "finetune", "lora")}


@pytest.fixture
def whole():
    """A transfer along an axis of labels that is done."""
    run = runs.create(request("transfer", "untrained:mlp", "digits", **AXIS))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    return run


def test_an_axis_of_labels_with_seeds_gives_intervals_differences_and_a_crossover(whole):
    lines, answer = TASKS["transfer"].report(whole)
    scores = whole.scores()
    assert [(row["labels"], row["arm"]) for row in scores["table"]] == [
        (labels, arm) for labels in AXIS["labels"] for arm in AXIS["arms"]
    ]
    assert all(row["low"] <= row["mean"] <= row["high"] and len(row["accuracies"]) == 2 for row in scores["table"])
    assert scores["frozen"]["test_accuracy"] == pytest.approx(np.mean(scores["frozen"]["accuracies"]))
    assert scores["largest"] == "5"
    recalls = scores["per_class"]["frozen"]
    right = np.dot(recalls, scores["per_class"]["n"]) / scores["n_test"]
    assert scores["frozen"]["test_accuracy"] == pytest.approx(right), "recalls, too, are the mean over the seeds"
    assert scores["lora"]["trainable"] < scores["finetune"]["trainable"] == 64 * 256 + 256 + 256 * 256 + 256 + 2570
    assert len(scores["comparisons"]) == 9 and {each["over"] for each in scores["comparisons"]} == {"seeds"}
    assert [each["second"] for each in scores["crossovers"]] == ["finetune", "lora"]
    assert [round(each["labels"]) for each in scores["crossovers"][0]["differences"]] == [1, 3, 5]
    assert sum(line.startswith("crossover: ") for line in lines) == 2
    assert any(line.split() == ["labels", "frozen", "finetune", "lora"] for line in lines)
    assert any(
        line.startswith("frozen - finetune: ")
        and "paired over seeds and images" in line
        and "(p = " in line
        and line.endswith(", corrected by Holm for 3 pairs)")
        for line in lines
    )
    assert answer["trainable"]["frozen"] == 2570 and len(answer["curves"]) == 3 * 3 * 2 * 2
    frames = [whole.frame(step) for step in whole.frames()]
    assert len(frames) == 18
    truth = data.load("digits").splits["test"].y
    assert (frames[-1]["predicted"] == truth).mean() == pytest.approx(scores["results"][-1]["test_accuracy"])
    assert frames[-1]["confidence"].min() > 0


def test_an_interrupted_transfer_goes_on_behind_the_arms_that_are_done(whole, monkeypatch):
    from explorer.evaluation import transfer as training

    again = runs.create(request("transfer", "untrained:mlp", "digits", **AXIS | {"batch": 33}))
    train, seen = training.Bench.train, []

    def killed(self, cell, watch):
        seen.append(cell)
        for row in train(self, cell, watch):
            if len(seen) == 5 and row.get("epoch") == 2:
                raise KeyboardInterrupt
            yield row

    monkeypatch.setattr(training.Bench, "train", killed)
    task = TASKS["transfer"]
    with pytest.raises(KeyboardInterrupt):
        task.run(again, task.config(again.spec), Inputs(again))
    assert again.frames() == [2, 4, 6, 8] and again.metrics()[-1]["step"] == 9
    task.run(again, task.config(again.spec), Inputs(again))
    assert seen[5] == seen[4] and len(seen) == 18 + 1
    assert [row["step"] for row in again.metrics()] == list(range(1, 37)), "no row is lost, and none is there twice"
    assert len(again.scores()["results"]) == 18 and again.status.step == again.status.steps == 36


def test_what_was_asked_for_before_has_the_address_that_it_had():
    before = request("transfer", "untrained:mlp", "digits", labels_per_class=3, epochs=2).params
    assert before.keys() == {"arms", "labels_per_class", "epochs", "batch", "lr", "head_lr", "origin"}
    assert before["arms"] == ["frozen", "finetune", "scratch"]
    more = request("transfer", "untrained:mlp", "digits", labels_per_class=3, epochs=2, seeds=2).params
    assert more == {**before, "seeds": 2}


def test_a_preset_is_read_back_as_it_was_asked_for():
    spec = request("transfer", "untrained:mlp", "digits", preset="tutorial", augment=False, head="standardised")
    cfg = TASKS["transfer"].config(spec)
    assert (cfg.preset, cfg.augment, cfg.head, cfg.batch, cfg.labels) == (
        "tutorial",
        False,
        "standardised",
        4,
        ("all",),
    )


def test_the_tutorials_figure_stands_beside_one_that_chose_nothing():
    options = {"preset": "tutorial", "epochs": 4, "arms": ("frozen",), "lr": 0.1, "head_lr": 0.1}
    run = runs.create(request("transfer", "untrained:mlp", "digits", **options, labels_per_class=5))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    (result,) = run.scores()["results"]
    curve = [row["val_accuracy"] for row in run.metrics()]
    assert result["chosen_accuracy"] == max(curve) == result["val_accuracy"] and result["last_accuracy"] == curve[-1]
    assert result["test_accuracy"] <= result["chosen_accuracy"]
    assert any("of the 359 images that chose it" in text for text in run.scores()["caveats"])


def test_what_the_encoder_still_knows_of_its_source_is_measured_while_it_is_moved():
    options = {"arms": ("frozen", "finetune"), "epochs": 2, "watch_source": True, "lr": 0.5, "labels_per_class": 3}
    run = runs.create(request("transfer", "digits-simclr", "garments", **options))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    rows = run.metrics()
    assert [("source_accuracy" in row) for row in rows] == [False, False, True, True]
    known = run.scores()["source"]
    assert known["dataset"] == "digits" and known["accuracy"] > 0.8
    assert rows[-1]["source_accuracy"] < known["accuracy"] - 0.1, "so large a rate unlearns"
    assert run.scores()["placement"]["distance"]["similar"] is False

    run = runs.create(request("transfer", "untrained", "digits", **options | {"epochs": 1}))
    worker.here(run)
    assert "source" not in run.scores() and "source_accuracy" not in run.metrics()[-1]
    assert any("still knows of its source was not measured" in text for text in run.scores()["caveats"])


def test_photographs_are_opened_at_the_size_of_the_model(tmp_path):
    files = {
        f"{split}/{name}/{at}.png": encoded(picture(at, (60, 40)))
        for split, n in (("train", 6), ("test", 3)) for name in ("ants", "bees") for at in range(n)
    }  # fmt: skip
    put(tmp_path / "data/photos", files)
    options = {"arms": ("frozen",), "labels": ("all",), "epochs": 2}
    for model, size in (("shapes-simclr", 32), ("pixels", 64)):
        run = runs.create(request("transfer", model, "photos", **options))
        worker.here(run)
        assert run.status.state == "done", run.status.error
        assert run.scores()["size"] == size
    run = runs.create(request("transfer", "shapes-simclr", "photos", size=16, **options))
    worker.here(run)
    assert run.scores()["size"] == 16


def test_a_model_of_another_modality_is_refused(monkeypatch, tmp_path):
    run = runs.create(request("transfer", "shapes-simclr", "digits", arms=("frozen",), epochs=1))
    words = replace(data.load("digits"), modality="text")
    monkeypatch.setattr(data, "load", lambda *_: words)
    worker.here(run)
    assert "takes image data, and digits is text data" in run.status.error


@pytest.mark.slow
def test_ants_and_bees_by_the_protocol_of_the_tutorial(monkeypatch):
    """An encoder of this project on photographs of 32 pixels: all arms train, and all images are used."""
    if not (REAL / "hymenoptera_data").is_dir():
        pytest.skip("EXPLORER_TEST_DATA names no folder with hymenoptera_data")
    monkeypatch.setenv("EXPLORER_DATA", str(REAL))
    options = {"preset": "tutorial", "arms": tuple(titles()), "epochs": 3}
    run = runs.create(request("transfer", "cifar10-simclr", "hymenoptera_data", **options))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    scores = run.scores()
    print("\n".join(TASKS["transfer"].report(run)[0]))
    assert (scores["n_test"], scores["size"]) == (153, 32)
    assert {row["n_train"] for row in scores["results"]} == {244}
    assert all(row["mean"] > 0.4 for row in scores["table"])


def test_what_a_network_of_imagenet_names_without_training_stands_beside_the_arms(monkeypatch):
    """The trap: classes that ImageNet contains are no new task."""
    digits, model = data.load("digits"), type(loading.load("pca", data.load("digits")))
    right = np.eye(1000, dtype=np.float32)[digits.splits["test"].y]  # ImageNet's number of a digit is the digit
    monkeypatch.setattr(model, "knows_imagenet", True)
    monkeypatch.setattr(model, "imagenet_scores", lambda _, x: right[: len(x)])
    monkeypatch.setattr(model, "imagenet_names", lambda _: ("tench",) * 1000)
    monkeypatch.setitem(imagenet.KNOWN, "digits", {"0": (0,), "1": (1,)})
    run = of_pca()
    lines, answer = TASKS["transfer"].report(run)
    n = int((digits.splits["test"].y < 2).sum())
    own = answer["own_head"]
    assert (own["test_accuracy"], own["n"], own["outside"]) == (1.0, n, list("23456789"))
    assert lines[1].startswith("its own head, no training: test accuracy 1.0000, 95% 0.9")
    assert f"over {n:,} images, without those of 2, 3" in lines[1]
    said = "2 of the 10 classes are classes of ImageNet"
    assert any(said in line for line in lines) and any(said in each for each in answer["caveats"])
    assert "own_head" not in TASKS["transfer"].report(of_pca_elsewhere())[1]


def of_pca_elsewhere():
    run = runs.create(request("transfer", "pca", "shapes", arms=("frozen",), epochs=1))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    return run
