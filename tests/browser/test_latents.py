"""The latent space in a real Chromium: every panel answers a click, and a click beside the points is decoded."""

from tests.browser.conftest import settled
from tests.browser.test_explore import IMAGES

PANEL = ".st-key-panel"
MAP = "[class*=st-key-plane-digits] .js-plotly-plot"
DECODED = "document.querySelector('img[alt=\"The decoded point\"]')?.src"


def choose(page, title):
    page.locator(PANEL).get_by_role("radio", name=title).or_(
        page.locator(PANEL).get_by_text(title, exact=True)
    ).first.click()
    settled(page)


def corner(page, chart, share_x=0.06, share_y=0.93):
    """Click beside all points, near a corner of a map."""
    area = page.locator(f"{chart} .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    page.mouse.click(box["x"] + share_x * box["width"], box["y"] + share_y * box["height"])


def test_every_panel_of_an_autoencoder_answers(server, visit):
    page = visit(server, "/latents?data=digits&model=digits-autoencoder&a=3&b=40&panel=place")
    page.wait_for_selector(f"{MAP} .scatterlayer path")
    before = page.evaluate(DECODED)
    corner(page, MAP)
    page.wait_for_function(f"before => {DECODED} && {DECODED} !== before", arg=before)
    assert "at=-" in page.url
    page.get_by_text("Local density").wait_for()

    choose(page, "Two sliders")
    before = page.evaluate(DECODED)
    page.get_by_role("slider", name="Along x, standard deviations").press("ArrowRight")
    page.wait_for_function(f"before => {DECODED} && {DECODED} !== before", arg=before)

    choose(page, "a − b + c")
    page.get_by_text("Nearest real images").wait_for()

    choose(page, "Paint on it")
    page.get_by_text("Nothing is painted yet").wait_for()
    canvas = page.locator(".unfold-brush canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 40, box["y"] + box["height"] - 40)
    page.mouse.up()
    page.get_by_text("In the painted part").wait_for()
    page.locator(".unfold-brush").get_by_role("button", name="Clear").click()
    page.get_by_text("Nothing is painted yet").wait_for()
    canvas.focus()
    page.keyboard.press("Space")
    page.get_by_text("In the painted part").wait_for()

    choose(page, "Samples")
    page.get_by_text("explains codes it has not seen best").wait_for()
    assert page.locator("img[alt*='a sample of the']").count() == 24


def test_a_way_can_be_bent_and_the_claim_is_answered_over_many_pairs(server, visit):
    page = visit(server, "/latents?data=digits&model=digits-autoencoder&a=3&b=40&way=data")
    page.wait_for_function(f"({IMAGES})('latent interpolation').length === 9")
    through = page.evaluate(IMAGES, "latent interpolation")
    page.get_by_text("spherical", exact=True).first.click()
    page.wait_for_function(f"before => ({IMAGES})('latent interpolation')[4] !== before", arg=through[4])
    assert "way=spherical" in page.url
    page.get_by_text("Does that hold over many pairs?").click()
    page.get_by_role("cell", name="denoising").wait_for()
    page.get_by_role("button", name="Measure this model over 200 pairs").wait_for()


def test_beta_is_moved_over_trained_vaes(server, visit):
    page = visit(server, "/latents?data=garments&model=garments-vae&panel=beta")
    page.get_by_text("β = 1 keeps").wait_for()
    before = page.evaluate(IMAGES, "the same z")
    page.get_by_role("slider", name="β, the weight of the KL term").press("ArrowRight")
    page.get_by_text("β = 16 keeps").wait_for()
    assert page.evaluate(IMAGES, "the same z") != before
    page.get_by_text("Dead: dimensions").wait_for()


def test_disentanglement_is_measured_where_factors_are_known(server, visit):
    page = visit(server, "/latents?data=shapes&model=shapes-autoencoder&panel=factors")
    page.get_by_text("DCI: disentanglement").wait_for()
    page.get_by_role("cell", name="background").first.wait_for()


def test_a_place_of_a_map_is_decoded_or_stands_for_real_images(server, visit):
    page = visit(server, "/embeddings?data=digits&model=digits-simclr&focus=pca")
    chart = ".st-key-map-pca-digits .js-plotly-plot"
    page.wait_for_selector(f"{chart} .scatterlayer path")
    corner(page, chart, 0.03, 0.97)
    page.get_by_text("The place that was clicked").wait_for()
    page.get_by_text("has no decoder: the nearest real images").wait_for()
    assert "place=pca" in page.url
    page.goto(page.url.replace("digits-simclr", "digits-autoencoder"))
    page.wait_for_function(DECODED)
