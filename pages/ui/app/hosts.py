"""By which names a browser may reach the server: those in its setting `allowedHosts`, this machine's own by default.

A page from elsewhere that lets its own name point to this machine (DNS rebinding) is then refused: its requests carry
that name. So is a page from elsewhere that asks under this server's name: a browser says where the request comes from.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

LOOKS = ("GET", "HEAD", "OPTIONS")  # requests that change nothing
CLOSED = ("/_stcore/metrics", "/_stcore/agent")  # of Streamlit: figures of all sessions, and sessions without a browser


def hosts(app: ASGIApp) -> ASGIApp:
    """Answer only who asks under an allowed name, and from this server's own pages."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        refusal = refused(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await refusal(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    return wrapped


def refused(scope: Scope) -> PlainTextResponse | None:
    """The answer to a request that is not served; None for one that is."""
    headers = Headers(scope=scope)
    host, origin = headers.get("host"), headers.get("origin")
    if not is_host_allowed(host):
        return PlainTextResponse(
            f"Unfold does not answer under the name {_name(host)}: open it as http://localhost on the machine where it "
            "runs, or start it there with `python -m explorer serve --host NAME`, with the name that browsers use.\n",
            421,
        )
    changes = scope["type"] == "websocket" or scope["method"] not in LOOKS
    if changes and origin is not None and urlsplit(origin).netloc != host:
        return PlainTextResponse("Unfold takes requests from its own pages only.\n", 403)
    if any(scope["path"].startswith(path) for path in CLOSED):
        return PlainTextResponse("There is nothing at this address.\n", 404)
    return None


def _name(host: str | None) -> str:
    """What was asked for, short enough to be read."""
    return repr((host or "")[:80])
