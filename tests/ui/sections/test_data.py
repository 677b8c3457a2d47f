"""The page Data says which images are in two splits, and what follows for scores."""

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer import runs
from pages.ui.kit import url_state
from tests import screen_text
from tests.data.image_cases import encoded, pets, picture, put
from tests.data.test_copies import copied

PLAIN = encoded(Image.new("L", (20, 20), 200))


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A data root and a cache of this test's own."""
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)  # there is no page to lead to
    (tmp_path / "data").mkdir(exist_ok=True)
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "data"


def opened(name):
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/data.py", default_timeout=120)
    at.query_params["data"] = name
    at.run()
    assert not at.exception and not at.error, (at.exception, at.error)
    return at, screen_text.unlinked(" ".join(it.value for it in at.markdown))


def test_copies_between_splits_are_said_with_what_follows_for_scores(root):
    put(root / "pets", copied())
    at, text = opened("pets")
    said = [warning.value.replace("\\", "") for warning in at.warning]
    assert said == [
        "5 of the 24 validation images are exact copies of training images, so a score on them overstates the "
        "accuracy on new images.",
        "1 of the 24 test images is an exact copy of a training image, so a score on them overstates the accuracy on "
        "new images.",
    ]
    assert "5 of 24 validation images are also among the training images**, 1 of them with another label" in text
    assert "1 of 24 test images is also among the training images" in text
    assert "1 of 24 test images is also among the validation images" in text


def test_a_data_set_without_copies_says_that_there_are_none(root):
    put(root / "pets", pets(12, ("train/", "val/", "test/")))
    at, text = opened("pets")
    assert not at.warning and "None: no two images are identical in their pixels" in text


def test_it_says_how_the_files_were_read_and_which_were_left_out(root):
    wide = encoded(picture(5, (64, 16)))
    put(root / "pets", pets(6) | {"cats/[wide](x).png": wide, "cats/torn.png": b"", "cats/blank.png": PLAIN})
    at, text = opened("pets")
    text = text.replace("\\", "")
    assert "1 of 14 images is cut to the middle, which is less than half of the picture. The first is cats/" in text
    assert "1 of 14 images is nearly of one colour" in text and "The first is cats/blank.png." in text
    (table,) = (it.value for it in at.dataframe if "reason" in it.value)
    assert list(table["file"]) == ["cats/torn.png"] and "content is none of" in table["reason"][0]


def test_a_class_called_all_is_a_class_beside_the_choice_of_all(root):
    put(root / "pets", {name.replace("cats", "all"): content for name, content in pets(6).items()})
    at, _ = opened("pets")
    (choice,) = (it for it in at.selectbox if it.label == "Class")
    assert choice.options == ["all classes", "all", "dogs"] and choice.value == "all classes"
    choice.set_value("all").run()
    assert not at.exception and choice.label == "Class"
