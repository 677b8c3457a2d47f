"""The embeddings page in a browser: a map in space, a map of ten thousand points, an uploaded image, keys."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from explorer import data, runs
from explorer.evaluation.map_neighbours import nearest_on_map
from explorer.tasks import finished_vectors, map_rows, request
from tests.browser.conftest import settled

CHART = ".st-key-map-{}-digits .unfold-chart"
# Where a point of a map in space stands on the screen: through the matrices of the camera, as WebGL does it.
IN_SPACE = """([selector, name]) => {
  const plot = document.querySelector(`${selector} .js-plotly-plot`), scene = plot._fullLayout.scene._scene;
  const trace = plot._fullData.find((each) => each.name === name);
  const times = (m, v) => [0, 1, 2, 3].map((i) => v.reduce((sum, x, j) => sum + m[4 * j + i] * x, 0));
  const { model, view, projection } = scene.glplot.cameraParams;
  let at = ["x", "y", "z"].map((axis, i) => trace[axis][0] * scene.dataScale[i]).concat(1);
  for (const matrix of [model, view, projection]) at = times(matrix, at);
  const box = plot.querySelector("canvas").getBoundingClientRect();
  return [box.left + box.width * (at[0] / at[3] + 1) / 2, box.top + box.height * (1 - at[1] / at[3]) / 2];
}"""

# The share of the nearest twelve on the screen that the card of a point covers, over all points of a map.
COVERED = """(selector) => {
  const { place, points } = document.querySelector(selector).unfold, box = place.getBoundingClientRect();
  let [covered, all] = [0, 0];
  for (const { x, y } of points.all()) {
    points.show(1, "a card", box.left + x, box.top + y);
    const card = document.getElementById("unfold-tip").getBoundingClientRect();
    for (const near of points.around(box.left + x, box.top + y)) {
      all += 1;
      covered += near.left > card.left && near.left < card.right && near.top > card.top && near.top < card.bottom;
    }
  }
  return covered / all;
}"""


@pytest.fixture
def stored(server, monkeypatch):
    """A function that puts a map with these coordinates into the folder of the server's runs."""
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))

    def put(how: str, coords: np.ndarray) -> None:
        spec = request.request("map", "pixels", "digits", how=how)
        run = runs.create(spec, runs.address(spec))
        rows = np.arange(len(coords))
        y = data.load("digits").splits["validation"].y[rows]
        numbers = {"seconds": np.float32(1), "trustworthiness": np.float32(0.9)}
        run.write_result(coords=coords, rows=rows, y=y, neighbours=nearest_on_map(coords), **numbers)
        run.update(state="done")

    return put


def test_a_map_in_space_is_hovered_and_clicked_and_greys_the_others(server, visit, stored):
    corners = np.stack(np.meshgrid([-1, 1], [-1, 1], [-1, 1]), -1).reshape(-1, 3)
    stored("umap", np.concatenate([corners, 0.05 * np.random.default_rng(0).normal(size=(32, 3))]).astype(np.float32))
    y = data.load("digits").splits["validation"].y
    lone = next(i for i in range(8) if (y[:40] == y[i]).sum() > 0 and i == np.flatnonzero(y[:40] == y[i])[0])
    page = visit(server, f"/embeddings?data=digits&model=pixels&maps=UMAP&focus=umap&find=class%20{y[lone]}")
    chart = CHART.format("umap")
    page.wait_for_selector(f"{chart}[data-drawn] canvas")
    settled(page)
    assert page.locator(f"{chart} button.lasso").count() == 0, "there is no lasso in space, and none is offered"
    sizes = page.evaluate("s => document.querySelector(s + ' .js-plotly-plot')._fullData.map(t => t.x.length)", chart)
    assert sum(sizes[: len(sizes) - 1]) >= 40, "the others are grey, not gone"
    packed = "s => document.querySelector(s).unfold.figure.data.filter(t => t.x.bdata || t.meta?.of.bdata).length"
    assert page.evaluate(packed, chart) == 0, "decoded once, for the marks and for Plotly"
    x, at = page.evaluate(IN_SPACE, [chart, str(y[lone])])
    page.mouse.move(x - 3, at)
    page.mouse.move(x, at, steps=3)
    page.wait_for_selector("#unfold-tip img", state="visible")
    words = page.inner_text("#unfold-tip span")
    assert words == f"#{lone} · {y[lone]}"
    page.mouse.click(x, at)
    page.wait_for_url(re.compile(rf"point={lone}(&|$)"))


def test_an_uploaded_image_finds_the_nearest_and_a_bad_file_is_answered_in_a_sentence(server, visit):
    page = visit(server, "/embeddings?data=digits&model=pixels&maps=PCA")
    page.wait_for_selector(f"{CHART.format('pca')}[data-drawn]")
    page.get_by_text("Place new points").click()
    upload = page.locator(".st-key-upload input[type=file]")
    upload.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"})
    page.get_by_text("notes.png is a file whose content is none of").wait_for()
    row = data.load("digits").splits["validation"].x[17][0]
    made = io.BytesIO()
    Image.fromarray(row).resize((64, 64), Image.Resampling.NEAREST).save(made, "png")
    upload.set_input_files({"name": "17.png", "mimeType": "image/png", "buffer": made.getvalue()})
    page.wait_for_selector(".st-key-uploaded-nearest button")
    assert page.locator(".st-key-uploaded-nearest button").first.get_attribute("data-id") == "17"
    lit = "document.querySelector(s + ' .js-plotly-plot')?._fullData?.flatMap(t => [...t.selectedpoints ?? []]).length"
    page.wait_for_function(f"s => {lit} === 10", arg=CHART.format("pca"))


def test_keys_reach_every_point_and_enter_chooses_it(server, visit):
    page = visit(server, "/embeddings?data=digits&model=digits-simclr&maps=t-SNE&focus=tsne")
    chart = CHART.format("tsne")
    page.wait_for_selector(f"{chart}[data-drawn]")
    settled(page)
    place = page.locator(f"{chart} .place")
    assert place.get_attribute("role") == "application" and "arrow keys" in place.get_attribute("aria-label")
    place.focus()
    seen = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        place.press(key)
        seen.add(page.inner_text(f"{chart} .said"))
    assert len(seen) == 3 and all(re.fullmatch(r"#\d+ · \d", words) for words in seen), seen
    row = page.inner_text(f"{chart} .said").split()[0].lstrip("#")
    place.press("Enter")
    page.wait_for_url(re.compile(rf"point={row}(&|$)"))
    settled(page)
    assert page.evaluate(COVERED, chart) < 0.02, "a card always to the right covers 0.058 of the nearest twelve"


def test_ten_thousand_points_are_hovered(server, visit, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_RUNS", str(server.runs))
    rng, y = np.random.default_rng(0), np.arange(10_000) % 4
    np.savez(tmp_path / "many.npz", vectors=rng.normal(size=(4, 6))[y] * 5 + rng.normal(size=(10_000, 6)), label=y)
    finished_vectors.import_vectors(tmp_path / "many.npz", name="many")
    spec = request.request("map", "many", "many", how="pca", n=10_000)
    run = runs.create(spec, runs.address(spec))
    chosen = map_rows.choose_rows(data.load("many"), 10_000)
    coords = rng.normal(size=(10_000, 2)).astype(np.float32)
    numbers = {"seconds": np.float32(1), "trustworthiness": np.float32(0.9)}
    near = np.tile(np.arange(10), (10_000, 1))
    run.write_result(coords=coords, rows=chosen.rows, split=chosen.split, y=chosen.y, neighbours=near, **numbers)
    run.update(state="done")
    page = visit(server, "/embeddings?data=many&model=many&maps=PCA&focus=pca&map.n=10000")
    chart = ".st-key-map-pca-many .unfold-chart"
    page.wait_for_selector(f"{chart}[data-drawn]")
    box = page.locator(f"{chart} .place").bounding_box()
    for share in (0.45, 0.5, 0.55):
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * share, steps=4)
    page.wait_for_selector("#unfold-tip img", state="visible")
    assert re.fullmatch(r"(train |test )?#\d+ · [0-3]", page.inner_text("#unfold-tip span"))
