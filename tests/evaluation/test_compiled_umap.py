"""UMAP is compiled once on a machine, and the code that was kept draws the same map."""

import json

import pytest
from sklearn.datasets import load_digits

from explorer.evaluation import compiled_umap
from explorer.evaluation.projections import project
from tests.source_cases import python

DRAWN = """
import json
from sklearn.datasets import load_digits
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
    assert compiled[1] == [0] * 5, "nothing was kept, so nothing was looked up"
    assert compiled[0] == drawn()[0]


def test_where_a_function_cannot_be_kept_umap_is_compiled_all_the_same(monkeypatch):
    kept = compiled_umap.compiled_functions()

    class Unwritable:
        def enable_caching(self):
            raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(compiled_umap, "compiled_functions", lambda: [Unwritable(), *kept])
    compiled_umap.compiled_umap.cache_clear()
    assert project(load_digits().data[:90], "umap").trustworthiness > 0.8
    compiled_umap.compiled_umap.cache_clear()
