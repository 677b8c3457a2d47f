"""What the server answers besides pages: thumbnails, and headers on everything."""

from functools import lru_cache

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer import Refused, data
from pages.ui import pictures

LEAST = 64  # pixels: smaller images are enlarged, so that a browser does not smooth them
# Streamlit needs inline styles, inline scripts and eval (its components); everything comes from this server.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "frame-src 'self' blob: data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@lru_cache(maxsize=4096)
def _png(name: str, split: str, row: int, stamp: str) -> bytes:
    """One image; `stamp` (the hash of the data) is there for the cache alone."""
    return pictures.png(data.load(name).splits[split].x[row], least=LEAST)


def thumb(request: Request) -> Response:
    """`/thumb/<data set>/<split>/<row>.png`: one image of a data set that is on this machine."""
    name, split, row = (request.path_params[key] for key in ("name", "split", "row"))
    try:
        png = _png(name, split, row, data.load(name).hash)  # never downloads; two milliseconds once it is decoded
    except (Refused, KeyError, IndexError):
        return missing(request)
    age = "31536000, immutable" if "v" in request.query_params else "3600"  # with the data's hash, it never changes
    return Response(png, media_type="image/png", headers={"cache-control": f"private, max-age={age}"})


def missing(_: Request) -> Response:
    """There is no such image."""
    return PlainTextResponse("no such image", 404)


def home(_: Request) -> Response:
    """The first page's address is `/`; its name leads there, too."""
    return RedirectResponse("/")


def headers(app: ASGIApp) -> ASGIApp:
    """Put the security headers on every answer."""
    extra = [(key.encode(), value.encode()) for key, value in HEADERS.items()]

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *extra]
            await send(message)

        await app(scope, receive, answer if scope["type"] == "http" else send)

    return wrapped


ROUTES: list[BaseRoute] = [
    Route("/home", home),
    Route("/thumb/{name}/{split}/{row:int}.png", thumb),
    Route("/thumb/{rest:path}", missing),
]
MIDDLEWARE = [Middleware(headers)]
