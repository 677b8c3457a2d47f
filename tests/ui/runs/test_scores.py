"""A probe says itself what its number is called and whether it is a share of the images."""

import pytest

from explorer.evaluation.probes import PROBES, Probe
from explorer.lessons import sources
from pages.ui.kit import messages
from pages.ui.runs import scores


@pytest.mark.parametrize(("accuracy", "shown"), [("accuracy of clusters", "12%"), ("", "0.125")])
def test_a_probe_says_itself_whether_it_is_a_share_of_the_images(accuracy, shown, monkeypatch):
    purity = Probe(lambda bank, queries: 0.0, "purity", "cluster purity", "higher", False, False, accuracy)
    monkeypatch.setitem(PROBES._found(), "purity", purity)
    assert scores.figure("purity", 0.125, 100) == shown
    assert scores.heading("purity") == (accuracy or "cluster purity")
    assert (sources.is_share("purity"), sources.is_share("frozen.purity_10")) == (bool(accuracy), bool(accuracy))
    assert sources.title("purity") == (accuracy or "cluster purity")


@pytest.mark.parametrize(("share", "cell"), [(0.605, 60), (0.615, 62), (0.6049, 60), (0.6151, 62), (0.999, 99)])
def test_a_table_rounds_as_the_sentences_do(share, cell):
    assert scores._row("a model", {"knn": share}, 1000)["kNN accuracy"] == cell
    assert f"{cell}%" in messages.percent(share, 1000)
