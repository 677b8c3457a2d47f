"""The one reader of addresses: a value or none, for every parameter of every page; and nothing else reads them."""

import ast

import pytest

from pages.ui.kit import navigation, url_parameters
from tests.source_cases import ROOT

NUMBERS = ("inf", "-inf", "nan", "1e400", "9" * 400, "1" * 5_000, "1e18", "٣" * 20)
TEXTS = ("x" * 100_000, "\ud800", "a" * 7_000)
EVERY = [(page, key) for page, table in url_parameters.PAGES.items() for key in (*table, "simclr.temperature")]


def keys(page: str, key: str) -> str:
    """A parameter as an address spells it: a form has fields."""
    return f"{key}n" if key.endswith(".") else key


@pytest.mark.parametrize(("page", "key"), EVERY)
def test_every_parameter_refuses_what_no_widget_can_be_filled_with(page, key):
    kind = url_parameters._kind(url_parameters.PAGES[page], keys(page, key)) or url_parameters.VALUE
    for text in TEXTS:
        assert not url_parameters.allowed(page, keys(page, key), [text]), text[:10]
        assert not url_parameters.allowed(page, keys(page, key), ["1", text]), text[:10]
    if kind.finite or kind.pattern:
        assert not [text[:9] for text in NUMBERS if url_parameters.allowed(page, keys(page, key), [text])]
    if kind is url_parameters.WHOLE:
        assert not [text for text in ("", "-1", "1.5", "abc", " 1", "+1", "0x1", "1_0", "٣") if
                    url_parameters.allowed(page, key, [text])]  # fmt: skip
    assert not url_parameters.allowed(page, key, ["1"] * 5_000)


@pytest.mark.parametrize(
    ("page", "key", "text"),
    [
        ("data", "roll", "0"), ("views", "row", "59999"), ("embeddings", "selection", "1-2-train.3"),
        ("embeddings", "points", "1,000"), ("new", "simclr.train.lr", "1e-3"), ("new", "simclr.temperature", "-1"),
        ("data", "class", "inf"), ("data", "class", "a\nb"), ("data", "class", ""), ("embeddings", "find", "image 3"),
        ("runs", "run", ""), ("data", "class", "👩‍👩‍👧 می‌خواهم"), ("new", "simclr.train.classes", "nan, or not"),
    ],
)  # fmt: skip
def test_what_a_page_can_show_is_read(page, key, text):
    assert url_parameters.allowed(page, key, [text])


def test_every_page_has_a_table_and_knows_its_own_names_alone():
    assert url_parameters.PAGES.keys() == {name for name, _, _ in navigation.TABLE}
    assert url_parameters.known("data", "roll") and url_parameters.known("embeddings", "map.n")
    assert url_parameters.known("data", "utm_source") and url_parameters.known("train", "anything")
    assert not url_parameters.known("data", "row") and not url_parameters.known("data", "rol")


# -------------------------------------------------------------------------------------------------- the source

READERS = {"url_parameters.py", "url_state.py"}


def reads(tree: ast.Module) -> list[int]:
    """The lines of a file that look at the address by themselves."""
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "query_params"
            and isinstance(node.value, ast.Name) and node.value.id == "st"]  # fmt: skip


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.name)
def test_nothing_else_reads_the_address(path):
    if path.name not in READERS:
        assert reads(ast.parse(path.read_text())) == [], "url_state.read, put and restart do it"


def test_a_reader_of_its_own_is_found():
    assert reads(ast.parse("import streamlit as st\nst.query_params.get('a')")) == [2]


def constants(tree: ast.Module) -> dict[str, str]:
    """The constants of a file by their names."""
    pairs = [(node.targets[0], node.value) for node in tree.body if isinstance(node, ast.Assign)]
    named = [(key.id, value) for key, value in pairs if isinstance(key, ast.Name)]
    return {name: value.value for name, value in named if isinstance(value, ast.Constant)}


def addressed(tree: ast.Module) -> set[str]:
    """The keys, as far as they stand in a file, of what the address fills."""
    found, known = [], constants(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        ours = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "url_state"
        if ours and node.func.attr in ("read", "flag"):
            found += node.args[:1]
        elif (ours and node.func.attr == "choice") or any(word.arg == "bind" for word in node.keywords):
            found += [word.value for word in node.keywords if word.arg == "key"]
    values = [known.get(key.id) if isinstance(key, ast.Name) else getattr(key, "value", None) for key in found]
    return {value for value in values if isinstance(value, str)}


def test_every_key_in_the_source_stands_in_a_table():
    found = {key for path in (ROOT / "pages").rglob("*.py") for key in addressed(ast.parse(path.read_text()))}
    assert {"roll", "class", "own", "focus", "new.n"} <= found
    assert found <= url_parameters.ALL.keys() | url_parameters.EVERYWHERE.keys()
