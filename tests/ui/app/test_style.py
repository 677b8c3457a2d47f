"""The colours of the theme can be read: contrast by WCAG, computed from .streamlit/config.toml and style.css."""

import re
import tomllib

import pytest

from explorer import runs
from pages.ui.app import style

THEME = tomllib.loads((runs.REPOSITORY / ".streamlit/config.toml").read_text("utf-8"))["theme"]
SHEET = style.SHEET.read_text("utf-8")
SCHEMES = ("light", "dark")
GROUNDS = ("backgroundColor", "secondaryBackgroundColor")


def rgb(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def luminance(colour: list[float]) -> float:
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: list[float], other: list[float]) -> float:
    """The ratio of WCAG 2, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def over(colour: list[float], ground: list[float], share: float) -> list[float]:
    """A colour that covers its ground by a share."""
    return [share * part + (1 - share) * below for part, below in zip(colour, ground, strict=True)]


def grey() -> float:
    """The share of the text's colour in that of captions."""
    return int(re.search(r"--unfold-grey: color-mix\(in srgb, var\(--unfold-text\) (\d+)%", SHEET)[1]) / 100


def test_black_on_white_is_21_to_1():
    assert contrast(rgb("#000000"), rgb("#FFFFFF")) == pytest.approx(21)
    assert contrast(rgb("#767676"), rgb("#FFFFFF")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_links_and_captions_are_readable(scheme, ground):
    theme, below = THEME[scheme], rgb(THEME[scheme][ground])
    for name in ("textColor", "linkColor", "codeTextColor"):
        assert contrast(rgb(theme[name]), below) >= 4.5, name
    assert contrast(over(rgb(theme["textColor"]), below, grey()), below) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_white_on_the_primary_button_is_readable_and_the_button_stands_out(scheme):
    primary = rgb(THEME[scheme]["primaryColor"])
    assert contrast(rgb("#FFFFFF"), primary) >= 4.5
    assert contrast(primary, rgb(THEME[scheme]["backgroundColor"])) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_ring_of_the_focus_is_seen(scheme, ground):
    """It has the colour of the text and stands two pixels outside of what it surrounds: on the ground of the page."""
    assert "outline: 2px solid var(--unfold-text) !important; outline-offset: 2px" in SHEET
    assert contrast(rgb(THEME[scheme]["textColor"]), rgb(THEME[scheme][ground])) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lines_that_attract_and_repel_stand_out(scheme):
    for i in (3, 6):  # of the categories, as in style.css
        assert f"var(--unfold-{i})" in SHEET
        line = rgb(THEME[scheme]["chartCategoricalColors"][i - 1])
        assert contrast(line, rgb(THEME[scheme]["backgroundColor"])) >= 3


def test_type_has_the_agreed_sizes():
    sizes = [float(size.removesuffix("rem")) * THEME["baseFontSize"] for size in THEME["headingFontSizes"]]
    assert (THEME["baseFontSize"], sizes[:2]) == (16, [28, 20])
    assert '[data-testid="stCaptionContainer"] :is(p, li) { font-size: 0.875rem; }' in SHEET  # 14 px


def test_the_style_sheet_has_no_colours_of_its_own():
    own = re.findall(r"(?<!var\()(?:#[0-9a-fA-F]{3,8}\b)(?!-)", SHEET)
    allowed = {"#fff", "#000", "#ccc", "#0003"}  # of the tooltip, until its chart has said which
    assert {it for it in own if re.fullmatch(r"#[0-9a-fA-F]{3,8}", it)} <= allowed


def test_every_colour_of_the_style_sheet_is_a_variable_of_the_theme():
    known = set(re.findall(r"(--unfold-\w+): light-dark\(#[0-9A-F]{6}, #[0-9A-F]{6}\)", style.variables()))
    own = set(re.findall(r"(--unfold-\w+): ", SHEET))  # the grey of captions, the scale of a presentation
    assert set(re.findall(r"var\((--unfold-\w+)\)", SHEET)) - own <= known
    assert len(known) == len(style.COLOURS) + 10
