"""A window of 1,024 pixels: nothing is cut or hangs out; tiles that belong together stand together."""

import pytest

from explorer.methods import METHODS

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
    between, width, pixels = page.evaluate("""() => {
        const [one, next] = document.querySelectorAll('.unfold-rows img');
        const left = one.getBoundingClientRect(), right = next.getBoundingClientRect();
        return [right.left - left.right, left.width, one.naturalWidth];
    }""")
    assert between > 3 * width / pixels, "the gap within a draw is one pixel of its picture"
    page = visit(server, "/views?data=shapes&method=simclr", width=1024)
    page.locator(".unfold-rows img").first.wait_for()
    assert page.locator(".unfold-rows.apart").count() == 0
