"""A zip on the Data page: written down and opened once for each upload, and let go of when it is over."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.data.image_sets import archive
from explorer.errors import Refused
from explorer.tasks import image_import
from pages.ui.kit.picture_source import Brought
from pages.ui.sections import data_import


def upload(name):
    rng, out = np.random.default_rng(0), io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for i in range(8):
            picture = io.BytesIO()
            Image.fromarray(rng.integers(0, 256, (16, 16), np.uint8)).save(picture, "PNG")
            packed.writestr(f"{'cat' if i % 2 else 'dog'}/{i}.png", picture.getvalue())
    return [Brought("pets.zip", out.getvalue(), name)]


@pytest.fixture
def session(monkeypatch, tmp_path):
    """What the page remembers; files of passing use lie in `tmp_path`."""
    kept = {}
    monkeypatch.setattr(data_import.st, "session_state", kept)
    monkeypatch.setattr(data_import.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("EXPLORER_RUNS", str(tmp_path / "runs"))
    yield kept
    data_import._close()


def rerun(brought):
    with data_import._opened(brought) as found:
        return found


def zips(root):
    return list(Path(root).rglob("upload.zip"))


def test_a_zip_is_written_and_opened_once_for_each_upload(session, tmp_path):
    first = upload("one")
    found = rerun(first)
    assert all(rerun(first) is found for _ in range(3)) and len(zips(tmp_path)) == 1
    assert len(found.read(found.items[0].name)) > 50, "still open"
    other = rerun(upload("two"))
    assert other is not found and len(zips(tmp_path)) == 1
    rerun([Brought("cat_1.png", b"", "three")])
    assert not zips(tmp_path) and not session


def test_a_zip_that_inflates_too_far_is_refused_and_let_go_of(session, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "INFLATED", 600)
    with pytest.raises(Refused, match="inflates to more"), data_import._opened(upload("one")) as found:
        image_import.keep(found, "Pets", "me")
    assert not zips(tmp_path) and not session


def test_the_end_of_a_pages_run_leaves_the_zip_open(session):
    class Rerun(BaseException):
        pass

    with pytest.raises(Rerun), data_import._opened(upload("one")) as found:
        raise Rerun
    assert rerun(upload("one")) is found
