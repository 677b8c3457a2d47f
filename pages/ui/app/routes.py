"""What the server answers besides pages: thumbnails, files to download; a name for a new browser; headers on all."""

from collections.abc import Awaitable, Callable
from functools import lru_cache, wraps
from inspect import iscoroutinefunction
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer import Refused, data, runs
from pages.ui.app.document import document
from pages.ui.app.hosts import hosts
from pages.ui.kit import content, identity, navigation, pictures, point_ids, visibility

# Which file a run offers is its own business, not the server's.
from pages.ui.runs import download, frames, live, moments, ownership

# The addresses that go deeper.
OWN = ("app", "component", "content", "film", "live", "media", "result", "script", "static", "thumb", "vendor", "~")
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
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
}


@lru_cache(maxsize=4096)
def _png(name: str, split: str, row: int, stamp: str) -> bytes:
    """The picture of one row; `stamp` (the hash of the data) is there for the cache alone."""
    return pictures.png(data.thumbnails(_opened(name), split, [row])[0], least=LEAST)


def _opened(name: str) -> data.DataSet:
    """The data set; raises `KeyError` where it would take long to decode it: who hovers does not wait for that."""
    dataset = data.ready(name)
    if dataset is None and data.catalogue()[name].kind != "embedded":
        raise KeyError(name)
    return dataset or data.load(name)


def thumb(request: Request) -> Response:
    """`/thumb/<data set>/<split>/<row>.png`: the picture of one row of a data set that is on this machine."""
    name, split, row = (request.path_params[key] for key in ("name", "split", "row"))
    try:
        if split == point_ids.ANY:
            split, row = point_ids.split_and_row(row)
        png = _png(name, split, row, _opened(name).hash)  # never downloads; a millisecond once it is decoded
    except (Refused, KeyError, IndexError):
        return missing(request)
    age = "31536000, immutable" if "v" in request.query_params else "3600"  # with the data's hash, it never changes
    return Response(png, media_type="image/png", headers={"cache-control": f"private, max-age={age}"})


Answer = Callable[[Request], Response] | Callable[[Request], Awaitable[Response]]


def guarded(endpoint: Answer, may: Callable[[Request], bool]) -> Callable[[Request], Awaitable[Response]]:
    """The same answer for whoever may have it; for all others there is no such file."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        with identity.asking(request.cookies.get(identity.COOKIE, "")):
            if not await run_in_threadpool(may, request):
                return lost(request)
            if iscoroutinefunction(endpoint):
                return await endpoint(request)
            return await run_in_threadpool(endpoint, request)

    return answer


def _sees_data(request: Request) -> bool:
    return visibility.sees(request.path_params["name"])


def _sees_runs(request: Request) -> bool:
    """Whether whoever asks sees the run of the address, and the one that its map is laid onto."""
    ids = (request.path_params["id"], request.query_params.get("onto", ""))
    found = [run for id in ids if (run := runs.find(id))]
    return all(map(ownership.sees, found))


def of_data(path: str, endpoint: Answer) -> Route:
    """A route to a part of the data set `name`, for who sees it."""
    return Route(path, guarded(endpoint, _sees_data))


def of_run(path: str, endpoint: Answer) -> Route:
    """A route to something of the run `id`, for who sees it."""
    return Route(path, guarded(endpoint, _sees_runs))


def missing(_: Request) -> Response:
    """There is no such image."""
    return PlainTextResponse("no such image", 404)


FOR_EVER = "max-age=31536000, immutable"  # of what has its hash in its address


def kept(request: Request) -> Response:
    """`/content/<hash>.<kind>`: a figure or an image of a page that somebody looks at or has just looked at."""
    return _sent(content.store().get(request.path_params["name"]), f"private, {FOR_EVER}")


def script(request: Request) -> Response:
    """`/script/<hash>/<name>`: a script or style of the charts, Plotly's own among them."""
    found = content.script_content(request.path_params["name"])
    current = request.path_params["stamp"] == content.stamp()
    return _sent(found, f"public, {FOR_EVER}" if current else "no-cache")


def film(request: Request) -> Response:
    """`/film/<run>/<last step>.json[?projection|?onto=RUN]`: where the probe images lie at each step, on one plane."""
    of_projection = "projection" in request.query_params
    onto = request.query_params.get("onto", "")
    found = frames.film(request.path_params["id"], request.path_params["last"], of_projection, onto)
    return _sent(found, "private, no-cache")


def moment(request: Request) -> Response:
    """`/film/<run>/<last step>/<step>.json`: the pictures, numbers and mistakes of a run at a step, as HTML."""
    found = moments.answer(*(request.path_params[key] for key in ("id", "last", "step")))
    return _sent(found, "private, no-cache")


def film_file(request: Request) -> Response:
    """`/film/<run>/<last step>/film.gif` or `film.html`: the map of a run in time, to be kept."""
    kind = request.path_params["kind"]
    body = moments.film_file(request.path_params["id"], request.path_params["last"], kind)
    if body is None:
        return lost(request)
    name = f"{request.path_params['id']}.{kind}"
    about = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-cache"}
    return Response(body, media_type={"gif": "image/gif", "html": "text/html"}[kind], headers=about)


def of_story(request: Request) -> Response:
    """`/film/<run>/image/<row>.png`: an image that came with the story of a run, whose data set is not here."""
    png = frames.thumb(request.path_params["id"], request.path_params["row"])
    age = {"cache-control": "private, max-age=3600"}
    return missing(request) if png is None else Response(png, media_type="image/png", headers=age)


async def new(request: Request) -> Response:
    """`/live/<run>.json`: what has changed on the page of a run; 304 where that is what the browser has."""
    found = await run_in_threadpool(live.answer, request.path_params["id"], "more" in request.query_params)
    if found is None:
        return PlainTextResponse("no such run", 404, {"cache-control": "no-store"})
    name, body = found
    about = {"etag": f'"{name}"', "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == about["etag"]:
        return Response(status_code=304, headers=about)
    return _sent(body, about["cache-control"], etag=about["etag"])


def _sent(found: content.Content | None, age: str, **more: str) -> Response:
    if found is None:
        return PlainTextResponse("no longer kept", 404, {"cache-control": "no-store"})
    packed = {"content-encoding": "gzip"} if found.packed else {}  # there is no browser that cannot read it
    return Response(found.body, media_type=content.KINDS[found.kind], headers={"cache-control": age, **packed, **more})


def result(request: Request) -> Response:
    """`/result/<job>/<file>`: the file that a finished job has made to be downloaded, and no other."""
    try:
        run = runs.get(request.path_params["id"])  # an id never leads out of the folders of runs
    except Refused:
        return lost(request)
    name = request.path_params["name"]
    if name != download.file_name(run) or run.status.state != "done" or not download.path(run).is_file():
        return lost(request)
    return FileResponse(download.path(run), filename=name, headers={"cache-control": "private, no-cache"})


def lost(_: Request) -> Response:
    """There is no such file."""
    return PlainTextResponse("no such file", 404)


def home(_: Request) -> Response:
    """The first page's address is `/`; its name leads there, too."""
    return RedirectResponse("/")


def headers(app: ASGIApp) -> ASGIApp:
    """Put the security headers on every answer; a page's names Plotly, so that it is fetched before it is asked for."""
    extra = [(key.encode(), value.encode()) for key, value in HEADERS.items()]
    early = (b"link", f"<{content.script(content.PLOTLY.name)}>; rel=preload; as=script".encode())

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                page = [early] if scope["method"] == "GET" and _page(scope) else []
                message["headers"] = [*message.get("headers", []), *extra, *page]
            await send(message)

        await app(scope, receive, answer if scope["type"] == "http" else send)

    return wrapped


def names(app: ASGIApp) -> ASGIApp:
    """Give a browser that asks for a page a name, if it has none; its web socket then carries it at the first visit."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"set-cookie", identity.cookie().encode())]
            await send(message)

        await app(scope, receive, answer if scope["type"] == "http" and _nameless(scope) else send)

    return wrapped


def strays(app: ASGIApp) -> ASGIApp:
    """Lead a browser from an address that is no page to the first page, which names the one that was probably meant."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        asked = _astray(scope) if scope["type"] == "http" else ""
        answer = RedirectResponse(f"/?{navigation.LOST}={quote(asked)}") if asked else app
        await answer(scope, receive, send)

    return wrapped


def _astray(scope: Scope) -> str:
    """What a browser asks for that is no page; empty for all else."""
    parts = [part for part in scope["path"].split("/") if part]
    known = not parts or parts[0] in OWN or parts[0].startswith("_")
    if known or (len(parts) == 1 and parts[0] in navigation.names()):
        return ""
    return "/".join(parts) if _page(scope) else ""


def _page(scope: Scope) -> bool:
    """Whether a browser asks for a page."""
    return "text/html" in Request(scope).headers.get("accept", "")


def _nameless(scope: Scope) -> bool:
    return _page(scope) and not Request(scope).cookies.get(identity.COOKIE)


ROUTES: list[BaseRoute] = [
    Route("/home", home),
    of_data("/thumb/{name}/{split}/{row:int}.png", thumb),
    Route("/thumb/{rest:path}", missing),
    Route("/content/{name}", kept),
    of_run("/film/{id}/{last:int}.json", film),
    of_run("/film/{id}/{last:int}/{step:int}.json", moment),
    of_run("/film/{id}/{last:int}/film.{kind}", film_file),
    of_run("/film/{id}/image/{row:int}.png", of_story),
    of_run("/live/{id}.json", new),
    Route("/script/{stamp}/{name}", script),
    of_run("/result/{id}/{name}", result),
    Route("/result/{rest:path}", lost),
]
MIDDLEWARE = [Middleware(hosts), Middleware(headers), Middleware(names), Middleware(strays), Middleware(document)]
