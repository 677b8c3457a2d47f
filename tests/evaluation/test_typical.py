"""What is typical of a selection, with selections of which it is known."""

import numpy as np

from explorer.evaluation import typical

NAMES = ["cat", "dog", "bird"]


def test_a_class_that_fills_a_selection_is_over_represented_with_its_counts():
    y = np.repeat([0, 1, 2], 100)
    chosen = np.zeros(300, bool)
    chosen[100:130] = chosen[:3] = True
    (dog,) = typical.over_represented(chosen, y, NAMES)
    assert (dog.name, dog.n) == ("dog", 30) and abs(dog.expected - 11) < 1e-9


def test_a_random_selection_has_nothing_typical():
    rng = np.random.default_rng(0)
    y, factors = np.repeat([0, 1, 2], 100), {"hue": rng.uniform(size=300), "x": rng.uniform(size=300)}
    found = 0
    for _ in range(50):
        chosen = np.isin(np.arange(300), rng.permutation(300)[:40])
        found += len(typical.over_represented(chosen, y, NAMES)) + len(typical.shifted(chosen, factors))
    assert found <= 3, "1 % of 50 selections, twice"


def test_a_factor_that_is_narrow_inside_is_shifted_also_around_the_middle():
    values = np.linspace(0, 1, 300)
    chosen = (values > 0.45) & (values < 0.55)
    (found,) = typical.shifted(chosen, {"hue": values})
    assert found.name == "hue" and found.inside[0] > 0.45 and found.inside[1] < 0.55 and found.outside[1] > 0.7


def test_all_and_none_are_no_selection():
    values = {"hue": np.linspace(0, 1, 30)}
    y = np.zeros(30, int)
    for chosen in (np.zeros(30, bool), np.ones(30, bool)):
        assert typical.shifted(chosen, values) == [] and typical.over_represented(chosen, y, ["one"]) == []


def test_words_and_few_whole_numbers_are_classes():
    assert not typical.is_number(np.array(["a", "b"]))
    assert not typical.is_number(np.arange(30) % 4)
    assert typical.is_number(np.arange(30))
    assert typical.is_number(np.array([0.5, 0.5]))
