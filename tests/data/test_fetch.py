"""Downloads: whole or not at all, with progress, and refused soon where there is no network."""

import gzip
import hashlib
import io
import threading
import time
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from explorer import Refused, data
from explorer.data import fetch, published
from tests.data.image_cases import clothes, put, tree


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """Fashion-MNIST's archives on a server of our own, which torchvision and we are told of."""
    from explorer.system.torchvision import torchvision

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    served = tmp_path / "served"
    packed = {f"{name}.gz": gzip.compress(content) for name, content in clothes().items()}
    put(served, packed)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=served))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    set_ = torchvision().datasets.FashionMNIST
    sums = [(name, hashlib.md5(packed[name]).hexdigest()) for name, _ in set_.resources]
    monkeypatch.setattr(set_, "mirrors", [address])
    monkeypatch.setattr(set_, "resources", sums)
    here = replace(published.PUBLISHED["fashion_mnist"], addresses=(address,))
    monkeypatch.setitem(published.PUBLISHED, "fashion_mnist", here)
    yield served
    server.shutdown()
    server.server_close()


def test_a_download_brings_the_files_and_reports_every_step(root, mirror):
    heard = []
    data.download("fashion_mnist", lambda share, sentence: heard.append((share, sentence)))
    assert tree(root) == sorted(["FashionMNIST", "FashionMNIST/raw", *(f"FashionMNIST/raw/{n}" for n in published.IDX)])
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert sum("downloading Fashion-MNIST" in sentence for _, sentence in heard) >= 4
    assert heard[-1] == (1.0, "Fashion-MNIST is here")
    assert len(data.load("fashion_mnist").splits["test"].y) == 40
    data.download("fashion_mnist")  # a second time does nothing


def test_a_download_that_comes_damaged_leaves_nothing_behind(root, mirror):
    torn = mirror / "t10k-images-idx3-ubyte.gz"
    torn.write_bytes(torn.read_bytes()[:100])
    with pytest.raises(Refused, match=r"cannot be downloaded from http://127.0.0.1:\d+/ \(Error downloading t10k"):
        data.download("fashion_mnist")
    assert tree(root) == []


def test_a_download_that_is_stopped_leaves_nothing_behind(root, mirror):
    def stop(share, sentence):
        if share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        data.download("fashion_mnist", stop)
    assert tree(root) == []


def test_without_a_network_a_download_is_refused_within_seconds(root, monkeypatch):
    offline = replace(published.PUBLISHED["mnist"], addresses=("http://127.0.0.1:9/", "http://no-such-host.invalid/"))
    monkeypatch.setitem(published.PUBLISHED, "mnist", offline)
    started = time.perf_counter()
    with pytest.raises(Refused) as refused:
        data.download("mnist")
    assert time.perf_counter() - started < 11
    for part in ("http://127.0.0.1:9/", "MNIST/raw", "train-images-idx3-ubyte.gz", "garments or shapes or digits"):
        assert part in str(refused.value)
    assert tree(root) == []


def test_an_address_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr(fetch, "PATIENCE", 0.3)
    monkeypatch.setattr(fetch, "urlopen", lambda *_, **__: time.sleep(3) or io.BytesIO())
    started = time.perf_counter()
    assert fetch.silence("http://slow.invalid/") == "no answer within 0 s"
    assert time.perf_counter() - started < 2
