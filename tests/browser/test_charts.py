"""The scripts of charts and of rows of images: what is dropped comes back, what is left ends, what keys do."""

import numpy as np
import pytest

from explorer import runs
from explorer.evaluation import sphere
from explorer.tasks.training import request
from tests.browser.conftest import settled, turn_to

ON = "document.documentElement.classList.contains('unfold-present')"
DRAWN = ".unfold-chart[data-drawn]"


@pytest.fixture
def work(server, monkeypatch):
    """The runs of the server's folder."""
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))


def test_a_figure_that_the_server_has_dropped_is_drawn_after_all(server, visit):
    page = visit(server)
    dropped = []

    def answer(route) -> None:
        if route.request.url in dropped:
            route.fallback()
        else:
            dropped.append(route.request.url)
            route.fulfill(status=404)

    page.route("**/content/*.json", answer)
    page.goto(f"{server.url}/data?data=digits")
    page.locator(".unfold-chart").first.wait_for()
    page.wait_for_function("[...document.querySelectorAll('.unfold-chart')].every(it => it.dataset.drawn)")
    settled(page)
    assert dropped and page.locator(DRAWN).count() >= len(dropped)


LISTENING = """(() => {
    const heard = window.unfoldHeard = new Set(), [add, remove] = [window.addEventListener, window.removeEventListener];
    window.addEventListener = function (kind, it, ...more) {
        if (kind === 'unfold-film') heard.add(it);
        return add.call(window, kind, it, ...more);
    };
    window.removeEventListener = function (kind, it, ...more) {
        if (kind === 'unfold-film') heard.delete(it);
        return remove.call(window, kind, it, ...more);
    };
})()"""


def test_no_film_listens_after_its_page_is_left(server, visit):
    page = visit(server)
    page.add_init_script(LISTENING)
    page.goto(f"{server.url}/runs?run=digits-simclr")
    page.locator(DRAWN).first.wait_for()
    settled(page)
    films = page.locator("[class*='st-key-frame-'] .unfold-chart").count()
    assert page.evaluate("unfoldHeard.size") > films > 0  # the curves listen, too: a line stands at the step
    turn_to(page, "Data")
    page.wait_for_url("**/data**")
    page.wait_for_function("unfoldHeard.size === 0")


def test_a_film_whose_frames_do_not_come_stops_and_plays_the_next_time(work, server, visit):
    run = runs.create(runs.Spec(kind="train", title="A film", method="simclr", dataset="digits"))
    for step in (0, 2, 6):
        features = np.random.default_rng(step).normal(size=(30, 4))
        run.write_frame(step, features=features, rows=np.arange(30), y=np.arange(30) % 3)
    run.update(state="done", steps=6)
    page = visit(server, f"/runs?run={run.id}")
    page.route("**/film/**", lambda route: route.abort())
    play = page.locator(".unfold-scrubber button.play")
    with page.expect_event("requestfailed"):
        play.click()
    page.wait_for_function("document.querySelector('.unfold-scrubber .play').ariaLabel === 'Play'")
    page.unroute("**/film/**")
    with page.expect_response("**/film/**") as answer:
        play.click()
    assert answer.value.ok


STALE = """() => {
  const scrubber = document.querySelector('.unfold-scrubber').unfold, data = scrubber.data;
  scrubber.go(-1);
  scrubber.update({ data, setStateValue: () => {} });
  const kept = +scrubber.slider.value;
  scrubber.update({ data: { ...data, at: data.steps[kept] }, setStateValue: () => {} });
  scrubber.update({ data, setStateValue: () => {} });
  return [kept, +scrubber.slider.value].map((it) => it - data.steps.indexOf(data.at));
}"""


def test_a_page_that_was_on_its_way_does_not_take_the_slider_back(server, visit):
    """And once a page has answered, the slider stands where the next one says."""
    page = visit(server, "/runs?run=digits-simclr")
    page.wait_for_function("document.querySelector('.unfold-scrubber')?.unfold?.data.steps.length > 2")
    settled(page)
    assert page.evaluate(STALE) == [-1, 0]


@pytest.mark.parametrize("close", ["chart", "term"])
def test_escape_that_closes_something_does_not_leave_the_presentation(close, server, visit):
    page = visit(server, "/data?data=digits&present=1")
    page.wait_for_function(ON)
    if close == "chart":
        place = page.locator(f"{DRAWN} .place[tabindex='0']").first
        place.scroll_into_view_if_needed()
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        place.focus()  # a page that still scrolls would close the card
        page.keyboard.press("ArrowRight")
        tip = page.locator("#unfold-tip")
    else:
        page.locator('[data-testid="stMarkdownContainer"] a[href^="#term-"]').first.dispatch_event("click")
        tip = page.locator("#unfold-term")
    tip.wait_for()
    page.keyboard.press("Escape")
    tip.wait_for(state="hidden")
    assert page.evaluate(ON)
    page.keyboard.press("Escape")
    page.wait_for_function(f"!{ON}")


def test_a_chart_that_only_waits_is_no_stop_of_the_tab_key(work, server, visit):
    run = runs.create(runs.Spec(kind="train", title="Just begun", method="simclr", dataset="digits"))
    run.update(state="failed", error="stopped before its first step")
    page = visit(server, f"/runs?run={run.id}")
    page.locator(".unfold-chart.waiting[data-drawn]").first.wait_for()
    assert page.locator(".unfold-chart.waiting .place:is([tabindex], [role], [aria-label])").count() == 0


def test_an_arrow_key_chooses_the_next_image_of_a_row(server, visit):
    page = visit(server, "/latents?data=digits&model=digits-autoencoder&a=3&b=40")
    chosen = page.locator(".st-key-tray-b button[aria-checked=true]")
    chosen.focus()
    before = page.evaluate("document.activeElement.title")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("!location.search.includes('b=40')")
    settled(page)
    assert chosen.evaluate("it => it === document.activeElement && it.tabIndex === 0")
    assert chosen.get_attribute("title") != before


def collapsing(train: dict) -> runs.Run:
    """A finished training whose projection is a point from its second frame on, where it is ablated."""
    run = runs.create(request.train("byol", "digits", train, {"epochs": 1}))
    for step in (0, 2, 6):
        rng = np.random.default_rng(step)
        z = rng.normal(size=(30, 8)) * (0.01 if train and step else 1) + bool(train)
        arrays = {"features": rng.normal(size=(30, 4)), "projection": sphere.packed(z)}
        run.write_frame(step, **arrays, rows=np.arange(30), y=np.arange(30) % 3)
    run.append({"step": 0, "knn": 0.5, "watched": 30})
    run.update(state="done", steps=6)
    return run


SPREAD = """key => {
    const plot = document.querySelector(`[class*="st-key-${key}"] .js-plotly-plot`);
    const all = plot._fullData.flatMap((trace) => [...trace.x]);
    return Math.max(...all) - Math.min(...all);
}"""


def test_one_slider_moves_the_maps_of_an_ablation_and_of_its_control_run(work, server, visit):
    control, ablated = collapsing({}), collapsing({"predictor": False})
    page = visit(server, f"/runs?run={ablated.id}")
    keys = [f"frame-{kind}-{run.id}" for kind in ("map", "projection") for run in (ablated, control)]
    for key in keys:
        page.locator(f"[class*='st-key-{key}'] .unfold-chart[data-drawn]").wait_for()
    boxes = [page.locator(f"[class*='st-key-{key}'] .place").bounding_box() for key in keys]
    assert boxes[0]["x"] == boxes[2]["x"] < boxes[1]["x"] == boxes[3]["x"], "a run has a column"
    assert boxes[0]["y"] == boxes[1]["y"] < boxes[2]["y"] == boxes[3]["y"], "projections below representations"
    assert page.locator(".unfold-scrubber").count() == 1
    last = {key: page.evaluate(SPREAD, key) for key in keys}
    assert last[keys[2]] < 0.1 < 0.5 < last[keys[3]], "a point beside what fills the disc"
    slider = page.locator(".unfold-scrubber input")
    slider.evaluate("it => { it.value = 0; it.dispatchEvent(new Event('input')) }")  # it is not let go
    for key in keys:
        page.wait_for_function(f"([key, last]) => ({SPREAD})(key) !== last", arg=[key, last[key]])
    assert page.evaluate(SPREAD, keys[2]) > 0.5, "before it collapsed"
    assert "frame=0" not in page.url
    slider.dispatch_event("change")
    page.wait_for_url("**frame=0*")
