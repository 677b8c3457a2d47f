"""The one reader of addresses: a value or none, for every parameter of every page; and nothing else reads them."""

import ast
import inspect
from pathlib import Path

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
    """The texts that are constants of a file, by their names."""
    found = {}
    for node in (it for it in tree.body if isinstance(it, ast.Assign)):
        target, value = node.targets[0], node.value
        both = (target.elts, value.elts) if isinstance(value, ast.Tuple) and isinstance(target, ast.Tuple) else None
        for name, it in zip(*(both or ([target], [value])), strict=True):
            if isinstance(name, ast.Name) and isinstance(it, ast.Constant):
                found[name.id] = it.value
    return found


def options(tree: ast.AST) -> dict[str, list[tuple[str, ast.expr]]]:
    """What stands in the dictionaries of a part of a file that calls are made with, by the names of those."""
    found: dict[str, list[tuple[str, ast.expr]]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            pairs = zip(node.value.keys, node.value.values, strict=True)
            words = [(getattr(key, "value", ""), value) for key, value in pairs]
            found.setdefault(ast.unparse(node.targets[0]), []).extend(words)
    return found


def keywords(call: ast.Call, known: dict[str, list[tuple[str, ast.expr]]]) -> list[tuple[str, ast.expr]]:
    """The keywords of a call, those of a dictionary among them."""
    here = [(word.arg, word.value) for word in call.keywords if word.arg]
    return here + [pair for word in call.keywords if not word.arg for pair in known.get(ast.unparse(word.value), ())]


FIRST = ("read", "flag", "put", "asked", "expected", "forget", "prepare")  # their first argument is a key


def addressed(tree: ast.Module) -> set[str]:
    """The keys, as far as they stand in a file, of what the address fills or is told; those of a form end in a dot."""
    found, known, scopes = [], constants(tree), [it for it in ast.walk(tree) if isinstance(it, ast.FunctionDef)]
    for scope in (*scopes, tree):
        named = options(scope)
        for node in (it for it in ast.walk(scope) if isinstance(it, ast.Call)):
            ours = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "url_state"
            if ours and node.func.attr in FIRST:
                found += node.args[:1]
            words = keywords(node, named)
            if (ours and node.func.attr == "choice") or any(name == "bind" for name, _ in words):
                found += [value for name, value in words if name == "key"]
    found = [known.get(key.id) if isinstance(key, ast.Name) else spelled(key) for key in found]
    return {value for value in found if isinstance(value, str)}


def spelled(key: ast.expr) -> str | None:
    """A key as it stands in the source; of `f"op.{name}"` its beginning."""
    return getattr(key.values[0] if isinstance(key, ast.JoinedStr) else key, "value", None)


def page_of(path: Path) -> str | None:
    """The page that a file belongs to by its name; None where several may draw it."""
    first = path.stem.partition("_")[0]
    return first if first in url_parameters.PAGES and path.parent.name in ("pages", "sections") else None


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.name)
def test_every_key_in_the_source_stands_in_the_table_of_its_page(path):
    table = url_parameters.PAGES.get(page_of(path), url_parameters.ALL).keys() | url_parameters.EVERYWHERE.keys()
    assert addressed(ast.parse(path.read_text())) <= table


def test_the_keys_are_found():
    found = {key for path in (ROOT / "pages").rglob("*.py") for key in addressed(ast.parse(path.read_text()))}
    assert {"roll", "class", "own", "focus", "new.n", "op."} <= found
    assert {"panel", "at", "way", "brush", "density", "a", "order", "place"} <= found


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.name)
def test_a_link_names_parameters_that_its_page_has(path):
    own = inspect.signature(navigation.link).parameters.keys()
    for node in (it for it in ast.walk(ast.parse(path.read_text())) if isinstance(it, ast.Call)):
        if ast.unparse(node.func) == "url_state.link" and isinstance(node.args[0], ast.Constant):
            words = [word.arg for word in node.keywords if word.arg and word.arg not in own]
            assert [word for word in words if not url_parameters.known(node.args[0].value, word)] == []
