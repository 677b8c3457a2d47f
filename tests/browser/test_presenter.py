"""Presenter mode: larger type, the whole width, no rail; it stays until it is left."""

import pytest

from tests.browser.conftest import settled

BUTTON = "#unfold-present-button"
ON = "document.documentElement.classList.contains('unfold-present')"
SIZE = "parseFloat(getComputedStyle(document.querySelector('[data-testid=stMain] h1')).fontSize)"
WIDTH = "document.querySelector('.stMainBlockContainer').getBoundingClientRect().width"
# A page of two columns wears the names of `layout`: of the picture, and of the rail with the controls.
RAIL = """() => {
    if (document.querySelector('.st-key-rail')) return;
    const columns = document.querySelector('[data-testid=stHorizontalBlock]:has(> [data-testid=stColumn])').children;
    columns[0].firstElementChild.classList.add('st-key-picture');
    columns[1].firstElementChild.classList.add('st-key-rail');
}"""
PICTURE = "document.querySelector('.st-key-picture').getBoundingClientRect().width"


def test_type_is_larger_the_page_wider_and_the_rail_gone(server, visit):
    page = visit(server, "/views?data=digits", width=3840, height=2000)
    page.locator(".unfold-rows img").first.wait_for()
    page.evaluate(RAIL)
    size, width, picture = page.evaluate(SIZE), page.evaluate(WIDTH), page.evaluate(PICTURE)
    assert (size, width) == (28, 1680)
    page.locator(BUTTON).click()
    assert page.evaluate(SIZE) == 1.5 * size
    assert page.evaluate(WIDTH) == 3840
    assert page.evaluate(PICTURE) > 2 * picture
    assert page.locator(".st-key-rail").is_hidden()
    assert page.locator(BUTTON).inner_text() == "Leave presentation"


@pytest.mark.parametrize("key", ["Escape", "p"])
def test_one_key_leaves_it(key, server, visit):
    page = visit(server, "/views?data=digits&present=1")
    page.wait_for_function(ON)
    page.keyboard.press(key)
    page.wait_for_function(f"!{ON}")
    page.wait_for_function("!location.search.includes('present')")
    assert "data=digits" in page.url
    page.reload()
    settled(page)
    page.locator(BUTTON).wait_for()
    assert not page.evaluate(ON)


def test_it_outlives_a_reload_and_a_change_of_page(server, visit):
    page = visit(server)
    page.locator(BUTTON).wait_for()
    page.keyboard.press("p")
    page.wait_for_function(ON)
    page.reload()
    settled(page)
    page.wait_for_function(ON)
    place = page.url
    page.locator("[data-testid=stMain] [data-testid=stPageLink-NavLink]:visible").first.click()
    page.wait_for_function("place => location.pathname !== new URL(place).pathname", arg=place)
    settled(page)
    assert page.evaluate(ON) and page.locator(BUTTON).count() == 1


def test_the_key_is_a_letter_while_one_types(server, visit):
    page = visit(server, "/views?data=digits")
    page.locator(BUTTON).wait_for()
    page.get_by_role("combobox", name="Method").press_sequentially("p")
    assert not page.evaluate(ON)
