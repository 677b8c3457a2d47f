"""The shell: every address opens the whole app, the first picture comes soon, and nothing comes from outside."""

import io
import time
import urllib.error
import urllib.request
from hashlib import sha256

import pytest
from PIL import Image

from explorer import data, runs
from pages.ui.kit import identity, navigation
from tests.browser.conftest import PATIENCE, ROOT, settled, start, turn_to

TITLES = {name: title for name, title, _ in navigation.TABLE if (ROOT / f"pages/{name}.py").exists()}
PAGES = sorted(TITLES)


# pixels of the first picture that are not clear
PAINTED = """canvas => { if (!canvas.width) return 0;
    const bytes = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return bytes.filter((value, i) => i % 4 === 3 && value > 0).length }"""


def get(url: str):
    """(status, headers, body) of an address, whatever the status."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE / 1000) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_every_page_stands_in_the_navigation_or_leads_on_to_one_that_does():
    files = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert files == {*PAGES, *navigation.FORMER}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_directly_on_a_fresh_server_and_fetches_nothing_from_outside(name, start_server, visit):
    page = visit(start_server(), f"/{name}")
    page.wait_for_load_state("networkidle")  # late fonts and scripts; `visit` judges where they come from
    page.wait_for_selector("[data-testid=stTopNavSection]")
    assert page.locator("[data-testid=stTopNavSection]").all_inner_texts() == list(navigation.GROUPS)
    assert page.locator("h1").count() == 1
    assert page.title() == f"{TITLES[name]} · Unfold"
    assert page.locator("[data-testid=stException], [data-testid=stAlert], [role=dialog]").count() == 0


@pytest.mark.parametrize("group", navigation.GROUPS)
def test_a_group_of_the_navigation_opens_to_its_pages(group, server, visit):
    page = visit(server, "/data")
    page.locator("[data-testid=stTopNavSection]", has_text=group).click()
    page.locator("[data-testid=stTopNavDropdownLink]").first.wait_for()
    links = page.locator("[data-testid=stTopNavDropdownLink]").all_inner_texts()
    expected = [title for name, title, _ in navigation.GROUPS[group] if name in TITLES]
    assert [link.split("\n")[-1] for link in links] == expected


def wait_until_painted(canvas) -> None:
    canvas.wait_for()
    deadline = time.monotonic() + PATIENCE / 1000
    while canvas.evaluate(PAINTED) < 1000:
        assert time.monotonic() < deadline, "nothing is painted"
        canvas.page.wait_for_timeout(50)


def test_first_picture_stands_within_three_seconds(start_server, chromium):
    server, context = start_server(), chromium.new_context(viewport={"width": 1440, "height": 900})
    page, start = context.new_page(), time.monotonic()
    page.goto(server.url)
    wait_until_painted(page.locator(".unfold-unfolding canvas"))
    seconds = time.monotonic() - start
    context.close()
    print(f"first picture after {seconds:.1f} s, on a server that was never visited")
    assert seconds < 10  # 3 s on two quiet cores


def test_home_is_the_first_page_under_its_name_too(server, visit):
    assert visit(server, "/home").url == server.url + "/"


@pytest.mark.parametrize(
    ("path", "near"), [("/embedings", "Embeddings"), ("/new/nowhere", "New training"), ("/qqqqqq", None)]
)
def test_an_address_that_is_no_page_is_answered_with_the_nearest_name(path, near, server, visit):
    page = visit(server, path)
    box = page.locator(".st-key-lost")
    box.locator("a" if near else "p").last.wait_for()
    assert f"There is no page '{path[1:]}' here." in box.inner_text()
    assert box.locator("a").all_inner_texts() == ([f"arrow_forward\n\n{near}"] if near else [])


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("run=digits-simclr&frame=0", "/runs?run=digits-simclr&frame=0"),
        ("data=shapes&method=byol&byol.train.epochs=3", "/new?data=shapes&method=byol&byol.train.epochs=3"),
    ],
)
def test_addresses_of_the_page_that_was_both_form_and_run_lead_on(before, now, server, visit):
    page = visit(server, f"/train?{before}")
    page.wait_for_url(f"**{now}")


def test_the_browser_asks_for_nothing_that_is_not_there(server, chromium):
    context = chromium.new_context()
    page, refused = context.new_page(), []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    for name in PAGES:
        page.goto(f"{server.url}/{name}")
        settled(page)
    context.close()
    assert not refused


def test_what_is_chosen_on_one_page_is_no_other_pages_choice_but_for_data_and_model(server, visit):
    page = visit(server, "/views?data=shapes&method=byol&seed=4")
    page.get_by_label("Seed", exact=True).first.wait_for()
    settled(page)
    turn_to(page, "Methods")
    page.wait_for_url("**/methods?data=shapes")
    settled(page)
    assert page.url.endswith("/methods?data=shapes"), "no method is chosen here"
    turn_to(page, "Views")
    page.wait_for_url("**/views?**method=byol**")
    settled(page)
    assert "seed=4" in page.url and "data=shapes" in page.url, "the page is found as it was left"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_visitor(scheme, server, visit):
    page = visit(server, "/methods", scheme)
    back = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert (sum(int(part) for part in back[4:-1].split(",")) > 384) == (scheme == "light")


def test_the_choice_of_data_goes_along_and_stands_in_the_address(server, visit):
    page = visit(server, "/data?data=shapes")
    page.get_by_text("crescent", exact=True).first.wait_for()
    turn_to(page, "Methods")
    page.wait_for_url("**/methods?data=shapes")


def test_the_back_button_leaves_a_page_that_fills_in_its_address(server, visit):
    page = visit(server, "/data?data=shapes")
    turn_to(page, "Methods")
    page.wait_for_url("**/methods?data=shapes")
    settled(page)
    for _ in range(2):  # the address without `data` may lie between, and must not fill itself in again
        if "/methods" in page.url:
            page.go_back()
            settled(page)
    page.wait_for_url("**/data?data=shapes")


def test_a_run_is_renamed_and_deleted_in_the_list_of_runs(server, visit, monkeypatch):
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))
    page = visit(server)  # the browser gets its name
    cookie = next(each["value"] for each in page.context.cookies() if each["name"] == identity.COOKIE)
    user = sha256(f"unfold {cookie}".encode()).hexdigest()[:16]
    run = runs.create(runs.Spec(kind="train", title="A trial", dataset="digits", method="simclr", user=user))
    run.update(state="done")
    page.goto(f"{server.url}/runs")
    page.locator(f".st-key-more-{run.id} button:visible").first.click()
    page.get_by_label("Title").fill("Better *name*")
    page.get_by_role("button", name="Rename").click()
    page.get_by_text("Better *name*").first.wait_for()
    assert run.title == "Better *name*"
    page.goto(f"{server.url}/runs")
    page.locator(f".st-key-more-{run.id} button:visible").first.click()
    delete = page.get_by_role("button", name="Delete", exact=False).last
    assert delete.is_disabled()
    page.get_by_text("Delete it permanently").click()
    settled(page)
    delete.click()
    page.get_by_text("No runs yet").wait_for()
    assert not run.folder.exists()


def test_a_preset_fills_the_form(server, visit):
    page = visit(server)
    page.locator(".st-key-preset-byol-digits [data-testid=stPageLink]").click()
    page.wait_for_url("**/new?*byol.train.epochs=30*")
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.wait_for()
    assert epochs.input_value() == "30"


def test_an_unknown_choice_in_the_address_falls_back(server, visit):
    page = visit(server, "/data?data=nonsense&split=none")
    page.get_by_text("7,000 grey images").wait_for()


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


def test_the_first_click_on_a_server_that_has_just_started_leads_to_the_training(start_server, visit):
    page = visit(start_server())  # torch is not there yet, and the button is being told its time
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**/runs?run=*")
    page.locator(".st-key-knn .unfold-chart").wait_for()
    settled(page)
    page.wait_for_timeout(3000)  # what the first page polled is not drawn into this one
    assert page.locator("h1").inner_text().startswith("SimCLR")
    assert page.locator(".st-key-knn .unfold-chart").is_visible()


def test_a_run_stays_open_though_it_is_called_otherwise_by_now(server, visit, monkeypatch):
    page = visit(server, "/new?data=digits&method=pca")
    run = start(page)
    page.get_by_text("kNN accuracy").first.wait_for()
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))
    for name in ("one name", "another name", "a third name"):  # in another tab, say
        runs.rename(run, name)
        page.keyboard.press("r")  # the page runs again
        page.locator("h1", has_text=name).wait_for()
        settled(page)
    assert f"run={run}" in page.url


TAP = """canvas => { // the first picture from above, as it stands now, for it moves
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const at = [...Array(canvas.width * canvas.height).keys()].find(i => pixels[4 * i + 3] === 255);
    const box = canvas.getBoundingClientRect(), [x, y] = [at % canvas.width, Math.floor(at / canvas.width)];
    const place = { clientX: box.left + x / devicePixelRatio + 4, clientY: box.top + y / devicePixelRatio + 4 };
    canvas.dispatchEvent(new MouseEvent('click', { ...place, bubbles: true, composed: true }));
}"""


def test_a_click_enlarges_a_picture_of_the_first_map_while_it_moves_and_escape_closes_it(server, visit):
    page = visit(server, "/?present=1")
    canvas, card = page.locator(".unfold-unfolding canvas"), page.locator(".unfold-unfolding figure[role=status]")
    page.locator(".unfold-unfolding button", has_text="Pause").wait_for()
    wait_until_painted(canvas)
    assert card.inner_text() == ""
    canvas.evaluate(TAP)
    assert card.inner_text() in data.load("shapes").classes
    assert card.locator("i").bounding_box()["width"] == 94
    assert page.locator(".unfold-unfolding button").inner_text() == "Play", "it stands still meanwhile"
    page.keyboard.press("Escape")
    assert card.inner_text() == "" and "present=1" in page.url, "the presentation goes on"
    canvas.evaluate(TAP)
    assert card.inner_text()
    page.locator("h1").first.click()
    assert card.inner_text() == ""
