"""Text of others as letters, for each language that is read; and no sink of the source without it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.ui.kit import chart, figures, palette, plain_text
from tests.payloads import PAYLOADS, letters
from tests.source_cases import ROOT


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a\n# b", r"a \# b"), ("a\0b", "a\N{REPLACEMENT CHARACTER}b"), ("\u202eab", "\N{REPLACEMENT CHARACTER}ab"),
        ("1. a", "1\N{WORD JOINER}. a"), ("0.002", "0.002"), ("SimCLR on digits, 3 seeds", "SimCLR on digits, 3 seeds"),
        ("https://a", "https\\:\N{WORD JOINER}//a"), ("a@b.c", "a@\N{WORD JOINER}b.c"), ("12:30", r"12\:30"),
        (":a:", "\\:\N{WORD JOINER}a\\:"), ("a -> b", "a \\-\N{WORD JOINER}\\> b"),
        ("run@best", "run@best"),
        ("https://download.pytorch.org/a.pth", "https\\://download.pytorch.org/a.pth"),
        ("https://download.pytorch.org.evil/a", "https\\:\N{WORD JOINER}//download.pytorch.org.evil/a"),
        ("a → b", "a → b"), ("&lt;", r"\&lt;"),
    ],
)  # fmt: skip
def test_markdown(text, made):
    assert plain_text.markdown(text) == made


def test_a_teacher_s_text_keeps_its_lines_and_its_bold_words():
    assert plain_text.styled("**a**\n\n1. b\n2. [c](d)") == "**a**\n\n1. b\n2. \\[c\\]\\(d\\)"


@pytest.mark.parametrize("text", PAYLOADS)
def test_html_and_plotly_have_no_tag_of_a_name(text):
    for made in (plain_text.markup(text), palette.words(text)):
        assert "<" not in made and "%{" not in palette.words(text)
    assert "'" not in plain_text.markup(text) and "\n" not in plain_text.markup(text)
    assert letters(text).strip()
    encoded = chart.encode(figures.go.Figure(figures.go.Bar(x=[text], y=[1], name=text)))
    assert b"<a" not in encoded and b"<script" not in encoded and b"<img" not in encoded and b"<svg" not in encoded


def test_the_tags_of_our_own_figures_stay():
    figure = figures.bars({"a": [1], "b": [2]}, ["<b>x"])
    figure.add_annotation(text="one<br>two")
    encoded = chart.encode(figure).decode()
    assert "one<br>two" in encoded and "<extra></extra>" in encoded and "&lt;b&gt;x" in encoded


# ------------------------------------------------------------------------------------------------ the source

STREAMLIT = {"badge", "button", "caption", "checkbox", "download_button", "error", "expander", "header", "info",
             "markdown", "metric", "page_link", "popover", "progress", "spinner", "subheader", "success", "tabs",
             "title", "toast", "toggle", "warning", "write"}  # fmt: skip
OURS = {
    "messages": {"question", "lead_sentence", "prose", "caption", "heading", "empty"},
    "url_state": {"link"}, "navigation": {"link"}, "actions": {"button"},
}  # fmt: skip
FOREIGN = {"title", "classes", "problem", "path", "message", "why", "question", "source", "nickname", "caveat", "error"}
SPELLS = {"plain", "readable", "markup", "words", "len"}
OF_THE_SOURCE = {  # whose titles are written in this repository
    "info.title", "method.info.title", "chosen.title", "preset.title", "PROJECTIONS[how].title", "column.title",
    "methods_section.source", "entry.source",
}  # fmt: skip


def foreign(node: ast.AST, known: set[str]) -> Iterator[str]:
    """What of an expression may be text of others and is not spelled for Markdown."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in SPELLS:
            return
        inner = [*node.args, *(word.value for word in node.keywords)] if name in ("join", "sentence", "format") else []
        for each in inner:
            yield from foreign(each, known)
    elif isinstance(node, ast.Attribute):
        if node.attr in FOREIGN and ast.unparse(node) not in OF_THE_SOURCE:
            yield ast.unparse(node)
    elif isinstance(node, ast.Name):
        if node.id in known:
            yield node.id
    elif isinstance(node, ast.IfExp):
        yield from (*foreign(node.body, known), *foreign(node.orelse, known))
    elif not isinstance(node, ast.Lambda | ast.Compare):
        for each in ast.iter_child_nodes(node):
            yield from foreign(each, known)


def scopes(tree: ast.Module) -> Iterator[list[ast.AST]]:
    """The nodes of each function, and those outside of all."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = {id(node) for function in functions for node in ast.walk(function)}
    yield [node for node in ast.walk(tree) if id(node) not in inside]
    yield from (list(ast.walk(function)) for function in functions)


def is_sink(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    of = ast.unparse(call.func.value)
    return of != "model_cache" and call.func.attr in OURS.get(of, STREAMLIT)


def leaks(source: str) -> list[str]:
    """The sinks of a file that show text of others as it is."""
    found = []
    for nodes in scopes(ast.parse(source)):
        pairs = [(node.targets[0], node.value) for node in nodes if isinstance(node, ast.Assign)]
        known = {to.id for to, value in pairs if isinstance(to, ast.Name) and any(foreign(value, set()))}
        for call in nodes:
            if isinstance(call, ast.Call) and is_sink(call):
                shown = call.args[:2] if call.func.attr != "button" else call.args[:1]
                shown = [*shown, *(word.value for word in call.keywords if word.arg in ("help", "label", "text"))]
                found += [f"{call.lineno}: {text}" for each in shown for text in foreign(each, known)]
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.name)
def test_no_sink_shows_text_of_others_as_it_is(path: Path):
    text = path.read_text()
    assert leaks(text) == [], "messages.plain spells it"
    if path.name != "plain_text.py":
        assert "html.escape" not in text and "from html import" not in text, "plain_text.markup does it"
    assert "plotly_chart(" not in text, "figures.show does it"


@pytest.mark.parametrize(
    "line",
    ["st.markdown(run.title)", "st.caption(f'a {dataset.classes[0]}')", "messages.question(run.title)",
     "st.button(entry.title)", "st.expander('a', help=entry.problem)", "t = entry.title\nst.info(f'{t}')",
     "url_state.link('a', entry.title)", "x.markdown(', '.join(dataset.classes))"],
)  # fmt: skip
def test_a_sink_without_it_is_found(line):
    assert leaks(line)
    assert not leaks(line.replace("run.title", "messages.plain(run.title)")) or "run.title" not in line
