"""Pictures are made of numbers alone."""

import pickle

import numpy as np
from streamlit.testing.v1 import AppTest

from pages.ui.kit import content, pictures


def test_a_store_does_not_keep_the_pixels_of_an_image_beside_its_picture(monkeypatch):
    store = content.Store()
    monkeypatch.setattr(content, "store", lambda: store)
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 224, 224), np.uint8)
    one, other, again = (pictures.address(image) for image in [*images, images[0]])
    assert one == again != other
    assert pictures.address(images[0].reshape(3, 112, 448)) != one, "the same pixels in another shape"
    assert len(pickle.dumps(list(store._known))) < 1000


def test_a_map_of_images_stands_upright_as_a_chart_does():
    tiles = np.stack([np.full((4, 2, 2), value, np.uint8) for value in (100, 200)])
    drawn = pictures.scatter(tiles, np.array([[0.0, 0.0], [0.0, 1.0]]), 10, 20)
    assert (drawn[0, :2, :2] == 200).all() and (drawn[0, -2:, :2] == 100).all(), "the larger value stands above"


def test_a_name_may_break_after_a_slash_and_is_escaped():
    assert pictures.label("T-shirt/top") == "T-shirt/<wbr>top"
    assert pictures.label("<b>") == "&lt;b&gt;"


def test_the_names_of_rows_and_the_captions_of_strips_may_break_after_a_slash():
    at = AppTest.from_function(named).run(timeout=60)
    assert [it.proto.body.count("T-shirt/<wbr>top<") for it in at.get("html")] == [1, 1]


def named() -> None:
    import numpy as np

    from pages.ui.kit import pictures

    images = np.zeros((1, 1, 4, 4), np.uint8)
    pictures.rows({"T-shirt/top": images})
    pictures.strip(images, ["T-shirt/top"])
