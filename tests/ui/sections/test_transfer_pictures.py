"""The charts of a transfer: whose bars and words are those of their own point."""

from types import SimpleNamespace

import pytest

from explorer.evaluation.arm_results import Accuracy
from explorer.tasks.transfer_sources import Source
from pages.ui.sections import transfer_advice, transfer_axis


@pytest.mark.parametrize(("low", "high", "down", "up"), [
    (0.0, 0.3, 0.1, 0.2), (0.05, None, 0.05, 0.0), (None, None, 0.0, 0.0),
])  # fmt: skip
def test_an_error_bar_that_reaches_none_is_drawn(low, high, down, up):
    numbers = {"test_accuracy": 0.1, "low": low, "high": high}
    figure = transfer_advice.scatter([Source("a", SimpleNamespace(), 0.5, {"frozen": numbers})], {"a": "A"})
    assert figure.data[0].error_y.arrayminus == pytest.approx((down,))
    assert figure.data[0].error_y.array == pytest.approx((up,))


def test_each_point_says_over_how_many_seeds_its_own_interval_is():
    rows = [Accuracy("frozen", str(n), n, 3, 0.5, 0.4, 0.6, [0.5] * seeds, over)
            for n, seeds, over in ((10, 3, "seeds"), (50, 2, "seeds"), (100, 1, "images"))]  # fmt: skip
    line = next(trace for trace in transfer_axis.lines(rows, 10, (), {}).data if trace.name)
    assert [text.rpartition(", ")[2] for text in line.text] == ["3 seeds)", "2 seeds)", "one seed)"]
