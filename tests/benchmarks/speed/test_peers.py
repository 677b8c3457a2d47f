"""The environment of the peers: made once, whole or not at all, and anew where the list is another."""

import pytest

from explorer import Refused
from explorer.benchmarks.speed import peers


@pytest.fixture
def wanted(tmp_path):
    path = tmp_path / "peers.txt"
    path.write_text("lightly==1.6.0\n")
    return path


def test_it_is_made_once_and_again_for_another_list(tmp_path, wanted, monkeypatch):
    lists = []

    def install(folder, wanted):
        folder.mkdir()
        (folder / f"package{len(lists)}").touch()
        lists.append(wanted.read_text())

    monkeypatch.setattr(peers, "install", install)
    place = tmp_path / "bench"
    for _ in range(2):
        assert peers.prepare(place, wanted) == place
    assert lists == ["lightly==1.6.0\n"]
    wanted.write_text("lightly==1.6.1\n")
    peers.prepare(place, wanted)
    assert len(lists) == 2
    assert sorted(path.name for path in place.iterdir()) == ["package1", "peers.txt"]


def test_what_cannot_be_installed_is_refused_and_leaves_what_was_there(tmp_path, wanted):
    place = tmp_path / "bench"
    place.mkdir()
    (place / "older").touch()
    wanted.write_text(f"{tmp_path}/nowhere.whl\n")
    with pytest.raises(Refused, match=r"nowhere\.whl") as caught:
        peers.prepare(place, wanted)
    assert "\n" not in str(caught.value)
    assert (place / "older").exists()


def test_every_peer_is_pinned():
    lines = [line for line in peers.WANTED.read_text().splitlines() if not line.startswith("#")]
    assert lines and all("==" in line for line in lines)
