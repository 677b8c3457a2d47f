"""Figures and pictures: maps, curves, enlarged images, tiles, the gallery of a moment."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer import runs
from explorer.evaluation import views
from explorer.runs import Spec
from pages.ui.kit import figures, pictures
from pages.ui.runs import curves


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_map_carries_its_own_ids_in_typed_arrays(dimensions):
    rng = np.random.default_rng(0)
    coords, y, ids = rng.normal(size=(60_000, dimensions)), rng.integers(0, 3, 60_000), np.arange(60_000) + 7
    figure = figures.scatter(coords, y, ["a", "b", "c"], ids, ring=[9])
    assert sum(len(trace.customdata) for trace in figure.data) == 60_001  # and the ring
    np.testing.assert_array_equal(figure.data[1].customdata, ids[y == 1])
    assert len({trace.marker.symbol for trace in figure.data[:3]}) == (3 if dimensions == 2 else 1)
    assert len(figure.to_json()) < 500_000 * dimensions


def test_curves_show_the_level_of_chance():
    figure = figures.curves({"train": ([0, 1], [2.0, 1.0])}, "step", "loss", chance=6.236)
    assert any("6.24" in note.text for note in figure.layout.annotations)


@pytest.mark.parametrize(("shape", "size"), [((1, 8, 8), (64, 64)), ((3, 32, 32), (64, 64)), ((3, 96, 96), (96, 96))])
def test_small_images_are_enlarged_by_a_whole_factor(shape, size):
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    opened = np.asarray(Image.open(io.BytesIO(pictures.png(image, least=64))))
    assert opened.shape[:2] == size
    step = size[0] // shape[1]
    small = opened[::step, ::step]
    np.testing.assert_array_equal(small if small.ndim == 3 else small[..., None], image.transpose(1, 2, 0))


def test_more_curves_are_numbers_only():
    rows = [{"step": 0, "data": "093384be", "chance": 0.7}, {"step": 1, "loss": 0.5, "accuracy": 0.2}]
    assert set(curves.others(rows)) == {"accuracy"}


def test_what_is_no_picture_is_not_shown():
    for view in (torch.rand(3, 8), torch.rand(3, 2, 4, 4), torch.ones(3, 1, 4, 4, dtype=torch.bool), torch.arange(3)):
        assert not views.pictured(view)
    assert views.pictured(torch.rand(3, 9, 1, 4, 4)) and views.pictured(torch.rand(3, 3, 4, 4))


def test_tiles_become_one_square_picture_with_gaps():
    tiles = np.full((2, 2, 1, 3, 3), 200, np.uint8)
    made = pictures.whole(tiles)
    assert made.shape == (2, 4, 25, 25)
    assert made[0, 3, 12, 12] == 0 and made[0, 3, 12, 11] == 255, "a gap of one pixel between enlarged tiles"
    assert not made[0, 3, :6].any()
    np.testing.assert_array_equal(pictures.whole(tiles[:, 0]), tiles[:, 0])


def test_the_gallery_shows_tiles_and_pictures_of_one_moment():
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    gallery = {
        "gallery_filled_hole": np.zeros((4, 1, 8, 8), np.uint8),
        "gallery_tiles": np.zeros((4, 9, 3, 4, 4), np.uint8),
    }
    features = np.random.default_rng(0).normal(size=(30, 4))
    run.write_frame(0, features=features, rows=np.arange(30), y=np.arange(30) % 10, **gallery)
    at = AppTest.from_function(scrubbed, args=(run.id,)).run(timeout=60)
    assert not at.exception
    shown = " ".join(it.proto.body for it in at.get("html"))
    assert shown.count('alt="filled hole: ') == shown.count('alt="tiles: ') == 4


def scrubbed(id: str) -> None:
    from explorer import runs
    from pages.ui.runs import timeline

    timeline.scrubber(runs.get(id))


def test_names_of_classes_are_no_markup_and_no_template():
    name, shown = "<b>R&D</b> %{x}", "&lt;b&gt;R&amp;D&lt;/b&gt; &#37;{x}"
    assert figures.counts([name], [1], [0], 60).data[0].y == (shown,)
    assert figures.bars({"train": [1]}, [name]).data[0].x == (shown,)
    values, y = np.array([0.1, 0.4, 0.9]), np.zeros(3, int)
    made = figures.by_class(values, y, [name], [0], [name, "b"], 200)
    assert made.data[0].hovertemplate.startswith(f"{shown}: %{{y:,}}")
    assert made.layout.annotations[0].text == shown
