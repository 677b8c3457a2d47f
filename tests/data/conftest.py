"""Every test of the data layer has a data root and a cache of its own."""

import pytest

from tests.data.image_cases import REAL


@pytest.fixture(autouse=True)
def root(own_folders, tmp_path, monkeypatch):
    """A data root of this test's own, and a cache that no other test has filled."""
    folder = tmp_path / "data"
    monkeypatch.setenv("EXPLORER_DATA", str(folder))
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return folder


@pytest.fixture(scope="session")
def real_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def real(monkeypatch, real_cache):
    """The real data sets, where a machine has them; decoded once for all tests."""

    def need(path):
        if not (REAL / path).exists():
            pytest.skip(f"no real {path} on this machine")
        monkeypatch.setenv("EXPLORER_DATA", str(REAL))
        monkeypatch.setenv("EXPLORER_CACHE", str(real_cache))

    return need
