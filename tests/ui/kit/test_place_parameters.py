"""A place of an address on a map: read, limited to the frame, or noted."""

import numpy as np
import pytest

from pages.ui.kit import place_parameters, url_notices

MAP = np.array([[0.0, 0.0], [10.0, 4.0]])


@pytest.fixture
def noted(monkeypatch):
    found = []
    monkeypatch.setattr(url_notices, "note", lambda *words: found.append(words))
    return found


@pytest.mark.parametrize("text", ["0,0", "1.5,-0.2", "-10,14", "2e1,1"])
def test_a_place_in_the_frame_is_read_as_it_stands(text, noted):
    assert place_parameters.read("at", text, MAP).tolist() == [float(part) for part in text.split(",")]
    assert noted == []


@pytest.mark.parametrize(("text", "inside"), [("1e30,0", [20, 0]), ("-1e300,1e300", [-10, 14]), ("5,15", [5, 14])])
def test_a_far_place_is_brought_to_the_frame_and_said(text, inside, noted):
    assert place_parameters.read("at", text, MAP).tolist() == inside
    assert noted == [("at", text, f"{inside[0]},{inside[1]}")]


@pytest.mark.parametrize("text", ["abc", "1", "1,2,3", "nan,0", "inf,1", "1,", "1e400,0"])
def test_nonsense_is_no_place_and_said(text, noted):
    assert place_parameters.read("at", text, MAP, "0,0") is None
    assert noted == [("at", text, "0,0")]


def test_no_place_is_nothing_to_say(noted):
    assert place_parameters.read("at", "", MAP) is None
    assert noted == []
