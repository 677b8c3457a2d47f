"""The page Transfer shows the result of the chosen model and data, and no other."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import data, runs
from explorer.engine import worker
from explorer.evaluation import arms
from explorer.evaluation.crossover import Difference, crossover
from explorer.tasks import request
from explorer.tasks.training import request as training_request
from pages.ui.kit import forms
from pages.ui.sections import transfer, transfer_choice, transfer_words
from tests import screen_text


def done(model, target, user="", **options):
    """A transfer that is done, started by anybody."""
    run = runs.create(request.request("transfer", model, target, **options).model_copy(update={"user": user}))
    run.write_scores({arm: {"test_accuracy": 0.87} for arm in arms.DEFAULT} | {"n_test": 1000})
    run.update(state="done")
    return run


def opened(**query):
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/transfer.py", default_timeout=120)
    at.query_params.update(query)
    return settled(at)


def settled(at):
    at.run()
    assert not at.exception, at.exception
    assert not at.error, at.error
    return at


def about(at):
    return at.selectbox(key="model").value, at.selectbox(key="target").value


def words(at):
    return " ".join(it.value for it in at.markdown)


def test_without_a_transfer_of_this_pair_no_numbers_of_another_are_shown():
    done("digits-simclr", "shapes", user="somebody")
    at = opened(model="shapes-supervised", target="garments")
    assert "No transfer of Supervised, shapes to Garments yet" in words(at).replace("\\", "")
    assert not at.metric and "87%" not in words(at)
    assert "transfer" not in at.query_params
    assert list(at.dataframe[0].value["data"]) == ["Shapes"]


def test_a_result_that_the_address_names_sets_the_model_and_the_data():
    run = done("digits-simclr", "shapes")
    done("shapes-supervised", "garments")
    at = opened(transfer=run.id, model="shapes-supervised", target="garments")
    assert about(at) == ("digits-simclr", "shapes")
    assert len(at.metric) == 3 and at.query_params["transfer"] == run.id


@pytest.mark.parametrize("method", ["pca", "autoencoder"])
def test_fine_tuning_is_offered_of_a_run_that_has_weights_to_train(method):
    run = runs.create(training_request.train(method, "digits", {}, {"subset": 300, "epochs": 1}))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    at = opened(model=run.id, target="digits")
    captions = " ".join(it.value for it in at.caption)
    assert ("This model has no trainable weights" in captions) == (method == "pca")
    arms = [it for it in [*at.multiselect, *at.button_group, *at.checkbox] if "arms" in str(it.key)]
    assert bool(arms) == (method == "autoencoder")


def test_choosing_another_model_puts_the_result_away_and_the_list_brings_it_back():
    run = done("garments-simclr", "digits")
    at = opened(transfer=run.id)
    assert len(at.metric) == 3
    at.selectbox(key="model").set_value("shapes-supervised")
    settled(at)
    assert about(at) == ("shapes-supervised", "digits") and not at.metric
    assert "transfer" not in at.query_params
    at.query_params["transfer"] = run.id  # as a click on its row does
    settled(at)
    assert about(at) == ("garments-simclr", "digits") and len(at.metric) == 3


def test_choosing_another_model_shows_the_result_of_that_model():
    first, second = done("garments-simclr", "digits"), done("shapes-supervised", "digits")
    at = opened(transfer=first.id)
    at.selectbox(key="model").set_value("shapes-supervised")
    settled(at)
    assert at.selectbox(key="transfer").value == second.id
    assert len(at.selectbox(key="transfer").options) == 1


def test_an_unknown_transfer_is_answered_in_a_sentence_once_and_shows_nothing():
    at = opened(transfer="transfer-none", model="digits-simclr", target="shapes")
    assert not at.metric and "transfer" not in at.query_params
    assert any("There is no transfer" in it.text for it in at.session_state["_ignored"].values())


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ({}, "digits"),
        ({"data": "shapes"}, "garments"),
        ({"model": "shapes-supervised"}, "garments"),
        ({"model": "garments-simclr"}, "digits"),
        ({"model": "garments-simclr", "target": "garments"}, "garments"),
        ({"model": "nobody"}, "digits"),
    ],
)
def test_another_data_set_than_the_models_own_is_preselected(query, target):
    at = opened(**query)
    assert at.selectbox(key="target").value == target
    assert any("trained on" in it.value for it in at.caption) == ("target" in query)


def test_a_target_that_a_newly_chosen_model_was_trained_on_gives_way():
    at = opened(model="garments-simclr")
    at.selectbox(key="model").set_value("digits-simclr")
    assert about(settled(at)) == ("digits-simclr", "garments")
    at.selectbox(key="target").set_value("digits")
    assert about(settled(at)) == ("digits-simclr", "digits"), "the visitor wants it so"


def test_a_target_that_was_preselected_gives_way_to_every_further_model():
    at = opened(model="garments-simclr")
    for model, target in (("digits-simclr", "garments"), ("garments-simclr", "digits"), ("digits-simclr", "garments")):
        at.selectbox(key="model").set_value(model)
        assert about(settled(at)) == (model, target)
    steps = {"target": "shapes", "model": "garments-simclr"}, {"target": "garments", "model": "garments-autoencoder"}
    for key, value in (each for step in steps for each in step.items()):
        at.selectbox(key=key).set_value(value)
        settled(at)
    assert about(at) == ("garments-autoencoder", "garments"), "the visitor has chosen what was preselected before"


def test_rows_of_the_list_and_options_of_the_choice_are_told_apart():
    same = [done("digits-simclr", "shapes", labels_per_class=n, seed=seed) for n in (5, 10) for seed in (0, 1)]
    rows = [transfer_choice.row(run) for run in same]
    assert {"model", "data", "labels per class", "seed", "date"} <= rows[0].keys()
    assert len({tuple(row.values()) for row in rows}) == 4
    assert len(set(transfer_choice._labels(same).values())) == 4


def test_the_variants_have_one_spelling_on_the_page():
    at = opened(model="digits-simclr", target="shapes")
    titles = [title for title, _ in transfer.ARMS.values()]
    assert at.multiselect(key="transfer.arms").options == titles
    assert at.multiselect(key="transfer.arms").label == forms.label("arms")


def test_the_caption_says_what_the_interval_leaves_out():
    at = opened(transfer=done("digits-simclr", "shapes").id)
    assert any("The draw of the labels adds to it: repeat" in it.value for it in at.caption)


def test_a_target_that_the_visitor_has_chosen_stays_with_the_next_model():
    at = opened(model="garments-autoencoder", target="garments")
    at.selectbox(key="model").set_value("garments-simclr").run()
    assert (at.selectbox(key="model").value, at.selectbox(key="target").value) == ("garments-simclr", "garments")


def test_an_axis_of_labels_says_where_fine_tuning_crosses_and_what_the_interval_is_over():
    points = [Difference(n, mean, mean - 0.01, mean + 0.01) for n, mean in ((1, -0.2), (10, 0.1))]
    labels = {"labels": ("1", "10"), "seeds": 3, "arms": tuple(arms.titles())}
    run = runs.create(request.request("transfer", "digits-simclr", "shapes", **labels))
    own = {"test_accuracy": 0.87, "low": 0.8, "high": 0.94, "interval_over": "seeds", "accuracies": [0.84, 0.87, 0.9]}
    crossed = crossover("frozen", "finetune", points).plain()
    run.write_scores(dict.fromkeys(arms.titles(), own) | {"n_test": 1000, "crossovers": [crossed]})
    run.update(state="done")
    at = opened(transfer=run.id)
    assert len(at.metric) == 7 and {it.delta for it in at.metric} == {"80% to 94%"}
    captions = " ".join(screen_text.unlinked(it.value) for it in at.caption)
    said = screen_text.unlinked(words(at))
    assert "Crossover: fine-tuned is ahead of frozen from about 4.64 labels per class on" in said
    assert "of the mean over 3 seeds and the test images, each seed with its own labels." in captions


def test_an_interval_is_shown_by_its_ends_and_speaks_of_drawn_labels_only_where_some_are_drawn():
    own = {"test_accuracy": 0.97, "low": 0.9, "high": 1.0, "interval_over": "seeds", "accuracies": [0.96, 0.98]}
    for labels, draws in (("all", False), ("100%", False), ("50%", True)):
        run = runs.create(request.request("transfer", "digits-simclr", "shapes", labels=(labels,), seeds=2))
        run.write_scores(dict.fromkeys(arms.DEFAULT, own) | {"n_test": 1000})
        run.update(state="done")
        at = opened(transfer=run.id)
        assert {it.delta for it in at.metric} == {"90% to 100%"}, "the longer side is the lower one"
        said = next(it.value for it in at.caption if "confidence interval" in screen_text.unlinked(it.value))
        assert "over 2 seeds and the test images" in screen_text.unlinked(said)
        assert ("each seed with its own labels" in said) == draws


def test_what_the_networks_own_head_names_is_said_in_one_caption():
    run = done("digits-simclr", "shapes")
    own = {"title": "Its own head, no training", "sentence": "Without any training its own head names 150 of 153."}
    run.write_scores(run.scores() | {"own_head": own})
    at = opened(transfer=run.id)
    said = [it.value for it in at.caption if "own head" in it.value]
    assert len(said) == 1 and "names 150 of 153" in said[0]


def compared(first, second, better):
    return {"first": first, "second": second, "labels": "10", "better": better}


@pytest.mark.parametrize(("better", "words"), [
    ({("frozen", "finetune"): "frozen", ("frozen", "scratch"): "frozen", ("finetune", "scratch"): None},
     "**frozen (88%) is significantly better** than fine-tuned (87%) and from scratch (86%)"),
    ({("frozen", "finetune"): None, ("frozen", "scratch"): None, ("finetune", "scratch"): "finetune"},
     "**fine-tuned (87%) is significantly better** than from scratch (86%)"),
    ({}, "do not differ significantly**"),
])  # fmt: skip
def test_the_lead_gives_the_paired_verdicts_that_are_stored(better, words):
    run = done("digits-simclr", "shapes")
    numbers = {arm: {"test_accuracy": p} for arm, p in (("frozen", 0.88), ("finetune", 0.87), ("scratch", 0.86))}
    stored = [compared(*pair, arm) for pair, arm in better.items()]
    elsewhere = [{**compared("frozen", "finetune", "finetune"), "labels": "1"}]
    said = transfer.summary(run, run.status, numbers | {"n_test": 1000, "comparisons": [*elsewhere, *stored]})
    assert words in said


@pytest.mark.parametrize(("beaten", "words"), [
    (("finetune", "scratch", "lora"), "**frozen (88%) is significantly better than all 3 others**"),
    (("lora",), "**frozen (88%) is highest**; no significant difference from 2 of the 3 others"),
    ((), "**frozen (88%) is highest**; no significant difference from any of the 3 others"),
])  # fmt: skip
def test_of_more_than_three_the_first_is_better_only_than_those_it_beats(beaten, words):
    run = done("digits-simclr", "shapes")
    numbers = {arm: {"test_accuracy": p} for arm, p in zip(("frozen", "finetune", "scratch", "lora"),
                                                           (0.88, 0.87, 0.86, 0.85), strict=True)}  # fmt: skip
    stored = [compared("frozen", arm, "frozen" if arm in beaten else None) for arm in numbers if arm != "frozen"]
    said = transfer.summary(run, run.status, numbers | {"n_test": 1000, "comparisons": stored})
    assert said.endswith(f"{words} on 1,000 test images.")


@pytest.mark.parametrize(("options", "use", "curves"), [
    ({}, "validation images are used only for the curves", "Validation accuracy"),
    ({"keep": "best"}, "Test images are used once, for the final accuracy; validation images choose the epoch",
     "Validation accuracy"),
    ({"train_on_validation": True}, "Validation images are used for training; the accuracy on the test images in every",
     "Test accuracy"),
    ({"train_on_validation": True, "keep": "best"}, "chooses the epoch, each half for the other", "Test accuracy"),
])  # fmt: skip
def test_what_images_are_used_for_follows_from_the_options(options, use, curves):
    assert use in transfer_words.use_of_images(options)
    run = done("digits-simclr", "shapes", **options)
    run.append({"step": 1, "epoch": 1, "arm": "frozen", "val_accuracy": 0.5, "labels": "10", "seed": 0})
    at = opened(transfer=run.id)
    assert any(screen_text.unlinked(it.value).startswith(f"**{curves}") for it in at.markdown)


def test_the_labels_of_a_transfer_that_trains_on_the_validation_images_are_drawn_from_them_too(monkeypatch):
    shown = []
    monkeypatch.setattr(transfer.pictures, "rows", lambda images, alts: shown.append((images, alts)))
    monkeypatch.setattr(transfer.messages, "provenance", lambda **facts: shown.append(facts))
    digits = data.load("digits")
    transfer.labels(digits, {"labels": ("all", "5"), "train_on_validation": True})
    (images, alts), facts = shown
    assert {name: len(some) for name, some in images.items()} == {name: len(some) for name, some in alts.items()}
    assert facts["data"].endswith(", train and validation")
    total = sum(len(digits.splits[split].y) for split in ("train", "validation"))
    assert facts["labels"] == f"{total:,}"
    assert transfer._placed(digits, np.array([3, len(digits.splits["train"].y) + 5]))["validation"].tolist() == [5]
