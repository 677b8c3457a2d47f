"""Class folders and zips: how they are read, and what is no data set."""

import os
import zipfile

import numpy as np
import pytest

from explorer import Refused, data
from tests.data.image_cases import encoded, left, pets, picture, put, put_zip, tree


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"notes.txt": b"text"}, "holds no images"),
        ({"cats/1.png": b""}, "a single class folder, 'cats'; at least two"),
        ({"1.png": b"", "2.png": b""}, "no class folder with images"),
        ({"test/cats/1.png": b"", "test/dogs/1.png": b""}, "has test but no train folder"),
        (
            {"cats/1.gif": b"", "dogs/1.gif": b""},
            "the pictures in '.*' are GIF files, which are not read: save them as PNG",
        ),
        ({"cats/1.png": b"", "dogs/1.png": b""}, "no image of '.*' can be read"),
        (pets(2), "class 'cats' of 'mine' has 2 training images that can be read; each class needs at least 3"),
    ],
)
@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_folder_that_is_no_data_set_is_refused_with_the_reason(root, files, sentence, kind):
    put(root / "mine", files) if kind == "folder" else put_zip(root / "mine.zip", files)
    with pytest.raises(Refused, match=sentence):
        data.load("mine")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 but no zip", b"not at all"])
def test_a_zip_that_is_none_is_listed_with_its_problem_and_refused(root, content):
    put(root, {"broken.zip": content})
    entry = data.catalogue()["broken"]
    assert not entry.available
    assert "'broken.zip' cannot be read as a zip" in entry.summary
    with pytest.raises(Refused, match=r"'broken.zip' cannot be read as a zip"):
        data.load("broken")


def test_images_of_a_class_that_is_never_trained_on_are_left_out(root):
    put(root / "pets", {**pets(4, ("train/", "test/")), "test/wasps/1.png": encoded(picture())})
    found = data.load("pets")
    assert found.classes == ("cats", "dogs")
    assert left(found) == {"test/wasps/1.png": "an image of a class without training images"}


def test_a_zip_reads_like_the_folder_it_holds(root):
    files = pets(6, ("train/", "val/", "test/"))
    put(root / "a", files)
    put_zip(root / "b.zip", {f"wrapped/{name}": content for name, content in files.items()} | {"read me.txt": b""})
    a, b = data.load("a", 16), data.load("b", 16)
    assert a.hash == b.hash
    assert a.classes == b.classes


def test_a_zip_is_never_unpacked_whatever_its_members_are_called(root):
    put_zip(root / "evil.zip", {**pets(6), "../../outside/1.png": b"x", "/absolute/1.png": b"x"})
    before = tree(root.parent)
    found = data.load("evil", 8)
    new = [path for path in tree(root.parent) if path not in before and not path.startswith("cache")]
    assert new == []
    assert sum(len(images.y) for images in found.splits.values()) == 12


def test_an_encrypted_member_is_left_out(root):
    path = put_zip(root / "locked.zip", pets(6))
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag bits of the first member
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)
    assert "locked member" in left(data.load("locked", 8))["cats/000.png"]


def test_a_lone_val_folder_serves_as_test_and_validation_is_cut_from_train(root):
    put(root / "pets", pets(20, ("train/", "val/")))
    assert "validation folder serves as the test split" in data.catalogue()["pets"].summary
    found = data.load("pets", 8)
    counts = {split: np.bincount(images.y).tolist() for split, images in found.splits.items()}
    assert counts == {"train": [18, 18], "validation": [2, 2], "test": [20, 20]}


def test_a_pipe_among_the_images_is_left_out_and_nothing_waits_for_it(root):
    put(root / "pets", pets(6))
    os.mkfifo(root / "pets" / "cats" / "pipe.png")
    assert "no regular file" in left(data.load("pets", 8))["cats/pipe.png"]


def test_a_damaged_member_of_a_zip_of_lzma_is_left_out(root):
    path = root / "pets.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in pets(6).items():
            archive.writestr(name, content)
        start = archive.getinfo("cats/000.png").header_offset
    content = bytearray(path.read_bytes())
    begin = start + 30 + len("cats/000.png") + 9  # behind the properties of the compression
    content[begin : begin + 200] = b"\xff" * 200
    path.write_bytes(content)
    assert "damaged" in left(data.load("pets", 8))["cats/000.png"]
