"""Downloads of weights: whole or not at all, with progress and a stop, and refused soon where there is no network."""

import hashlib
import os
import threading
import time
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from explorer import Refused
from explorer.__main__ import main
from explorer.data import places as places_of_data
from explorer.models.pretrained import catalogue, download, places

CONTENT = bytes(range(256)) * 12_000  # 3 MB: three pieces
NAME = "squeezenet1_0"


@pytest.fixture
def served(tmp_path, monkeypatch):
    """The weights of SqueezeNet 1.0 on a server of our own; returns the file there."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    folder = tmp_path / "served"
    folder.mkdir()
    weights = replace(catalogue.find(NAME), file=f"{NAME}-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth", megabytes=3.1)
    (folder / weights.file).write_bytes(CONTENT)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    server.handle_error = lambda *_: None  # a download that is given up breaks the pipe
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(catalogue, "TORCHVISION", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setitem(catalogue.networks()[NAME], weights.name, weights)
    yield folder / weights.file
    server.shutdown()
    server.server_close()


def left():
    return sorted(path.name for path in places.hub().glob("*")) if places.hub().exists() else []


def test_a_download_brings_the_file_and_reports_every_piece(served):
    heard = []
    path = download.fetch(catalogue.find(NAME), lambda share, sentence: heard.append((share, sentence)))
    assert path == places.hub() / served.name == places.find(catalogue.find(NAME))
    assert path.read_bytes() == CONTENT and left() == [served.name]
    shares = [share for share, _ in heard]
    assert shares == sorted(shares) and shares[-1] == 1
    assert sum(sentence.startswith(f"downloading {served.name}: ") for _, sentence in heard) == 3
    served.unlink()
    assert download.fetch(catalogue.find(NAME)) == path, "a second time does nothing"


def test_a_download_that_comes_damaged_leaves_nothing_behind(served):
    served.write_bytes(CONTENT[:-1])
    with pytest.raises(Refused, match="the 3,071,999 bytes that came are not the file that was published"):
        download.fetch(catalogue.find(NAME))
    assert left() == []


def test_a_download_is_stopped_in_the_middle_and_leaves_nothing_behind(served):
    shares = []
    with pytest.raises(Refused, match=rf"the download of {served.name} was stopped, and nothing of it is kept"):
        download.fetch(catalogue.find(NAME), lambda share, _: shares.append(share), lambda: len(shares) > 2)
    assert max(shares) < 0.9 and left() == []

    def interrupt(share, _):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download.fetch(catalogue.find(NAME), interrupt)
    assert left() == []


def test_who_waits_for_another_process_is_stopped(served):
    with places_of_data.alone(f"weights-{served.name}", places_of_data.quiet):
        heard = []
        with pytest.raises(Refused, match="another process is preparing these weights, and waiting was stopped"):
            download.fetch(catalogue.find(NAME), lambda _, words: heard.append(words), lambda: bool(heard))
    assert heard == ["another process is preparing these weights; waiting"] and left() == []


def test_what_never_ends_is_given_up_beyond_the_published_size(served):
    served.write_bytes(CONTENT * 4)
    heard = []
    with pytest.raises(Refused, match=r"more came than the 3.1 MB that were published"):
        download.fetch(catalogue.find(NAME), lambda share, _: heard.append(share))
    assert len(heard) <= 5 and left() == []


def test_a_file_is_on_the_disk_before_it_has_its_name(served, monkeypatch):
    synced, sync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (synced.append(os.fstat(number).st_size), sync(number)))
    download.fetch(catalogue.find(NAME))
    assert len(CONTENT) in synced


def test_what_a_killed_download_left_is_removed(served):
    places.hub().mkdir(parents=True)
    (places.hub() / f"{download.UNFINISHED}{served.name}-0123").write_bytes(b"half")
    download.fetch(catalogue.find(NAME))
    assert left() == [served.name]


def test_without_a_network_the_file_the_folder_and_the_address_are_named(monkeypatch):
    monkeypatch.setattr(catalogue, "TORCHVISION", "http://127.0.0.1:9/")
    started = time.perf_counter()
    with pytest.raises(Refused) as refused:
        download.fetch(catalogue.find("vgg16"))
    assert time.perf_counter() - started < 11
    for words in ("http://127.0.0.1:9/vgg16-397923af.pth", str(places.hub()), str(places.own())):
        assert words in str(refused.value)
    assert left() == []


def test_an_address_that_never_answers_is_given_up_before_anything_is_asked_of_it(served, monkeypatch):
    monkeypatch.setattr(download, "silence", lambda address: f"no answer from {address}")
    with pytest.raises(Refused, match=rf"cannot be downloaded from .* \(no answer from http://.*{served.name}\)"):
        download.fetch(catalogue.find(NAME))
    assert left() == []


def test_a_file_that_is_not_published_any_more_is_refused(served):
    served.unlink()
    with pytest.raises(Refused, match=r"cannot be downloaded from http://127.0.0.1:\d+/.*File not found"):
        download.fetch(catalogue.find(NAME))


def test_the_command_fetches_and_lists(served, answer, capsys):
    before = {row["model"]: row for row in answer("fetch-weights")["weights"]}
    assert set(catalogue.networks()) < set(before) and not before[NAME]["here"]
    assert before["resnet50:IMAGENET1K_V2"]["megabytes"] == 102.5
    path = str(places.hub() / served.name)
    assert answer("fetch-weights", NAME)["weights"] == {NAME: path}
    assert {row["model"]: row for row in answer("fetch-weights")["weights"]}[NAME]["here"] == path
    for word, words in (("resnet81", "no network 'resnet81'"), ("resnet18@0", "resnet18@0 has no weights to fetch")):
        assert main(["fetch-weights", word]) == 2
        assert words in capsys.readouterr().err
