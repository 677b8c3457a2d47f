"""Every test has folders of its own: no test sees a user's runs, data or cache."""

import json
import os
import sys
from pathlib import Path

import pytest

LIGHT = "numpy"  # torch costs seconds at every start of an engine
PROCESSES = ("browser", "engine")  # folders whose tests start servers and engines: one worker runs them all


def pytest_configure() -> None:
    """What the shell has set does not reach the tests; EXPLORER_TEST_DATA names real data for those that want some."""
    data = os.environ.get("EXPLORER_DATA")
    for name in [name for name in os.environ if name.startswith("EXPLORER_") and name != "EXPLORER_TEST_DATA"]:
        del os.environ[name]
    if data:
        os.environ.setdefault("EXPLORER_TEST_DATA", data)


def pytest_itemcollected(item: pytest.Item) -> None:
    """A file is tested by one worker, for the sake of its fixtures; what starts processes, by one and the same.

    Here and not when all are collected: by then the workers have read the groups.
    """
    file = item.path.relative_to(Path(__file__).parent)
    item.add_marker(pytest.mark.xdist_group("processes" if file.parts[0] in PROCESSES else str(file)))


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch, tmp_path_factory):
    """Runs and data are this test's own unless a wider fixture set them; the session shares the cache of images."""
    (tmp_path / "data").mkdir()
    folders = {"RUNS": tmp_path / "runs", "DATA": tmp_path / "data", "CACHE": tmp_path_factory.getbasetemp() / "cache"}
    for name, folder in folders.items():
        if f"EXPLORER_{name}" not in os.environ:
            monkeypatch.setenv(f"EXPLORER_{name}", str(folder))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("explorer.data.published.SYSTEM", tmp_path / "system")
    monkeypatch.setattr("explorer.models.pretrained.places.packaged", lambda weights: [])  # whatever is installed


@pytest.fixture(autouse=True)
def no_engine_is_left(tmp_path):
    """What a test has woken ends with it: an engine that goes on trains beside all later tests."""
    yield
    woken, ended = (tmp_path / "runs/.engine" / stamp for stamp in ("order", "shutdown"))
    if woken.exists() and not (ended.exists() and ended.stat().st_mtime >= woken.stat().st_mtime):
        from explorer import engine

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("EXPLORER_RUNS", str(tmp_path / "runs"))
            engine.shutdown()


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """A page under test takes the name `__main__`; processes that later tests start would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def answer(capsys):
    """The JSON object that a command ends with."""
    from explorer.__main__ import main

    def run(*words):
        status = main([*words, "--json"])
        said = capsys.readouterr()
        assert status == 0, said.err
        return json.loads(said.out.splitlines()[-1])

    return run


@pytest.fixture(scope="module")
def digits():
    """The first 600 training images of the digits, as a split to learn from."""
    import torch

    from explorer import data
    from explorer.core import Split

    images = data.load("digits").splits["train"]
    return Split(torch.from_numpy(images.x[:600].copy()), torch.from_numpy(images.y[:600]), tuple("0123456789"), "few")


@pytest.fixture
def copy(tmp_path):
    """A copy of the source to which files can be added; returns its folder."""
    from tests.source_cases import copied

    return copied(tmp_path / "source")


@pytest.fixture
def small(monkeypatch):
    """A study for tests among the studies, whose images cost the same on every machine."""
    from explorer.benchmarks import STUDIES, budget
    from tests.benchmarks.study_cases import COST, SMALL

    monkeypatch.setitem(STUDIES, "small", SMALL)
    monkeypatch.setattr(budget, "cost", lambda *_: COST)
    return SMALL


@pytest.fixture
def out(tmp_path):
    """Where a small study writes its rows."""
    return tmp_path / "small-digits.jsonl"


@pytest.fixture
def breakable(monkeypatch):
    """The autoencoder with hyperparameters that break it, under a name of its own."""
    from pydantic import Field

    from explorer.core import ablates
    from explorer.methods import METHODS
    from pages.ui.kit import url_state

    class Config(METHODS["autoencoder"].Config):
        """Hyperparameters that break it."""

        predictor: bool = Field(
            True, description="a hyperparameter", json_schema_extra=ablates("all end in one point", False)
        )
        beta: float = Field(
            1.0, ge=0, le=100, description="a hyperparameter", json_schema_extra=ablates("the code is lost", 0.0)
        )

    class Breakable(METHODS["autoencoder"]):
        """A method for a test."""

    Breakable.Config = Config
    Breakable.info = METHODS["autoencoder"].info.__class__(
        **{**vars(METHODS["autoencoder"].info), "name": "breakable", "title": "Breakable"}
    )
    monkeypatch.setitem(METHODS._items, "breakable", Breakable)
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)
    return "breakable"


@pytest.fixture(scope="module")
def shared_root(tmp_path_factory):
    from tests.engine.tools import engine_in

    with engine_in(tmp_path_factory.mktemp("engine") / "runs") as root:
        yield root


@pytest.fixture
def shared(shared_root, monkeypatch, request):
    """One engine for the tests that leave it as it was; a module that wants torch in its forkserver says so."""
    from tests.engine.tools import prepare

    monkeypatch.setenv("EXPLORER_PRELOAD", getattr(request.module, "IMPORTED_BEFORE", LIGHT))
    return prepare(monkeypatch, shared_root)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """An engine of the test's own, or none at all."""
    from tests.engine.tools import engine_in, prepare

    monkeypatch.setenv("EXPLORER_PRELOAD", LIGHT)
    with engine_in(prepare(monkeypatch, tmp_path / "runs")) as root:
        yield root
