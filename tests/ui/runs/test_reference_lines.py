"""The baselines of a curve: of the data as they are now, and a failure is not for ever."""

from concurrent.futures import Future

import pytest

from explorer import Refused, data
from explorer.runs import Spec
from pages.ui.kit import figures
from pages.ui.runs import reference_lines

SPEC = Spec(kind="train", title="a", method="simclr", dataset="digits")


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    for name in ("_known", "_failed"):
        monkeypatch.setattr(reference_lines, name, {}, raising=False)


def test_baselines_are_measured_again_when_the_data_have_changed(monkeypatch):
    level = {"now": 1.0}
    monkeypatch.setattr(reference_lines.reference_levels, "watched_knn", lambda *_: level["now"])
    monkeypatch.setattr(data, "fingerprint", lambda name: f"files {level['now']}")
    assert set(reference_lines.knn(SPEC, patience=60).values()) == {1.0}
    level["now"] = 0.5
    assert set(reference_lines.knn(SPEC, patience=60).values()) == {0.5}


@pytest.mark.parametrize("error", [Refused("'digits' is not on this machine"), RuntimeError("no memory")])
def test_baselines_that_could_not_be_measured_are_tried_again_later_and_not_at_once(monkeypatch, error):
    tries, failing = [], [error]

    def load(name, size):
        tries.append(name)
        if failing:
            raise failing[0]
        return original(name, size)

    original = data.load
    monkeypatch.setattr(data, "load", load)
    assert reference_lines.knn(SPEC, patience=60) == {}
    failing.clear()
    assert reference_lines.knn(SPEC, patience=60) == {} and len(tries) == 1
    monkeypatch.setattr(reference_lines, "AGAIN", 0.0)
    assert reference_lines.knn(SPEC, patience=60).keys() == {"pixels", "PCA"}


class Popped(dict):
    """Another session takes away what is known, as soon as this one has looked whether it is there."""

    def __contains__(self, key):
        there = super().__contains__(key)
        self.pop(key, None)
        return there


def failed() -> Future:
    future = Future()
    future.set_exception(RuntimeError("no memory"))
    return future


def test_a_measurement_that_another_session_takes_away_meanwhile_is_no_error(monkeypatch):
    monkeypatch.setattr(reference_lines, "_known", Popped())
    monkeypatch.setattr(reference_lines, "_measured", lambda key: {"pixels": 0.5})
    assert reference_lines.knn(SPEC, patience=60) == {"pixels": 0.5}


def test_a_failure_is_logged_once_and_does_not_take_away_what_was_begun_since(monkeypatch, caplog):
    key, old, new = ("digits", "", 0, ()), failed(), Future()
    reference_lines._known[key] = old
    for _ in range(2):  # two sessions that have waited for the same
        assert reference_lines._result(key, old, 0) == {}
    assert len(caplog.records) == 1 and key in reference_lines._failed
    reference_lines._known[key] = new
    assert reference_lines._result(key, old, 0) == {}
    assert reference_lines._known == {key: new} and len(caplog.records) == 1


def test_imbalanced_classes_have_one_line_more_in_a_style_of_its_own(monkeypatch):
    monkeypatch.setattr(reference_lines.reference_levels, "watched_majority", lambda *_: 0.95)
    monkeypatch.setattr(reference_lines.reference_levels, "watched_knn", lambda *_: 0.5)
    known = reference_lines.knn(SPEC, patience=60)
    assert known == {"most frequent class": 0.95, "pixels": 0.5, "PCA": 0.5}
    assert known.keys() <= figures.ROLES.keys()
