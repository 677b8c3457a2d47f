"""Every bad picture is left out with its reason, every good one is read, and what is done to it is noted."""

import pytest

from explorer.pictures.decode import Wanted, decode
from explorer.pictures.limits import Unfit
from tests.pictures.picture_cases import BAD, GOOD


@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_is_refused_with_its_reason(name):
    content, reason = BAD[name]
    with pytest.raises(Unfit, match=reason):
        decode(content, Wanted(8))


@pytest.mark.parametrize("name", GOOD)
def test_a_good_picture_is_read_and_what_is_done_to_it_is_noted(name):
    content, notes = GOOD[name]
    found = decode(content, Wanted(8))
    assert (found.pixels.shape, " ".join(sorted(found.notes))) == ((3, 8, 8), notes)
