"""A training that goes on, for the tests of its page."""

import pytest

from explorer import engine, runs
from explorer.runs import Spec
from pages.ui.kit import url_state


@pytest.fixture
def under_way(monkeypatch):
    """A run at step 2 of 9 on a machine whose snapshot stands still; its page leads nowhere."""
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)  # there is no page to lead to
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    run = runs.create(Spec(kind="train", title="One title", method="simclr", dataset="digits"))
    for step in range(3):
        run.append({"step": step, "loss": 1.0 - 0.1 * step, "knn": 0.5, "watched": 9})
    run.update(state="running", step=2, steps=9)
    there = engine.take_snapshot()
    monkeypatch.setattr(engine, "recent_snapshot", lambda: there)
    return run
