"""The lessons that ship are allowed, complete and honest; so is the example for teachers."""

import json
import re

import pytest

from explorer import runs
from explorer.lessons import catalogue, sources
from explorer.lessons.catalogue import SHIPPED
from pages.ui.sections.lesson_pictures import AFTER
from tests.lessons.lesson_cases import checked
from tests.source_cases import ROOT

FILES = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
SHIPPED_LESSONS = {entry.name: entry.lesson for entry in catalogue(full=True).entries}
COURSE = ("linear-autoencoder", "denoising", "pretext-tasks", "colour-jitter", "negatives", "collapse", "ten-labels",
          "maps-lie")  # fmt: skip


def test_no_shipped_lesson_is_refused_and_they_stand_in_the_order_of_the_course():
    found = catalogue(full=True)
    assert [str(each) for each in found.refused] == []
    assert tuple(entry.name for entry in found.entries if entry.shipped) == COURSE
    assert set(FILES) == set(COURSE)


@pytest.mark.parametrize("name", FILES)
def test_a_lesson_takes_some_minutes_and_lets_the_student_guess_and_act(name):
    lesson = SHIPPED_LESSONS[name]
    assert 5 <= lesson.minutes <= 10
    assert 4 <= len(lesson.steps) <= 7
    assert any(step.reveal for step in lesson.steps)
    assert any(step.start for step in lesson.steps)
    assert lesson.picture and runs.find(lesson.picture.model).frames()


@pytest.mark.parametrize("name", FILES)
def test_every_reveal_is_computed_from_what_is_in_the_repository(name):
    for step in SHIPPED_LESSONS[name].steps:
        own = [source for source in step.reveal.sources() if source.run] if step.reveal else []
        if step.reveal and not own:
            outcome = step.reveal.outcome([sources.measured(source) for source in step.reveal.sources()])
            assert outcome.answer in step.predict.answers
            assert all(each.where and len(each.values) for each in outcome.measured)


@pytest.mark.parametrize("name", FILES)
def test_what_a_lesson_names_stands_in_its_needs(name):
    lesson = SHIPPED_LESSONS[name]
    text = (SHIPPED / f"{name}.yaml").read_text()
    shown = {model for step in lesson.steps if step.show for model in getattr(step.show, "models", ())}
    shown |= {step.show.model for step in lesson.steps if step.show and getattr(step.show, "model", "")}
    own = {model for model in shown if runs.find(model)}
    assert own <= set(lesson.needs.models), text[:40]


def gives_away(show, sources):
    """Whether a picture holds the numbers of all sources of a question."""
    if show.picture == "study":
        asked = {(it.study, it.data, it.arm, it.number) for it in sources}
        return asked <= {(show.study, show.data, arm, show.number) for arm in show.arms}
    if show.picture == "maps" and show.numbers:
        return {"pixels" if it.baseline == "Raw pixels" else it.model for it in sources} <= {*show.models}
    return show.picture in ("scores", "curves") and {it.model for it in sources} <= {*show.models}


@pytest.mark.parametrize("name", FILES)
def test_no_picture_gives_away_the_answer_to_a_question_before_the_guess(name):
    before = []
    for number, step in enumerate(SHIPPED_LESSONS[name].steps, 1):
        hidden = step.predict and step.show and step.show.picture in AFTER
        before += [step.show] if step.show and not hidden else []
        if step.reveal and not step.start:
            assert not any(gives_away(show, step.reveal.sources()) for show in before), f"step {number}"
        before += [step.show] if hidden else []


def test_a_reveal_reads_the_rows_and_no_other_number():
    """Read once more from the file, by hand."""
    lines = (ROOT / "checkpoints/results/linear-pca-fashion_mnist.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    expected = {row["seed"]: row["mse"] for row in rows if row["arm"] == "autoencoder 8"}
    found = sources.of_arm("linear-pca", "fashion_mnist", "autoencoder 8", "mse")
    assert (found.values, found.seeded) == (expected, True)
    assert len(expected) == 3


def test_the_rows_of_one_protocol_alone_are_read():
    found = sources.rows("breakage", "cifar10", "byol")
    assert len(found) == 3
    assert {row["protocol"]["epochs"] for row in found.values()} == {4}


def test_a_model_s_number_comes_with_the_number_of_images():
    found = sources.measured(sources.Source(model="digits-simclr", number="knn", baseline="Raw pixels"))
    scores = json.loads((runs.SHIPPED / "digits-simclr/scores.json").read_text())
    assert (found.mean, found.n) == (scores["references"]["Raw pixels"]["knn"], scores["n_test"])


def test_the_example_for_teachers_is_allowed():
    text = (ROOT / "docs/lessons.md").read_text()
    lesson = checked(re.search(r"^```yaml\n(.*?)^```$", text, re.M | re.S)[1])
    assert len(lesson.steps) == 3


def test_the_guide_names_every_picture_and_every_rule():
    from typing import get_args

    from explorer.lessons import pictures, rules

    text = (ROOT / "docs/lessons.md").read_text()
    kinds = [get_args(kind.model_fields["picture"].annotation)[0] for kind in get_args(get_args(pictures.Show)[0])]
    kinds += [get_args(kind.model_fields["rule"].annotation)[0] for kind in get_args(get_args(rules.Reveal)[0])]
    assert len(kinds) == 11
    assert [kind for kind in kinds if f"`{kind}`" not in text] == []
