"""What is said of how the pictures of a set were read, and that one bad picture costs no other."""

import numpy as np
import pytest
from PIL import Image

from explorer import Refused, data
from explorer.data import folders, photos
from explorer.data.photos import GivenUp
from tests.data.image_cases import encoded, left, pets, put, put_zip
from tests.pictures.picture_cases import BAD, GOOD, greys, unsigned


def said(dataset):
    return {note.text.partition(" are ")[2] or note.text.partition(" is ")[2]: note.first for note in dataset.notes}


def test_of_a_hundred_files_the_bad_ones_are_named_and_all_others_are_read(root):
    bad = {f"cats/{name}.png": content for name, (content, _) in BAD.items()}
    put(root / "pets", pets(50) | bad)
    found = data.load("pets", 8)
    assert sum(len(images.y) for images in found.splits.values()) == 100
    assert set(left(found)) == set(bad)


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_every_conversion_is_said_with_its_number_and_its_first_file(root, kind):
    good = {f"cats/{i:02d} {name}.png": content for i, (name, (content, _)) in enumerate(GOOD.items())}
    put(root / "pets", pets(4) | good) if kind == "folder" else put_zip(root / "pets.zip", pets(4) | good)
    found = data.load("pets", 8)
    assert not found.left_out and sum(len(images.y) for images in found.splits.values()) == 8 + len(GOOD)
    for word, note in {
        "turned upright, as the camera has noted (EXIF).": "turned",
        "converted to RGB from another colour space (CMYK, Lab), without a colour profile.": "space",
        "laid on white where transparent.": "alpha",
        "reduced from 16 bits a colour to 8.": "colours",
        "read from the first frame or page alone.": "first",
        "cut to the middle, which is less than half of the picture.": "cropped",
    }.items():
        names = [path for path, (_, notes) in zip(good, GOOD.values(), strict=True) if note in notes.split()]
        assert said(found)[word] == names[0]
        (text,) = (it.text for it in found.notes if it.text.endswith(word))
        assert text.startswith(f"{len(names)} of {8 + len(GOOD)} images {'is' if len(names) == 1 else 'are'} ")
    assert data.card("pets", 8)["notes"] == [tuple(note) for note in found.notes]
    assert data.load("pets", 8).notes == found.notes, "from the cache, too"


def deep(*most):
    """Class folders of 16-bit greys, whose values end at each of these in turn."""
    return {f"{name}/{i}.png": encoded(Image.fromarray(greys(most[i % len(most)]))) for name in "ab" for i in range(6)}


@pytest.mark.parametrize(
    ("most", "bits", "words"),
    [
        (
            (255,),
            8,
            "12 of 12 images are stored in more than 8 bits, but no value exceeds 255: the values are",
        ),
        ((4095,), 12, "12 of 12 images are reduced from greys of 12 bits to 8."),
        ((4095, 900, 200), 12, "12 of 12 images are reduced from greys of 12 bits to 8."),
        ((300, 65535), 16, "12 of 12 images are reduced from greys of 16 bits to 8."),
    ],
)
def test_greys_of_more_than_8_bits_have_one_range_in_the_whole_set(root, most, bits, words):
    put(root / "deep", deep(*most))
    found = data.load("deep", 40)
    assert found.notes[0].text.startswith(words)
    ends = sorted({int(image.max()) for images in found.splits.values() for image in images.x})
    assert ends == pytest.approx(sorted(value >> (bits - 8) for value in most), abs=0.05 * 255)
    assert ends[-1] > 240


def test_greys_that_are_stored_in_16_and_in_32_bits_have_each_their_range(root):
    whole = greys(2**32 - 1, np.uint32, (20, 20))
    put(root / "deep", deep(4095) | {"a/x.png": unsigned(whole), "b/y.png": unsigned(whole[::-1])})
    found = data.load("deep", 20)
    assert min(int(image.max()) for images in found.splits.values() for image in images.x) > 240, "none became dark"
    texts = [note.text for note in found.notes]
    assert texts == [
        "12 of 14 images are reduced from greys of 12 bits to 8.",
        "2 of 14 images are reduced from greys of 32 bits to 8.",
    ]


def test_pictures_of_next_to_one_colour_are_said(root):
    put(root / "pets", pets(6) | {"cats/blank.png": encoded(Image.new("RGB", (20, 20), "navy"))})
    ((text, first),) = data.load("pets", 8).notes
    assert text == "1 of 13 images is nearly of one colour (the deviation of the pixels is below 2 of 255 grey levels)."
    assert first == "cats/blank.png"


def test_a_sound_set_needs_no_words(root):
    put(root / "pets", pets(6))
    assert data.load("pets", 8).notes == () == data.load("digits").notes


def test_a_set_of_pictures_that_use_up_their_decoders_is_given_up(root, monkeypatch):
    put(root / "pets", pets(20))

    def give_up(read, paths, size):
        yield from [GivenUp("too long")] * len(paths)

    monkeypatch.setattr(folders, "decode_all", give_up)
    with pytest.raises(Refused, match=r"more than 20 files of 'pets' take too long .* the last is dogs/000.png: save"):
        data.load("pets", 8)


def test_nothing_is_decoded_in_this_process(root, monkeypatch):
    put(root / "pets", pets(6))

    def never(*_):
        raise AssertionError("decoded here")

    monkeypatch.setattr(Image, "open", never)
    assert data.load("pets", 8).size == 8
    assert photos.decode(encoded(Image.new("L", (9, 9), 7)), 8).pixels.max() == 7


def test_a_set_that_does_not_fit_on_the_disk_is_refused_before_anything_is_decoded(root, monkeypatch):
    put(root / "pets", pets(6))
    usage = type("Usage", (), {"free": 2_000_000, "total": 10**12})
    monkeypatch.setattr("explorer.data.places.shutil.disk_usage", lambda _: usage)
    monkeypatch.setattr(folders, "decode_all", None)
    with pytest.raises(Refused, match=r"'pets' at 512 × 512 pixels takes 18.9 MB in .*cache, where 2.0 MB are free: "):
        data.load("pets", 512)


def test_values_of_a_set_do_not_depend_on_what_else_its_greys_are_stored_in(root):
    values = np.random.default_rng(0).integers(0, 256, (12, 20, 20), np.uint8)
    for name, dtype in {"eight": np.uint8, "sixteen": np.uint16}.items():
        files = {f"{'ab'[i % 2]}/{i}.png": encoded(Image.fromarray(it.astype(dtype))) for i, it in enumerate(values)}
        put(root / name, files)
    assert data.load("eight", 20).hash == data.load("sixteen", 20).hash
