"""The live page of a run stands still: looks of several viewers at one real training, from its start to its end."""

import contextlib
import threading

import pytest

from explorer import engine
from explorer.tasks.training import request
from tests.browser import steady
from tests.browser.conftest import PATIENCE, settled

ENDED = "document.querySelector('.st-key-head-done') !== null"
ROUNDING = 1  # pixels
HARMLESS = ("Failed to load resource",)  # of Streamlit's own requests that no server of ours answers


def collapse(server, epochs: int):
    """A real training that collapses: BYOL without its predictor, on the digits."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("runs", "cache", "data"):
            patch.setenv(f"EXPLORER_{name.upper()}", str(server.folder / name))
        return engine.submit(request.train("byol", "digits", {"predictor": False}, {"epochs": epochs}))


def viewers(chromium, server, run, n: int, said: list[str]):
    """Pages of `n` browsers that look at a run; what their consoles say that is wrong goes into `said`."""
    pages = []
    for _ in range(n):
        page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE)
        page.add_init_script(steady.sampler())
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.goto(f"{server.url}/runs?run={run.id}")
        pages.append(page)
    return pages


def check(page, looks: int) -> None:
    """What a viewer of a live page must have seen, from the first look with all charts to the last."""
    seen = steady.seen(page)
    print(f"{seen.looks} looks, missing {seen.missing}, faded {seen.faded}, mounts {sum(seen.mounts.values())}")
    assert seen.looks >= looks, "too few looks to say anything"
    assert not seen.missing, f"a chart was missing or empty: {seen.notes}"
    assert not seen.faded, "something was faded"
    assert not seen.white, "the page was white"
    assert set(seen.mounts.values()) == {1}, f"each chart is mounted once: {seen.mounts}"
    assert len(seen.mounts) >= len(steady.PROMISED)
    moved = {key: tops for key, tops in seen.tops.items() if max(map(int, tops)) - min(map(int, tops)) > ROUNDING}
    assert not moved, f"these charts have moved: {moved}; {seen.notes}"
    assert "kNN" in page.inner_text("[data-testid=stMain]"), "the page is white at the end"


def watched(chromium, server, epochs: int, looks: int) -> None:
    """Three viewers from the start of a training to its end, and some seconds more."""
    said: list[str] = []
    pages = viewers(chromium, server, collapse(server, epochs), 3, said)
    try:
        for page in pages:
            page.wait_for_function(ENDED, timeout=4 * PATIENCE)
        pages[0].wait_for_timeout(3000)  # the whole page has run again at the end: it still stands
        for page in pages:
            check(page, looks)
        wrong = [text for text in said if not text.startswith(HARMLESS)]
        assert not wrong, wrong
        assert not [text for text in said if "ForwardMsg" in text]
    finally:
        for page in pages:
            page.context.close()


def test_three_viewers_see_every_chart_in_every_look_and_nothing_moves(server, chromium):
    watched(chromium, server, epochs=10, looks=20)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("n", range(20))
def test_no_look_at_twenty_trainings_under_load_misses_a_chart(n, server, chromium):
    with load(2):
        watched(chromium, server, epochs=10, looks=25)


@contextlib.contextmanager
def load(threads: int):
    """Keep so many threads of this process busy: the machine is slow meanwhile."""
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            sum(i * i for i in range(2000))

    workers = [threading.Thread(target=spin, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def test_nothing_moves_when_the_font_of_the_icons_comes(server, visit, chromium):
    def places(page) -> list[list[float]]:
        page.wait_for_selector("[class*='st-key-frame-map'] .unfold-chart[data-drawn]")
        return page.evaluate("""() => [...document.querySelectorAll('.st-key-run-head *')]
            .map((it) => it.getBoundingClientRect()).map((box) => [box.top, box.width, box.height])""")

    there = places(visit(server, "/train?run=digits-byol"))
    with contextlib.closing(chromium.new_context(viewport={"width": 1440, "height": 900})) as late:
        late.route("**/*MaterialSymbols*", lambda route: route.abort())
        page = late.new_page()
        page.goto(f"{server.url}/train?run=digits-byol")
        settled(page)
        assert len(there) > 10 and places(page) == there


def test_arrow_keys_lead_from_point_to_point_and_the_card_is_spoken(server, visit):
    page = visit(server, "/train?run=digits-simclr")
    place = page.locator("[class*='st-key-frame-map'] .place")
    page.wait_for_selector("[class*='st-key-frame-map'] .unfold-chart[data-drawn]")
    place.focus()
    said = page.locator("[class*='st-key-frame-map'] .said")
    words = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
        words.add(said.inner_text())
        ring = page.locator("[class*='st-key-frame-map'] .ring:not(.echo)").bounding_box()
        card = page.wait_for_selector("#unfold-tip", state="visible").bounding_box()
        apart = (
            card["x"] >= ring["x"] + ring["width"] or card["x"] + card["width"] <= ring["x"]
            or card["y"] >= ring["y"] + ring["height"] or card["y"] + card["height"] <= ring["y"]
        )  # fmt: skip
        assert apart, "the card lies over its point"
        assert card["x"] >= 0 and card["x"] + card["width"] <= 1440
    assert len(words) >= 3 and all(word.startswith("#") for word in words)
    page.keyboard.press("Escape")
    page.wait_for_selector("#unfold-tip", state="hidden")


def test_the_slider_moves_the_map_at_once_and_the_page_learns_of_it(server, visit):
    page = visit(server, "/train?run=digits-simclr")
    page.wait_for_selector("[class*='st-key-frame-map'] .unfold-chart[data-drawn]")
    slider = page.locator(".unfold-scrubber input[type=range]")
    first = "document.querySelector(\"[class*='st-key-frame-map'] .js-plotly-plot\")._fullData[0].x[0]"
    before = page.evaluate(first)
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_function(f"before => {first} !== before", arg=before)
    page.wait_for_url("**frame=0*")
    assert slider.get_attribute("aria-valuetext") == "0"


def test_a_chart_is_saved_as_a_picture_that_is_named_after_what_it_shows(server, visit):
    page = visit(server, "/train?run=digits-simclr")
    page.wait_for_selector(".st-key-knn .unfold-chart[data-drawn]")
    with page.expect_download() as download:
        page.locator(".st-key-knn button.save").press("Enter")
    assert (
        download.value.suggested_filename
        == "unfold-knn-accuracy-on-validation-images-higher-is-better-digits-digits-simclr.png"
    )


def test_a_chart_follows_the_theme_while_the_page_is_open(server, visit):
    page = visit(server, "/train?run=digits-simclr")
    page.wait_for_selector(".st-key-knn .unfold-chart[data-drawn]")
    line = "document.querySelector('.st-key-knn .js-plotly-plot')._fullData[0].line.color"
    light = page.evaluate(line)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => {line} !== light", arg=light)
    assert page.evaluate("document.querySelectorAll('.st-key-knn .plot-container').length") == 1


def test_the_tools_of_a_chart_are_not_over_its_legend_on_a_phone(server, visit):
    page = visit(server, "/train?run=digits-simclr", width=390)
    page.wait_for_selector(".st-key-loss .unfold-chart[data-drawn]")
    tools = page.locator(".st-key-loss .tools").bounding_box()
    plot = page.locator(".st-key-loss .place").bounding_box()
    assert tools["y"] + tools["height"] <= plot["y"] + 1
    assert plot["x"] + plot["width"] <= 390
