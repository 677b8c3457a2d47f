"""Engines for the tests of this folder."""

import pytest
from tools import engine_in, prepare

LIGHT = "numpy"  # torch costs seconds at every start of an engine


@pytest.fixture(scope="module")
def shared_root(tmp_path_factory):
    with engine_in(tmp_path_factory.mktemp("engine") / "runs") as root:
        yield root


@pytest.fixture
def shared(shared_root, monkeypatch, request):
    """One engine for the tests that leave it as it was; a module that wants torch in its forkserver says so."""
    monkeypatch.setenv("EXPLORER_PRELOAD", getattr(request.module, "IMPORTED_BEFORE", LIGHT))
    return prepare(monkeypatch, shared_root)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """An engine of the test's own, or none at all."""
    monkeypatch.setenv("EXPLORER_PRELOAD", LIGHT)
    with engine_in(prepare(monkeypatch, tmp_path / "runs")) as root:
        yield root
