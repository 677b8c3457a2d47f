"""Clearing the caches in a class: what it frees is said, and nobody else's page breaks."""

import re

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, settled

CLEAR = re.compile(r"^(delete\s*)?Clear$")  # its icon may stand before it
# The decoding may be quick: the button is clicked as soon as it is there with the first words about the progress.
STOP_AT_ONCE = """
const waits = new MutationObserver(() => {
  const button = document.querySelector("[class*=st-key-decoding-stop] button");
  if (!button || !document.body.innerText.includes("decoding image")) return;
  waits.disconnect();
  window.progressThen = document.body.innerText;
  button.click();
});
waits.observe(document, { childList: true, subtree: true, characterData: true });
"""


def pictures(folder, n):
    """A folder of pictures of two classes."""
    rng = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (folder / name).mkdir(parents=True)
        for i in range(n):
            Image.fromarray(rng.integers(0, 255, (24, 24, 3), np.uint8)).save(folder / name / f"{i:05d}.png")


def test_the_caches_are_cleared_and_the_page_of_another_visitor_goes_on(start_server, visit):
    server = start_server()
    other = visit(server, "/data?data=digits")
    before = other.locator("img").count()
    page = visit(server, "/runs")
    page.get_by_text("Storage: decoded images").click()
    settled(page)
    expect(page.get_by_text("Caches take")).to_be_visible()
    page.get_by_role("button", name="Clear caches").click()
    page.get_by_text("Remove these files").click()
    settled(page)
    page.get_by_role("button", name=CLEAR).click()
    expect(page.get_by_text("freed.")).to_be_visible()
    assert list((server.folder / "cache/data").iterdir()) == []
    other.reload()
    settled(other)
    assert other.locator("img").count() == before > 100


def test_a_first_decoding_shows_its_progress_is_stopped_and_begun_again(start_server, visit):
    server = start_server()
    pictures(server.folder / "data/pets", 6000)
    page = visit(server, "/methods")
    page.add_init_script(STOP_AT_ONCE)
    page.goto(f"{server.url}/data?data=pets")
    expect(page.get_by_text("is not decoded")).to_be_visible()
    assert "decoding image" in page.evaluate("window.progressThen")
    settled(page)
    assert not list((server.folder / "cache/data").glob("*pets*")), "a stopped decoding leaves nothing behind"
    page.get_by_role("button", name="Decode it").click()
    expect(page.get_by_text("12,000 colour images")).to_be_visible(timeout=PATIENCE)
