"""Greys of more than 8 bits: the range that their values have."""

import numpy as np
import pytest

from explorer.pictures.decode import Wanted, decode
from tests.pictures.picture_cases import colours, encoded, greys, unsigned


def deep(most, dtype, size=(8, 8)):
    values = greys(most, dtype, size)
    return unsigned(values) if values.itemsize == 4 else encoded(values)


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
@pytest.mark.parametrize(
    ("most", "bits"),
    [(255, 8), (256, 10), (1023, 10), (1024, 12), (4095, 12), (4096, 14), (16383, 14), (16384, 16), (65535, 16)],
)
def test_the_range_of_greys_is_the_smallest_usual_one_that_holds_them(most, bits, dtype):
    found = decode(deep(most, dtype), Wanted(8))
    assert found.bits == bits
    assert (found.pixels[0] == greys(most, dtype, (8, 8)) >> (bits - 8)).all()
    assert len(np.unique(found.pixels)) > 32, "and not a handful of levels"


@pytest.mark.parametrize(("most", "bits"), [(65536, 24), (2**24 - 1, 24), (2**24, 32), (2**31, 32), (2**32 - 1, 32)])
def test_the_range_of_32_bits_is_found_with_its_uppermost_bit(most, bits):
    found = decode(deep(most, np.uint32), Wanted(8))
    assert (found.bits, found.pixels.max()) == (bits, most >> (bits - 8))
    assert (np.diff(found.pixels[0].reshape(-1).astype(int)) >= 0).all(), "a ramp stays one"


def test_a_range_that_is_known_counts_and_the_mark_does_not_depend_on_it():
    content = deep(1000, np.uint16)
    by_itself, by_others = decode(content, Wanted(8)), decode(content, Wanted(8, 16))
    assert (by_itself.bits, by_others.bits) == (10, 16)
    assert (by_others.pixels[0] == greys(1000, np.uint16, (8, 8)) >> 8).all()
    assert by_itself.mark == by_others.mark != decode(deep(999, np.uint16), Wanted(8)).mark


def test_a_pgm_says_its_range():
    assert decode(b"P5 8 8 4095\n" + greys(1000, ">u2", (8, 8)).tobytes(), Wanted(8)).pixels.max() == 1000 * 255 // 4095


def test_colours_of_16_bits_keep_the_upper_8():
    values = np.random.default_rng(0).integers(0, 65536, (8, 8, 3))
    assert (decode(colours(values), Wanted(8)).pixels == (values >> 8).transpose(2, 0, 1)).all()


@pytest.mark.parametrize("most", [255, 4095, 16383])
def test_colours_of_another_range_are_refused_and_not_made_dark(most):
    with pytest.raises(ValueError, match="stay below a quarter of the range"):
        decode(colours(np.full((8, 8, 3), most)), Wanted(8))
    assert decode(colours(np.full((8, 8, 3), 16384)), Wanted(8)).pixels.max() == 64
