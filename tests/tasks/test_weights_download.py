"""A download that goes on in the background: followed by everybody, stopped, and its error kept."""

import threading
import time
from types import SimpleNamespace

import pytest

from explorer import Refused
from explorer.tasks import fetch_weights, weights_download


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(weights_download, "_known", {})
    monkeypatch.setattr(fetch_weights.shutil, "disk_usage", lambda _: SimpleNamespace(free=1e12))


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


@pytest.fixture
def endless(monkeypatch):
    """Downloads that go on until they are stopped."""

    def fetch(model, progress, stop):
        while not stop():
            time.sleep(0.01)

    monkeypatch.setattr(fetch_weights, "fetch", fetch)
    yield
    for each in weights_download._known.values():
        each.stop()
        until(each)


def test_a_visitor_has_one_download_and_all_together_two(endless):
    first = weights_download.start("resnet18", "ann")
    with pytest.raises(Refused, match=r"^you are downloading the weights of resnet18, and may fetch one at a time"):
        weights_download.start("alexnet", "ann")
    weights_download.start("alexnet", "bob")
    with pytest.raises(
        Refused, match=r"^2 downloads of weights go on \(resnet18 and alexnet\), as many as are allowed"
    ):
        weights_download.start("vgg16", "eve")
    assert weights_download.start("resnet18", "eve") is first, "whoever asks for the same file follows it"
    first.stop()
    until(first)
    assert weights_download.start("vgg16", "ann").model == "vgg16"


def test_a_disk_without_room_for_the_file_twice_is_refused(endless, monkeypatch):
    free = 80e6  # ResNet-18 has 46.8 MB
    monkeypatch.setattr(fetch_weights.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    monkeypatch.setattr(fetch_weights.places, "find", lambda _: None)
    with pytest.raises(Refused, match=r"\(47 MB\) wants 94 MB free in .*, and 80 are: free some space$"):
        weights_download.start("resnet18", "ann")
    assert weights_download.find("resnet18") is None
    free = 95e6
    assert not weights_download.start("resnet18", "ann").ended


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
