"""Pages open on finished vectors that were imported: columns of texts, no pictures, nothing to train."""

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer.engine.dask import cluster
from explorer.runs import REPOSITORY
from explorer.tasks import finished_vectors
from pages.ui.kit import url_state
from pages.ui.sections import data as section

WORDS = np.array([f"word {i}" for i in range(60)])


@pytest.mark.parametrize("page", ["data", "embeddings", "new", "methods", "transfer"])
def test_a_page_opens_on_imported_vectors(page, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "wake", lambda: None)
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)
    x = np.random.default_rng(0).normal(size=(60, 5))
    np.savez(
        tmp_path / "v.npz", vectors=x, word=WORDS, age=np.append(np.nan, np.arange(59) / 3), label=np.arange(60) % 2
    )
    finished_vectors.import_vectors(tmp_path / "v.npz", name="mine", title="My vectors")
    at = AppTest.from_file(f"{REPOSITORY}/pages/{page}.py", default_timeout=60)
    at.query_params.update({"data": "mine", "target": "mine", "model": "mine"})
    at.run()
    assert not at.exception and not at.error, (at.exception, at.error)
    offered = {box.key: box.options for box in at.selectbox}.get("data", ())
    assert page != "new" or ("My vectors" not in offered and "Digits" in offered), "nothing learns from vectors"
    if page == "data":
        said = " ".join(it.value for it in at.markdown)
        assert "60 vectors of 5 numbers, 2 classes" in said and "**age**" in said and "**word**" not in said
        assert "**row in the file**" not in said


def test_the_embeddings_page_takes_the_data_of_finished_vectors_and_offers_nothing_that_needs_a_network(
    tmp_path, monkeypatch
):
    links, rng = [], np.random.default_rng(0)
    monkeypatch.setattr(cluster, "wake", lambda: None)
    monkeypatch.setattr(url_state, "link", lambda *words, **query: links.append(words[0]))
    sprite = Image.fromarray(rng.integers(0, 255, (8 * 16, 8 * 16, 3), dtype=np.uint8))  # of 60 pictures, row by row
    sprite.save(tmp_path / "sprite.png")
    np.savez(tmp_path / "v.npz", vectors=rng.normal(size=(60, 5)), label=np.arange(60) % 2)
    finished_vectors.import_vectors(tmp_path / "v.npz", images=tmp_path / "sprite.png", name="mine", title="My vectors")
    at = AppTest.from_file(f"{REPOSITORY}/pages/embeddings.py", default_timeout=60)
    at.query_params.update({"model": "mine", "maps": "PCA", "point": "0"})  # of validation
    at.run()
    assert not at.exception and not at.error, (at.exception, at.error)
    assert at.query_params["data"] in ("mine", ["mine"])
    assert any("60" in it.value and "My vectors" in it.value for it in at.caption), "the line under the maps"
    assert not [it for it in at.selectbox(key="colour").options if it.startswith("row")]
    assert any("**, image 0" in it.value for it in at.markdown)
    assert [it.key for it in at.file_uploader] == ["vectors-files-0"] and "latents" not in links, (
        "there is no network that could embed an image"
    )


def test_the_embeddings_page_speaks_of_vectors_where_there_are_no_images(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "wake", lambda: None)
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)
    x = np.random.default_rng(0).normal(size=(60, 5))
    np.savez(tmp_path / "v.npz", vectors=x, word=WORDS, label=np.arange(60) % 2)
    finished_vectors.import_vectors(tmp_path / "v.npz", name="mine")
    at = AppTest.from_file(f"{REPOSITORY}/pages/embeddings.py", default_timeout=60)
    at.query_params.update({"data": "mine", "model": "mine", "maps": "PCA", "from": "class 0", "to": "class 1"})
    at.run()
    assert not at.exception and not at.error, (at.exception, at.error)
    assert "An axis between two vectors or classes" in {it.label for it in at.expander}
    assert not [it for it in at.toggle if it.key == "images"], "nothing can be shown as an image"
    assert "Raw pixels" not in at.get("button_group")[0].options and "pixels" not in str(
        [it.value for it in at.caption]
    )
    said = [it.value for it in at.caption]
    assert any(it.startswith("Vectors in even steps along the axis") for it in said), said
    assert any(it.startswith("word word") for it in said) and not any("· name word" in it for it in said), said


def test_columns_of_numbers_are_drawn_and_texts_and_row_numbers_are_not():
    columns = {"row": np.arange(3), "row in the file": np.arange(3), "a": np.array([1, np.nan, 2]), "b": WORDS[:3]}
    assert {name: it.tolist() for name, it in section.numbers(columns).items()} == {"a": [1, 2]}
    assert section.is_imported(columns) and not section.is_imported({"row": np.arange(3)})
    assert list(section.numbers({"row": np.arange(3)})) == ["row"], "a factor of that name of another data set"
