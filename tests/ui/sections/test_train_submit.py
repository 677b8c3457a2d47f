"""What the form of a training says of one that is too short to learn much."""

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer import data
from explorer.models import bfloat16
from pages.ui.sections import train_form, train_submit

IMAGES = 4096  # 16 steps per epoch


def test_the_images_of_a_training_are_those_of_its_classes_and_its_subset():
    found = data.load("digits")
    y = found.splits["train"].y
    two = ("3", "7")
    for training, n in (({}, len(y)), ({"classes": two}, ((y == 3) | (y == 7)).sum()), ({"subset": 70}, 70)):
        assert train_form.check("autoencoder", found, {}, training) == n


def warnings(at: AppTest) -> list[str]:
    return [it.value.replace("\\", "") for it in at.warning]


def warned(images: int, epochs: int) -> None:
    from pages.ui.sections import train_submit

    train_submit._few_steps(train_submit.Form("simclr", "shapes", {}, {"batch": 256, "epochs": epochs}), images)


@pytest.mark.parametrize(("epochs", "few"), [(5, True), (6, True), (7, False)])
def test_fewer_than_a_hundred_steps_are_said_to_bring_little(epochs, few):
    at = AppTest.from_function(warned, args=(IMAGES, epochs)).run(timeout=60)
    assert not at.exception
    said = f"Expect little gain: after {16 * epochs} training steps"
    assert [said in words and "19 epochs make 304 steps" in words for words in warnings(at)] == [True] * few
    assert [it.label for it in at.button] == ["Take 19 epochs"] * few


@pytest.mark.parametrize(("enough", "offered"), [(1000, True), (1001, False)])
def test_no_more_epochs_are_offered_than_a_training_may_have(enough, offered, monkeypatch):
    monkeypatch.setattr(train_submit, "ENOUGH", enough)
    at = AppTest.from_function(warned, args=(200, 5)).run(timeout=60)
    assert [it.label for it in at.button] == ["Take 1,000 epochs"] * offered


def of_two_classes() -> None:
    from explorer import data
    from pages.ui.sections import train_submit

    training = {"epochs": 5, "batch": 256, "subset": 0, "classes": ("3", "7")}
    train_submit.show(train_submit.Form("autoencoder", "digits", {}, training), data.load("digits"))


def test_the_warning_counts_the_images_of_the_chosen_classes():
    at = AppTest.from_function(of_two_classes).run(timeout=60)
    assert not at.exception
    assert "Expect little gain: after 5 training steps" in warnings(at)[0]


def in_bfloat16() -> None:
    from explorer import data
    from explorer.methods import METHODS
    from pages.ui.sections import train_form, train_submit

    found = data.load("digits")
    train_form.training(METHODS["simclr"], found)
    training = {"epochs": 100, "batch": 64, "subset": 0, "classes": (), "precision": "bfloat16"}
    train_submit.show(train_submit.Form("simclr", "digits", {}, training), found)


@pytest.mark.parametrize(
    ("gain", "words"), [(0.1, "about 10 times slower"), (1.0, ""), (2.0, "about 2.0 times as fast")]
)
def test_the_form_says_how_fast_bfloat16_is_on_this_processor(gain, words, monkeypatch):
    monkeypatch.setattr(bfloat16, "gain", lambda: gain)
    monkeypatch.setattr(bfloat16, "has_bfloat16", lambda: True)
    monkeypatch.setattr(bfloat16, "device", lambda: torch.device("cpu"))
    at = AppTest.from_function(in_bfloat16).run(timeout=60)
    assert not at.exception
    said = [text for text in (*warnings(at), *(it.value for it in at.caption)) if "bfloat16" in text]
    assert [words in text for text in said] == [True] * bool(words)
