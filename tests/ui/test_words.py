"""The words on the screen: the field's own, no private ones; one style of shares, differences and dates."""

import ast
import re

import pytest

from explorer.glossary import GLOSSARY
from tests import screen_text
from tests.source_cases import ROOT

PRIVATE = {  # a private word, and what a textbook says
    r"knobs?": "hyperparameter",
    r"(?:healthy )?twins?": "control run",
    r"squeez(?!enet)\w+": "projection",
    r"by lot": "chance",
    r"(?:learn\w*|know\w*) by heart": "memorise",
    r"lies (?:least|most)": "trustworthiness",
    r"names? (?:\S+ ){0,6}(?:rightly|correctly)": "accuracy",
    r"(?:gets?|got) (?:\S+ ){0,4}right": "accuracy",
    r"votes? of (?:the|its) nearest": "kNN accuracy",
    r"learned nothing": "chance",
    r"next to nothing": "barely",
    r"tells? (?:\S+ ){0,4}apart (?:fairly|poorly)": "separate the classes",
    r"is worth": "accuracy",
    r"no longer here": "deleted",
    r"all the same": "anyway",
    r"left no (?:word|reason)": "no reason was recorded",
    r"for good": "permanently",
    r"mend\w*": "repair",
    r"looked into": "examined",
    r"this is another one": "another one is shown",
    r"watched": "evaluated",
    r"all along": "during training",
    r"goes on from|go on from|went on from": "continues",
    r"anew": "again",
    r"kinds? of clothes": "classes",
    r"broken on purpose": "ablation",
    r"draw it again": "reconstruct",
    r"points? of difference": "percentage points",
}
NOT_SHOWN = {", healthy twin"}  # how an older version ended the titles of control runs
SAID = [
    it
    for it in [*screen_text.pages(), *screen_text.backend(), *screen_text.hyperparameters()]
    if " " in it.text and it.text not in NOT_SHOWN
]


@pytest.mark.parametrize("private", PRIVATE)
def test_no_private_word_stands_on_a_page(private):
    pattern = re.compile(rf"(?<!\w)(?:{private})(?!\w)", re.IGNORECASE)
    assert [f"{it.where}: {it.text}" for it in SAID if pattern.search(it.text)] == []


@pytest.mark.parametrize("text", [
    "10 numbers squeezed into a plane", "neighbours name 93% of 359 test images rightly", "learns by heart",
    "t-SNE lies least here", "chosen by lot", "a healthy twin",
])  # fmt: skip
def test_a_private_word_is_found(text):
    assert any(re.search(rf"(?<!\w)(?:{private})(?!\w)", text) for private in PRIVATE)


SOURCES = sorted(path for room in ("pages", "explorer") for path in (ROOT / room).rglob("*.py"))
OWN_STYLE = {  # the one place of a style, and what is no text
    "explorer/evaluation/statistics.py",
    "explorer/moments.py",
    "explorer/runs/store.py",  # the name of a folder
    "explorer/tasks/publish/card.py",  # the stored cards of shipped models
}


def formats(tree):
    """The format of every number and date in the strings of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            yield node.lineno, screen_text.literal(node.format_spec)


def styled(path, pattern):
    """Where a file formats a value in this way."""
    found = formats(ast.parse(path.read_text(encoding="utf-8")))
    return [f"{line}: {text}" for line, text in found if re.search(pattern, text)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_shares_and_dates_are_formatted_in_one_place(path):
    if str(path.relative_to(ROOT)) not in OWN_STYLE:
        assert styled(path, r"%$") == [], "explorer.evaluation.statistics.percent does it"
        assert styled(path, r"%[aAbBdHIjmMpSUwWxXyYZ]") == [], "explorer.moments.moment does it"


def test_a_format_is_found():
    assert [text for _, text in formats(ast.parse("f'{p:.1%} {t:%d %b}'"))] == [".1%", "%d %b"]


def test_the_sign_of_a_percentage_follows_its_number():
    said = [*SAID, *(screen_text.Said(term.name, term.sentence) for term in GLOSSARY)]
    assert [f"{it.where}: {it.text}" for it in said if re.search(r"[\d…][ \u00a0\u202f]%", it.text)] == []
