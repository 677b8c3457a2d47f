"""Accuracies with intervals, and paired differences between arms."""

import numpy as np
import pytest
from scipy.stats import t as student

from explorer.evaluation.arm_results import comparisons, crossovers, paired_interval, table

N = 200


def outcome(arm, labels, seed, accuracy, n_train=100):
    return {"arm": arm, "labels": labels, "seed": seed, "test_accuracy": accuracy, "n_train": n_train, "trainable": 5}


def named(accuracy, first=0):
    """Of so many images the named ones, `first` is where they begin."""
    return np.roll(np.arange(N) < round(accuracy * N), first)


def test_of_several_seeds_the_interval_is_that_of_their_mean():
    values = [0.5, 0.6, 0.7]
    (row,) = table([outcome("frozen", "1", seed, value) for seed, value in enumerate(values)], N)
    half = student.ppf(0.975, 2) * np.std(values, ddof=1) / np.sqrt(3)
    assert (row.mean, row.over) == (pytest.approx(0.6), "seeds")
    assert (row.low, row.high) == (pytest.approx(0.6 - half, abs=1e-3), pytest.approx(0.6 + half, abs=1e-3))


def test_of_one_seed_it_is_that_of_the_test_images():
    (row,) = table([outcome("frozen", "1", 0, 0.5)], N)
    assert row.over == "images" and row.high - row.low == pytest.approx(0.137, abs=0.002)


def test_seeds_are_paired():
    """Each seed moves both arms by more than they differ, and the difference is the same in all."""
    seeds = {0: 0.50, 1: 0.70, 2: 0.90}
    outcomes = [outcome(arm, "1", seed, p + extra) for seed, p in seeds.items() for arm, extra in
                (("frozen", 0.0), ("finetune", 0.02 + seed / 1000))]  # fmt: skip
    right = {(each["arm"], "1", each["seed"]): named(each["test_accuracy"]) for each in outcomes}
    (found,) = comparisons(outcomes, right)
    assert (found.first, found.second, found.better, found.over) == ("frozen", "finetune", "finetune", "seeds")
    assert found.low < found.difference < found.high < 0


def test_of_one_seed_the_images_are_paired():
    outcomes = [outcome("frozen", "1", 0, 0.8), outcome("finetune", "1", 0, 0.77)]
    same, others = named(0.77), named(0.77, 100)
    found = {}
    for name, second in (("same", same), ("others", others)):
        right = {("frozen", "1", 0): named(0.8), ("finetune", "1", 0): second}
        (found[name],) = comparisons(outcomes, right)
    assert found["same"].better == "frozen", "wrong where the other is wrong, too, and then some"
    assert found["others"].better is None, "the same accuracies, and no difference"


def test_too_few_images_are_no_difference():
    outcomes = [outcome("a", "1", 0, 1.0), outcome("b", "1", 0, 0.0)]
    right = {("a", "1", 0): np.ones(20, bool), ("b", "1", 0): np.zeros(20, bool)}
    assert comparisons(outcomes, right)[0].better is None


def test_arms_that_name_the_same_do_not_differ():
    low, high = paired_interval(named(0.5), named(0.5))
    assert low < 0 < high


def test_each_other_arm_is_crossed_with_the_frozen_one_whatever_their_order():
    curves = {"scratch": {1: 0.1, 10: 0.3}, "frozen": {1: 0.5, 10: 0.6}, "lora": {1: 0.3, 10: 0.9}}
    outcomes = [outcome(arm, str(n), 0, p, 10 * n) for arm, curve in curves.items() for n, p in curve.items()]
    right = {(each["arm"], each["labels"], 0): named(each["test_accuracy"]) for each in outcomes}
    found = {each.second: each for each in crossovers(comparisons(outcomes, right), 10)}
    assert set(found) == {"scratch", "lora"} and found["scratch"].at is None
    assert [each.labels for each in found["lora"].differences] == [1, 10] and 1 < found["lora"].at < 10
