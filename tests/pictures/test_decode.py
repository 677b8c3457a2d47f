"""One photograph: geometry, colour, and what does not decode."""

import numpy as np
import pytest
from PIL import Image

from explorer.pictures.decode import FORMATS, ORIENTATION, Wanted, decode
from tests.data.image_cases import encoded, picture


def decoded(content, size):
    return decode(content, Wanted(size)).pixels


def test_a_bomb_that_pillow_itself_stops_is_left_out(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ValueError, match="far too many pixels"):
        decoded(encoded(Image.new("L", (200, 200))), 8)


def test_a_photograph_is_cropped_to_its_centre():
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste("blue", (100, 0, 200, 100))
    pixels = decoded(encoded(wide), 10)
    assert pixels.shape == (3, 10, 10)
    assert (pixels[:, :, 1:-1] == np.array([0, 0, 255])[:, None, None]).all()


@pytest.mark.parametrize("width", [11, 12, 13])
def test_a_photograph_that_need_not_be_scaled_is_cut_out_between_pixels(width):
    noise = np.random.default_rng(0).integers(0, 256, (8, width), np.uint8)
    left = round((width - 8) / 2)  # as torchvision's CenterCrop
    np.testing.assert_array_equal(decoded(encoded(Image.fromarray(noise)), 8)[0], noise[:, left : left + 8])


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_that_is_promised_is_read(form):
    assert np.abs(decoded(encoded(Image.new("RGB", (9, 9), (250, 100, 0)), form), 8)[0].astype(int) - 250).max() < 9


def test_shrinking_is_antialiased():
    stripes = np.zeros((128, 128), np.uint8)
    stripes[:, ::2] = 255
    pixels = decoded(encoded(Image.fromarray(stripes)), 16)
    assert np.abs(pixels.astype(int) - 128).max() <= 8


def test_a_photograph_taken_sideways_is_turned_upright():
    image = Image.new("RGB", (32, 32), "black")
    image.paste("white", (0, 0, 32, 16))  # the upper half
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned clockwise
    pixels = decoded(encoded(image, "JPEG", exif=exif), 8)
    assert pixels[:, :, 6:].min() > 200
    assert pixels[:, :, :2].max() < 50


def test_transparency_is_laid_on_white():
    assert decoded(encoded(Image.new("RGBA", (9, 9), (255, 0, 0, 0))), 8).min() == 255


def test_sixteen_bit_greys_keep_their_upper_byte():
    grey = Image.fromarray(np.full((9, 9), 0x8040, np.uint16))
    assert (decoded(encoded(grey), 8) == 0x80).all()


def test_a_torn_photograph_is_left_out_at_every_size_or_at_none():
    whole = encoded(picture(size=(240, 180)), "JPEG")

    def decodes(content, size):
        try:
            return decoded(content, size).shape == (3, size, size)
        except ValueError:
            return False

    for end in range(len(whole) // 2, len(whole) + 1, 1 + len(whole) // 60):
        assert len({decodes(whole[:end], size) for size in (8, 30, 200)}) == 1


def test_a_mark_is_of_the_whole_picture_and_not_of_the_small_one():
    one = picture(0, size=(300, 200))
    other = one.copy()
    other.putpixel((0, 0), (1, 2, 3))  # outside the centre square
    photos_ = [decode(encoded(image, form), Wanted(8)) for image in (one, other) for form in ("PNG", "BMP")]
    assert all((photo.pixels == photos_[0].pixels).all() for photo in photos_)
    assert [photo.mark == photos_[0].mark for photo in photos_] == [True, True, False, False]


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_mark_is_the_same_at_every_size(form):
    content = encoded(picture(0, size=(300, 200)), form)
    assert len({decode(content, Wanted(size)).mark for size in (8, 30, 200)}) == 1
