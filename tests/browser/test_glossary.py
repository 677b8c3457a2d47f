"""A term of the field is explained on hover, by keyboard and by touch, and the address stays as it is."""

import pytest

TERM = '[data-testid="stMarkdownContainer"] a[href^="#term-"]'
TIP = "#unfold-term"


@pytest.fixture
def page(server, visit):
    return visit(server, "/data?data=digits")


def test_a_term_is_explained_while_it_is_pointed_at(page):
    term = page.locator(TERM).first
    sentence = term.get_attribute("title").partition(": ")[2]
    assert not page.locator(TIP).is_visible()
    term.hover()
    page.locator(TIP).wait_for()
    assert sentence in page.inner_text(TIP)
    assert term.get_attribute("title") is None, "the browser's own tooltip would stand beside it"
    page.locator(TIP).hover()
    page.wait_for_timeout(400)  # longer than the tooltip waits before it goes
    assert page.locator(TIP).is_visible(), "it can be pointed at"
    page.mouse.move(2, 2)
    page.locator(TIP).wait_for(state="hidden")


def test_the_keyboard_reaches_a_term_and_escape_closes_the_explanation(page):
    term = page.locator(TERM).first
    for _ in range(60):
        page.keyboard.press("Tab")
        if term.evaluate("term => term === document.activeElement"):
            break
    page.locator(TIP).wait_for()
    assert term.get_attribute("aria-describedby") == TIP[1:]
    page.keyboard.press("Escape")
    page.locator(TIP).wait_for(state="hidden")


def test_a_click_shows_the_explanation_and_leaves_the_address_alone(page):
    before, term = page.url, page.locator(TERM).first
    term.dispatch_event("click")  # what a tap ends in
    page.locator(TIP).wait_for()
    assert page.url == before
    box = page.locator(TIP).bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1440
    page.locator("h1").first.click()
    page.locator(TIP).wait_for(state="hidden")


def test_a_term_looks_like_its_text_and_is_underlined_with_dots(page):
    term = page.locator(TERM).first
    style = "(term, name) => getComputedStyle(term).getPropertyValue(name)"
    parent = "(term) => getComputedStyle(term.parentElement).color"
    assert term.evaluate(style, "color") == term.evaluate(parent)
    assert "dotted" in term.evaluate(style, "text-decoration")
