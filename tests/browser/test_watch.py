"""The clock of a live page and its charts, when answers are late, wrong or missing.

A watch of its own is put on a page of a stored run, and the test answers what it asks for.
"""

import json
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route

from explorer import runs
from pages.ui.kit import content
from tests.browser.conftest import launch

PAGE = "/runs?run=digits-simclr"
PUT = """async ([module, every]) => {
  const { watch } = await import(module);
  const place = document.createElement("div");
  place.innerHTML = "<i></i>";
  document.body.append(place);
  window.asked = 0;
  const data = { address: "/live/test.json", stamp: "1", answer: 1, every };
  const component = { parentElement: place, data, setTriggerValue: () => window.asked++ };
  const end = watch(component);
  window.own = {
    place, data,
    draw: (changes) => watch({ ...component, data: { ...data, ...changes } }),
    leave: () => { place.remove(); end(); },
  };
}"""
NAMES = "Object.keys(window.unfoldLive).filter(name => name.startsWith('test/'))"


class Answers:
    """The answers to the looks of a page: the first is held, or all are given, the last one again and again."""

    def __init__(self, page: Page, *bodies: dict | int | None) -> None:
        self.bodies, self.looks, self.held = list(bodies), 0, []
        page.route("**/live/test.json", self.answer)

    def answer(self, route: Route) -> None:
        """Answer one look: JSON, a status, or (None) nothing for now."""
        body = self.bodies[min(self.looks, len(self.bodies) - 1)]
        self.looks += 1
        if body is None:
            self.held.append(route)
        elif isinstance(body, int):
            route.fulfill(status=body)
        else:
            route.fulfill(body=json.dumps(body), content_type="application/json")


def answer(stamp: str = "1", **charts: str) -> dict:
    return {"stamp": stamp, "charts": {f"test/{name}": address for name, address in charts.items()}, "words": {}}


@pytest.fixture
def page(server, visit):
    return visit(server, PAGE)


def put(page: Page, every: float = 0.05) -> None:
    page.evaluate(PUT, [content.script("watch.js"), every])


def until(page: Page, condition) -> None:
    """Wait until a condition of this test holds; the page goes on meanwhile."""
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came to that")


def test_an_answer_that_comes_after_its_part_has_left_the_page_is_dropped(page):
    answers = Answers(page, None)
    put(page)
    until(page, lambda: answers.held)
    page.evaluate("window.own.leave()")
    with page.expect_response("**/live/test.json"):
        answers.held[0].fulfill(body=json.dumps(answer(knn="/content/late")), content_type="application/json")
    page.wait_for_timeout(300)  # nothing may come of it
    assert page.evaluate(NAMES) == []


def test_a_figure_that_the_next_answer_does_not_name_is_no_longer_the_newest(page):
    answers = Answers(page, answer(knn="/content/1", loss="/content/2"), answer(loss="/content/3"))
    put(page)
    until(page, lambda: answers.looks > 2)
    assert page.evaluate(NAMES) == ["test/loss"]


def test_what_a_page_draws_while_the_server_does_not_answer_its_looks_is_the_newest(page):
    answers = Answers(page, answer(knn="/content/1"), 500)
    put(page)
    until(page, lambda: answers.looks > 2)
    assert page.evaluate(NAMES) == ["test/knn"], "one missing answer draws no older figure"
    page.evaluate("window.own.draw({ answer: 2 })")
    assert page.evaluate(NAMES) == []


def test_a_look_that_is_never_answered_is_given_up(page):
    answers = Answers(page, None)
    page.evaluate("window.timeout = AbortSignal.timeout; AbortSignal.timeout = () => timeout.call(AbortSignal, 200)")
    put(page)
    until(page, lambda: answers.looks > 1)


def test_an_answer_that_makes_no_sense_does_not_end_the_looks(page):
    answers = Answers(page, {"stamp": "1"}, answer(knn="/content/1"))
    put(page)
    until(page, lambda: answers.looks > 1 and page.evaluate(NAMES) == ["test/knn"])


def test_a_page_is_drawn_again_when_something_else_has_changed(page):
    answers = Answers(page, answer("1"), answer("1"), answer("2"))
    put(page)
    until(page, lambda: answers.looks > 1)
    assert page.evaluate("window.asked") == 0
    page.wait_for_function("window.asked === 1")


def test_an_answer_says_when_it_is_asked_for_again(page):
    answers = Answers(page, answer() | {"every": 0.05}, answer() | {"every": 0.05}, answer() | {"every": 60})
    put(page, every=0.5)
    until(page, lambda: answers.looks == 3)
    page.wait_for_timeout(1000)
    assert answers.looks == 3


def test_a_part_that_changes_often_at_first_is_drawn_often_and_then_a_tenth_of_the_time(page):
    Answers(page, answer("2"))
    put(page)
    page.evaluate(DRAWN_LATE)
    page.wait_for_function("window.asked > 1")
    page.wait_for_timeout(2500)
    assert 2 <= page.evaluate("window.asked") <= 5, "a second is saved up, three tenths are spent each time"


DRAWN_LATE = """() => {
  let [drawn, asked] = [1, 0];
  const look = () => {
    if (window.asked > asked) setTimeout(() => window.own.draw({ answer: ++drawn }), 300), (asked = window.asked);
    setTimeout(look, 10);
  };
  look();
}"""
SLOW = """([name, every, takes]) => {
  const chart = [...document.querySelectorAll(".unfold-chart")].map(it => it.unfold).find(it => it?.data.live === name);
  const [figure, real] = [chart.data.figure, window.fetch];
  window.fetch = async (address, ...more) => {
    if (!`${address}`.startsWith("/content/test-")) return real(address, ...more);
    await new Promise(done => setTimeout(done, takes));
    return real(figure, ...more);
  };
  let i = 0;
  window.chart = chart;
  window.news = setInterval(() => {
    window.unfoldLive[name] = `/content/test-${i++}.json`;
    dispatchEvent(new Event("unfold-live"));
  }, every);
}"""


def test_a_chart_whose_figures_take_longer_than_a_look_is_drawn_all_the_same(page):
    page.wait_for_selector(".unfold-chart[data-drawn] >> nth=1")
    page.evaluate("window.unfoldLive ??= {}")
    page.evaluate(SLOW, ["digits-simclr/knn", 200, 700])
    page.wait_for_function("window.chart.root.dataset.drawn?.startsWith('/content/test-')", timeout=15_000)
    page.evaluate("clearInterval(window.news)")
    page.wait_for_function("window.chart.root.dataset.drawn === window.unfoldLive['digits-simclr/knn']", timeout=15_000)


def test_an_open_page_goes_on_by_itself_when_its_server_was_started_again(start_server, visit, monkeypatch):
    server = start_server()
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))
    run = runs.create(runs.Spec(kind="train", title="Mine", method="simclr", dataset="digits"))
    run.append({"step": 1, "loss": 1.0})
    run.update(state="running", step=1, steps=9, epoch=1.0)
    with run.lock():  # this process works on it
        page = visit(server, f"/runs?run={run.id}")
        page.get_by_text("epoch 1.0").wait_for()
        server.process.kill()
        server.process.wait()
        server.process = launch(server.folder, port=urlsplit(server.url).port).process
        started = time.monotonic()
        run.update(caveat="a caveat of now", epoch=2.0, heartbeat=time.time())
        page.get_by_text("epoch 2.0").wait_for()
        page.get_by_text("a caveat of now", exact=False).wait_for()
        print(f"all there {time.monotonic() - started:.1f} s after the server")
        run.update(state="done")
