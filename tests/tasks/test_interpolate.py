"""Interpolation over many pairs as a job: its request, its numbers, its lines."""

import pytest

from explorer import Refused, data
from explorer.models import loading
from explorer.tasks import interpolate
from explorer.tasks.interpolate import Config
from explorer.tasks.request import request


@pytest.fixture(scope="module")
def scores():
    dataset = data.load("digits")
    model = loading.load("digits-autoencoder", dataset)
    return interpolate.measured(model, dataset, Config(pairs=40, space="digits-simclr"))


def test_a_way_is_looked_at_from_pixels_and_two_encoders(scores):
    assert list(scores["spaces"]) == ["pixels", "untrained features", "features of digits-simclr"]
    assert (scores["pairs"], scores["dimensions"]) == (40, 10)
    for ways in scores["spaces"].values():
        assert ways["blend"]["reach"] == 1
        assert 0.5 < ways["linear"]["reach"] < 1.5


def test_every_way_has_a_line_with_its_interval(scores):
    lines = interpolate.lines(scores)
    assert len(lines) == 1 + 3 * len(interpolate.WORDS)
    assert "minus blend −" in lines[1]
    assert "%" in lines[1]


def test_a_way_that_goes_nowhere_is_said_to_and_is_not_compared(scores):
    ways = scores["spaces"]["pixels"]
    lines = interpolate.lines({**scores, "spaces": {"pixels": {"linear": ways["linear"] | {"reach": 0.05}}}})
    assert "collapsed" in lines[1]
    assert "minus" not in lines[1]
    assert "over its ends" not in lines[1]


def test_equal_requests_have_one_address_and_another_space_another():
    first, again, other = (request("interpolate", "digits-autoencoder", "digits", space=it) for it in ("", "", "pca"))
    assert first.params == again.params != other.params


def test_a_space_that_there_is_not_is_refused():
    with pytest.raises(Refused, match="nobody"):
        request("interpolate", "digits-autoencoder", "digits", space="nobody")
    with pytest.raises(Refused, match="20"):
        request("interpolate", "digits-autoencoder", "digits", pairs=2)
