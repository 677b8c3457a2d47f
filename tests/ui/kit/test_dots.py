"""Dots with intervals: an axis that shows the differences, and none that makes much of nothing."""

import pytest

from pages.ui.kit import dots


def span(figure):
    return figure.layout.xaxis.range


def test_the_axis_holds_all_dots_and_does_not_start_at_zero():
    rows = [dots.Row("a", [0.95, 0.97], 0.95, 0.97), dots.Row("b", [0.9], 0.88, 0.92)]
    low, high = span(dots.intervals(rows))
    assert 0.8 < low < 0.88 and 0.97 < high < 1.05


@pytest.mark.parametrize("least", [0.0, 0.01])
def test_a_difference_that_counts_as_none_is_seen_to_be_small(least):
    rows = [dots.Row("a", [0.0260], 0.0260, 0.0260), dots.Row("b", [0.0261], 0.0261, 0.0261)]
    low, high = span(dots.intervals(rows, percent=False, least=least))
    assert (high - low >= 4 * least) and low < 0.026 < 0.0261 < high


def test_a_limit_is_in_the_picture():
    figure = dots.intervals([dots.Row("a", [1.1], 1.0, 1.2)], percent=False, limit=2.0)
    assert span(figure)[1] > 2.0
    assert len(figure.layout.shapes) == 1


def test_guesses_are_a_dot_each_in_the_order_of_the_answers():
    figure = dots.stacked({"yes": 3, "no": 0, "maybe": 500}, own="yes", right="no")
    assert [len(trace.x) for trace in figure.data] == [3, 0, dots.MANY]
    assert [note.text for note in figure.layout.annotations] == ["3", "none", "500"]
    assert list(figure.data[0].marker.line.width) == [2.5, 0, 0]
    assert list(figure.layout.yaxis.categoryarray) == ["yes", "no", "maybe"]
