"""A map of points: bytes on the wire, colours of numbers and categories, images in the place of points, its legend."""

import gzip
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.kit import chart, content, palette, point_map
from pages.ui.kit.point_map import Colouring, Words

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_60_000_points_take_less_than_a_megabyte_on_the_wire(dimensions):
    coords, y = RNG.normal(size=(60_000, dimensions)), RNG.integers(0, 10, 60_000)
    by = Colouring("hue", RNG.uniform(size=60_000))
    words = Words(y, tuple("0123456789"))
    made = point_map.figure(point_map.quantised(coords), by, RNG.permutation(60_000), words=words)
    assert len(gzip.compress(chart.encode(made), 5)) < 1_000_000


@pytest.mark.parametrize("span", [1.0, 1e-6, 1e9])
def test_quantised_coordinates_keep_all_distances_to_a_65_535th_of_the_map(span):
    coords = RNG.normal(size=(200, 2)) * [span, span / 3] + 7 * span
    fine = point_map.quantised(coords).astype(float)
    unit = np.ptp(coords, 0).max() / point_map.FINE
    assert fine.min() == 0 and fine.max() == point_map.FINE
    assert np.abs((fine - fine[0]) * unit - (coords - coords[0])).max() <= 1.01 * unit


def test_points_in_one_place_are_a_map_too():
    assert (point_map.quantised(np.full((5, 3), 2.5)) == 0).all()
    made = point_map.figure(point_map.quantised(np.zeros((2, 2))), Colouring("x", np.ones(2)), np.arange(2))
    assert made.data[0].marker.color.tolist() == [0, 0]


def test_a_number_is_painted_by_its_share_of_the_range_and_what_is_none_is_left_out():
    by = Colouring("hue", np.array([2.0, 4.0, np.nan, 3.0]))
    (trace,) = point_map.figure(np.zeros((4, 2)), by, np.arange(4)).data
    assert trace.customdata.tolist() == [0, 1, 3]
    assert trace.marker.color.tolist() == [0, 255, 128]
    assert trace.marker.cmax == 255 and trace.marker.colorscale[0][1] == palette.colour(0)


def test_every_point_names_its_class_whatever_it_is_coloured_by():
    y = np.array([1, 0, 1])
    by = Colouring("correctness", np.array([0, 1, 1]), ("right", "wrong"), (2, 5))
    made = point_map.figure(np.zeros((3, 2)), by, np.arange(3), words=Words(y, ("cat", "dog")))
    assert made.layout.meta == {"names": ["cat", "dog"]}
    assert [(trace.name, trace.marker.color) for trace in made.data] == [
        ("right", palette.colour(2)), ("wrong", palette.colour(5)),
    ]  # fmt: skip
    assert [y[trace.customdata].tolist() for trace in made.data] == [trace.meta["of"].tolist() for trace in made.data]


def test_an_image_stands_in_the_place_of_its_point():
    coords = point_map.quantised(np.array([[0.0, 0.0], [4.0, 1.0], [2.0, 0.5]]))
    made = point_map.figure(coords, Colouring("class", np.zeros(3, int), ("a",)), np.arange(3))
    point_map.with_images(made, coords, "/content/x.png", 400, 200, 20)
    (image,) = made.layout.images
    unit = np.array([image.sizex / 400, image.sizey / 200])
    first = np.array([image.x, image.y]) + unit * [10, -190]  # the centre of the tile in the lower left corner
    last = np.array([image.x, image.y]) + unit * [390, -10]
    np.testing.assert_allclose([first, last], coords[:2], atol=1e-6)


def test_marks_travel_apart_from_the_figure_and_the_same_ones_have_one_address():
    marks = chart.Marks(np.int64(3), np.array([4, 5]), [6], None)
    kept = content.store().get(marks.address().rpartition("/")[2])
    assert json.loads(kept.unpacked()) == {"chosen": 3, "near": [4, 5], "only": [6], "lit": None}
    assert chart.Marks(3, [4, 5], [6]).address() == marks.address() != chart.Marks(3, [4, 5], [6], []).address()


def legends() -> None:
    import numpy as np

    from pages.ui.kit import legend
    from pages.ui.kit.point_map import Colouring

    legend.of(Colouring("class", np.zeros(1, int), tuple(f"class {i}" for i in range(120))))
    legend.of(Colouring("hue", np.array([0.25, 3.5])))
    legend.of(Colouring("correctness", np.zeros(1, int), ("right", "wrong"), (2, 5)), 3)
    legend.of(Colouring("class", np.zeros(1, int), ("one",)))


def test_a_legend_says_what_colours_mean_or_why_it_is_left_out():
    at = AppTest.from_function(legends).run(timeout=60)
    assert not at.exception
    assert [it.value[:34] for it in at.caption] == ["No legend: 120 categories share 10"]
    (scale,) = at.get("html")
    assert "hue, from 0.25 to 3.50" in scale.proto.body
    (names,) = at.markdown
    assert "unfold-3" in names.value and "unfold-6" in names.value and "right" in names.value
