"""A table of counts: the shade of a cell is its share of the whole row, and what is not shown is counted."""

import pytest

from pages.ui.kit import matrix


def passed(monkeypatch, counts, **more):
    sent = []
    monkeypatch.setattr(matrix, "_component", lambda **given: sent.append(given["data"]))
    matrix.matrix("key", "label", ["a", "b"], counts, None, lambda row, column: None, **more)
    return sent[0]


def test_a_shade_is_a_share_of_the_whole_row(monkeypatch):
    sent = passed(monkeypatch, [[6, 1], [0, 0]], totals=[100, 7])
    assert sent["shares"][0] == pytest.approx([0.06, 0.1])
    assert sent["others"] == [93, 7] and sent["shares"][1] == [0, 0]
    assert sent["otherShares"] == pytest.approx([0.93**0.5, 1])


def test_where_all_columns_are_shown_there_are_no_others(monkeypatch):
    assert passed(monkeypatch, [[6, 2], [0, 0]], totals=[8, 0])["others"] is None
    sent = passed(monkeypatch, [[6, 2], [0, 0]])
    assert sent["others"] is None and sent["shares"] == [[0.75, 0.5], [0, 0]]
