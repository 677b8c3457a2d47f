"""Dates on pages and on the command line."""

from datetime import datetime

import pytest

from explorer.moments import moment


@pytest.mark.parametrize(
    ("when", "seconds", "words"),
    [
        (datetime(2026, 11, 26, 22, 36, 5), False, "26 Nov 2026, 22:36"),
        (datetime(2026, 1, 3, 4, 5, 6), True, "3 Jan 2026, 04:05:06"),
    ],
)
def test_a_date_has_one_style(when, seconds, words):
    assert moment(when, seconds) == words


def test_a_time_stamp_is_shown_in_this_machines_zone():
    when = datetime(2026, 11, 26, 22, 36)
    assert moment(when.timestamp()) == moment(when)
