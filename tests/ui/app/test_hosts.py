"""By which names, and from whose pages, a server is reached."""

import asyncio
import tomllib
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from streamlit import config

from pages.ui.app import routes
from pages.ui.app.hosts import hosts
from tests.test_architecture import ROOT

ALLOWED = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))["server"]["allowedHosts"]
OWN = ["localhost", "127.0.0.1", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST:1", "localhost."]
OTHERS = ["rebind.evil", "rebind.evil:8501", "localhost.rebind.evil", "127.0.0.1.rebind.evil", "x@localhost",
          "localhost/..", "localhost:port", "192.168.1.5", "", "*", "\x00", "[::1", "localhost," * 100]  # fmt: skip
OPENED = "websocket.accept"


async def _inner(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": OPENED})
    else:
        await PlainTextResponse("welcome")(scope, receive, send)


def ask(path: str = "/", method: str = "GET", **headers: str) -> tuple[int, str]:
    """Status and text of the answer to a request."""
    first, *rest = _messages("http", path, method, headers)
    return first["status"], b"".join(message["body"] for message in rest).decode()


def opens(**headers: str) -> bool:
    """Whether a web socket that comes with these headers is accepted."""
    return _messages("websocket", "/_stcore/stream", "", headers)[0]["type"] == OPENED


def _messages(kind: str, path: str, method: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    sent = []

    async def send(message):
        sent.append(message)

    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": kind, "path": path, "headers": pairs, **({"method": method} if method else {})}
    asyncio.run(hosts(_inner)(scope, None, send))
    return sent


@pytest.fixture(autouse=True)
def as_delivered(monkeypatch):
    monkeypatch.setattr(config, "get_option", lambda name: {"server.allowedHosts": ALLOWED}[name])


@pytest.mark.parametrize("host", OWN)
def test_it_answers_under_its_own_names(host):
    assert ask(host=host) == (200, "welcome")
    assert opens(host=host)


@pytest.mark.parametrize("host", OTHERS)
def test_it_answers_under_no_other_name(host):
    status, text = ask(host=host)
    assert status == 421
    assert "python -m explorer serve --host NAME" in text
    assert len(text) < 500
    assert not opens(host=host, origin=f"http://{host}")


def test_who_names_no_host_is_not_answered():
    assert ask()[0] == 421
    assert not opens()


@pytest.mark.parametrize("origin", ["http://rebind.evil", "http://localhost:1", "null", "", "http://localhost.evil"])
def test_pages_of_other_servers_change_nothing(origin):
    headers = {"host": "localhost", "origin": origin}
    assert not opens(**headers)
    assert [ask(method=way, **headers)[0] for way in ("POST", "PUT", "DELETE", "PATCH")] == [403] * 4
    assert ask(**headers) == (200, "welcome")  # as a link does


def test_its_own_pages_do_and_so_do_programs():
    for origin in ({"origin": "http://localhost:8501"}, {"origin": "https://localhost:8501"}, {}):
        assert opens(host="localhost:8501", **origin)
        assert ask(method="PUT", host="localhost:8501", **origin) == (200, "welcome")


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/sessions"])
def test_the_figures_of_all_sessions_are_closed(path):
    assert ask(path, host="localhost")[0] == 404


def test_it_stands_before_everything_else():
    assert routes.MIDDLEWARE[0].cls is hosts
