"""Who cannot see the pages, or has no mouse: axe-core finds nothing serious, headings have no gaps, focus is seen."""

from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe

from explorer import engine, runs
from explorer.tasks.training import request
from tests.browser.conftest import ROOT, settled

RUN = "/runs?run={}"
PAGES = sorted(f"/{path.stem}" for path in (ROOT / "pages").glob("*.py"))
STATES = [  # beside each page as it opens
    RUN.format("digits-simclr"),
    RUN.format("nothing"),
    "/data?data=nonsense",
    "/data?data=shapes&class=heart",
    "/methods?method=byol&data=shapes",
    "/methods?method=colorization&data=digits",
    "/views?data=shapes&method=jigsaw",
    "/train?data=digits&method=autoencoder&autoencoder.train.lr=0",
    "/embeddings?model=digits-autoencoder&focus=pca",
    "/latents?model=digits-simclr",
]
DARK = "getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'"
TEXT = "getComputedStyle(document.querySelector('.stApp')).color"
LEFT = "colour => [...document.querySelectorAll('main p')].some(it => getComputedStyle(it).color === colour)"
LEVELS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(it => +it.tagName[1])"


def violations(page) -> list[str]:
    """What axe-core finds on the page that is serious or critical: rule, element, what is wrong."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def check(page) -> None:
    """In light and in dark, without loading the page anew; at rest, for what fades in is pale on its way."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.locator("h1").wait_for()
    page.locator("[data-testid=stSkeleton]").first.wait_for(state="detached")
    settled(page)
    assert violations(page) == [], "light"
    text = page.evaluate(TEXT)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.wait_for_function(DARK)
    page.wait_for_function(f"colour => !({LEFT})(colour)", arg=text)  # parts that run by themselves follow later
    assert violations(page) == [], "dark"


@pytest.fixture
def work(server, monkeypatch):
    """The runs of the server's folder; those that have not ended are stopped afterwards."""
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))
    yield
    for run in reversed(runs.unfinished()):
        run.request_stop()


def finished(state: str, **more: str) -> runs.Run:
    """A run that has ended so."""
    run = runs.create(runs.Spec(kind="train", title=f"A trial, {state}", dataset="digits", method="autoencoder"))
    run.update(state=state, **more)
    return run


@pytest.mark.parametrize("path", [*PAGES, *STATES])
def test_axe_finds_nothing_serious(path, server, visit):
    page = visit(server, path)
    check(page)


def test_axe_finds_nothing_serious_while_a_run_is_under_way(work, server, visit):
    run = engine.submit(request.train("autoencoder", "digits", {}, {"epochs": 1000}))
    page = visit(server, RUN.format(run.id))
    page.get_by_text("images/s").first.wait_for()
    check(page)
    run.request_stop()


def test_axe_finds_nothing_serious_in_a_list_of_runs_in_every_state(work, server, visit):
    for state in ("done", "stopped"):
        finished(state)
    failed = finished("failed", error="loss became inf at step 7: lower lr")
    page = visit(server, "/runs")
    page.get_by_text("Runs of the command line").first.click()
    page.locator(f".st-key-more-{failed.id} button:visible").first.click()
    page.get_by_text("Delete it permanently").wait_for()
    check(page)
    check(visit(server, RUN.format(failed.id)))


@pytest.mark.parametrize("path", [*PAGES, RUN.format("digits-simclr"), "/methods?method=byol&data=shapes"])
def test_headings_have_one_first_level_and_no_gaps(path, server, visit):
    page = visit(server, path)
    page.locator("h1").wait_for()
    settled(page)
    levels = page.evaluate(LEVELS)
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


@pytest.mark.parametrize("path", PAGES)
def test_the_tab_of_the_browser_names_the_page_and_the_document_its_language(path, server, visit):
    page = visit(server, path)
    current = page.locator("[data-testid=stTopNavLink][aria-current=page]")
    title = current.inner_text().split("\n")[-1] if current.count() else ""
    assert page.title().endswith("Unfold") and page.title().startswith(title)
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("main").count() == page.locator("nav").count() == page.locator("header").count() == 1


OUTLINE = """() => {
    const it = document.activeElement, shown = [it, it.parentElement, it.closest('label')].filter(Boolean);
    const outlined = shown.map(each => getComputedStyle(each)).find(style => style.outlineStyle !== 'none');
    return {
        what: [it.tagName, it.className.toString().slice(0, 40), it.getAttribute('aria-label') ?? it.innerText ?? ''],
        ring: outlined ? parseFloat(outlined.outlineWidth) : 0, colour: outlined?.outlineColor,
    };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_keyboard_reaches_everything_and_is_always_seen(scheme, server, visit):
    page = visit(server, "/views?data=digits", scheme)
    page.locator(".unfold-rows img").first.wait_for()
    text = page.evaluate("getComputedStyle(document.querySelector('.stApp')).color")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to main content"
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        now = page.evaluate(OUTLINE)
        if now["what"][0] == "BODY":
            break
        seen.append(now)
    assert [it["what"] for it in seen if it["what"][0] != "MAIN" and it["ring"] < 2] == []
    assert {it["colour"] for it in seen if it["ring"]} == {text}
    assert any(it["what"][0] == "INPUT" for it in seen) and any("Present" in str(it["what"]) for it in seen)


STOP = "document.activeElement.closest('.unfold-chart .tools')"


def test_the_tools_of_a_chart_are_reached_by_the_tab_key(server, visit):
    page = visit(server, "/data?data=digits")
    page.locator(".unfold-chart[data-drawn] .tools button").first.wait_for()
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"Boolean({STOP})"):
            reached.append(page.evaluate("document.activeElement.className"))
    assert reached[:2] == ["reset", "save"]


def test_nothing_moves_for_who_asked_for_less_motion(server, visit):
    page = visit(server, "/views?data=digits")
    page.get_by_role("slider").first.wait_for()
    settled(page)
    page.emulate_media(reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll('*')].filter(it => {
        const style = getComputedStyle(it);
        return [style.transitionDuration, style.animationDuration].join().split(',').some(it => parseFloat(it) > 0.001);
    }).length"""
    page.wait_for_function(f"({moving})() === 0")
    page.emulate_media(reduced_motion="no-preference")
    page.wait_for_function(f"({moving})() > 0")
