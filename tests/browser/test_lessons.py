"""Lessons in a browser: every shipped one from its first step to its end, by keyboard, by two people, by a teacher."""

import re

import pytest

from explorer.lessons.catalogue import SHIPPED
from explorer.lessons.format import Lesson
from explorer.lessons.yaml_text import read
from tests.browser.conftest import settled

LESSONS = {path.stem: Lesson.model_validate(read(path).content) for path in sorted(SHIPPED.glob("*.yaml"))}
SECONDS = 120_000  # ms that a training may take on a busy machine
HEAVY = ("colour-jitter",)  # its training has colour images


def marked(name: str):
    return pytest.param(name, marks=pytest.mark.slow) if name in HEAVY else name


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    settled(page)


def reach(page, number: int, last: int) -> None:
    page.locator(".unfold-steps", has_text=f"Step {number} of {last}").wait_for()


def walk(page, step) -> None:
    """Do what a step asks for: guess, start, see the measured answer."""
    if step.predict:
        press(page, step.predict.answers[-1])
        page.get_by_role("button", name=f"{step.predict.answers[-1]} · your guess").wait_for()
    if step.start:
        page.locator(".st-key-lesson-start button:enabled").click()
        settled(page)
    if step.reveal:
        page.locator(".st-key-lesson-reveal", has_text="Read from:").wait_for(timeout=SECONDS)
        said = page.locator(".st-key-lesson-reveal").inner_text()
        assert "as you guessed" in said or "you guessed:" in said
        assert any(answer in said for answer in step.reveal.answers())
        page.locator(".st-key-lesson-guesses .js-plotly-plot").wait_for()


@pytest.mark.parametrize("name", [marked(name) for name in LESSONS])
def test_a_lesson_is_walked_through_from_start_to_end(name, server, visit):
    lesson = LESSONS[name]
    page, last = visit(server, f"/lessons?lesson={name}"), len(lesson.steps)
    for number, step in enumerate(lesson.steps, 1):
        reach(page, number, last)
        walk(page, step)
        settled(page)
        assert page.locator("[data-testid=stAlertContentError]").count() == 0, page.inner_text("[data-testid=stMain]")
        press(page, "Next" if number < last else "Finish")
    page.locator(f".st-key-lesson-card-{name}", has_text="✓ done").wait_for()


def test_the_cards_show_all_lessons_with_a_picture(server, visit):
    page = visit(server, "/lessons")
    cards = page.locator("[class*=st-key-lesson-card-]")
    count = "n => ['', ' img'].every(it => document.querySelectorAll('[class*=st-key-lesson-card-]' + it).length === n)"
    page.wait_for_function(count, arg=len(LESSONS))
    cards.first.get_by_text("Start").click()
    page.locator(".unfold-steps", has_text="Step 1").wait_for()


def test_a_step_is_done_by_keyboard(server, visit):
    page = visit(server, "/lessons?lesson=maps-lie&step=2")
    page.get_by_role("button", name="t-SNE").focus()
    page.keyboard.press("Enter")
    page.locator(".st-key-lesson-reveal", has_text="Read from:").wait_for()
    page.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    reach(page, 3, len(LESSONS["maps-lie"].steps))
    page.go_back()
    reach(page, 2, len(LESSONS["maps-lie"].steps))
    page.get_by_text("All lessons").click()
    page.locator(".st-key-lesson-card-maps-lie").wait_for()


def test_the_guesses_of_two_people_are_pooled_and_the_teacher_clears_the_room(server, visit):
    first = visit(server, "/lessons?lesson=maps-lie&step=2")
    press(first, "PCA")
    second = visit(server, "/lessons?lesson=maps-lie&step=2")
    press(second, "t-SNE")
    second.locator(".st-key-lesson-reveal", has_text=re.compile(r"[2-9] guesses")).wait_for()
    teacher = visit(server, "/lessons?lesson=maps-lie&view=teacher")
    teacher.get_by_text("in this lesson so far").wait_for()
    press(teacher, "Clear the room after class")
    teacher.get_by_text("I have exported what I want to keep").click()
    settled(teacher)
    press(teacher, "Delete permanently")
    teacher.get_by_text(re.compile("Deleted: [0-9]+ guess")).wait_for()
    first.reload()
    settled(first)
    assert first.get_by_role("button", name="PCA", exact=True).is_enabled()


def test_a_code_gives_a_person_back_in_another_browser(server, visit):
    page = visit(server, "/lessons")
    page.locator(".st-key-person button").first.click()
    page.get_by_label("Nickname, shown on your runs").fill("Ada L")
    press(page, "Save")
    page.locator(".st-key-person", has_text="Ada L").wait_for()
    page.get_by_text("My code", exact=True).click()
    code = re.search(r"[A-Z]{4}-[A-Z]{4}", page.get_by_text("Your code:").inner_text())[0]
    other = visit(server, "/lessons")
    other.locator(".st-key-person button").first.click()
    other.get_by_text("Another browser, or a lost cookie").click()
    other.get_by_label("Your code").fill(code.lower())
    press(other, "Find my runs")
    other.locator(".st-key-person", has_text="Ada L").wait_for()
    assert not any(code in path.name for path in (server.runs / ".people").rglob("*"))


def test_a_lesson_that_is_opened_from_the_list_keeps_its_address(server, visit):
    page = visit(server, "/lessons")
    page.locator(".st-key-lesson-card-collapse a").click()
    page.wait_for_url("**/lessons?lesson=collapse")
    settled(page)
    press(page, "Next")
    page.wait_for_url("**lesson=collapse*step=2*")
    page.get_by_text("Teacher's view").click()
    page.wait_for_url("**view=teacher*")
    page.reload()
    page.get_by_text("in this lesson so far").wait_for()
    page.get_by_text("All lessons").click()
    page.wait_for_function("location.search === ''")
