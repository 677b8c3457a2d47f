"""Settings that are no numbers are refused in one sentence, before anything is made."""

import pytest

from explorer import Refused, engine, runs
from explorer.engine.dask import cluster
from explorer.system import settings
from tests.engine.tools import spec


@pytest.mark.parametrize(("name", "value", "words"), [
    ("SLOTS", "two", "EXPLORER_SLOTS=two is not allowed: give a whole number of at least 1, or unset it"),
    ("SLOTS", "0", "at least 1"),
    ("GPUS", "-1", "at least 0"),
    ("QUEUE", "1.5", "a whole number"),
    ("MEMORY", "4G", "EXPLORER_MEMORY=4G is not allowed: give a number of at least 0"),
    ("GRACE", "soon", "EXPLORER_GRACE=soon is not allowed: give a number of at least 0"),
    ("GRACE", "nan", "give a number of at least 0"),
])  # fmt: skip
def test_a_setting_that_is_no_number_is_a_sentence(name, value, words, monkeypatch):
    monkeypatch.setenv(f"EXPLORER_{name}", value)
    with pytest.raises(Refused, match=words):
        engine.submit(spec(), user="A")
    with pytest.raises(Refused, match=words):
        cluster.ensure()
    assert runs.unfinished() == []


def test_a_number_is_taken_and_nothing_is_no_number(monkeypatch):
    monkeypatch.setenv("EXPLORER_GRACE", "0.5")
    monkeypatch.setenv("EXPLORER_QUEUE", "")
    assert (settings.given("GRACE"), settings.given("QUEUE"), settings.given("SLOTS")) == (0.5, None, None)


def test_a_budget_of_memory_is_what_a_process_may_have_of_its_own(monkeypatch):
    from torch import device

    from explorer.system import memory

    whole = memory.free(device("cpu"))
    monkeypatch.setenv("EXPLORER_MEMORY", "1000000")
    assert memory.free(device("cpu")) == pytest.approx(whole, rel=0.05)
    monkeypatch.setenv("EXPLORER_MEMORY", "2")
    left = memory.free(device("cpu"))
    assert 2**29 < left < 2**31, "what it has taken already is no longer free"
    monkeypatch.setenv("EXPLORER_MEMORY", "0")
    assert memory.free(device("cpu")) == 0
