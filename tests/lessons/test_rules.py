"""The rules: better by more than the interval, or no difference."""

import re

import pytest

from explorer import Refused
from explorer.lessons.rules import Best, Compare, Threshold
from explorer.lessons.sources import Measured, Source

SOURCE = {"study": "s", "data": "d", "arm": "a"}
ANSWERS = {"first": "A", "second": "B", "neither": "-"}


def seeds(*values, label="x"):
    return Measured(label, dict(enumerate(values)), 0, len(values) > 1)


def share(p, n, label="x"):
    return Measured(label, {0: p}, n)


def compare(**more):
    return Compare(rule="compare", first=SOURCE, second=SOURCE, answers=ANSWERS, **more)


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (seeds(0.5, 0.6, 0.7), seeds(0.4, 0.5, 0.6), "A"),  # seed by seed, though the ranges overlap
        (seeds(0.4, 0.5, 0.6), seeds(0.5, 0.6, 0.7), "B"),
        (seeds(0.5, 0.6, 0.7), seeds(0.4, 0.5, 0.8), "-"),  # one seed says the opposite
        (seeds(0.5, 0.6), seeds(0.45), "A"),  # what has no seeds stands beside each of them
        (seeds(0.45), seeds(0.4, 0.5), "-"),
        (share(0.80, 1000), share(0.70, 1000), "A"),
        (share(0.80, 1000), share(0.79, 1000), "-"),
        (share(0.80, 30), share(0.70, 30), "-"),  # of so few images
        (share(0.70, 1000), share(0.80, 1000), "B"),
        (seeds(0.993), seeds(0.843), "A"),  # without an interval
    ],
)
def test_a_comparison_is_decided_by_more_than_the_interval(a, b, answer):
    assert compare().outcome([a, b]).answer == answer


def test_lower_can_be_better_and_a_small_difference_can_count_as_none():
    small = [seeds(0.0260, 0.0261), seeds(0.0262, 0.0263)]
    assert compare(better="lower").outcome(small).answer == "A"
    assert compare(better="higher").outcome(small).answer == "B"
    assert compare(better="lower", at_least=0.001).outcome(small).answer == "-"


def test_the_interval_of_a_difference_is_that_of_two_shares():
    from explorer.evaluation import statistics

    for p, q, n in ((0.8, 0.76, 500), (0.8, 0.74, 500), (0.9, 0.87, 359)):
        told = compare().outcome([share(p, n), share(q, n)]).answer
        assert (told == "A") == statistics.difference_is_significant(p, q, n)


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ((seeds(0.5, 0.6), seeds(0.4, 0.5), seeds(0.3, 0.4)), "one"),
        ((seeds(0.3, 0.4), seeds(0.5, 0.6), seeds(0.4, 0.5)), "two"),
        ((seeds(0.5, 0.6), seeds(0.5, 0.5), seeds(0.3, 0.4)), "-"),  # the two best are equal in a seed
        ((seeds(0.5, 0.6), seeds(0.3, 0.5), seeds(0.51, 0.45)), "-"),
    ],
)
def test_the_best_must_be_ahead_of_all_others(values, answer):
    rule = Best(rule="best", of={"one": SOURCE, "two": SOURCE, "three": SOURCE}, neither="-")
    assert rule.outcome(list(values)).answer == answer


@pytest.mark.parametrize(
    ("value", "answer"),
    [(seeds(1.1, 1.2), "below"), (seeds(2.1, 3.0), "above"), (seeds(1.9, 2.1), "-"), (seeds(2.0, 3.0), "-")],
)
def test_a_threshold_needs_the_whole_interval_on_one_side(value, answer):
    rule = Threshold(rule="threshold", value=SOURCE, limit=2, above="above", below="below", neither="-")
    assert rule.outcome([value]).answer == answer


def test_seeds_must_be_in_common():
    with pytest.raises(Refused, match="two seeds in common"):
        compare().outcome([Measured("x", {0: 1.0, 1: 2.0}, 0, True), Measured("y", {2: 1.0, 3: 2.0}, 0, True)])


@pytest.mark.parametrize(
    "fields", [{}, {"study": "s"}, {"model": "m", "run": "own"}, {"run": "other"}, {"model": "m", "map": "pca"}]
)
def test_a_source_names_exactly_one_place(fields):
    with pytest.raises(ValueError, match=r"place|study|run|map"):
        Source(**fields)


@pytest.mark.parametrize(
    ("a", "b", "at_least", "reason"),
    [
        (((0.5, 0.6), {}), ((0.45, 0.62), {}), 0.0005, "neither a nor b is higher in every seed"),
        (((0.5, 0.6), {}), ((0.4999, 0.5999), {}), 0.0005, "a and b differ by no more than 0.0005, which counts"),
        (((0.5, 0.6), {}), ((0.55,), {}), 0, "neither a nor b is higher in every seed"),
        (((0.55,), {}), ((0.5, 0.6), {}), 0, "neither a nor b is higher in every seed"),
        (((0.5,), {}), ((0.5,), {}), 0, "a and b are equal"),
        (((0.9,), {}), ((0.8,), {}), 0, "a is higher than b$"),
        (((0.9,), {}), ((0.8,), {}), 0.05, r"a is higher than b by more than 0\.05$"),
        (((0.80,), {"n": 1000}), ((0.79,), {"n": 1000}), 0.005, "a and b differ by less than the sampling error"),
    ],
)
def test_the_reason_of_a_comparison_names_the_condition_that_decided(a, b, at_least, reason):
    pair = [Measured(name, dict(enumerate(of)), more.get("n", 0), len(of) > 1) for name, (of, more) in
            (("a", a), ("b", b))]  # fmt: skip
    assert re.match(reason, compare(at_least=at_least).outcome(pair).reason)


def test_the_reason_of_the_best_names_the_pair_that_is_not_decided():
    rule = Best(rule="best", of={"one": SOURCE, "two": SOURCE, "three": SOURCE}, neither="-")
    three = [seeds(0.5, 0.7, label="a"), seeds(0.49, 0.69, label="b"), seeds(0.3, 0.75, label="c")]
    assert rule.outcome(three).reason == "neither a nor c is higher in every seed"


@pytest.mark.parametrize(
    ("value", "at_least", "reason"),
    [
        (seeds(0.995, 0.996), 0.01, "x, or a part of its interval, lies 0.01 or less from 0.99"),
        (seeds(0.98, 0.996), 0.01, "the interval of x holds 0.99"),
        (seeds(0.99), 0, "x is exactly 0.99"),
    ],
)
def test_the_reason_of_a_threshold_says_whether_the_interval_holds_the_limit(value, at_least, reason):
    rule = Threshold(
        rule="threshold", value=SOURCE, limit=0.99, at_least=at_least, above="above", below="below", neither="-"
    )
    assert rule.outcome([value]).reason.startswith(reason)
