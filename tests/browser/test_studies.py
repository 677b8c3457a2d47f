"""The studies in a browser: from the list to a question, and its small version pressed twice and watched."""

from explorer.benchmarks import STUDIES, suite_claims
from tests.browser.conftest import settled

NAME = "h-z"
PLAN = suite_claims.of(STUDIES[NAME]).smaller


def test_a_study_is_opened_from_the_list_and_its_small_version_is_submitted_once(server, visit):
    page = visit(server, "/studies")
    page.locator(f".st-key-study-{NAME} [data-testid=stPageLink-NavLink]").click()
    page.wait_for_url(f"**/studies?study={NAME}")
    settled(page)
    page.locator(".st-key-run-smaller button").dblclick()
    page.wait_for_url("**/runs?run=*")
    settled(page)
    folders = [path for path in server.runs.iterdir() if f"study-{NAME}-" in _text(path / "spec.json")]
    try:
        assert len(folders) == len(PLAN.arms) * PLAN.seeds
        page.goto(f"{server.url}/studies?study={NAME}")
        settled(page)
        page.get_by_text("See your runs live").wait_for()
        assert page.locator(".st-key-run-smaller").count() == 0
    finally:
        for folder in folders:
            (folder / "stop").touch()
    page.get_by_text(f"{len(folders)} of {len(folders)} have ended.").wait_for()  # the page looks by itself


def _text(path):
    return path.read_text() if path.exists() else ""
