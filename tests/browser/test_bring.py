"""Pictures of one's own in a browser: dropped, named, trained on, mapped, deleted; a camera; whom a set is shown to."""

import io
import re
import zipfile

import numpy as np
import pytest
from PIL import Image

from explorer import runs
from tests.browser.conftest import QUIET, settled, start

RNG = np.random.default_rng(0)
INPUT = "[data-testid=stFileUploaderDropzoneInput]"


def picture(channel):
    pixels = RNG.integers(0, 90, (24, 24, 3), np.uint8)
    pixels[..., channel] += 150
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def drop(page, files):
    page.locator(INPUT).first.set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files.items()]
    )


def import_as(page, title):
    field = page.get_by_label("Name of the set")
    field.fill(title)
    field.press("Enter")
    settled(page)
    page.get_by_role("button", name="Import", exact=False).last.click()
    page.wait_for_url(re.compile(f"data={title.lower()}"))
    settled(page)


def options(page):
    page.get_by_label("Data", exact=True).click()
    return page.get_by_role("option").all_inner_texts()


def change(page, title):
    page.locator("[class*=st-key-own-]", has_text=title).get_by_role("button", name="Change").click()


def test_forty_pictures_are_dropped_named_trained_on_mapped_and_deleted(server, visit, monkeypatch):
    page = visit(server, "/data?own=1")
    drop(page, {f"{name}_{i}.png": picture(c) for c, name in ((0, "red"), (2, "blue")) for i in range(20)})
    page.get_by_text("40 pictures in 2 classes").wait_for()
    import_as(page, "Colours")
    page.get_by_text("kNN accuracy, Raw pixels").wait_for()
    page.goto(f"{server.url}/new?data=colours&method=pca&pca.components=8")
    settled(page)
    id = start(page)
    page.get_by_text("Scores").first.wait_for()
    page.goto(f"{server.url}/embeddings?data=colours&model={id}&how=pca")
    settled(page)
    page.locator("canvas, .js-plotly-plot").first.wait_for()
    page.goto(f"{server.url}/data?own=1")
    settled(page)
    change(page, "Colours")
    page.get_by_text("Delete it permanently").click()
    settled(page)
    page.locator(".st-key-delete-colours button").click()
    page.get_by_text("'colours' is the data of trainings").wait_for()
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))
    runs.delete(id)
    page.locator(".st-key-delete-colours button").click()
    page.locator(".st-key-own-colours").wait_for(state="detached")
    assert "Colours" not in options(page)


def test_a_zip_with_a_bad_file_is_its_owners_until_it_is_shared(server, visit):
    page, other = visit(server, "/data?own=1"), visit(server, "/data")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(99):
            archive.writestr(f"Hues/{('red', 'green', 'blue')[i % 3]}/{i}.png", picture(i % 3))
        archive.writestr("Hues/red/torn.png", picture(0)[:40])
    drop(page, {"Hues.zip": out.getvalue()})
    page.get_by_text("100 pictures in 3 classes").wait_for()
    import_as(page, "Hues")
    page.get_by_text("99 pictures in 3 classes").wait_for()
    page.get_by_text("1 file was left out").wait_for()
    assert "Hues" not in options(other)
    hidden = f"{server.url}/thumb/hues/train/0.png"
    assert (page.request.get(hidden).status, other.request.get(hidden).status) == (200, 404)
    other.goto(f"{server.url}/data?data=hues")
    other.get_by_text("is of somebody else, who does not share it").wait_for()
    page.goto(f"{server.url}/data?own=1")
    settled(page)
    change(page, "Hues")
    page.get_by_role("button", name="Share with the class").click()
    page.get_by_text("Stop sharing").wait_for()
    other.goto(f"{server.url}/data?data=hues")
    settled(other)
    other.get_by_text("imported by somebody else").wait_for(state="attached")
    assert "data=hues" in other.url


@pytest.fixture
def camera(chromium, request):
    """A browser with a camera that is none."""
    browser = chromium.browser_type.launch(
        executable_path=request.getfixturevalue("chromium_path"),
        args=[*QUIET, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
    )
    yield browser
    browser.close()


def test_a_photograph_and_a_drawing_are_pictures(server, camera):
    page = camera.new_context(permissions=["camera"]).new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{server.url}/data?own=1")
    settled(page)
    page.get_by_text("Camera", exact=True).click()
    page.wait_for_function("document.querySelector('video')?.readyState === 4")
    page.get_by_role("button", name="Take Photo").click()
    page.get_by_text("1 of no class").wait_for()
    page.get_by_text("Draw", exact=True).click()
    field = page.get_by_label("Class of the next pictures")
    field.fill("seven")
    field.press("Enter")
    settled(page)
    box = page.locator(".unfold-drawing canvas").bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 130)
    page.mouse.up()
    page.get_by_role("button", name="Add this drawing").click()
    page.get_by_text("1 of no class, 1 of seven").wait_for()
    page.get_by_text("2 pictures in 2 classes").wait_for()
    assert "Traceback" not in page.inner_text("body")
