"""The page Transfer in a browser: start, live curves, a cell and its images, the cut, and weights that are not here."""

import json
import re

from tests.browser.conftest import settled

CHART = ".st-key-{} .js-plotly-plot"
TRACES = "document.querySelector('.st-key-{} .js-plotly-plot')?._fullData"
DIGITS = "/transfer?target=digits&model=digits-simclr&transfer.labels=1&transfer.labels=5"
CORNER = """() => [...document.querySelectorAll(".unfold-matrix .corner i")].map((each) => {
  const [own, corner] = [each.getBoundingClientRect(), each.parentElement.getBoundingClientRect()];
  return own.height < 24 && each.scrollWidth <= Math.ceil(own.width) && own.right <= corner.right + 1;
})"""
CELL = ".unfold-matrix [data-at='{},{}']"


def begin(page):
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**transfer=transfer-*")
    settled(page)
    return re.search(r"transfer=(transfer-\w+)", page.url)[1]


def opened(page, row, column):
    """How many images stand there once the cell is open."""
    page.wait_for_selector(f"{CELL.format(row, column)}[aria-selected=true]")
    settled(page)
    return page.locator(".st-key-transfer-cell img").count()


def test_curves_of_all_arms_grow_and_the_cells_of_the_matrix_open_their_images(server, visit):
    page = visit(server, f"{DIGITS}&transfer.epochs=40&transfer.seeds=2")
    page.set_default_timeout(120_000)
    id = begin(page)
    live = TRACES.format("transfer-curves")
    page.wait_for_function(f"{live}?.[0]?.x.length > 0")
    page.wait_for_function(f"{live}?.length >= 3 && {live}.filter(t => t.x.length > 1).length >= 2")
    assert page.locator(".st-key-transfer-progress").count() == 1, "it goes on: curves and accuracies are live"
    axis = TRACES.format("transfer-axis")
    page.wait_for_function(f"{axis}?.some(t => t.name === 'Frozen')")
    assert page.locator(".st-key-transfer-progress").count() == 1

    page.wait_for_selector(".unfold-matrix")
    settled(page)
    page.set_viewport_size({"width": 1024, "height": 900})
    assert page.evaluate(CORNER) == [True, True], "what rows and columns are stands whole, in a line each"
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_function(f"{axis}.filter(t => t.mode === 'lines+markers' && t.x.length === 2).length === 3")
    scores = json.loads((server.runs / id / "scores.json").read_bytes())
    assert page.get_by_text("Crossover:").count() == len(scores["crossovers"]) == 2
    assert "by the 95% intervals at each amount" in page.inner_text("body") or "any amount" in page.inner_text("body")

    cell = page.locator(".unfold-matrix button.wrong:not(.none)").first
    row, column = map(int, cell.get_attribute("data-at").split(","))
    cell.click()
    assert opened(page, row, column) == min(12, int(cell.inner_text()))
    page.locator(CELL.format(row, column)).press("Home")  # another key does nothing
    page.keyboard.press("ArrowDown" if row < 9 else "ArrowUp")
    row += 1 if row < 9 else -1
    page.keyboard.press("Enter")
    n = page.locator(CELL.format(row, column)).inner_text()
    assert opened(page, row, column) == (0 if n == "·" else min(12, int(n)))
    page.get_by_text("Most confident mistakes").wait_for()
    page.get_by_text("Frozen right, fine-tuned wrong").or_(page.get_by_text("right,")).first.wait_for()
    assert page.locator(".unfold-advice .dot").count() == 0, "the model was trained on digits, too: no distance"
    assert page.locator(".unfold-advice .range").count() == 1


def test_the_cut_is_moved_by_keys_and_by_dragging_and_its_number_is_what_the_training_reports(server, visit):
    page = visit(server, "/transfer?target=digits&model=garments-simclr&transfer.arms=Last+blocks&transfer.epochs=1")
    cut = page.locator(".unfold-chain .cut")
    cut.wait_for()
    assert (cut.get_attribute("role"), cut.get_attribute("aria-valuenow")) == ("slider", "1")
    cut.press("ArrowLeft")
    page.wait_for_url("**transfer.last_blocks=2*")
    settled(page)
    assert page.locator(".unfold-chain .block.learns").count() == 3, "two blocks and the classifier"
    box, first = cut.bounding_box(), page.locator(".unfold-chain .block").first.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(first["x"] + first["width"] + 2, box["y"] + 10, steps=4)
    page.mouse.up()
    page.wait_for_url("**transfer.last_blocks=3*")
    settled(page)
    said = re.search(r"([\d,]+) trainable numbers", page.inner_text(".unfold-chain p"))[1]
    id = begin(page)
    page.wait_for_selector(".unfold-matrix")
    scores = json.loads((server.runs / id / "scores.json").read_bytes())
    assert said == f"{scores['last_blocks']['trainable']:,}"


def test_weights_that_are_not_here_are_offered_and_without_a_network_there_is_a_way_out(start_server, visit, tmp_path):
    nowhere = {"https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1", "TORCH_HOME": str(tmp_path)}
    server = start_server(**nowhere)
    page = visit(server, "/transfer?target=digits&model=resnet18")
    page.get_by_text("are not on this machine yet").wait_for()
    assert page.get_by_role("button", name="Start", exact=True).count() == 0
    page.locator(".st-key-fetch-weights button").click()
    page.get_by_text("cannot be downloaded from").wait_for()
    said = page.inner_text(".st-key-weights")
    for words in ("resnet18-f37072fd.pth", "https://download.pytorch.org/models/", str(tmp_path)):
        assert words in said
    page.get_by_role("button", name="Try again").wait_for()
    assert not list(tmp_path.rglob("*.pth"))
