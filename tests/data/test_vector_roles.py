"""Which of several dropped files holds the vectors, the labels, the pictures; and pictures from a zip."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from explorer import Refused
from explorer.data.vectors import pictures, roles
from explorer.tasks import finished_vectors


@pytest.mark.parametrize(("sizes", "expected"), [
    ({"v.npy": 9}, ("v.npy", "", "")),
    ({"metadata.tsv": 99, "vectors.tsv": 9}, ("vectors.tsv", "metadata.tsv", "")),
    ({"b.csv": 9, "a.csv": 99, "pics.ZIP": 5}, ("a.csv", "b.csv", "pics.ZIP")),
    ({"v.parquet": 9, "sprite.png": 5}, ("v.parquet", "", "sprite.png")),
])  # fmt: skip
def test_files_are_told_apart_by_their_names_and_sizes(sizes, expected):
    assert tuple(roles.assign(sizes)) == expected


def test_the_visitor_can_say_which_table_has_the_vectors():
    assert tuple(roles.assign({"a.csv": 9, "b.csv": 99}, "a.csv")) == ("a.csv", "b.csv", "")


@pytest.mark.parametrize(("sizes", "words"), [
    ({"s.png": 1}, "no file of vectors"), ({"a.exe": 1, "v.npy": 2}, "a.exe is no file that is read"),
    ({"a.csv": 1, "b.csv": 2, "c.csv": 3}, "3 tables are too many"),
    ({"v.npy": 1, "a.png": 2, "b.zip": 3}, "2 files of pictures are too many"),
])  # fmt: skip
def test_too_many_files_or_too_few_are_refused_in_a_sentence(sizes, words):
    with pytest.raises(Refused, match=words):
        roles.assign(sizes)


def test_pictures_come_from_a_zip_by_the_names_of_the_rows_or_in_the_order_of_their_own(tmp_path):
    def png(value):
        made = io.BytesIO()
        Image.new("L", (64, 64), value).save(made, "png")
        return made.getvalue()

    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for name, value in {"in/10.png": 100, "in/2.png": 20, "__MACOSX/2.png": 1}.items():
            archive.writestr(name, png(value))
        archive.writestr("in/notes.txt", "none")
    assert pictures.read(tmp_path / "p.zip", 2)[:, 0, 0, 0].tolist() == [20, 100]
    assert pictures.read(tmp_path / "p.zip", 2, ["10.png", "2.png"])[:, 0, 0, 0].tolist() == [100, 20]
    with pytest.raises(Refused, match=r"p.zip has 2 pictures and there are 3 vectors"):
        pictures.read(tmp_path / "p.zip", 3)
    (tmp_path / "bad.zip").write_bytes(b"PK none")
    with pytest.raises(Refused, match="cannot be read as a zip"):
        pictures.read(tmp_path / "bad.zip", 2)
    assert np.asarray(pictures.read(tmp_path / "p.zip", 2)).shape == (2, 1, 64, 64)


def zipped(path, values):
    """A zip of grey pictures of 64 pixels."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in values.items():
            made = io.BytesIO()
            Image.new("L", (64, 64), value).save(made, "png")
            archive.writestr(name, made.getvalue())
    return path


def test_a_picture_is_found_by_its_path_and_by_its_last_part_only_where_that_is_its_own(tmp_path, monkeypatch):
    path = zipped(tmp_path / "p.zip", {"cat/0.png": 10, "dog/0.png": 20, "dog/1.png": 30})
    names = ["dog/0.png", "1.png", "cat/0.png", "./dog/0.png"]
    decoded, decode_all = [], pictures.decode_all
    monkeypatch.setattr(pictures, "decode_all", lambda *it: decoded.extend(it[1]) or decode_all(*it))
    assert pictures.read(path, 4, names)[:, 0, 0, 0].tolist() == [20, 30, 10, 20]
    assert len(decoded) == 3, "each file once"
    with pytest.raises(Refused, match=r"row 2 names '0.png', which is no path in p.zip, and its last part is no one's"):
        pictures.read(path, 2, ["dog/1.png", "0.png"])
    with pytest.raises(Refused, match=r"row 2 names 'cow/1.png', which is no path in p.zip"):
        pictures.read(path, 2, ["1.png", "cow/1.png"])
    with pytest.raises(Refused, match=r"row 2 names 'cow.png', which is no picture of p.zip as those of others are"):
        pictures.read(path, 3, ["1.png", "cow.png", "cat/0.png"])
    assert pictures.read(path, 3, ["a", "b", "c"])[:, 0, 0, 0].tolist() == [10, 20, 30], "names of something else"
    monkeypatch.setattr(pictures, "MOST", 3 * 64 * 64 * 2)
    with pytest.raises(Refused, match=r"3 pictures take 0\.0 GB: at most 0\.0 GB are taken, so give fewer rows"):
        pictures.read(path, 3)


def test_it_is_said_what_decides_which_picture_is_whose(tmp_path):
    path = zipped(tmp_path / "p.zip", {f"{i}.png": 10 * i for i in range(1, 5)})
    x = np.random.default_rng(0).normal(size=(4, 3))
    words, files = np.array(list("abcd")), np.array([f"{i}.png" for i in (4, 2, 3, 1)])
    np.savez(tmp_path / "v.npz", vectors=x, name=words, filename=files)
    found = finished_vectors.opened(tmp_path / "v.npz", images=path)
    assert found.images[:, 0, 0, 0].tolist() == [40, 20, 30, 10]
    assert "pictures by the column 'filename'" in finished_vectors.understood(found).notes
    np.savez(tmp_path / "v.npz", vectors=x, name=words)
    found = finished_vectors.opened(tmp_path / "v.npz", images=path)
    assert found.images[:, 0, 0, 0].tolist() == [10, 20, 30, 40]
    assert "pictures in the order of their names" in finished_vectors.understood(found).notes
