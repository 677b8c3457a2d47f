"""A running server answers under its own names only, on pages and on their web sockets."""

import http.client
from urllib.parse import urlsplit

import pytest

UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw=="}  # fmt: skip


def status(server, path: str, **headers: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(("host", "page", "socket"), [("localhost:1", 200, 101), ("rebind.evil", 421, 403)])
def test_a_name_that_points_here_is_not_enough(server, host, page, socket):
    assert status(server, "/", Host=host) == page
    assert status(server, "/_stcore/stream", Host=host, Origin=f"http://{host}", **UPGRADE) == socket


def test_a_page_from_elsewhere_opens_no_web_socket(server):
    assert status(server, "/_stcore/stream", Host="localhost:1", Origin="http://elsewhere.org", **UPGRADE) == 403
