"""What the network sees: draws differ, another seed gives others, a slider changes the picture."""

from tests.browser.conftest import settled


def draws(page) -> list[str]:
    """The views of the chosen image: the first group of rows."""
    page.locator(".unfold-rows img").first.wait_for()
    return page.eval_on_selector(".unfold-rows", "rows => [...rows.querySelectorAll('img')].map(image => image.src)")


def strip(page, title: str) -> list[str]:
    """The image and the draws of one operation."""
    page.locator(f".unfold-strip img[alt^='{title}:']").first.wait_for()
    return page.eval_on_selector_all(f".unfold-strip img[alt^='{title}:']", "all => all.map(image => image.src)")


def test_draws_differ_and_another_seed_gives_others(server, visit):
    page = visit(server, "/views?data=shapes&method=simclr")
    first = draws(page)
    assert len(first) == len(set(first)) == 12
    page.get_by_role("button", name="Draw again").click()
    page.wait_for_function("before => document.querySelector('.unfold-rows img').src !== before", arg=first[0])
    settled(page)
    assert not set(first) & set(draws(page))
    assert "seed=1" in page.url
    again = visit(server, page.url.removeprefix(server.url))
    assert draws(again) == draws(page)


def test_the_strength_changes_the_picture(server, visit):
    page = visit(server, "/views?data=shapes")
    before = strip(page, "Gaussian noise")
    slider = page.locator(".st-key-op-noise input")
    slider.focus()
    slider.press("End")
    drawn = "document.querySelectorAll(`.unfold-strip img[alt^='Gaussian noise:']`)[1].src"
    page.wait_for_function(f"before => {drawn} !== before", arg=before[1])
    after = strip(page, "Gaussian noise")
    assert after[0] == before[0], "the image itself stays"
    assert not set(before[1:]) & set(after[1:])
    page.wait_for_url("**op.noise=0.5*")


def test_another_image_is_chosen_by_a_click(server, visit):
    page = visit(server, "/views?data=digits")
    before = draws(page)
    page.get_by_role("radio").nth(5).click()
    page.wait_for_function("location.search.includes('row=')")
    settled(page)
    assert page.locator("[role=radio][aria-checked=true]").count() == 1
    assert not set(before) & set(draws(page))


def test_what_cannot_be_drawn_is_explained(server, visit):
    page = visit(server, "/views?data=digits&method=autoencoder")
    page.get_by_text("the network sees the same image in every epoch").wait_for()
    page.get_by_text("Needs colour images.").first.wait_for()
    page.get_by_text("only brightness and contrast change").wait_for()


def test_an_impossible_address_still_shows_the_page(server, visit):
    page = visit(server, "/views?data=x&method=y&row=999999&seed=abc&simclr.crop=9&op.crop=77")
    assert len(draws(page)) == 12
    (said,) = page.locator("[data-testid=stAlert]").all_inner_texts()
    keys = ("data=x", "method=y", "row=999999", "seed=abc", "simclr.crop=9", "op.crop=77")
    assert all(f"{key} (shown instead: " in said for key in keys)
