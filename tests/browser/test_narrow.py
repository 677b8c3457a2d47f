"""Small windows: at 1,024 pixels nothing is cut or hangs out; a phone of 390 never scrolls sideways."""

import pytest

from explorer.methods import METHODS
from tests.browser.conftest import ROOT, settled

CUT = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(it => {
    const style = getComputedStyle(it), box = it.getBoundingClientRect();
    if (box.width <= 2 || it.closest('.katex-mathml') || it.tagName === 'INPUT') return false;
    const holds = ['hidden', 'clip'].includes(style.overflowX) && it.clientWidth > 2;
    return holds && it.scrollWidth > it.clientWidth + 2 || box.right > innerWidth + 1;
}).map(it => [it.tagName, it.className.toString(), it.innerText?.slice(0, 60)])"""
SPILT = """() => { const it = document.querySelector('.katex-display'); return it.scrollWidth - it.clientWidth; }"""


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/methods",
        "/methods?method=swav&data=shapes",
        "/views?data=shapes&method=jigsaw",
        "/runs?run=digits-simclr",
    ],
)
def test_nothing_is_cut(path, server, visit):
    page = visit(server, path, width=1024)
    page.locator("h1").wait_for()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(CUT) == []


def test_every_equation_fits(server, visit):
    page = visit(server, "/methods?data=shapes", width=1024)
    spilt = {}
    for name in METHODS:
        page.goto(f"{server.url}/methods?data=shapes&method={name}")
        page.locator(".katex-display").wait_for()
        spilt[name] = page.evaluate(SPILT)
    assert {name: by for name, by in spilt.items() if by > 2} == {}


@pytest.mark.parametrize("method", ["jigsaw", "relative_patch"])
def test_draws_of_tiles_stand_farther_apart_than_the_tiles_of_one(method, server, visit):
    page = visit(server, f"/views?data=shapes&method={method}", width=1024)
    page.locator(".unfold-rows img").first.wait_for()
    page.wait_for_function("document.querySelector('.unfold-rows img').naturalWidth > 0")
    between, width, pixels = page.evaluate("""() => {
        const [one, next] = document.querySelectorAll('.unfold-rows img');
        const left = one.getBoundingClientRect(), right = next.getBoundingClientRect();
        return [right.left - left.right, left.width, one.naturalWidth];
    }""")
    assert between > 3 * width / pixels, "the gap within a draw is one pixel of its picture"
    page = visit(server, "/views?data=shapes&method=simclr", width=1024)
    page.locator(".unfold-rows img").first.wait_for()
    assert page.locator(".unfold-rows.apart").count() == 0


PAGES = sorted(f"/{path.stem}" for path in (ROOT / "pages").glob("*.py"))
SIDEWAYS = "(it => it.scrollWidth - it.clientWidth)(document.querySelector('[data-testid=stMain]'))"


@pytest.mark.parametrize(
    "path", [*PAGES, "/train?run=digits-simclr", "/methods?method=cpc&data=shapes", "/views?data=shapes&method=jigsaw"]
)
def test_a_phone_never_scrolls_sideways(path, server, visit):
    page = visit(server, path, width=390, height=844)
    page.locator("h1").wait_for()
    page.wait_for_load_state("networkidle")
    settled(page)
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate("document.documentElement.scrollWidth") == 390


SMALL = (
    "[...document.querySelectorAll('.unfold-rows img')].filter(it => it.getBoundingClientRect().width < least).length"
)


@pytest.mark.parametrize(("method", "least"), [("jigsaw", 40), ("relative_patch", 40), ("simclr", 14)])
def test_pictures_of_rows_can_be_made_out_on_a_phone(method, least, server, visit):
    page = visit(server, f"/views?data=shapes&method={method}", width=390, height=844)
    page.locator(".unfold-rows img").nth(20).wait_for()
    assert page.evaluate(f"least => {SMALL}", least) == 0


def test_names_of_rows_stand_beside_their_images_on_a_phone(server, visit):
    page = visit(server, "/latents?data=digits&model=digits-autoencoder", width=390, height=844)
    rows = page.locator(".unfold-rows:has(small) > div")
    rows.first.wait_for()
    for row in rows.all():
        name, first = row.locator("> *").nth(0).bounding_box(), row.locator("> *").nth(1).bounding_box()
        assert name["x"] + name["width"] <= first["x"], "the name is beside the first image"
        assert name["width"] > 60


def test_a_wide_screen_is_filled_up_to_a_width_that_can_be_read(server, visit):
    page = visit(server, "/views?data=digits", width=3840)
    place = "document.querySelector('.stMainBlockContainer').getBoundingClientRect()"
    page.wait_for_function(f"{place}.width === 1680")
    left = page.evaluate(f"{place}.left")
    assert abs(left - (3840 - 1680) / 2) < 12, "it stands in the middle, but for the scroll bar"
