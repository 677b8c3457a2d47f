"""The page Compare in a browser: linked maps, the ranking, cells and their images, two viewers of one page."""

import re

import pytest

from explorer.__main__ import main
from tests.browser.conftest import settled

QUICK = {"n": 120, "permutations": 20, "labels": 300}
ADDRESS = "/compare?data=digits&model=digits-simclr&second=digits-autoencoder&maps=pca" + "".join(
    f"&compare.{name}={value}" for name, value in QUICK.items()
)
MAP = ".st-key-compare-map-{} .unfold-chart"
POINT = """selector => {
  const { points } = document.querySelector(selector).unfold, all = points.all(); // the one that lies alone is hit
  const far = (it, other) => (it === other ? Infinity : Math.hypot(it.x - other.x, it.y - other.y));
  const alone = (it) => Math.min(...all.map((other) => far(it, other)));
  const point = all.reduce((best, it) => (alone(it) > alone(best) ? it : best));
  return [point.x, point.y, points.id(point)];
}"""
PLACE = """([selector, id]) => {
  const { points } = document.querySelector(selector).unfold;
  const point = points.all().find((each) => points.id(each) === id);
  return [point.x, point.y];
}"""
ECHO = "s => (it => [it.style.display, parseFloat(it.style.left), parseFloat(it.style.top)])(document.querySelector(s))"
LIT = "s => document.querySelector(s + ' .js-plotly-plot')._fullData.flatMap(t => [...t.selectedpoints ?? []]).length"


@pytest.fixture
def compared(server, monkeypatch):
    """A comparison that lies in the folder of the server's runs."""
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))
    words = [f"--{name}={value}" for name, value in QUICK.items()]
    assert main(["compare", "digits-simclr", "digits-autoencoder", "digits", *words]) == 0


def stands(page):
    for letter in "AB":
        page.wait_for_selector(f"{MAP.format(letter)}[data-drawn]")
    page.get_by_text("Images whose neighbours changed most").wait_for()
    settled(page)


def test_maps_are_linked_images_are_ranked_and_cells_open_their_images_for_two_viewers(compared, server, visit):
    page, other = visit(server, ADDRESS), visit(server, f"{ADDRESS}&class=2", "dark")
    stands(page)
    one, two = MAP.format("A"), MAP.format("B")
    x, y, id = page.evaluate(POINT, one)
    box = page.locator(f"{one} .place").bounding_box()
    page.mouse.move(box["x"] + x - 3, box["y"] + y)
    page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
    page.wait_for_function("s => document.querySelector(s).style.display === 'block'", arg=f"{two} .ring.echo")
    assert page.evaluate(ECHO, f"{two} .ring.echo")[1:] == pytest.approx(page.evaluate(PLACE, [two, id]), abs=0.5)
    page.mouse.click(box["x"] + x, box["y"] + y)
    page.wait_for_url(re.compile(rf"point={id}(&|$)"))
    settled(page)
    for letter in "AB":
        assert page.locator(f".st-key-compare-near-{letter} button").count() == 10

    page.locator(f"{one} button.select").click()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 5, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("selection="))
    page.wait_for_function(f"s => ({LIT})(s) > 5", arg=two)
    settled(page)

    cell = page.locator("[class*=st-key-agreement-] [data-at='0,0']").first
    n = cell.inner_text()
    cell.click()
    page.get_by_text(re.compile(rf"^Both right: {n} of ")).wait_for()
    assert page.locator(".st-key-agreement-images img").count() == 14
    page.locator(".st-key-confusion-B [data-at='3,3']").click()
    page.get_by_text(re.compile("^B: 3, named rightly")).wait_for()
    assert page.locator(".st-key-confusion-images img").count() > 0

    stands(other)
    assert "selection=" not in other.url and "point=" not in other.url, "what one viewer marks, the other does not see"
    assert other.evaluate(LIT, two) == 0
    assert other.locator(".st-key-agreement-images").is_visible()
    changed = "[class*=st-key-changed-] [aria-label='This image'] button"
    assert other.locator(changed).count() == 6
    assert all(it.get_attribute("title").startswith("2,") for it in other.locator(changed).all())
    first = page.locator(changed).first
    assert not all(it.get_attribute("title").startswith("2,") for it in page.locator(changed).all())
    first.click()
    page.wait_for_url(re.compile(rf"point={first.get_attribute('data-id')}(&|$)"))
