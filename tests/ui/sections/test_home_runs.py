"""The runs on the first page: a picture, a name, and what each is worth."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import runs
from explorer.runs import Spec
from explorer.tasks.stories import opening
from pages.ui.kit import identity, url_state
from pages.ui.runs import run_picture
from pages.ui.sections import home_runs
from tests.tasks.stories import story_cases

TRAINING = Spec(kind="train", method="autoencoder", dataset="digits", title="Autoencoder on Digits")
SCORES = {"knn": 0.5, "n_test": 359, "references": {"Untrained": {"knn": 0.25}, "Raw pixels": {"knn": 0.75}}}


@pytest.fixture
def links(monkeypatch):
    """Where the page leads to; the visitor's name is `me`."""
    led = []
    monkeypatch.setattr(url_state, "link", lambda *words, **query: led.append((*words, query)))
    monkeypatch.setattr(identity, "me", lambda: "me")
    return led


def created(user: str = "me", **status) -> runs.Run:
    run = runs.create(TRAINING.model_copy(update={"user": user}))
    run.update(**status)
    return run


def shown() -> None:
    from explorer import runs
    from pages.ui.sections import home_runs

    home_runs.show(runs.listing("train", shipped=False))


def test_the_latest_runs_stand_on_the_first_page_by_whose_they_are(links):
    mine = [created(state="done") for _ in range(home_runs.SHOWN + 1)]
    created("another", state="running"), created("", state="done")
    at = AppTest.from_function(shown).run(timeout=60)
    assert not at.exception
    headings = [it.value for it in at.header]
    assert headings == ["My runs", "Latest runs of other people here"]
    addresses = [query.get("run") for *_, query in links]
    assert len(addresses) == home_runs.SHOWN + 1 + 1 and addresses[-1] == "", "the rest is in the list"
    assert mine[0].id not in addresses, "the oldest"


def test_without_runs_it_says_what_to_do(links):
    at = AppTest.from_function(shown).run(timeout=60)
    assert not at.exception
    assert [words[0] for words in links] == ["new"]


def test_a_run_is_judged_beside_no_training_and_raw_pixels():
    run = created(state="running", step=3, steps=1200)
    assert home_runs.worth(run) == "step 3 of 1,200"
    run.write_scores(SCORES)
    run.update(state="done")
    assert home_runs.worth(run) == "kNN accuracy 50%, untrained 25%, raw pixels 75%"


def test_a_run_without_a_picture_is_drawn_without_one():
    assert not run_picture.show(created(state="queued"))


@pytest.mark.parametrize("name", ["digits-autoencoder", "digits-simclr"])
def test_the_picture_is_what_the_network_draws_or_a_map_of_its_images(name, monkeypatch):
    drawn = []
    monkeypatch.setattr(run_picture.pictures, "picture", lambda image, alt: drawn.append((image, alt)))
    run = runs.get(name)
    assert run_picture.show(run)
    (image, alt), decodes = drawn[0], name.endswith("autoencoder")
    assert ("makes of them" if decodes else "puts them") in alt
    assert image.dtype == np.uint8 and image.std() > 10, "not blank"
    assert (image.shape[-2:] == (run_picture.HEIGHT, run_picture.WIDTH)) != decodes


@pytest.mark.parametrize(
    ("status", "frames", "says"),
    [
        ({"state": "running"}, 0, "Its picture appears with its first step."),
        ({"state": "failed", "error": "it broke"}, 0, "No picture: it ended before its first step."),
        ({"state": "done"}, 1, "No picture: its data are not on this machine."),
    ],
)
def test_why_a_run_has_no_picture_is_said(status, frames, says, links, monkeypatch):
    monkeypatch.setattr(run_picture, "show", lambda run: False)
    run = created(**status)
    for step in range(frames):
        run.write_frame(step, coords=np.zeros((3, 2)))
    at = AppTest.from_function(shown).run(timeout=60)
    assert not at.exception
    assert re.sub(r"\[([^]]+)\]\(.*?\"\)", r"\1", at.caption[0].value) == says, "but for the explained terms"


def test_a_story_of_other_images_is_drawn_with_those_that_came_with_it(tmp_path, monkeypatch):
    about = {"data": {"name": "digits", "title": "Their digits"}, "classes": [f"other {i}" for i in range(10)]}
    story = story_cases.told(story_cases.parts(), **about)
    run = opening.open_story(story_cases.written(tmp_path / "s.zip", story))
    drawn = []
    monkeypatch.setattr(run_picture.pictures, "picture", lambda image, alt: drawn.append((image, alt)))
    assert run_picture.show(run)
    assert drawn[0][0].std() > 10 and "Their digits" in drawn[0][1]
