"""Names in a terminal and in a table: neither obeys them."""

import csv
import io

import pytest

from explorer import foreign_text
from explorer.__main__ import main
from explorer.tasks import export
from tests.payloads import PAYLOADS


def test_a_terminal_gets_no_controls():
    stream = io.StringIO()
    print(*PAYLOADS, "\x9b31m", "a\tb", sep="\n", file=foreign_text.Terminal(stream))
    assert not {each for each in stream.getvalue() if not each.isprintable()} - {"\n", "\t"}
    assert r"\x1b[31mevil" in stream.getvalue() and "a\tb" in stream.getvalue()


def test_the_command_line_says_a_name_in_letters(capsys):
    assert main(["train", "simclr", "\x1b[31mevil"]) == 2
    said = capsys.readouterr().err
    assert "evil" in said and "\x1b" not in said


@pytest.mark.parametrize(
    ("value", "made"),
    [("=1+1", "'=1+1"), ("@a", "'@a"), ("-a", "'-a"), (" =a", "' =a"), ("\ta", "'\ta"), ("a=b", "a=b"), (-1.5, -1.5),
     (None, None), ("\N{FULLWIDTH EQUALS SIGN}a", "'\N{FULLWIDTH EQUALS SIGN}a")],
)  # fmt: skip
def test_a_spreadsheet_computes_no_text(value, made):
    assert foreign_text.cell(value) == made


def test_the_tables_of_an_export_hold_no_formula():
    rows = [{"class": text, f"={i}": -1.5} for i, text in enumerate(PAYLOADS)]
    table = list(csv.reader(io.StringIO(export.table(rows).decode())))
    assert not [cell for row in table for cell in row if cell[:1] in "=+@" and cell]
    assert any("-1.5" in row for row in table)
