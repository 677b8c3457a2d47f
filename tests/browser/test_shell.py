"""The shell: every address opens the whole app, the first picture comes soon, and nothing comes from outside."""

import io
import time
import urllib.error
import urllib.request

import pytest
from PIL import Image

from explorer import runs
from pages.ui.kit import url_state
from tests.browser.conftest import PATIENCE, ROOT, settled

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


def get(url: str):
    """(status, headers, body) of an address, whatever the status."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE / 1000) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_every_page_stands_in_the_navigation():
    assert sorted(name for name, _, _ in url_state.TABLE if (ROOT / f"pages/{name}.py").exists()) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_directly_on_a_fresh_server_and_fetches_nothing_from_outside(name, start_server, visit):
    page = visit(start_server(), f"/{name}")
    page.wait_for_load_state("networkidle")  # late fonts and scripts; `visit` judges where they come from
    page.wait_for_selector("[data-testid=stTopNavLink]")
    titles = page.locator("[data-testid=stTopNavLink]").all_inner_texts()
    assert [title.split("\n")[-1] for title in titles] == [
        title for known, title, _ in url_state.TABLE if known in PAGES
    ]
    assert page.locator("h1").count() == 1
    assert page.locator("[data-testid=stException], [data-testid=stAlert], [role=dialog]").count() == 0


def test_first_picture_stands_within_three_seconds(start_server, chromium):
    server, context = start_server(), chromium.new_context(viewport={"width": 1440, "height": 900})
    page, start = context.new_page(), time.monotonic()
    page.goto(server.url)
    page.wait_for_selector(".unfold-picture img", timeout=PATIENCE)
    page.wait_for_function("document.querySelector('.unfold-picture img').naturalWidth > 0")
    seconds = time.monotonic() - start
    context.close()
    print(f"first picture after {seconds:.1f} s, on a server that was never visited")
    assert seconds < 10  # 3 s on two quiet cores


@pytest.mark.parametrize("path", ["/home", "/train/nowhere"])
def test_home_is_the_first_page_under_its_name_too_and_where_an_address_leads_nowhere(path, server, visit):
    page = visit(server, path)
    assert page.url == server.url + "/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_visitor(scheme, server, visit):
    page = visit(server, "/methods", scheme)
    back = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert (sum(int(part) for part in back[4:-1].split(",")) > 384) == (scheme == "light")


def test_the_choice_of_data_goes_along_and_stands_in_the_address(server, visit):
    page = visit(server, "/data?data=shapes")
    page.get_by_text("crescent", exact=True).first.wait_for()
    page.locator("[data-testid=stTopNavLink]", has_text="Methods").click()
    page.wait_for_url("**/methods?data=shapes")


def test_the_back_button_leaves_a_page_that_fills_in_its_address(server, visit):
    page = visit(server, "/data?data=shapes")
    page.locator("[data-testid=stTopNavLink]", has_text="Methods").click()
    page.wait_for_url("**/methods?data=shapes")
    settled(page)
    for _ in range(2):  # the address without `data` may lie between, and must not fill itself in again
        if "/methods" in page.url:
            page.go_back()
            settled(page)
    page.wait_for_url("**/data?data=shapes")


def test_a_run_is_renamed_and_deleted_on_the_first_page(server, visit, monkeypatch):
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))
    run = runs.create(runs.Spec(kind="train", title="A trial", dataset="digits", method="simclr"))
    run.update(state="done")
    page = visit(server)
    page.locator(f".st-key-more-{run.id} button:visible").first.click()
    page.get_by_label("Title").fill("Better *name*")
    page.get_by_role("button", name="Rename").click()
    page.get_by_text("Better *name*").first.wait_for()
    assert run.title == "Better *name*"
    page = visit(server)
    page.locator(f".st-key-more-{run.id} button:visible").first.click()
    delete = page.get_by_role("button", name="Delete", exact=False).last
    assert delete.is_disabled()
    page.get_by_text("Delete it for good").click()
    settled(page)
    delete.click()
    page.get_by_text("Nothing trained yet").wait_for()
    assert not run.folder.exists()


def test_a_preset_fills_the_form(server, visit):
    page = visit(server)
    page.locator(".st-key-preset-simclr-digits [data-testid=stPageLink]").click()
    page.wait_for_url("**/train?*simclr.train.epochs=100*")
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.wait_for()
    assert epochs.input_value() == "100"


def test_an_unknown_choice_in_the_address_falls_back(server, visit):
    page = visit(server, "/data?data=nonsense&split=none")
    page.get_by_text("1,797 grey images").wait_for()


def test_thumbnails_are_served(server):
    status, headers, body = get(f"{server.url}/thumb/digits/validation/7.png?v=1")
    image = Image.open(io.BytesIO(body))
    assert (status, headers["content-type"], image.size) == (200, "image/png", (64, 64))
    assert "immutable" in headers["cache-control"]
    assert "immutable" not in get(f"{server.url}/thumb/digits/validation/7.png")[1]["cache-control"]


@pytest.mark.parametrize(
    "path",
    ["digits/validation/99999.png", "digits/nowhere/1.png", "nothing/train/1.png", "mnist/train/1.png", "x"],
)
def test_unknown_thumbnail_is_a_plain_404(path, server):
    status, headers, body = get(f"{server.url}/thumb/{path}")
    assert (status, headers.get_content_type(), body) == (404, "text/plain", b"no such image")


def test_every_answer_carries_the_security_headers(server):
    for path in ("/", "/data", "/_stcore/health", "/thumb/x"):
        headers = get(server.url + path)[1]
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
