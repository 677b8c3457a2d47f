"""Presenter mode: larger type, the whole width, no rail; it stays until it is left."""

import pytest

from tests.browser.conftest import settled

BUTTON = "#unfold-present-button"
ON = "document.documentElement.classList.contains('unfold-present')"
SIZE = "parseFloat(getComputedStyle(document.querySelector('[data-testid=stMain] h1')).fontSize)"
WIDTH = "document.querySelector('.stMainBlockContainer').getBoundingClientRect().width"
PICTURE = "document.querySelector('.st-key-picture').getBoundingClientRect().width"


def test_type_is_larger_the_page_wider_and_the_rail_gone(server, visit):
    page = visit(server, "/views?data=digits", width=3840, height=2000)
    page.locator(".unfold-rows img").first.wait_for()
    size, width, picture = page.evaluate(SIZE), page.evaluate(WIDTH), page.evaluate(PICTURE)
    assert (size, width) == (28, 1680)
    page.locator(BUTTON).click()
    assert page.evaluate(SIZE) == 3 * size, "a wall is read from farther away"
    assert page.evaluate(WIDTH) == 3840
    assert page.evaluate(PICTURE) > 2 * picture
    assert page.locator(".st-key-rail").is_hidden()
    assert page.locator(BUTTON).inner_text() == "Leave presentation"


CUT = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(plot => {
    const [box, place] = [plot, plot.closest('[data-testid=stElementContainer]')].map(it => it.getBoundingClientRect());
    if (box.bottom > place.bottom + 1) return ['all of it'];
    return [...plot.querySelectorAll('text')].filter(it => {
        const at = it.getBoundingClientRect();
        return at.width && (at.left < box.left - 1 || at.right > box.right + 1 || at.bottom > box.bottom + 1);
    }).map(it => it.textContent);
})"""
FONT = """() => Math.max(...[...document.querySelectorAll('.js-plotly-plot text')]
    .map(it => parseFloat(getComputedStyle(it).fontSize)))"""
POINT = """() => { // the size of points, or the width of lines
    const [trace] = document.querySelector('.js-plotly-plot')._fullData;
    return trace.mode.includes('markers') ? trace.marker.size : trace.line.width;
}"""
HIGH = "() => document.querySelector('.unfold-chart .place').getBoundingClientRect().height"


@pytest.mark.parametrize(
    ("path", "guess"), [("/runs?run=digits-byol-no-predictor", ""), ("/lessons?lesson=collapse&step=2", "predictor")]
)
def test_charts_are_larger_too_and_nothing_of_them_is_cut(path, guess, server, visit):
    page = visit(server, path)
    if guess:
        page.get_by_role("button", name=guess, exact=True).click()
    page.locator(".unfold-chart[data-drawn]").first.wait_for()
    settled(page)
    font, high, point = page.evaluate(FONT), page.evaluate(HIGH), page.evaluate(POINT)
    page.locator(BUTTON).click()
    page.wait_for_function(f"({FONT})() === 1.5 * {font}")
    assert page.evaluate(HIGH) == 1.5 * high
    assert page.evaluate(POINT) == 1.5 * point
    assert page.evaluate(CUT) == []


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


REACHED = """chart => {
    const {points, place} = chart.unfold;
    const far = ({x, y}) => Math.hypot(x - place.clientWidth / 2, y - place.clientHeight / 2);
    const [all, high] = [points.all(), place.clientHeight];
    return {
        at: points.at?.y / high,
        middle: all.reduce((a, b) => far(b) < far(a) ? b : a).y / high,
        lowest: Math.max(...all.map(point => point.y).filter(y => y <= high)) / high,
    };
}"""
FITTED = "chart => chart.unfold.plot._fullLayout.height === chart.unfold.place.clientHeight"


def test_arrow_keys_start_in_the_middle_of_a_map_and_reach_its_lower_edge(server, visit):
    page = visit(server, "/runs?run=digits-simclr&present=1")
    page.wait_for_function(ON)
    chart = page.locator("[class*='st-key-frame-map'] .unfold-chart[data-drawn]")
    page.wait_for_function(FITTED, arg=chart.element_handle())
    chart.locator(".place").focus()
    page.keyboard.press("ArrowDown")
    reached = chart.evaluate(REACHED)
    assert reached["at"] == reached["middle"] and reached["lowest"] > 0.6
    for _ in range(60):
        page.keyboard.press("ArrowDown")
    assert chart.evaluate(REACHED)["at"] > 0.6
