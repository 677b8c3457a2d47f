"""The images of a folder or zip: what is left out and why, grey or colour."""

import pytest
from PIL import Image

from explorer import data
from tests.data.image_cases import encoded, left, pets, picture, put, put_zip


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_files_that_are_no_photographs_are_left_out_with_a_reason(root, kind):
    whole = encoded(picture(size=(90, 90)), "JPEG")
    files = {
        **pets(5),
        "cats/placeholder.gif": encoded(picture(), "GIF"),
        "cats/disguised.jpg": encoded(picture(), "ICO"),
        "cats/notes.txt": b"text",
        "dogs/torn.jpg": whole[: len(whole) // 2],
        "dogs/empty.png": b"",
        "dogs/bomb.png": encoded(Image.new("L", (8_000, 7_000))),
        "dogs/long.png": encoded(Image.new("L", (8, 500))),
        "dogs/small.png": encoded(Image.new("L", (7, 9))),
        "loose.png": encoded(picture()),
        "README.md": b"ignored",
        "cats/.hidden.png": b"ignored",
        "cats/Thumbs.db": b"ignored",
        "__MACOSX/cats/000.png": b"ignored",
    }
    put(root / "mine", files) if kind == "folder" else put_zip(root / "mine.zip", files)
    why = left(data.load("mine"))
    expected = {
        "cats/disguised.jpg": "content is none of JPEG, PNG",
        "cats/notes.txt": "a TXT file, which is not read: only png, jpg",
        "cats/placeholder.gif": "a GIF file, which is not read: only png, jpg",
        "dogs/bomb.png": "8,000 × 7,000 pixels, more than the 50 million allowed",
        "dogs/long.png": "8 × 500 pixels, of which one side may be at most 50 times the other",
        "dogs/small.png": "7 × 9 pixels, whose sides must be 8 to 10,000",
        "dogs/empty.png": "content is none of",
        "dogs/torn.jpg": "cannot be decoded",
        "loose.png": "outside the class folders",
    }
    assert sorted(why) == sorted(expected)
    assert not [path for path, reason in expected.items() if reason not in why[path]]


@pytest.mark.parametrize(("mode", "extra", "channels"), [("L", {}, 1), ("L", {"cats/red.png": "red"}, 3)])
def test_a_folder_is_grey_only_if_every_image_is(root, mode, extra, channels):
    coloured = {name: encoded(Image.new("RGB", (9, 9), colour)) for name, colour in extra.items()}
    put(root / "pets", {**pets(4, mode=mode), "cats/saved_as_rgb.png": encoded(picture(mode="L").convert("RGB"))})
    put(root / "pets", coloured)
    found = data.load("pets", 8)
    assert found.channels == channels
    assert {images.x.shape[1:] for images in found.splits.values()} == {(channels, 8, 8)}


def test_the_real_ants_and_bees_leave_the_placeholder_out(real):
    real("hymenoptera_data")
    found = data.load("hymenoptera_data")
    assert found.classes == ("ants", "bees")
    counts = {split: len(images.y) for split, images in found.splits.items()}
    assert counts["train"] + counts["validation"] == 244
    assert counts["test"] == 153
    ((path, why),) = found.left_out
    assert path == "train/ants/imageNotFound.gif"
    assert "a GIF file, which is not read" in why


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_photographs_in_the_format_of_a_telephone_are_said_and_not_passed_over(root, kind):
    files = {"ants/1.HEIC": b"x", "bees/2.heic": b"x"}
    put(root / "mine", files) if kind == "folder" else put_zip(root / "mine.zip", files)
    assert "are HEIC files, which are not read: save them as JPEG" in data.catalogue()["mine"].problem
