"""Numbers that a lesson reads: what they are called, and which values of them are better."""

import pytest

from explorer.evaluation.health import METERS
from explorer.evaluation.probes import PROBES, Probe
from explorer.lessons import sources


@pytest.fixture(params=["higher", "lower"])
def direction(request, monkeypatch):
    probe = Probe(lambda bank, queries: 0.0, "purity", "cluster purity", request.param, False, True, "")
    monkeypatch.setitem(PROBES._found(), "purity", probe)
    return request.param


@pytest.mark.parametrize("number", ["purity", "purity_10", "frozen.purity", "untrained_purity"])
def test_a_probe_says_itself_which_values_are_better(number, direction):
    assert sources.heading(number).endswith(f"({direction} is better)")


def test_of_probes_whose_names_begin_alike_the_longer_one_is_meant(direction, monkeypatch):
    monkeypatch.setitem(PROBES._found(), "pur", Probe(lambda bank, queries: 0.0, "pur", "x", "higher", False, True, ""))
    assert sources.probe_of("purity_10") is PROBES["purity"]
    assert sources.probe_of("pur_10") is PROBES["pur"]


@pytest.mark.parametrize(
    ("number", "better"),
    [
        ("knn", "higher"),
        ("linear_10", "higher"),
        ("frozen.test_accuracy", "higher"),
        ("trustworthiness", "higher"),
        ("mse", "lower"),
        ("val_loss", "lower"),
        ("losses.loss", "lower"),
        ("uniformity", "lower"),
        ("rank", ""),
        ("project_spread", ""),
        ("parameters", ""),
    ],
)
def test_it_is_said_which_values_are_better_where_some_are(number, better):
    assert sources.better(number) == better
    assert ("is better" in sources.heading(number)) == bool(better)


@pytest.mark.parametrize("name", METERS)
def test_every_meter_of_health_is_kept_and_has_a_title(name):
    assert name in sources.CURVES
    assert sources.title(name) == sources.TITLES[name]
