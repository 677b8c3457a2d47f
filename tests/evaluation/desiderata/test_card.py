"""The whole card: its rows, what is missing in them, and what is refused before anything is measured."""

import numpy as np
import pytest

from explorer import Refused
from explorer.evaluation import report_card
from tests.evaluation.desiderata.test_desiderata import CONSTANT, codes, subject


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("side", ["bank", "queries"])
def test_a_card_of_features_that_are_no_numbers_is_refused_in_a_sentence(side, value):
    broken = codes(80, seed=1)
    broken.z[[3, 7], 0] = value
    with pytest.raises(Refused, match="the features of 2 of 80 images are not finite in x: train it with a lower"):
        report_card.card([subject(**{side: broken})])


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize(("side", "words"), [("queries", "on which it is measured"), ("bank", "that it learns from")])
def test_a_card_of_less_than_two_images_is_refused_in_a_sentence(side, words, n):
    with pytest.raises(Refused, match=f"takes at least 2 images {words}, and there are {n}: add some"):
        report_card.card([subject(**{side: codes(n)})])


def test_a_card_has_every_row_and_says_for_each_model_why_a_number_is_missing():
    card = report_card.card([subject(), subject(CONSTANT, CONSTANT), subject(tree="((a, b), (c, d))")])
    assert [row["name"] for row in card][:2] == ["downstream", "interpretability"] and len(card) == 8
    rows = {row["name"]: row for row in card}
    assert rows["clusterability"]["numbers"]["agreement"]["values"][1] is None
    assert rows["clusterability"]["refused"][0] == "" and "collapsed" in rows["clusterability"]["refused"][1]
    assert [value is None for value in rows["hierarchy"]["numbers"]["p"]["values"]] == [True, True, False]
    assert rows["sparsity"]["source"] and rows["sparsity"]["question"]
