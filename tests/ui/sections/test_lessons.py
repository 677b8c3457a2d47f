"""The page of lessons: cards, refused files, one step after the other, the teacher's view."""

import re
from types import SimpleNamespace

import pytest
from plotly.graph_objects import Figure
from streamlit.testing.v1 import AppTest

from explorer import people, runs
from explorer.lessons import catalogue, classroom, sources
from explorer.runs import Spec
from pages.ui.kit import identity, teacher, url_state
from pages.ui.sections import lesson_pictures, lesson_reveal
from tests.lessons.lesson_cases import GOOD

MARKUP = "<script>alert(1)</script> [link](http://x) $x$ # h"


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """A teacher's folder with one lesson; a visitor called anna; links lead nowhere."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/small.yaml").write_text(GOOD)
    monkeypatch.setenv("EXPLORER_LESSONS", str(tmp_path / "mine"))
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)
    monkeypatch.setattr(identity, "me", lambda: "anna")
    return tmp_path / "mine"


def opened(**query):
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/lessons.py", default_timeout=120)
    at.query_params.update(query)
    at.run()
    assert not at.exception, at.exception
    return at


def said(at):
    return " ".join(it.value for kind in ("markdown", "caption", "info", "error") for it in at.get(kind))


def press(at, label):
    button = next(each for each in at.button if each.label.startswith(label))
    button.click().run()
    assert not at.exception, at.exception
    return at


def test_all_lessons_are_cards_and_refused_files_stand_at_the_end(folder):
    (folder / "bad.yaml").write_text(GOOD.replace("minutes: 5", "minutes: five").replace("A small", "Another"))
    at = opened()
    assert "**A small lesson**" in said(at) and "Lessons of this place" in [it.value for it in at.header]
    assert "bad.yaml" in said(at) and "line 4" in said(at)


def test_a_lesson_that_is_not_there_is_said_and_the_list_is_shown():
    at = opened(lesson="nothing")
    assert "**A small lesson**" in said(at)


@pytest.mark.parametrize(("asked", "shown"), [("", 1), ("2", 2), ("0", 1), ("99", 1), ("x", 1), ("-1", 1)])
def test_the_address_names_the_step_and_nonsense_is_the_first(asked, shown):
    at = opened(lesson="small", step=asked)
    assert f"Step {shown} of 3" in " ".join(each.proto.body for each in at.get("html"))


def test_the_answer_appears_after_the_guess_and_the_guess_is_kept():
    at = opened(lesson="small", step="2")
    assert "**Measured**" not in said(at)
    press(at, "linear")
    assert classroom.record("small", "anna").guesses == {2: "linear"}
    assert "**no difference** · you guessed: linear" in said(at)
    assert "study linear" in said(at).replace("\\", "") and "n = 3 seeds (0, 1, 2)" in said(at).replace("\\", "")
    labels = {each.label: each.disabled for each in at.button}
    assert labels["linear · your guess"] is False and labels["PCA"] is True
    press(at, "Next")
    assert at.query_params["step"] in ("3", ["3"])


def test_a_right_guess_is_said_to_agree():
    at = press(opened(lesson="small", step="2"), "no difference")
    assert "**no difference** · as you guessed" in said(at)


def test_a_run_is_started_after_the_guess_with_the_name_of_the_lesson(monkeypatch):
    from explorer import engine

    monkeypatch.setattr(engine, "submit", lambda spec, user="": runs.create(spec.model_copy(update={"user": user})))
    at = opened(lesson="small", step="3")
    start = next(each for each in at.button if each.label == "Start training")
    assert start.disabled and "Guess first, then start it." in said(at)
    press(at, "after")
    at.slider(key="lesson.small.3.latent").set_value(9) if at.slider else at.number_input(
        key="lesson.small.3.latent"
    ).set_value(9)
    press(at, "Start training")
    (run,) = runs.listing("train", shipped=False)
    assert (run.spec.lesson, run.spec.user, run.spec.hyperparameters["latent"]) == ("small", "anna", 9)
    assert classroom.record("small", "anna").runs == {3: run.id}
    assert "appears when that has ended" in said(at)
    press(at, "Start training again")  # it waits already
    assert len(runs.listing("train", shipped=False)) == 1
    run.update(state="running")
    run.write_scores({"knn": 0.9, "n_test": 1000, "references": {"Untrained": {"knn": 0.5, "n_test": 1000}}})
    run.update(state="done")
    assert "**after** · as you guessed" in said(opened(lesson="small", step="3"))


def test_a_visitor_without_cookies_sees_the_answer_all_the_same(monkeypatch):
    monkeypatch.setattr(identity, "me", lambda: "")
    at = press(opened(lesson="small", step="2"), "PCA")
    assert "you guessed: PCA" in said(at)
    press(at, "Next")
    assert not (runs.root() / ".people").exists()


def test_a_visitor_without_cookies_starts_a_run_all_the_same(monkeypatch):
    from explorer import engine

    monkeypatch.setattr(identity, "me", lambda: "")
    monkeypatch.setattr(engine, "submit", lambda spec, user="": runs.create(spec.model_copy(update={"user": user})))
    at = press(opened(lesson="small", step="3"), "after")
    press(at, "Start training")
    assert not at.error and "appears when that has ended" in said(at)
    assert [run.spec.lesson for run in runs.listing("train", shipped=False)] == ["small"]


def test_data_that_are_missing_are_said_before_the_step(folder):
    (folder / "small.yaml").write_text(GOOD.replace("data: [digits]", "data: [digits, mnist]"))
    assert "which is not on this machine yet" in said(opened(lesson="small"))


def test_finishing_a_lesson_marks_its_card():
    at = opened(lesson="small", step="3")
    press(at, "Finish")
    assert classroom.record("small", "anna").done
    assert "✓ done" in said(opened())


def test_start_again_forgets_the_guesses():
    press(opened(lesson="small", step="2"), "PCA")
    press(opened(lesson="small", step="2"), "Start again")
    assert classroom.record("small", "anna").guesses == {}
    assert "**Measured**" not in said(opened(lesson="small", step="2"))


def test_what_a_teacher_writes_is_text_and_no_markup(folder):
    import json

    text = json.dumps(f"{MARKUP} **bold**")
    (folder / "small.yaml").write_text(GOOD.replace("text: Look at the map.", f"text: {text}").replace(
        "title: A small lesson", f"title: {json.dumps(MARKUP)}"))  # fmt: skip
    at = opened(lesson="small")
    for value in [it.value for it in at.markdown] + [it.value for it in at.title]:
        assert "<script" not in value.replace("\\<", "").replace("\\(", "")
        assert "](http" not in value
    assert "**bold**" in said(at)


def test_controls_can_be_hidden():
    assert any(each.label == "Start again" for each in opened(lesson="small").button)
    assert not any(each.label == "Start again" for each in opened(lesson="small", hide="controls").button)


def test_the_teacher_sees_everyone_and_clears_after_asking_twice():
    people.rename("ben", "Ben")
    classroom.guess("small", "ben", 2, "PCA")
    run = runs.create(
        Spec(kind="train", title="a run", dataset="digits", method="autoencoder", user="ben", lesson="small")
    )
    other = runs.create(Spec(kind="train", title="b run", dataset="digits", method="autoencoder", user="ben"))
    for each in (run, other):
        each.update(state="stopped")  # a page that is watched wakes the engine, which would train what waits
    classroom.started("small", "ben", 3, run.id)
    at = opened(lesson="small", view="teacher")
    assert list(at.dataframe[0].value["nickname"]) == ["Ben", "Ben"]
    assert "deletes 1 guess of 1 person and 1 run of this lesson" in said(at)
    delete = next(each for each in at.button if each.label == "Delete permanently")
    assert delete.disabled
    at.checkbox(key="lesson-sure").set_value(True).run()
    press(at, "Delete permanently")
    assert [runs.find(run.id), classroom.everyone("small")] == [None, []]
    assert runs.find(other.id)
    assert any("Deleted: 1 guess and 1 run" in it.value for it in at.success)


def test_the_teacher_is_asked_for_a_password_where_one_is_set(monkeypatch):
    classroom.guess("small", "ben", 2, "PCA")
    monkeypatch.setenv("EXPLORER_TEACHER", "häuser")
    monkeypatch.setattr(teacher, "PAUSE", 0.0)
    at = opened(lesson="small", view="teacher")
    assert not at.dataframe and "in this lesson so far" not in said(at)
    for typed, admitted in (("", False), ("hauser", False), ("häuser", True)):
        at.text_input(key="lesson-typed").set_value(typed)
        press(at, "Open")
        assert bool(at.dataframe) == admitted
    at.run()
    assert at.dataframe, "once for a session"


def test_every_picture_of_the_format_can_be_drawn():
    from typing import get_args

    from explorer.lessons import pictures

    kinds = {get_args(kind.model_fields["picture"].annotation)[0] for kind in get_args(get_args(pictures.Show)[0])}
    assert kinds == set(lesson_pictures.DRAWN) and set(lesson_pictures.AFTER) <= kinds


def test_what_to_look_for_is_said_after_the_guess(folder):
    (folder / "small.yaml").write_text(GOOD.replace("at_least: 0.0005\n", "at_least: 0.0005\n", 1).replace(
        "first: PCA, second: linear, neither: no difference}\n",
        "first: PCA, second: linear, neither: no difference}\n    look: Both dots are near.\n", 1))  # fmt: skip
    at = opened(lesson="small", step="2")
    assert "Both dots are near" not in said(at)
    press(at, "PCA")
    assert "Both dots are near" in said(at)


def test_a_start_says_what_its_seed_is_in_a_sentence_of_its_own(folder):
    text = said(press(opened(lesson="small", step="3"), "before"))
    assert re.search(r"\. Your own seed, \d+, draws all random numbers; everyone has another\.", text)


def test_reconstructions_come_without_the_errors_that_a_question_asks_for(folder):
    show = "show: {picture: reconstructions, models: [garments-autoencoder], data: garments}"
    (folder / "small.yaml").write_text(GOOD.replace("show: {picture: unfolding, model: digits-simclr}", show))
    at = opened(lesson="small", step="1")
    shown = " ".join(it.proto.body for it in at.get("html"))
    assert "reconstruction" in shown and "squared error" not in shown
    assert "Reconstruction error" not in said(at)


@pytest.mark.parametrize("numbers", ["yes", "no"])
def test_a_map_has_its_numbers_unless_a_question_asks_for_them(folder, numbers):
    show = f"show: {{picture: maps, models: [digits-simclr], data: digits, how: [pca], numbers: {numbers}}}"
    (folder / "small.yaml").write_text(GOOD.replace("show: {picture: unfolding, model: digits-simclr}", show))
    text = said(opened(lesson="small", step="1"))
    for words in ("trustworthiness", "in the [feature", "of the same class"):
        assert (words in text) == (numbers == "yes")


WITH_TWO = [
    pytest.param(lesson.lesson.steps[number - 1], id=f"{lesson.name}-{number}")
    for lesson in catalogue().entries
    for number, step in enumerate(lesson.lesson.steps, 1)
    if lesson.shipped and step.predict and step.show and step.show.picture in ("scores", "study")
]


@pytest.mark.parametrize("step", WITH_TWO)
def test_what_stands_in_two_pictures_of_a_step_has_one_colour(step, monkeypatch):
    drawn = []
    monkeypatch.setattr(lesson_pictures.figures, "show", lambda *figure, **about: None)
    monkeypatch.setattr(lesson_pictures.dots, "intervals", lambda rows, *more: drawn.append(rows))
    answer = [sources.measured(source) for source in step.reveal.sources() if not source.run]
    lesson_pictures.draw(step.show)
    lesson_pictures.measured(answer, "knn", "key", beside=lesson_pictures.names(step.show))
    below, above = drawn
    names = lesson_pictures.names(step.show)
    assert [row.colour for row in below] == list(range(len(names)))
    expected = [names.index(it.of) if it.of in names else None for it in answer]
    assert all(want in (None, row.colour) for want, row in zip(expected, above, strict=True))
    assert len({row.colour for row in above}) == len(above)


def test_two_runs_of_one_title_are_two_curves(monkeypatch):
    drawn = []
    monkeypatch.setattr(lesson_pictures.figures, "show", lambda *figure, **about: None)
    monkeypatch.setattr(
        lesson_pictures.figures, "curves", lambda lines, *more, **style: drawn.append(lines) or Figure()
    )
    some = [runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits")) for _ in range(2)]
    for run in some:
        for step in range(2):
            run.append({"step": step, "knn": 0.5})
    lesson_pictures._knn(some)
    assert list(drawn[0]) == ["a #1", "a #2"]


@pytest.mark.parametrize(
    ("guess", "says"),
    [
        ("no difference", "1 of 1 of your guesses was as it was measured; it asked 2 questions."),
        ("linear", "0 of 1 of your guesses were as it was measured; it asked 2 questions."),
        ("", "You made no guess that could be compared; it asked 2 questions."),
    ],
)
def test_at_the_end_it_is_said_how_the_guesses_went(guess, says):
    if guess:
        classroom.guess("small", "anna", 2, guess)
    at = opened(lesson="small", step="3")
    press(at, "Finish")
    assert "**A small lesson** is done" in said(at)
    assert says in [it.value for it in at.markdown]


def test_at_the_end_of_a_lesson_that_asks_nothing_nothing_is_said_of_guesses(folder):
    (folder / "small.yaml").write_text(GOOD[: GOOD.index("  - text: Guess.")])
    at = press(opened(lesson="small", step="1"), "Finish")
    assert "**A small lesson** is done" in said(at)
    assert not [it.value for it in at.markdown if "your guesses" in it.value or "no guess" in it.value]


def test_the_end_is_said_once_and_the_session_keeps_what_it_knows():
    at = opened(lesson="small", step="3")
    at.session_state["something else"] = 7
    press(at, "Finish")
    assert "is done" in said(at)
    assert at.session_state["something else"] == 7
    at.query_params["lesson"] = "small"
    at.run()
    del at.query_params["lesson"]
    assert "is done" not in said(at.run())


def test_start_again_forgets_this_lesson_and_nothing_else():
    at = opened(lesson="small", step="2")
    press(at, "linear")
    at.session_state["something else"] = 7
    press(at, "Start again")
    assert classroom.record("small", "anna").guesses == {}
    assert at.session_state["something else"] == 7


def test_a_measured_answer_leads_to_the_study_that_it_was_read_from(monkeypatch):
    led = []
    monkeypatch.setattr(url_state, "link", lambda page, *_, **query: led.append((page, query)))
    study = {"study": "h-z", "data": "cifar10", "arm": "simclr"}
    for of in ([sources.Source(model="digits-simclr")], [sources.Source(**study)]):
        reveal = SimpleNamespace(sources=lambda of=of: of)
        lesson_reveal._study(SimpleNamespace(step=SimpleNamespace(reveal=reveal)))
    assert led == [("studies", {"study": "h-z", "on": "cifar10"})]
