"""Starting the pages for a class."""

import pytest

from explorer.__main__ import main
from explorer.cli import serving


@pytest.fixture
def started(monkeypatch, tmp_path):
    """What a command would start, and from where."""
    calls = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EXPLORER_TEACHER", raising=False)
    monkeypatch.setattr(serving.os, "chdir", lambda to: calls.append(str(to)))
    monkeypatch.setattr(serving.os, "execv", lambda _, words: calls.append(words))
    return calls


def test_a_class_is_told_its_address_and_the_server_its_name(started, capsys):
    assert main(["serve", "--host", "Lab.example.org", "--port", "9000"]) == 0
    said = capsys.readouterr().out
    assert "http://lab.example.org:9000" in said
    assert "Everybody who opens it may stop and delete" in said
    folder, words = started
    assert folder == str(serving.APP.parent)
    assert "--server.address=0.0.0.0" in words
    allowed = [word.partition("=")[2] for word in words if word.startswith("--server.allowedHosts=")]
    assert allowed == ["localhost", "127.0.0.1", "::1", "lab.example.org"]


def test_behind_a_proxy_it_listens_to_this_machine_alone(started, capsys):
    assert main(["serve", "--host", "lab.example.org", "--behind-proxy"]) == 0
    assert "https://lab.example.org\n" in capsys.readouterr().out
    assert "--server.address=127.0.0.1" in started[1]


def test_a_password_is_asked_for_and_never_shown(started, capsys, monkeypatch):
    monkeypatch.setenv("EXPLORER_TEACHER", "")
    monkeypatch.setattr(serving.getpass, "getpass", lambda _: "open sesame")
    assert main(["serve", "--host", "10.0.0.7", "--password", "--json"]) == 0
    said = capsys.readouterr().out
    assert '"guarded": true' in said
    assert "sesame" not in said + str(started)
    assert serving.os.environ["EXPLORER_TEACHER"] == "open sesame"


@pytest.mark.parametrize(
    "host",
    ["", "http://lab", "lab:1", "*", "*.org", "a..b", "-a", "a-", "a b", "a\n", "é.org", "x" * 300, "[::1]", "a,b"],
)
def test_what_is_no_host_is_refused(started, capsys, host):
    assert main(["serve", f"--host={host}"]) == 2
    said = capsys.readouterr().err
    assert "is no host: give the name or the address" in said
    assert len(said) < 400
    assert not started


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1", "9" * 400, "١"])
def test_what_is_no_port_is_refused(started, capsys, port):
    assert main(["serve", "--host", "lab", f"--port={port}"]) == 2
    assert "from 1 to 65535" in capsys.readouterr().err
    assert not started


def test_an_address_of_version_6_has_brackets(started, capsys):
    assert main(["serve", "--host", "fd00::7"]) == 0
    assert "http://[fd00::7]:8501" in capsys.readouterr().out
    assert "--server.address=::" in started[1]
