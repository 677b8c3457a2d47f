"""The HTML document that a browser gets first: Streamlit's own, with what it must know before any script runs."""

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui.app import style

HEAD, END = b"<head>", b"</body>"
TITLE = b"<title>Streamlit</title>", b"<title>Unfold</title>"  # until the page names itself
# Streamlit looks for its server below the address of the page first, where there is none: this says where it is.
BASE = "<script>window.__streamlit = {{...window.__streamlit, BACKEND_BASE_URL: location.origin + '{path}'}};</script>"
HISTORY = f"<script>{Path(__file__).with_name('history.js').read_text('utf-8')}</script>"


def document(app: ASGIApp) -> ASGIApp:
    """Complete the document of a page as it leaves the server."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in Request(scope).headers.get("accept", ""):
            return await app(scope, receive, send)
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        return await app({**scope, "headers": plain}, receive, _Completed(send))

    return wrapped


class _Completed:
    """Holds an HTML answer back until all of it is there."""

    def __init__(self, send: Send) -> None:
        self.send, self.start, self.body = send, None, b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self.start = message
        elif self.start is None:
            await self.send(message)
        else:
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish()

    async def _finish(self) -> None:
        body = completed(self.body)
        headers = [(name, value) for name, value in self.start["headers"] if name not in (b"content-length", b"etag")]
        await self.send({**self.start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await self.send({"type": "http.response.body", "body": body})


def _is_html(message: Message) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/html") for name, value in message["headers"])


def completed(body: bytes) -> bytes:
    """The document with its title, our scripts before any of Streamlit's, and our style after its own."""
    path = "/" + (st.get_option("server.baseUrlPath") or "").strip("/")
    body = body.replace(HEAD, HEAD + (BASE.format(path=path) + HISTORY).encode(), 1).replace(*TITLE, 1)
    return body.replace(END, style.element().encode() + END, 1)
