"""Who may stop a download of weights: whoever has started it, also where browsers have no name."""

import pytest

from explorer.tasks.weights_download import WeightsDownload
from pages.ui.sections import transfer_weights


@pytest.fixture
def session(monkeypatch):
    """Begins the session of a browser without a name."""
    monkeypatch.setattr(transfer_weights.identity, "me", lambda: "")
    monkeypatch.setattr(transfer_weights.teacher, "admitted", lambda: False)
    monkeypatch.setattr(transfer_weights.weights_download, "_known", {})

    def begin():
        state = {}
        monkeypatch.setattr(transfer_weights.st, "session_state", state)
        return state

    return begin


def may_stop(download, monkeypatch):
    shown = []
    monkeypatch.setattr(transfer_weights.actions, "button", lambda label, *_, **__: shown.append(label))
    monkeypatch.setattr(transfer_weights.st, "caption", lambda *_: None)
    transfer_weights._stop(download)
    return shown == ["Stop"]


def test_a_browser_without_a_name_may_not_stop_the_download_of_the_next_one(session, monkeypatch):
    started = []

    def start(model, by):
        started.append(WeightsDownload(model, by))
        return started[-1]

    monkeypatch.setattr(transfer_weights.weights_download, "start", start)
    first = session()
    transfer_weights._start("resnet18")
    assert may_stop(started[0], monkeypatch)
    session()
    transfer_weights._start("resnet18")  # once that of the first has ended
    assert may_stop(started[1], monkeypatch) and not may_stop(started[0], monkeypatch)
    monkeypatch.setattr(transfer_weights.st, "session_state", first)
    assert not may_stop(started[1], monkeypatch)
