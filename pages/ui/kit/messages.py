"""Words on a page: its question, what to look for, where a figure comes from, what went wrong, what to do instead."""

import errno
import html
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import StopException

from explorer import Refused, moments
from explorer.evaluation import statistics
from explorer.moments import moment
from pages.ui.kit import glossary, navigation, url_notices, url_state

log = logging.getLogger("unfold")
NAME = re.compile(r"[a-z]\S*(\.\w|[A-Z_\d])")  # a first word that is spelled as it is: a file, a model, a method
TH = {1: "st", 2: "nd", 3: "rd"}
FULL = "The disk that holds the runs is full: delete runs that you do not need, or free some space, and try again."


def question(text: str) -> None:
    """The page's one question, as its title."""
    st.title(text, anchor=False)


def lead_sentence(text: str, name: str = "") -> None:
    """At most 25 words below the question: the answer, computed from what is on the screen. Markdown.

    The `name` of a method or a run is no term of the field, even if it contains one.
    """
    before, own, after = text.partition(name) if name else (text, "", "")
    st.markdown(glossary.terms(before) + own + glossary.terms(after))


def prose(text: str, **style: Any) -> None:
    """A paragraph of Markdown whose terms of the field are explained."""
    st.markdown(glossary.terms(text), **style)


def caption(text: str, **style: Any) -> None:
    """The same in small type."""
    st.caption(glossary.terms(text), **style)


def heading(text: str) -> None:
    """The title of a part of a page."""
    st.header(glossary.terms(text), anchor=False)


def reserve_notice() -> None:
    """Keep a place above the page for what of its address is ignored; the frame calls this."""
    st.session_state["_notice"] = st.container()


def leave() -> None:
    """The last thing on a page: say above it what the address asks for and it does not show; keep its own choices."""
    url_state.remember()
    if place := st.session_state.pop("_reset", None):
        with place:
            navigation.fresh(st.session_state.get("_page") or "home", "Reset this page", **url_state.shared())
    if (text := url_notices.leave()) and (place := st.session_state.get("_notice")):
        place.info(plain(text), icon=":material/info:")


def lost() -> None:
    """Say that what the address asked for is no page, and which page has the nearest name."""
    asked = st.query_params.get(navigation.LOST)
    if not asked:
        return
    url_notices.handled(navigation.LOST)
    near = navigation.nearest(asked)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=navigation.LOST):
        st.markdown(f"There is no page '{plain(asked[:60])}' here." + " Did you mean:" * bool(near), width="content")
        if near:
            navigation.link(*near, icon="arrow_forward")


class PageEnds(StopException):
    """There is no more to a page: the frame goes on behind it; without a frame Streamlit takes it for its own."""


def stop() -> NoReturn:
    """There is no more to this page.

    `st.stop` would also throw away what the visitor has clicked meanwhile: it stops the session's next run as well. And
    where the script of the frame does not come to its end, what the page before had polled is drawn into this one.
    """
    raise PageEnds


def caveat(text: str) -> None:
    """What has to be said of a result, such as a damaged file: in sight, and calmer than an error."""
    st.warning(plain(sentence(text)), icon=":material/warning:")


def provenance(
    *,
    data: str | None = None,
    model: str | None = None,
    step: int | None = None,
    seed: int | None = None,
    device: str | None = None,
    seconds: float | None = None,
    date: datetime | float | str | None = None,
    **more: object,
) -> None:
    """The small line under a figure that says where it comes from, without what is None; `date` may be a time stamp."""
    if isinstance(date, int | float | datetime):
        date = moment(date)
    facts = {
        "data": data,
        "model": model,
        "step": step if step is None else f"{step:,}",
        "seed": seed,
        "device": device,
    }
    facts |= {"computed in": seconds if seconds is None else duration(seconds), "on": date}
    facts |= {key.replace("_", " "): value for key, value in more.items()}
    st.caption("  ·  ".join(f"{key} {plain(str(value))}" for key, value in facts.items() if value is not None))


def facts(known: Mapping[str, object]) -> None:
    """A short list of names and values."""
    pairs = (f"<dt>{html.escape(key)}</dt><dd>{html.escape(str(value))}</dd>" for key, value in known.items())
    st.html(f'<dl class="unfold-facts">{"".join(pairs)}</dl>')


def number(value: float, digits: int = 3) -> str:
    """A number with so many digits, or whole from a thousand on: 6.24, 2,129."""
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.{digits}g}"


def duration(seconds: float) -> str:
    """A length of time as people say it: 4 ms, 2.5 s, 19 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 11th …"""
    return f"{n}{'th' if n % 100 in (11, 12, 13) else TH.get(n % 10, 'th')}"


def plain(text: str) -> str:
    """Text of a user (a title, a path) made safe for Markdown."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$:-])", r"\\\1", text)


def readable(text: str) -> str:
    """A text of a teacher for Markdown: **bold** and *italic* work; links, pictures and formulas do not."""
    return re.sub(r"([\\`{}\[\]()<>#+!|~$:])", r"\\\1", text)


def sentence(text: str) -> str:
    """A message as a sentence: full stop, and a capital letter unless a name begins it, as `codes.npy` or `t-SNE`."""
    text = text.strip()
    first = text if NAME.match(text) else text[:1].upper() + text[1:]
    return first + ("" if text.endswith((".", "?", "!")) else ".")


def enumerated(words: Sequence[str]) -> str:
    """Several words in a row: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def empty(
    title: str, text: str, page: str | None = None, label: str = "", icon: str = "arrow_forward", **params: object
) -> None:
    """What stands where nothing is yet: why, and the one thing to do about it (a link to `page`)."""
    with st.container(border=True, horizontal_alignment="center", key=f"empty-{title}"):
        st.markdown(f"**{title}**", width="content")
        st.markdown(text, text_alignment="center", width="content")
        if page:
            url_state.link(page, label, icon, **params)


percent, points = statistics.percent, statistics.points  # the one style of shares and of their differences
roughly, amount = moments.roughly, moments.amount


class ErrorMessage(NamedTuple):
    """One sentence about an error, and its icon."""

    text: str
    icon: str = "error"


def explain(error: Exception) -> ErrorMessage:
    """An error in one sentence; the details of one that nobody foresaw go to the server's log alone."""
    if isinstance(error, Refused):
        return ErrorMessage(sentence(str(error)), "info")
    log.error("A page failed", exc_info=error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ErrorMessage(FULL)
    return ErrorMessage("Something went wrong here; details are in the server's log.")


def failure(error: str | None) -> ErrorMessage:
    """Why a run has failed."""
    return ErrorMessage(sentence(error or "No reason was recorded"))


def show_error(message: ErrorMessage) -> None:
    """Say what went wrong."""
    st.error(plain(message.text), icon=f":material/{message.icon}:")


def unexpected(error: Exception) -> bool:
    """Explain an error where it happened; `True` tells Streamlit that this was all. What is watched is drawn again."""
    st.session_state["_failed"] = True
    show_error(explain(error))
    return True


@contextmanager
def guard(place: DeltaGenerator | None = None) -> Iterator[None]:
    """Around a part of a page: an error in it becomes one sentence, in `place` or here; the rest still stands."""
    try:
        yield
    except Exception as error:
        with place or nullcontext():
            unexpected(error)
