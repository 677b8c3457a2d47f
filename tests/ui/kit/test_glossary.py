"""Terms of the field in the Markdown of a page: linked once, with their sentence, and nowhere else than in prose."""

import ast

import pytest
from streamlit.testing.v1 import AppTest

from explorer.glossary import GLOSSARY
from pages.ui.kit import glossary
from tests import screen_text
from tests.source_cases import ROOT

PLAIN = {"caption", "markdown", "subheader", "header"}  # of Streamlit: they explain nothing


def named(name):
    return next(term for term in GLOSSARY if term.name == name)


def link(words, name):
    return f'[{words}](#{glossary.anchor(named(name))} "{name}: {named(name).sentence}")'


@pytest.mark.parametrize(("text", "linked"), [
    ("kNN accuracy 93%", f"{link('kNN accuracy', 'kNN accuracy')} 93%"),
    ("Collapsed, and collapse", f"{link('Collapsed', 'collapse')}, and collapse"),
    ("two encoders", f"two {link('encoders', 'encoder')}"),
    ("**PCA**", f"**{link('PCA', 'PCA')}**"),
    (r"by t\-SNE", "by " + link(r"t\-SNE", "t-SNE")),
    ("the batch size", f"the {link('batch', 'batch')} size"),
])  # fmt: skip
def test_a_term_is_linked_with_its_sentence_where_it_stands_first(text, linked):
    assert glossary.terms(text) == linked


@pytest.mark.parametrize("text", [
    "`encoder`", "[encoder](/methods)", "$encoder$", "pca is no PCAs-like word", "an autoencoders-only", "multi-batch",
    ":material/encoder: nothing", "https://example.org/encoder", "spread out",
])  # fmt: skip
def test_code_links_and_other_words_are_left_alone(text):
    assert glossary.terms(text) == text


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.name)
def test_every_spelling_of_every_term_is_linked_to_its_own_entry(term):
    for word in term.words():
        assert glossary.terms(f"x {word} x") == f"x {link(word, term.name)} x"


def test_anchors_are_unique():
    assert len({glossary.anchor(term) for term in GLOSSARY}) == len(GLOSSARY)


def test_a_term_is_explained_for_help_texts():
    assert glossary.explained("sweep") == named("sweep").sentence


def test_prose_captions_headings_and_lead_sentences_explain_their_terms():
    at = AppTest.from_string(
        "from pages.ui.kit import messages\n"
        "messages.lead_sentence('an epoch'); messages.prose('an epoch'); messages.caption('an epoch');"
        "messages.heading('an epoch')"
    ).run(timeout=60)
    texts = [it.value for kind in (at.markdown, at.caption, at.header) for it in kind]
    assert texts == [f"an {link('epoch', 'epoch')}"] * 4


def unexplained(tree):
    """Calls of Streamlit's own prose with a term of the field in them: `messages` would explain it."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if node.func.attr in PLAIN and ast.unparse(node.func.value) != "messages":
            parts = [screen_text.literal(part) or "" for part in ast.walk(node.args[0])]
            text = " ".join(part for part in parts if " " in part or part == parts[0])  # others are keys
            if glossary.terms(text) != text:
                yield f"{node.lineno}: {text}"


PAGES = sorted(path for path in (ROOT / "pages").rglob("*.py") if path.name != "messages.py")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_term_on_a_page_is_explained_where_it_stands(path):
    assert list(unexplained(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_a_term_that_is_not_explained_is_found():
    assert list(unexplained(ast.parse("st.caption('an epoch')")))
    assert not list(unexplained(ast.parse("messages.caption('an epoch')")))
