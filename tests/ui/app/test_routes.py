"""What the server answers besides pages."""

import shutil

import pytest
from starlette.requests import Request

from explorer import data
from explorer.data import cache
from pages.ui.app import routes
from pages.ui.kit import point_ids
from tests.data.image_cases import pets, put


@pytest.fixture
def thumb(tmp_path, monkeypatch):
    """The status of the answer to who asks for a thumbnail; there is a folder of pictures, pets."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    put(tmp_path / "data/pets", pets(6))
    routes._png.cache_clear()

    def ask(name, row=0, split="train"):
        parts = {"name": name, "split": split, "row": row}
        request = Request({"type": "http", "path_params": parts, "query_string": b"", "headers": []})
        return routes.thumb(request).status_code

    return ask


def test_a_thumbnail_is_shown_of_what_was_opened_and_nobody_who_hovers_waits_for_a_decoding(thumb, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_decode", None)
        assert thumb("pets") == 404
    data.load("pets")
    assert thumb("pets") == 200
    shutil.rmtree(data.cache_root())
    monkeypatch.setattr(cache, "_decode", None)
    assert thumb("pets", 1) == 404, "its cache was deleted while a page shows it"


def test_a_point_of_a_map_names_its_split_by_its_id(thumb, monkeypatch):
    asked = []
    monkeypatch.setattr(routes, "_png", lambda name, split, row, stamp: asked.append((split, row)) or b"")
    assert thumb("digits", point_ids.of([7], [1])[0], point_ids.ANY) == thumb("digits", 7, point_ids.ANY) == 200
    assert asked == [("train", 7), ("validation", 7)]
    assert thumb("digits", 9 * point_ids.STRIDE, point_ids.ANY) == 404


def test_a_data_set_that_comes_along_is_there_at_once(thumb):
    assert (thumb("digits"), thumb("digits", 10**6), thumb("nothing")) == (200, 404, 404)
