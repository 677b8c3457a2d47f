"""Terms of the field, explained where they stand: underlined with dots, with a sentence on hover, focus and tap.

    st.caption(glossary.terms("The kNN accuracy of the frozen encoder."))
    st.metric("Frozen", value, help=glossary.explained("frozen"))

A term becomes a Markdown link to `#term-…` whose title is its sentence. `listen`, once for each page, lets glossary.js
show that title on hover, keyboard focus and touch; without it the browser shows the title on hover.
"""

import re
from functools import cache, lru_cache
from pathlib import Path

import streamlit as st

from explorer.glossary import GLOSSARY, Term

KEY = "glossary-listener"  # of the container, which style.css takes out of the page's flow
# What is no prose: escapes, code, formulae, links, icons and other directives, addresses.
PROTECTED = r"\\.|`[^`]*`|\$[^$]*\$|!?\[[^\]]*\]\([^)]*\)|:[a-z-]+(?:/\w+:|\[)|https?://\S+"

_script = (Path(__file__).parent / "glossary.js").read_text("utf-8")
_component = st.components.v2.component("unfold_glossary", js=_script)


@lru_cache(maxsize=1024)
def terms(text: str) -> str:
    """The Markdown with each term of the field, where it stands first, as a link that explains it."""
    linked: set[str] = set()

    def link(at: re.Match[str]) -> str:
        term = _by_word().get(_plain(at["term"])) or _by_word().get(_plain(at["term"]).lower()) if at["term"] else None
        if term is None or term.name in linked:
            return at[0]
        linked.add(term.name)
        return f'[{at[0]}](#{anchor(term)} "{_title(term)}")'

    return pattern().sub(link, text)


def explained(name: str) -> str:
    """A term's sentence, for the `help` of a widget or of a column."""
    return next(term for term in GLOSSARY if term.name == name).sentence


def anchor(term: Term) -> str:
    """Where the link of a term leads."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", term.name.lower()).strip("-")


def listen() -> None:
    """Explain terms on this page; the frame calls this before the page runs."""
    with st.container(key=KEY):
        _component(key="glossary")


def listed() -> dict[str, str]:
    """The sentence and the paper of every term, by its name, in alphabetical order."""
    ordered = sorted(GLOSSARY, key=lambda term: term.name.lower())
    return {term.name: " ".join(filter(None, [term.sentence, term.paper])) for term in ordered}


def _title(term: Term) -> str:
    return f"{term.name}: {term.sentence}"


def _plain(word: str) -> str:
    """A word as the glossary spells it: singular, without escapes and special spaces."""
    word = word.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")
    return word.removesuffix("s") if word not in _spellings() and word.lower() not in _spellings() else word


@cache
def _spellings() -> frozenset[str]:
    return frozenset(word for term in GLOSSARY for word in term.words())


@cache
def _by_word() -> dict[str, Term]:
    return {word: term for term in GLOSSARY for word in term.words()}


@cache
def pattern() -> re.Pattern[str]:
    """What is protected, or a term; one in lower case may begin a sentence, one with capitals is always so spelled."""
    words = sorted(_spellings(), key=len, reverse=True)
    return re.compile(rf"{PROTECTED}|(?<![\w-])(?P<term>{'|'.join(map(spelled, words))})(?![\w-])")


def spelled(word: str) -> str:
    """A regular expression for one spelling, its plural, and its escaped form in Markdown."""
    pattern = re.escape(word).replace(r"\ ", r"[ \u00a0]").replace(r"\-", r"\\?-")
    plural = "" if word.endswith("s") else "s?"
    return (pattern if word != word.lower() else f"(?i:{pattern})") + plural
