"""What a browser fetches by an address that names its content: figures, images, and the scripts that draw them.

Large things do not travel with a page's messages, which Streamlit sends again at every poll (its own way to spare that
is switched off, see .streamlit/config.toml). An address of some thirty letters is sent instead; the browser fetches
what it does not have, once.
"""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import plotly
import streamlit as st

KIT = Path(__file__).parent
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"  # the package brings no smaller bundle
KINDS = {"js": "text/javascript", "css": "text/css", "json": "application/json", "png": "image/png"}
PACKED = ("js", "css", "json")  # sent compressed
MOST = 64 * 2**20  # bytes of all that is kept; what has not been asked for longest leaves first
KEYS = 4096  # of which the name is known
LEAST = 1024  # bytes: less is not compressed


class Content(NamedTuple):
    """A body, as it is sent, and what it is."""

    body: bytes
    kind: str  # the ending of its name
    packed: bool  # whether the body is compressed by gzip

    def unpacked(self) -> bytes:
        """The body as it was put here."""
        return gzip.decompress(self.body) if self.packed else self.body


class Store:
    """Contents by their name, which is their hash; shared by all visitors of this server."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._size = most, 0
        self._contents: OrderedDict[str, Content] = OrderedDict()
        self._known: OrderedDict[Hashable, tuple[Hashable, str]] = OrderedDict()  # version and name by key
        self._making: dict[Hashable, threading.Lock] = {}  # held while the content of a version is made
        self._lock = threading.Lock()

    def put(self, body: bytes, kind: str) -> str:
        """Keep a body; returns its name."""
        name = f"{hashlib.blake2b(body, digest_size=12).hexdigest()}.{kind}"
        with self._lock:
            if name in self._contents:
                self._contents.move_to_end(name)
                return name
        content = _pack(body, kind)
        with self._lock:
            if name not in self._contents:
                self._contents[name] = content
                self._size += len(content.body)
            while self._size > self._most and len(self._contents) > 1:
                self._size -= len(self._contents.popitem(last=False)[1].body)
        return name

    def get(self, name: str) -> Content | None:
        """What has this name, if it is still here."""
        with self._lock:
            if name in self._contents:
                self._contents.move_to_end(name)
            return self._contents.get(name)

    def once(self, key: Hashable, make: Callable[[], bytes], kind: str, version: Hashable = None) -> str:
        """The name of what `make` returns; it is called once for each key, while its content is here.

        Where it has a `version`, the newest alone is known. Of those who ask at once, one makes it and the others wait.
        """
        with self._lock:
            if name := self._name(key, version):
                return name
            making = self._making.setdefault((key, version), threading.Lock())
        with making:
            with self._lock:
                if name := self._name(key, version):
                    return name
            try:
                name = self.put(make(), kind)
                self._remember(key, version, name)
            finally:
                with self._lock:
                    self._making.pop((key, version), None)
        return name

    def _name(self, key: Hashable, version: Hashable) -> str | None:
        """The name of what was made for a version of a key, if it is still here."""
        known, name = self._known.get(key, (None, None))
        if known != version or name not in self._contents:
            return None
        self._known.move_to_end(key)
        self._contents.move_to_end(name)
        return name

    def _remember(self, key: Hashable, version: Hashable, name: str) -> None:
        with self._lock:
            self._known[key] = version, name
            self._known.move_to_end(key)
            while len(self._known) > KEYS:
                self._known.popitem(last=False)


def _pack(body: bytes, kind: str, level: int = 5) -> Content:
    packed = kind in PACKED and len(body) >= LEAST
    return Content(gzip.compress(body, level, mtime=0) if packed else body, kind, packed)


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The one store of this server; it outlives a reload of this module."""
    return Store()


def put(body: bytes, kind: str) -> str:
    """Keep a body of this kind (`json`, `png`); returns the address it is fetched from."""
    return f"/content/{store().put(body, kind)}"


def once(version: Hashable, make: Callable[[], bytes], kind: str) -> str:
    """The address of what `make` returns, which is made once for each version."""
    return f"/content/{store().once(version, make, kind)}"


# ------------------------------------------------------------------------------------------------- scripts


@cache
def scripts() -> dict[str, Path]:
    """The scripts and styles of charts and of the watch, by name; Plotly's own among them."""
    return {PLOTLY.name: PLOTLY, **{path.name: path for path in (KIT / "watch.js", *sorted(KIT.glob("chart*.*s")))}}


@cache
def stamp() -> str:
    """A hash of all scripts: it stands in their addresses, so that a browser may keep them for ever."""
    digest = hashlib.blake2b(digest_size=8)
    for name, path in scripts().items():
        digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()


def script(name: str) -> str:
    """The address of a script; they import one another by name."""
    return f"/script/{stamp()}/{name}"


@cache
def script_content(name: str) -> Content | None:
    """A script as it is sent; None if there is none of this name."""
    path = scripts().get(name)
    return None if path is None else _pack(path.read_bytes(), path.suffix[1:], level=9)
