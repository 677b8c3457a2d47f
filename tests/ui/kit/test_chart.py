"""The component that draws every chart: what is sent for one, what is kept for all, what its name says."""

import ast
import itertools
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.kit import chart, content, figures
from tests.test_architecture import ROOT
from tests.ui import charts


def page() -> None:
    import numpy as np

    from pages.ui.kit import figures

    n = 20_000
    coords = np.random.default_rng(0).normal(size=(n, 2))
    figure = figures.scatter(coords, np.zeros(n, int), ["a"])
    more = {"title": "A map", "data": "Digits", "model": "SimCLR", "images": "/thumb/x/{id}.png"}
    figures.show(figure, "map", "A map of points", select=True, click=True, **more)


def test_a_message_holds_the_address_of_a_figure_and_not_the_figure():
    at = AppTest.from_function(page).run(timeout=60)
    assert not at.exception
    (element,) = at.get("bidi_component")
    assert len(element.proto.SerializeToString()) < 2000
    (message,) = charts.messages(at).values()
    assert (message["alt"], message["title"], message["about"]) == ("A map of points", "A map", "Digits · SimCLR")
    assert message["file"] == "unfold-a-map-digits-simclr.png"
    (figure,) = charts.figures(at).values()
    assert figure["data"][0]["x"]["bdata"], "typed arrays in binary"
    assert "template" not in figure["layout"]


def test_the_same_figure_has_the_same_address_for_every_viewer():
    first, second = (charts.messages(AppTest.from_function(page).run(timeout=60))["map"]["figure"] for _ in range(2))
    assert first == second


def test_every_chart_of_the_interface_is_this_one():
    for path in sorted((ROOT / "pages").rglob("*.py")):
        calls = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert "plotly_chart" not in calls, path


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("kNN accuracy (higher is better)", "Fashion-MNIST", "SimCLR, seed 0"),
         "unfold-knn-accuracy-higher-is-better-fashion-mnist-simclr-seed-0.png"),
        (("../../etc", ""), "unfold-etc.png"),
        (("a" * 500,), "unfold-" + "a" * 113 + ".png"),
    ],
)  # fmt: skip
def test_a_picture_is_named_after_what_it_shows(words, name):
    assert chart.file_name(*words) == name


def test_a_figure_of_a_version_is_made_once():
    calls = []

    def make() -> go.Figure:
        calls.append(1)
        return figures.curves({"a": ([0, 1], [1, 2])}, "step", "loss")

    first = figures.stored(("test", 1), make, 300)
    assert figures.stored(("test", 1), make, 300) == first and len(calls) == 1
    figures.stored(("test", 2), make, 300)
    assert len(calls) == 2


def test_every_place_holder_of_the_figures_is_a_colour_of_the_theme_in_the_browser():
    script = (Path(chart.__file__).parent / "chart_theme.js").read_text("utf-8")
    known = {int(number) for number in re.findall(r"\b(\d\d): theme\.", script)} | set(range(1, 11))
    used = {value for name, value in vars(figures).items() if re.fullmatch(r"#0000\d\d", str(value)) and name.isupper()}
    assert {int(value[-2:]) for value in used} <= known and used


def test_scripts_import_one_another_by_names_that_are_there():
    for name, path in content.scripts().items():
        if name.startswith("chart"):
            for other in re.findall(r'from "\./([\w.]+)"', path.read_text("utf-8")):
                assert other in content.scripts()


def test_roles_are_told_apart_by_colour_or_dash():
    lines = [(line["color"], line["dash"]) for line in figures.ROLES.values()]
    assert len(set(lines)) == len(lines)
    figure = figures.curves({"control": ([0], [1]), "off": ([0], [2])}, "", "", roles={"off": "ablation"})
    assert figure.data[1].line.color == figures.VERMILION


def ends(figure):
    figures.spread_ends(figure)
    return {note.text: note for note in figure.layout.annotations if note.name == "end"}


def test_lines_carry_their_name_at_their_end_and_five_have_a_legend():
    few = figures.curves({name: ([0, 1], [0, i]) for i, name in enumerate("abcd")}, "", "")
    assert list(ends(few)) == list("abcd") and not few.layout.showlegend
    many = figures.curves({name: ([0, 1], [0, i]) for i, name in enumerate("abcde")}, "", "")
    assert not ends(many) and many.layout.showlegend


def test_names_at_the_ends_of_lines_that_meet_do_not_lie_on_one_another():
    figure = figures.curves({"a": ([0, 1], [0, 1.0]), "b": ([0, 1], [0, 1.001])}, "", "", height=260)
    shifts = [note.yshift for note in ends(figure).values()]
    assert shifts[1] - shifts[0] >= figures.LABEL - 1


@pytest.mark.parametrize("axis", [{}, {"range": [0, 1.02]}, {"rangemode": "tozero"}])
@pytest.mark.parametrize("last", [(0.88, 0.87), (0.5, 0.505, 0.51, 0.9), (1.0, 1.0, 1.0), (0.0, 0.001)])
def test_names_are_a_line_apart_on_every_axis_and_inside_it(axis, last):
    figure = figures.curves({f"line {i}": ([0, 1], [0.8, y]) for i, y in enumerate(last)}, "", "", height=300)
    figure.update_yaxes(**axis)
    shown = ends(figure)
    low, high = (0.0, 1.02) if axis.get("range") else (min(*last, 0.8), max(*last, 0.8))
    low, high = (0.0 if axis.get("rangemode") else low), high
    pixels = 240 / ((high - low) * (1 if axis.get("range") else 1.1))
    at = sorted((note.y - low) * pixels + note.yshift for note in shown.values())
    assert all(above - below >= figures.LABEL - 0.01 for below, above in itertools.pairwise(at))
    assert at[0] > -15 and at[-1] < 255


def test_names_that_have_room_stay_at_their_lines():
    figure = figures.curves({"a": ([0, 1], [0, 0.2]), "b": ([0, 1], [0, 0.9])}, "", "", height=300)
    assert [note.yshift for note in ends(figure).values()] == pytest.approx([0, 0])


@pytest.mark.parametrize(("form", "words"), [(".0%", "chance 10%"), (".1~%", "chance 10%"), (None, "chance: 0.1")])
def test_a_level_is_written_like_its_axis(form, words):
    figure = figures.curves({"a": ([0, 1], [0, 1])}, "", "", chance=0.1)
    figure.update_yaxes(tickformat=form)
    for _ in range(2):
        figures.spread_ends(figure)
    assert [note.text for note in figure.layout.annotations if (note.name or "").startswith("level")] == [words]


@pytest.mark.parametrize(("values", "kind"), [([0.95, 0.97, 0.96], "scatter"), ([0.2, 0.97, 0.5], "bar")])
def test_accuracies_that_lie_close_together_are_dots_on_a_scale_of_their_own(values, kind):
    figure = figures.bars({"accuracy": values}, ["a", "b", "c"], sideways=True)
    assert figure.data[0].type == kind


def test_of_viewers_who_ask_at_once_for_what_is_not_made_yet_one_makes_it_and_an_error_of_it_is_not_kept():
    store, made, asked, second = content.Store(), [], threading.Barrier(4), threading.Barrier(2)

    def make() -> bytes:
        made.append(1)
        if len(made) == 1:
            raise ValueError
        with suppress(threading.BrokenBarrierError):
            second.wait(timeout=0.5)  # here another one would come who makes it as well
        return b"figure"

    def ask() -> str:
        asked.wait(timeout=30)
        return store.once("v", make, "png")

    with pytest.raises(ValueError):
        store.once("v", make, "png")
    with ThreadPoolExecutor(4) as pool:
        names = {future.result(timeout=30) for future in [pool.submit(ask) for _ in range(4)]}
    assert len(names) == 1 and len(made) == 2


def test_a_store_forgets_what_was_not_asked_for_longest_and_makes_it_again():
    store = content.Store(most=5000)
    rng = np.random.default_rng(0)
    first, second = (rng.bytes(2000) for _ in range(2))
    names = [store.put(first, "png"), store.put(second, "png")]
    assert store.get(names[0]).body == first
    store.put(rng.bytes(2000), "png")
    assert store.get(names[0]) and store.get(names[1]) is None
    made = []
    for _ in range(2):
        store.once("v", lambda: made.append(1) or second, "png")
    assert len(made) == 1
    for _ in range(3):
        store.put(rng.bytes(2000), "png")
    store.once("v", lambda: made.append(1) or second, "png")
    assert len(made) == 2


def test_what_is_asked_for_is_known_longer_than_what_is_not(monkeypatch):
    monkeypatch.setattr(content, "KEYS", 3)
    store, made = content.Store(), []

    def ask(key: str) -> None:
        store.once(key, lambda: made.append(key) or key.encode(), "png")

    for key in ("film", "map", "film", "a", "film", "b", "film"):
        ask(key)
    assert made == ["film", "map", "a", "b"]


def test_the_versions_of_an_answer_drive_nothing_else_out(monkeypatch):
    monkeypatch.setattr(content, "KEYS", 3)
    store, made = content.Store(), []
    store.once("film", lambda: made.append("film") or b"film", "png")
    for version in (1, 1, 2, 3, 4, 5):
        name = store.once("live", lambda v=version: made.append(v) or str(v).encode(), "json", version=version)
        assert store.get(name).unpacked() == str(version).encode()
    store.once("film", lambda: made.append("film") or b"film", "png")
    assert made == ["film", 1, 2, 3, 4, 5]


def test_plotly_comes_from_this_server_with_its_hash_in_the_name():
    packed = content.script_content("plotly.min.js")
    assert packed.packed and len(packed.body) < 1_600_000
    assert content.script("plotly.min.js") == f"/script/{content.stamp()}/plotly.min.js"
    assert content.script_content("../figures.py") is None


def test_what_a_figure_holds_is_read_by_the_browser_as_it_is():
    figure = go.Figure(go.Scatter(x=np.array([1.5, np.nan]), y=["<b>", "ü"]))
    assert json.loads(chart.encode(figure))["data"][0]["y"] == ["<b>", "ü"]
