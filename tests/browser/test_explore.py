"""Exploring in a browser: maps, an interpolation, a transfer; on the digits, with a real engine."""

import csv
import io
import itertools
import json
import re
from pathlib import Path

import pytest

from explorer.evaluation import statistics
from tests.browser.conftest import settled, turn_to

MAPS = ("pca", "kernel_pca", "lle", "isomap", "tsne", "umap")
CHART = ".st-key-map-{}-digits .js-plotly-plot"
TRACES = "(document.querySelector(s)?._fullData ?? [])"
RINGS = f"s => {TRACES}.filter(t => t.name === 'marked').map(t => t.x.length)[0] ?? 0"
LIT = f"s => {TRACES}.filter(t => t.selectedpoints).reduce((n, t) => n + t.selectedpoints.length, 0)"
STRIP = "name => [...document.querySelectorAll('.unfold-rows > div')].filter(row => row.firstChild.innerText === name)"
IMAGES = f"name => ({STRIP})(name).flatMap(row => [...row.querySelectorAll('img')].map(image => image.src))"


def open_maps(visit, server, query="data=digits&model=digits-simclr", names=MAPS, **more):
    page = visit(server, f"/embeddings?{query}", **more)
    for name in names:
        page.wait_for_selector(CHART.format(name) + " .scatterlayer path")
    return page


def middle_of(page, name, trace, point):
    """Where a point of a map stands on the screen."""
    path = page.locator(f"{CHART.format(name)} .scatterlayer .trace").nth(trace).locator("path").nth(point)
    path.scroll_into_view_if_needed()
    box = path.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_point_shows_its_image_and_a_click_its_neighbours_on_every_map(server, visit):
    page = open_maps(visit, server)
    assert "highest trustworthiness" in page.inner_text(".st-key-tile-tsne")
    at = middle_of(page, "tsne", 3, 4)
    page.mouse.move(*at)
    image = page.wait_for_selector("#unfold-tip img", state="visible")
    page.wait_for_function("document.querySelector('#unfold-tip img').naturalWidth > 0")
    assert "/thumb/digits/any/" in image.get_attribute("src")
    row = page.inner_text("#unfold-tip span").split()[0].lstrip("#")
    page.mouse.click(*at)
    page.wait_for_url(f"**point={row}*")
    page.get_by_text(f"image {row}", exact=False).first.wait_for()
    assert page.locator(".st-key-near-space img").count() == page.locator(".st-key-near-map img").count() == 10
    apart = [page.locator(f".st-key-near-{side} .marked").count() for side in ("space", "map")]
    assert apart[0] == apart[1] < 10, "those that are near on one side only are marked on both"
    for name in MAPS:
        page.wait_for_function(f"s => ({RINGS})(s) === 11", arg=CHART.format(name))

    other = page.locator(".st-key-near-map button[aria-checked=false]").nth(3)  # and back: from an image to its rings
    id = other.get_attribute("data-id")
    other.click()
    page.wait_for_url(f"**point={id}*")
    ring = f"{TRACES}.find(t => t.name === 'marked')"
    for name in MAPS:
        page.wait_for_function(
            f"([s, id]) => {ring}?.customdata[{ring}.marker.size.indexOf(Math.max(...{ring}.marker.size))] === id",
            arg=[CHART.format(name), int(id)],
        )


def test_a_click_on_the_same_image_counts_again_after_a_click_on_another_map(server, visit):
    page = open_maps(visit, server)
    for name, point in (("tsne", 4), ("pca", 7), ("tsne", 4)):
        at = middle_of(page, name, 3, point)
        page.mouse.move(*at)
        page.wait_for_selector("#unfold-tip img", state="visible")
        row = page.inner_text("#unfold-tip span").split()[0].lstrip("#")
        page.mouse.click(*at)
        page.wait_for_url(f"**point={row}*")
        settled(page)


def test_a_box_on_one_map_marks_its_images_on_the_others(server, visit):
    page = open_maps(visit, server, scheme="dark")
    chart = page.locator(CHART.format("tsne"))
    chart.scroll_into_view_if_needed()
    page.locator(".st-key-map-tsne-digits button.select").click()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + box["height"] - 4, steps=4)
    page.mouse.up()
    words = page.get_by_text("selected on the t-SNE map").first
    words.wait_for()
    n = int(words.inner_text().split()[0])
    assert n > 10
    for name in MAPS:  # the others are grey, not gone
        page.wait_for_function(f"([s, n]) => ({LIT})(s) === n", arg=[CHART.format(name), n])
        assert (
            page.evaluate(f"s => {TRACES}.slice(0, 10).reduce((n, t) => n + t.x.length, 0)", CHART.format(name)) == 359
        )
    assert page.locator("img[alt^='selected image']").count() == min(n, 60)
    page.get_by_text("Over-represented:").wait_for()
    shared = visit(server, page.url.removeprefix(server.url))  # the selection stands in the address
    shared.get_by_text(f"{n} images selected on the maps").wait_for()
    page.locator(".st-key-clear-selection button").click()
    for name in MAPS:
        page.wait_for_function(f"s => ({LIT})(s) === 0", arg=CHART.format(name))
    page.wait_for_function("() => !location.search.includes('selection')")


def test_maps_that_nobody_has_drawn_are_drawn_by_the_engine_and_leave_as_a_table(server, visit):
    query = "data=digits&model=pca&maps=PCA&maps=Isomap&map.n=250&map.neighbours=5"
    page = open_maps(visit, server, query, ("pca",))
    there = [path.parent for path in server.runs.glob("map-*/spec.json")]
    assert [json.loads((folder / "spec.json").read_bytes())["params"]["how"] for folder in there] == ["pca"], "at once"
    page.get_by_role("button", name=re.compile("Compute Isomap · about")).click()
    page.wait_for_selector(CHART.format("isomap") + " .scatterlayer path")
    done = [json.loads(path.read_bytes()) for path in server.runs.glob("map-*/status.json")]
    assert [status["state"] for status in done] == ["done", "done"]
    settled(page)
    assert page.locator(CHART.format("tsne")).count() == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Coordinates (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert len(rows) == 250
    assert list(rows[0]) == ["row", "split", "class", "pca_x", "pca_y", "isomap_x", "isomap_y"]


def test_one_map_is_enlarged_and_the_address_says_so(server, visit):
    page = open_maps(visit, server)
    page.get_by_role("button", name="Enlarge UMAP").or_(page.locator(".st-key-focus-umap button")).first.click()
    page.wait_for_url("**focus=umap*")
    page.wait_for_function(f"document.querySelector('{CHART.format('umap')}')?.clientHeight > 500")
    page.wait_for_function(f"!document.querySelector('{CHART.format('pca')}')")


def test_two_images_are_joined_by_an_interpolation(server, visit):
    page = visit(server, "/latents?data=digits&model=digits-autoencoder&a=3&b=40")
    page.wait_for_function(f"({IMAGES})('latent interpolation').length === 9")
    way, blend = (page.evaluate(IMAGES, name) for name in ("latent interpolation", "pixel blend"))
    assert len(set(way)) == len(set(blend)) == 9
    assert way[0] != blend[0]  # a drawing is no photograph

    other = page.locator(".st-key-tray-b button[aria-checked=false]").first
    other.click()
    page.wait_for_function(f"before => ({IMAGES})('latent interpolation').at(-1) !== before", arg=way[-1])
    assert page.evaluate(IMAGES, "latent interpolation")[0] == way[0]
    assert "b=40" not in page.url

    ends = page.evaluate(IMAGES, "pixel blend")[:: len(blend) - 1]
    page.get_by_role("button", name="Swap").click()
    page.wait_for_function(f"ends => ({IMAGES})('pixel blend')[0] === ends[1]", arg=ends)
    assert page.evaluate(IMAGES, "pixel blend")[-1] == ends[0]


def test_reconstructions_stand_below_their_images_and_each_latent_dimension_has_a_row(server, visit):
    page = visit(server, "/latents?data=digits&model=digits-autoencoder&order=worst")
    page.wait_for_function(f"({IMAGES})('reconstruction').length >= 12")  # others are painted on below
    errors = page.locator(".unfold-rows small").all_inner_texts()[:12]
    assert errors == sorted(errors, reverse=True)
    page.get_by_text("Latent traversals").wait_for()
    assert page.locator(".unfold-rows span", has_text="dim ").count() == 10


def test_a_model_without_a_decoder_shows_real_images_and_says_so(server, visit):
    page = visit(server, "/latents?data=digits&model=digits-simclr")
    page.get_by_text("has no decoder").first.wait_for()
    page.wait_for_function(f"({IMAGES})('nearest images').length === 9")
    assert page.locator("[data-testid=stAlert]").count() == 0


def test_a_transfer_runs_and_gives_three_accuracies(server, visit):
    page = visit(server, "/transfer?target=digits&model=digits-simclr&transfer.epochs=4&transfer.labels_per_class=7")
    page.get_by_text(re.compile("No transfer of .* to Digits yet")).wait_for()
    page.get_by_text("labels 70").wait_for()  # the images themselves are shown before anything starts
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**transfer=transfer-*")
    page.wait_for_function("document.querySelectorAll('[data-testid=stMetricValue]').length === 3")
    shown = page.locator("[data-testid=stMetricValue]").all_inner_texts()
    scores = json.loads(next(server.runs.glob("transfer-*/scores.json")).read_bytes())
    assert shown == [
        statistics.percent(scores[arm]["test_accuracy"], scores["n_test"]) for arm in ("frozen", "finetune", "scratch")
    ]
    page.get_by_text("With 7 labels per class").wait_for()
    lines = "document.querySelector('.st-key-transfer-curves .js-plotly-plot')?._fullData"
    page.wait_for_function(f"{lines}?.length === 3")
    chart = page.locator(".st-key-transfer-curves")
    chart.get_by_text("chance 10%").wait_for()
    boxes = [chart.get_by_text(name, exact=True).bounding_box() for name in ("Frozen", "Fine-tuned", "From scratch")]
    tops = sorted(box["y"] for box in boxes)
    assert min(below - above for above, below in itertools.pairwise(tops)) > 12, "no name lies on another"

    settled(page)
    turn_to(page, "Data")  # the result is there again when the page is, as the visitor left it
    page.wait_for_url("**/data**")
    settled(page)
    turn_to(page, "Transfer")
    page.wait_for_function("document.querySelectorAll('[data-testid=stMetricValue]').length === 3")
    page.goto(f"{server.url}/transfer?target=digits&model=digits-autoencoder")
    page.get_by_text(re.compile("No transfer of .* to Digits yet")).wait_for()
    page.get_by_text("All transfers").wait_for()
    assert page.locator("[data-testid=stMetricValue]").count() == 0


def test_a_transfer_can_be_stopped(server, visit):
    page = visit(server, "/transfer?data=digits&model=digits-autoencoder&transfer.epochs=500")
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_text("epoch 3 of 500").or_(page.get_by_text("about")).first.wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("This transfer was stopped").wait_for()
    assert page.locator("[data-testid=stMetricValue]").count() == 0


@pytest.mark.parametrize("name", ["embeddings", "latents", "transfer"])
def test_an_unknown_model_in_the_address_is_answered_in_a_sentence(name, server, visit):
    page = visit(server, f"/{name}?data=digits&model=nobody&point=x&a=99999&focus=y&transfer=none")
    page.get_by_text("There is no model 'nobody' here").wait_for()
