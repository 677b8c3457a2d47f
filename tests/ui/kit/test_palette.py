"""Colours and symbols that charts share, and the legend that shows them."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer.data.shapes import SHAPES
from pages.ui.kit import figures, legend, palette, point_map


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


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_crowd_in_space_is_drawn_with_the_symbol_of_fewest_triangles_and_a_plane_keeps_its_own(dimensions):
    few, many = palette.offered(dimensions, palette.CROWD - 1), palette.offered(dimensions, palette.CROWD)
    assert len(few) == (7 if dimensions == 3 else 11) and many == (("square",) if dimensions == 3 else few)
    coords = np.zeros((palette.CROWD, dimensions))
    values = np.arange(palette.CROWD) % 4
    classes = point_map.Colouring("class", values, tuple("abcd"))
    number = point_map.Colouring("share", values / 3)
    for colouring in (classes, number):
        drawn = point_map.figure(coords, colouring, np.arange(palette.CROWD))
        assert {trace.marker.symbol for trace in drawn.data} == set(many[: len(drawn.data)])


@pytest.mark.parametrize(("points", "classes", "told"), [
    (palette.CROWD, 11, False), (palette.CROWD, 10, True),
    (palette.CROWD - 1, 20, True), (palette.CROWD - 1, 21, False),
])  # fmt: skip
def test_a_legend_stands_as_long_as_the_symbols_of_a_map_tell_its_classes_apart(points, classes, told, monkeypatch):
    shown, said = [], []
    monkeypatch.setattr(legend, "show", lambda *names: shown.append(names))
    monkeypatch.setattr(legend.st, "caption", said.append)
    names = tuple(f"class {i}" for i in range(classes))
    legend.of(point_map.Colouring("class", np.arange(points) % classes, names), 3)
    assert (len(shown), len(said)) == ((1, 0) if told else (0, 1))


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
