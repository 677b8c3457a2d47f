"""Colours and symbols that charts share, and the legend that shows them."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from explorer.data.shapes import SHAPES
from pages.ui.kit import figures, legend, palette


def test_a_class_that_is_named_like_a_symbol_is_drawn_with_it():
    symbols = dict(zip(SHAPES, palette.symbols(SHAPES), strict=True))
    same = {"cross": "cross", "ellipse": "circle", "square": "square", "star": "star", "triangle": "triangle-up"}
    assert symbols | same == symbols
    assert symbols["arrow"] == "triangle-right"
    assert palette.symbols(["Star", "circle", "ellipse"]) == ["star", "circle", "square"], "a symbol is taken once"


@pytest.mark.parametrize("offered", [palette.SYMBOLS, palette.SYMBOLS_3D])
def test_symbols_are_distinct_as_long_as_they_last_and_in_their_order_where_no_name_says_more(offered):
    assert tuple(palette.symbols("0123456", offered)) == offered[:7]
    shapes = palette.symbols(SHAPES[: len(offered)], offered)
    assert len({*shapes}) == len(shapes) and {*shapes} <= {*offered}
    assert len(palette.symbols([str(i) for i in range(30)], offered)) == 30


def test_twenty_classes_differ_in_colour_or_symbol():
    names = [f"class {i}" for i in range(20)]
    drawn = figures.scatter([[0.0, 0.0]] * 20, list(range(20)), names)
    assert len({(trace.marker.color, trace.marker.symbol) for trace in drawn.data}) == 20


def test_the_legend_of_several_maps_draws_the_symbols_and_colours_of_the_maps():
    at = AppTest.from_function(shown).run(timeout=60)
    items = re.findall(r'unfold-(\d+)\)"><svg[^>]*><polygon points="([^"]+)"/></svg>([^<]+)<', at.markdown[0].value)
    for i, (number, points, name) in enumerate(items):
        outline = legend.OUTLINES[palette.symbols(SHAPES)[i]]
        assert (int(number), name) == (i + 1, SHAPES[i])
        assert points == " ".join(f"{x:.2f},{y:.2f}" for x, y in outline)
    assert len(items) == len(SHAPES)
    assert {*legend.OUTLINES} == {*palette.SYMBOLS}


def shown() -> None:
    from explorer.data.shapes import SHAPES
    from pages.ui.kit import legend

    legend.show(SHAPES)
