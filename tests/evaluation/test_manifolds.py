"""Isomap, LLE and PCA: the quick solvers find the maps of the slow ones."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import Isomap as SlowIsomap
from sklearn.manifold import LocallyLinearEmbedding

from explorer.evaluation import manifolds
from explorer.evaluation.projections import project
from tests.evaluation.projection_cases import blobs, features


def same_up_to_sign(one, other):
    """The largest difference of two maps whose axes may point the other way, as a share of their extent."""
    return np.abs(one * np.sign((one * other).sum(0)) - other).max() / np.abs(other).max()


@pytest.mark.parametrize("name", ["digits", "cloud"])
@pytest.mark.parametrize(("how", "slow"), [
    ("isomap", lambda: SlowIsomap(n_neighbors=10, eigen_solver="dense")),
    ("lle", lambda: LocallyLinearEmbedding(n_neighbors=10, eigen_solver="dense")),
    ("pca", lambda: PCA(2, svd_solver="full")),
])  # fmt: skip
def test_the_quick_solver_finds_the_axes_of_the_slow_one_with_any_seed(how, slow, name, monkeypatch):
    for many in ("MANY_FOR_ISOMAP", "MANY_FOR_LLE"):
        monkeypatch.setattr(manifolds, many, 0)
    x = features(name, 300)
    expected = slow().fit_transform(x)
    for module in ("decomposition._kernel_pca", "manifold._locally_linear"):
        monkeypatch.setattr(f"sklearn.{module}.eigh", None)  # whoever calls the dense solver fails
    for seed in (0, 1):
        one, two = (project(x, how, seed).coords for _ in range(2))
        assert same_up_to_sign(one, expected) < 1e-5
        assert np.array_equal(one, two)


@pytest.mark.parametrize("how", ["isomap", "lle"])
@pytest.mark.parametrize("x", [blobs(), np.repeat(blobs(45), 2, 0)], ids=["in parts", "twice"])
def test_many_points_in_parts_have_the_map_of_few(how, x, monkeypatch):
    expected = project(x, how, seed=1).coords
    for many in ("MANY_FOR_ISOMAP", "MANY_FOR_LLE"):
        monkeypatch.setattr(manifolds, many, 0)
    assert np.array_equal(project(x, how, seed=1).coords, expected)


def test_a_solver_that_gives_up_is_followed_by_the_dense_one(monkeypatch):
    x, solved, tried = features("cloud"), manifolds.LLE._solved, []

    def gives_up(self, x, solver):
        tried.append(solver)
        if solver == "arpack":
            raise ValueError("Error in determining null-space with ARPACK")
        return solved(self, x, solver)

    monkeypatch.setattr(manifolds, "MANY_FOR_LLE", 0)
    monkeypatch.setattr(manifolds.LLE, "_solved", gives_up)
    assert project(x, "lle").trustworthiness > 0.5
    assert tried == ["arpack", "dense"]


IMPORTS = """
import sys
import numpy as np
from explorer.evaluation.projections import PROJECTIONS, Options
x = np.random.default_rng(0).normal(size=(30, 4))
made = PROJECTIONS[sys.argv[1]].make(Options(0, 5), None)
before = set(sys.modules)
made.fit_transform(x)
print([name for name in set(sys.modules) - before if name.split(".")[0] == "sklearn" and name.count(".") == 1])
"""


@pytest.mark.parametrize("how", ["pca", "lle"])
def test_the_library_is_imported_before_the_time_that_is_measured(how):
    done = subprocess.run([sys.executable, "-c", IMPORTS, how], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
