"""UMAP is compiled once on a machine, and the code that was kept draws the same map."""

import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import pairwise_distances

from explorer import Refused
from explorer.evaluation import compiled_umap
from explorer.evaluation.projections import project
from tests.source_cases import python

DRAWN = """
import json
from sklearn.datasets import load_digits
from explorer import Refused
from explorer.evaluation import compiled_umap
from explorer.evaluation.projections import project
functions = compiled_umap.compiled_functions()
{before}
coords = project(load_digits().data[:90], "umap", seed=3).coords
stats = [function.stats for function in functions]
print(json.dumps([coords.tolist(), [len(s.cache_hits) for s in stats], [len(s.cache_misses) for s in stats]]))
"""


def drawn(before=""):
    """The map that a fresh process draws, and for each function how often its code was found, and how often not."""
    return json.loads(python(DRAWN.format(before=before)).splitlines()[-1])


def test_a_second_process_compiles_nothing_and_draws_the_same_map():
    first, second = drawn(), drawn()
    assert second[1:] == [[1] * 5, [0] * 5]
    assert first[0] == second[0]


@pytest.mark.slow
def test_code_that_was_kept_draws_the_map_of_code_that_was_compiled_now():
    compiled = drawn(before="compiled_umap.compiled_functions = list")
    assert not any(compiled[1]), "nothing was kept, so nothing was looked up"
    assert compiled[0] == drawn()[0]


@pytest.fixture
def anew():
    """Prepares UMAP again, for this test alone."""
    compiled_umap._prepared.cache_clear()
    yield
    compiled_umap._prepared.cache_clear()


def test_where_a_function_cannot_be_kept_umap_is_compiled_all_the_same(anew, monkeypatch):
    kept = compiled_umap.compiled_functions()

    class Unwritable:
        def enable_caching(self):
            raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(compiled_umap, "compiled_functions", lambda: [Unwritable(), *kept])
    assert project(load_digits().data[:90], "umap").trustworthiness > 0.8


def test_two_threads_prepare_it_once(anew, monkeypatch):
    calls, imported = [], compiled_umap._imported
    monkeypatch.setattr(compiled_umap, "_imported", lambda: (calls.append(1), sleep(0.2), imported())[-1])
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda _: compiled_umap.compiled_umap(), range(2))
    assert first is second and calls == [1]


def test_functions_that_another_version_does_not_have_are_passed_over(anew, monkeypatch):
    from umap import layouts

    monkeypatch.delattr(layouts, "_nb_optimize_layout_euclidean_single_epoch")
    assert len(compiled_umap.compiled_functions()) == 4


def test_distances_that_fail_are_not_left_to_umap(anew, monkeypatch):
    from umap import umap_

    from explorer.evaluation import umap_distances

    monkeypatch.setattr(umap_, "pairwise_distances", pairwise_distances)
    monkeypatch.setattr(umap_distances, "distances", lambda *_, **__: 1 / 0)
    assert project(load_digits().data[:90], "umap").trustworthiness > 0.8
    assert umap_.pairwise_distances is pairwise_distances


def test_a_machine_without_the_package_of_umap_is_told_what_to_do(anew, monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    words = "UMAP needs the package umap-learn, which is not installed: run 'pip install -r requirements.txt' or choose"
    with pytest.raises(Refused, match=re.escape(words)):
        project(load_digits().data[:90], "umap")


@pytest.mark.parametrize("hook", ["_keep_compiled", "_pynndescent_later", "compiled_functions"])
def test_where_a_preparation_fails_umap_draws_all_the_same(hook, anew, monkeypatch):
    def fails():
        raise AttributeError("not in this version")

    monkeypatch.setattr(compiled_umap, hook, fails)
    assert project(load_digits().data[:90], "umap").trustworthiness > 0.8


@pytest.mark.parametrize(("n", "d"), [(2, 1), (40, 2), (61, 3), (100, 33), (90, 192), (30, 3072)])
def test_all_distances_at_once_are_those_that_scikit_learn_is_given_to_the_last_bit(n, d):
    compiled_umap.compiled_umap()
    from umap.distances import euclidean

    from explorer.evaluation.umap_distances import distances

    x = np.random.default_rng(n).normal(size=(n, d)).astype(np.float32)
    x[n // 2] = x[0]  # two equal points
    plain = pairwise_distances(x, metric=euclidean)
    for points in (x, np.asfortranarray(x)):
        fast = distances(points, metric=euclidean)
        assert fast.dtype == plain.dtype
        np.testing.assert_array_equal(fast, plain)
    np.testing.assert_array_equal(distances(x, metric="manhattan"), pairwise_distances(x, metric="manhattan"))


def test_the_map_is_the_one_that_umap_draws_without_them(monkeypatch):
    from umap import umap_

    x = load_digits().data[:150]
    fast = project(x, "umap", seed=3).coords
    calls = []
    monkeypatch.setattr(umap_, "pairwise_distances", lambda *a, **k: (calls.append(1), pairwise_distances(*a, **k))[1])
    np.testing.assert_array_equal(project(x, "umap", seed=3).coords, fast)
    assert calls


LATER = """
import sys
from explorer.evaluation.projections import project
from sklearn.datasets import load_digits
project(load_digits().data[:90], "umap")
before = [name for name in sys.modules if name.startswith("pynndescent")]
{then}
from pynndescent import NNDescent
print(before, NNDescent.__module__)
"""


def test_pynndescent_is_imported_when_it_is_needed_and_not_before():
    assert python(LATER.format(then="")).split() == ["[]", "pynndescent.pynndescent_"]


def test_a_map_of_many_points_needs_no_pynndescent_and_places_new_ones():
    more = """
import numpy as np
from explorer.evaluation.placing import place
from explorer.evaluation.projections import Options
x = np.random.default_rng(0).normal(size=(4200, 5)) + np.arange(4200)[:, None] % 6 * 5
drawn = project(x, "umap", watch=lambda step, of, coords: step == 60)
assert drawn.trustworthiness > 0.9 and drawn.stopped == 60
placed = place("umap", x, drawn.coords, x[:6] + 0.01, Options())
assert np.abs(placed - drawn.coords[:6]).max() < 0.1 * np.ptp(drawn.coords)
assert "pynndescent" not in sys.modules
"""
    assert python(LATER.format(then=more)).split() == ["[]", "pynndescent.pynndescent_"]


@pytest.mark.slow
def test_a_map_of_very_many_points_has_the_approximate_neighbours_of_pynndescent():
    more = """
import numpy as np
from explorer.evaluation import umap_maps
umap_maps.EXACT = 4100
x = np.random.default_rng(0).normal(size=(4200, 5)) + np.arange(4200)[:, None] % 6 * 5
assert project(x, "umap").trustworthiness > 0.9
assert "pynndescent" in sys.modules
"""
    assert python(LATER.format(then=more)).split() == ["[]", "pynndescent.pynndescent_"]
