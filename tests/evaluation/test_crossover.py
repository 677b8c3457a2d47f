"""From how many labels on one arm beats another, or that none was seen."""

import json

import pytest

from explorer.evaluation.crossover import Crossover, Difference, crossover, words


def along(*means, half=0.01, labels=(1, 10, 100)):
    points = [Difference(n, mean, mean - half, mean + half) for n, mean in zip(labels, means, strict=True)]
    return crossover("frozen", "finetune", points)


def test_it_lies_between_two_amounts_along_the_logarithm():
    found = along(-0.2, -0.1, 0.1)
    assert found.at == pytest.approx(10**1.5)
    assert found.low == pytest.approx(10 ** (1 + 0.09 / 0.2)) and found.high == pytest.approx(10 ** (1 + 0.11 / 0.2))
    assert words(found, "Frozen", "Fine-tuned") == (
        "fine-tuned is ahead of frozen from about 31.6 labels per class on "
        "(28.2 to 35.5 by the 95% intervals at each amount)"
    )


def test_only_from_where_it_stays_ahead():
    assert along(0.1, -0.1, 0.1).at > 10
    assert along(0.1, -0.1, -0.2).at is None


def test_an_end_that_is_not_sure_is_open():
    found = along(-0.2, -0.1, 0.1, half=0.15)
    assert found.high is None and found.at == pytest.approx(10**1.5) and found.low < 10
    assert "(3.16 to more than 100 by" in words(found, "A", "B")
    assert along(-0.01, 0.1, 0.2, half=0.02).low == 1, "the upper end is positive from the fewest labels on"


def test_what_is_ahead_at_the_fewest_labels_crosses_at_or_below_them():
    assert words(along(0.005, 0.1, 0.2), "A", "B") == (
        "B is ahead of A at every amount that was asked (1 to 100 labels per class), so it crosses at 1 or fewer; "
        "by the 95% intervals at each amount it may cross at up to 1.13"
    )
    found = along(-0.005, 0.1, 0.2)
    assert found.at > 1 and "from about 1.12 labels per class on (1 or fewer to" in words(found, "A", "B")
    unsure = words(along(0.1, 0.2, 0.1, half=0.15), "A", "B")
    assert unsure.endswith(
        "it crosses at 1 or fewer; by the 95% intervals at each amount it may cross at more than 100"
    )


@pytest.mark.parametrize(
    ("means", "said"),
    [
        ((-0.2, -0.1, -0.1), "there is no crossover within"),
        ((0.1, 0.2, 0.3), "B beats A at every amount that was asked (1 to 100 labels per class)"),
        ((0.001, -0.002, 0.005), "no difference between A and B is seen"),
        ((-0.2, 0.1, -0.001), "no crossover within what was asked (1 to 100 labels per class): B is not ahead of A at"),
    ],
)  # fmt: skip
def test_none_within_what_was_asked_is_said(means, said):
    assert said in words(along(*means), "A", "B")


def test_with_one_amount_there_is_no_axis():
    assert crossover("a", "b", [Difference(10, 0.1, 0.05, 0.15)]) is None


def test_it_is_read_back_from_json():
    found = along(-0.2, -0.1, 0.1)
    assert Crossover.read(json.loads(json.dumps(found.plain()))) == found
