"""A download that goes on in the background: followed by everybody, stopped, and its error kept."""

import threading
import time

import pytest

from explorer import Refused
from explorer.tasks import fetch_weights, weights_download


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(weights_download, "_known", {})


def until(download):
    while not download.ended:
        time.sleep(0.01)
    return download


def test_two_who_ask_follow_one_download_and_a_stop_ends_it_without_an_error(monkeypatch):
    begun = threading.Event()

    def fetch(model, progress, stop):
        progress(0.25, f"downloading {model}")
        begun.set()
        while not stop():
            time.sleep(0.01)
        raise Refused("it was stopped")

    monkeypatch.setattr(fetch_weights, "fetch", fetch)
    first = weights_download.start("resnet18", "ann")
    assert begun.wait(10) and weights_download.start("resnet18", "bob") is first is weights_download.find("resnet18")
    assert (first.by, first.share, first.message, first.ended) == ("ann", 0.25, "downloading resnet18", False)
    first.stop()
    assert until(first).stopping and not first.error and not first.done


@pytest.mark.parametrize(("raised", "said"), [
    (Refused("no network: put the file into a folder"), "no network: put the file into a folder"),
    (RuntimeError("secret"), "has failed (RuntimeError): try again"),
])  # fmt: skip
def test_what_went_wrong_is_kept_and_the_next_click_tries_again(monkeypatch, raised, said):
    def fetch(model, progress, stop):
        raise raised

    monkeypatch.setattr(fetch_weights, "fetch", fetch)
    failed = until(weights_download.start("resnet18", ""))
    assert said in failed.error and "secret" not in failed.error
    monkeypatch.setattr(fetch_weights, "fetch", lambda *_: None)
    again = until(weights_download.start("resnet18", ""))
    assert again is not failed and again.done and not again.error
