"""Who the visitor is: a browser is known by a random cookie alone, never by its address or by Streamlit's session."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256

import streamlit as st

from explorer import people

COOKIE = "unfold"
YEAR = 365 * 24 * 3600  # seconds
_asks: ContextVar[str | None] = ContextVar("asks", default=None)  # the cookie of who asks for a file


def cookie() -> str:
    """The header that names a browser which has no name yet."""
    return f"{COOKIE}={secrets.token_urlsafe(16)}; Max-Age={YEAR}; Path=/; HttpOnly; SameSite=Lax"


def browser() -> str:
    """This browser's anonymous id, empty if it keeps no cookies: a hash, so that no run gives the cookie away."""
    asks = _asks.get()
    return of_cookie(st.context.cookies.get(COOKIE, "") if asks is None else asks)


@contextmanager
def asking(name: str) -> Iterator[None]:
    """While the server answers a browser with this cookie, that browser is the visitor: a file has no session."""
    token = _asks.set(name)
    try:
        yield
    finally:
        _asks.reset(token)


def has_session() -> bool:
    """Whether the visitor looks at a page, and does not ask for a file."""
    return _asks.get() is None


def of_cookie(name: str) -> str:
    """The id of the browser that has this cookie."""
    return sha256(f"unfold {name}".encode()).hexdigest()[:16] if name else ""


def me() -> str:
    """The id of the person at this browser, empty if it keeps no cookies."""
    return people.of_browser(browser())
