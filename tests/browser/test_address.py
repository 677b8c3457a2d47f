"""Addresses: nonsense in one is said in a sentence; whoever clicks through the pages never meets that sentence."""

import pytest

from tests.browser.conftest import settled, turn_to

ALERT = "[data-testid=stAlert]"
NOTICE = "[data-testid=stAlertContentInfo]"  # a caveat of the form is another kind


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("/data?data=x&split=none", ["data=x (shown instead: Garments)", "split=none (shown instead: train)"]),
        ("/methods?method=nonsense", ["method=nonsense (shown instead: All"]),
        ("/methods?data=digits&method=colorization&roll=x", ["roll=x (shown instead: 0)"]),
        ("/views?data=digits&method=colorization", ["Colorization needs colour images"]),
        ("/latents?data=digits&b=999999", ["b=999999 (shown instead: "]),
        ("/embeddings?data=digits&model=x&focus=y", ["focus=y (shown instead: all maps)", "There is no model 'x'"]),
        ("/transfer?transfer=x", ["There is no transfer 'x' here"]),
    ],
)  # fmt: skip
def test_nonsense_is_said_with_what_is_shown_instead(address, parts, server, visit):
    page = visit(server, address)
    page.locator(ALERT).wait_for()
    settled(page)
    (said,) = page.locator(ALERT).all_inner_texts()
    assert all(part in said for part in parts), said


def test_whoever_clicks_through_the_pages_is_never_told_of_the_address(server, visit):
    page = visit(server, "/views?data=shapes&method=simclr&simclr.crop=0.3&seed=4")
    slider = page.locator(".st-key-simclr-crop input")
    slider.wait_for()
    slider.focus()
    slider.press("ArrowRight")
    settled(page)
    page.locator("[data-testid=stPageLink]", has_text="Train SimCLR with these").click()
    page.wait_for_url("**/new?**")
    page.get_by_text("Hyperparameters of SimCLR").wait_for()
    settled(page)
    assert page.locator(NOTICE).count() == 0
    turn_to(page, "Methods")
    page.wait_for_url("**/methods?**")
    page.get_by_text("Choose one to see its views").wait_for()
    settled(page)
    for _ in range(2):
        page.go_back()
        settled(page)
    turn_to(page, "Embeddings")
    page.wait_for_url("**/embeddings**")
    settled(page)
    assert page.locator(NOTICE).count() == 0


def test_the_sentence_goes_with_the_next_choice(server, visit):
    page = visit(server, "/data?data=digits&split=none")
    page.locator(ALERT).wait_for()
    page.get_by_role("radio", name="test").click()
    page.locator(ALERT).wait_for(state="detached")


def test_back_from_what_a_click_has_opened_leads_to_where_it_was_clicked(server, visit):
    page = visit(server, "/new?data=digits&method=pca")
    before = page.evaluate("history.length")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**/runs?run=*")
    settled(page)
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    page.wait_for_url("**/new?**")
    assert "run=" not in page.url


MAIN = "document.querySelector('[data-testid=stMain]')"


def scrolled(page) -> None:
    """The page as its reader leaves it: at its end."""
    page.wait_for_function(f"{MAIN}.scrollHeight > {MAIN}.clientHeight + 40")
    page.evaluate(f"{MAIN}.scrollTo(0, 1e6)")
    assert page.evaluate(f"{MAIN}.scrollTop") > 0


def test_a_choice_made_just_before_the_page_was_left_keeps_its_entry(server, visit):
    page = visit(server, "/data?data=digits")
    page.get_by_role("radio", name="test").click()
    page.wait_for_url("**split=test**")
    turn_to(page, "Views")
    page.wait_for_url("**/views**")
    settled(page)
    page.go_back()
    page.wait_for_url("**/data?**split=test**")


def test_a_click_without_a_pointer_is_an_entry_too(server, visit):
    page = visit(server, "/data?data=digits")
    before = page.evaluate("history.length")
    page.get_by_role("radio", name="test").evaluate("radio => radio.click()")  # as a screen reader does
    page.wait_for_url("**split=test**")
    assert page.evaluate("history.length") == before + 1


def test_another_method_in_a_form_leaves_the_reader_at_the_form(server, visit):
    page = visit(server, "/new?data=digits&method=pca", width=390, height=500)
    page.evaluate(f"{MAIN}.scrollTo(0, 200)")
    page.evaluate("history.pushState(history.state, '', '/new?data=digits&method=simclr')")  # as Streamlit does
    assert page.evaluate(f"{MAIN}.scrollTop") == 200


@pytest.mark.parametrize(
    ("path", "way", "now"),
    [
        ("/data?data=digits", None, "**/methods**"),
        ("/lessons?lesson=collapse", ".st-key-lesson-next button", "**step=2**"),
        ("/methods?data=digits", "[class*=st-key-method-] [data-testid=stPageLink-NavLink]", "**method=**"),
    ],
)
def test_another_page_opens_at_its_top(path, way, now, server, visit):
    page = visit(server, path, height=400)
    page.locator(way or ".unfold-chart[data-drawn]").first.wait_for()
    settled(page)
    scrolled(page)
    if way:
        page.locator(way).last.click()
    else:
        turn_to(page, "Methods")
    page.wait_for_url(now)
    settled(page)
    assert page.evaluate(f"{MAIN}.scrollTop") == 0


@pytest.mark.parametrize(
    ("first", "link", "second"),
    [
        ("/runs?run=digits-simclr", "Clone with changes", "**/new?**from=digits-simclr**"),
        ("/views?data=shapes&method=simclr&simclr.crop=0.3", "Train SimCLR with these", "**/new?**"),
    ],
)
def test_back_leads_out_of_a_form_whose_address_spells_out_defaults(first, link, second, server, visit):
    page = visit(server, first)
    before = page.url.partition("?")[0]
    page.locator("[data-testid=stPageLink]", has_text=link).click()
    page.wait_for_url(second)
    page.get_by_text("Hyperparameters of SimCLR").wait_for()
    settled(page)
    for _ in range(2):  # all corrections of the address on arrival are one entry
        if "/new?" in page.url:
            page.go_back()
            settled(page)
    assert page.url.startswith(before)
