"""The slider of up to four trainings moves every panel; a story leaves by a link and comes in by an upload."""

import io
import json
import urllib.request
import zipfile

from playwright.sync_api import expect

from explorer import runs
from explorer.tasks.export import pack_archive
from explorer.tasks.stories import pack
from tests.browser.conftest import PATIENCE, settled

NUMBERS = "[data-moment$='/numbers']"
SLIDER = ".unfold-scrubber input[type=range]"
FOUR = ["digits-autoencoder", "digits-simclr", "digits-byol", "digits-byol-no-predictor"]


def steps(page):
    """The step that each panel of numbers says."""
    return [page.locator(NUMBERS).nth(i).locator("b").first.inner_text() for i in range(page.locator(NUMBERS).count())]


def until(page, words):
    """Wait until the steps of all panels are so."""
    first = "[...document.querySelectorAll(`[data-moment$='/numbers']`)].map((it) => it.querySelector('b').innerText)"
    page.wait_for_function(f"wanted => {first}.join(' ') === wanted.join(' ')", arg=words)


def test_one_slider_moves_four_trainings_and_a_second_viewer_has_their_own(server, visit):
    page, other = (visit(server, f"/embeddings?model={FOUR[0]}&data=digits") for _ in range(2))
    field = page.get_by_role("combobox", name="Beside it")
    for i in range(1, 4):
        field.click()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        settled(page)
        expect(page.locator(NUMBERS)).to_have_count(i + 1, timeout=PATIENCE)
    last, slider = steps(page), page.locator(SLIDER)
    slider.focus()
    page.keyboard.press("Home")
    until(page, ["0"] * 4)
    expect(page.locator(".unfold-scrubber output")).to_have_text("step 0")
    for _ in range(4):
        page.get_by_role("button", name="One step on").click()
    page.wait_for_function("() => document.querySelector('.unfold-scrubber input').value === '4'")
    own = steps(page)
    assert len(set(own)) > 1 and "0" not in own  # trainings of other lengths, at the same share
    page.get_by_label("Speed").select_option("4")
    page.locator(".unfold-scrubber .play").click()
    until(page, last)
    expect(slider).to_have_value(slider.get_attribute("max"))
    assert page.locator(".unfold-chart .cursor").evaluate_all("all => all.some((it) => it.style.display === 'block')")
    expect(other.locator(NUMBERS)).to_have_count(1)
    assert steps(other) == last[:1]


def test_a_story_is_exported_at_a_run_and_opened_where_runs_are_listed(server, visit, tmp_path):
    content = pack.contents(runs.get("digits-simclr"), "Digits gather by kind.")
    path = tmp_path / "story.zip"
    path.write_bytes(pack_archive(content, 0))
    page = visit(server, "/runs")
    page.get_by_role("button", name="Open a story").click()
    broken = tmp_path / "broken.zip"
    broken.write_bytes(path.read_bytes()[:-100])
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.get_by_text("broken.zip is damaged, or no zip")).to_be_visible(timeout=PATIENCE)
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("It is among your runs now")).to_be_visible(timeout=PATIENCE)
    (opened,) = [it.name for it in server.runs.iterdir() if it.name.startswith("digits-simclr-")]
    page.get_by_role("link", name="Open it").click()
    settled(page)
    expect(page.get_by_text("Digits gather by kind.")).to_be_visible()
    expect(page.get_by_text("opened from a story", exact=False).first).to_be_visible()
    expect(page.locator(NUMBERS)).to_have_count(1)
    page.get_by_role("button", name="Story").click()
    page.get_by_role("button", name="Make the story").click()
    link = page.locator("a.unfold-download", has_text="Make the story")
    expect(link).to_be_visible(timeout=PATIENCE)
    packed = urllib.request.urlopen(server.url + link.get_attribute("href")).read()
    with zipfile.ZipFile(io.BytesIO(packed)) as again:
        assert json.loads(again.read("story.json"))["id"] == opened
        assert all(again.read(name) == it for name, it in content.items() if name.startswith("frames/"))
