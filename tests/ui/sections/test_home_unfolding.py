"""Which model's map unfolds on the Start page."""

import pytest

from explorer import Refused
from pages.ui.sections import home_unfolding


@pytest.fixture(autouse=True)
def read_anew():
    """Nothing is remembered of another test, or for one."""
    home_unfolding._opened.clear()
    yield
    home_unfolding._opened.clear()


def test_a_map_that_cannot_be_read_is_passed_over(monkeypatch):
    best = home_unfolding.chosen()
    read = home_unfolding.layouts.read
    home_unfolding._opened.clear()

    def damaged(folder):
        if folder.name == best.id:
            raise Refused("truncated")
        return read(folder)

    monkeypatch.setattr(home_unfolding.layouts, "read", damaged)
    assert home_unfolding.chosen().id != best.id
    home_unfolding._opened.clear()
    monkeypatch.setattr(home_unfolding.layouts, "read", lambda folder: damaged(best.folder))
    assert home_unfolding.chosen() is None
