"""Results that are computed beside the pages, one after another."""

from concurrent.futures import wait
from threading import Event

import pytest

from pages.ui.kit.background import Background


@pytest.fixture
def held():
    """One thread that is busy until it is told to go on, with a place for a single result."""
    made, go = Background(kept=1), Event()
    yield made, made.ask("busy", lambda: go.wait(30), "another"), go
    go.set()
    made._pool.shutdown()


def test_sessions_take_turns(held):
    made, _, go = held
    order = []
    asked = [made.ask(f"long {i}", lambda i=i: order.append(f"long {i}"), "first") for i in range(3)]
    asked.append(made.ask("short", lambda: order.append("short"), "second"))
    go.set()
    wait(asked, 30)
    assert order == ["long 0", "short", "long 1", "long 2"]


def test_what_is_not_done_is_never_dropped_nor_cancelled(held):
    made, busy, go = held
    asked = [made.ask(i, lambda i=i: i) for i in range(5)]
    assert [made.ask(i, lambda: None) for i in range(5)] == asked, "each is made once"
    go.set()
    assert busy.result(30) and [it.result(30) for it in asked] == list(range(5))
    made.ask("last", lambda: None).result(30)
    assert list(made._futures) == ["last"], "what is done makes place"


def test_a_failure_that_is_dropped_starts_anew():
    made, tries = Background(), []
    made_of = [ValueError("broken"), None]

    def work():
        tries.append(1)
        if error := made_of[len(tries) - 1]:
            raise error
        return "whole"

    failed = made.ask("it", work)
    assert isinstance(failed.exception(30), ValueError) and made.ask("it", work) is failed
    made.drop(failed)
    assert made.ask("it", work).result(30) == "whole"
    made._pool.shutdown()
