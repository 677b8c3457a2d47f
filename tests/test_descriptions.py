"""Descriptions of methods and trainings: equal to the classes, without torch, and never older than the sources."""

import json
from pathlib import Path

import pytest

from explorer import descriptions
from explorer.core import METHODS, TrainConfig
from tests.source_cases import python

HEAVY = ("torch", "torchvision", "sklearn", "scipy", "pandas", "sympy", "distributed", "dask")
NAMES = "from explorer import descriptions; print(*descriptions.read().methods)"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def stored(cache):
    """The descriptions as the second reader finds them."""
    descriptions.cached()
    assert len(list(cache.rglob("*.json"))) == 1
    return descriptions.cached()


@pytest.mark.parametrize("name", METHODS)
def test_what_is_stored_of_a_method_is_what_its_class_says(name, stored):
    cls, found = METHODS[name], stored.methods[name]
    assert found == descriptions.uncached().methods[name]
    assert json.dumps(found.config.schema) == json.dumps(cls.Config.model_json_schema())  # in this order, too
    facts = cls.info.title, cls.train_defaults, cls.can_train(), cls.can_project()
    assert (found.info["title"], found.train_defaults, found.trains, found.projects) == facts
    assert list(found.config.hyperparameters) == list(cls.Config.model_fields)


def test_what_is_stored_of_trainings_is_what_their_class_says(stored):
    assert json.dumps(stored.training.schema) == json.dumps(TrainConfig.model_json_schema())
    assert list(stored.methods) == list(METHODS)


def test_the_sources_are_all_that_decides_a_method():
    code = (
        "import sys, explorer.methods; print(*(m.__file__ for n, m in sys.modules.items() if n.startswith('explorer')))"
    )
    assert set(map(Path, python(code).split())) <= set(descriptions.sources())


@pytest.mark.parametrize(
    "words",
    [
        ["--help"], ["methods"], ["methods", "--json"], ["data"], ["runs"], ["train", "simclr", "--help"],
        ["train", "--help"], ["sweep", "byol", "--help"], ["clone", "--help"], ["benchmark", "--list"],
        ["benchmark", "--table"], ["evaluate", "--help"], ["shipped", "--help"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_nothing_is_listed_with_heavy_libraries(words, cache):
    descriptions.cached()
    heavy = set(HEAVY) - ({"scipy"} if "--table" in words else set())  # tables are given intervals
    code = (
        "import sys\nfrom explorer.__main__ import main\n"
        f"try:\n    assert main({words}) == 0\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print('\\n', [name for name in {heavy} if name in sys.modules])"
    )
    assert python(code).splitlines()[-1].strip() == "[]"


def test_a_new_method_and_a_changed_one_are_seen_at_once(copy, cache):
    before = python(NAMES, root=copy).split()
    source = (copy / "explorer/methods/pca.py").read_text()
    (copy / "explorer/methods/principal.py").write_text(source)
    assert set(python(NAMES, root=copy).split()) - set(before) == {"principal"}
    (copy / "explorer/methods/principal.py").unlink()
    assert python(NAMES, root=copy).split() == before
    simclr = copy / "explorer/methods/simclr.py"
    simclr.write_text(simclr.read_text().replace("softmax temperature;", "another temperature;"))
    assert "another temperature;" in python("-m", "explorer", "train", "simclr", "--help", root=copy)
    assert len(list(cache.rglob("*.json"))) == 1


def test_a_method_that_only_this_process_knows_is_not_stored(stored, cache, monkeypatch):
    monkeypatch.setitem(METHODS._items, "mine", type("Mine", (METHODS["pca"],), {"__module__": "notebook"}))
    [path] = cache.rglob("*.json")
    path.unlink()
    assert descriptions.cached() == stored
    assert "mine" in descriptions.read().methods


def test_a_broken_method_breaks_the_list_loudly_though_one_is_stored(copy, cache):
    python(NAMES, root=copy)
    (copy / "explorer/methods/broken.py").write_text("raise RuntimeError('broken on purpose')\n")
    with pytest.raises(Exception) as caught:
        python(NAMES, root=copy)
    assert "broken on purpose" in caught.value.stderr


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": 1}', '{"key": null, "methods": 3}'])
def test_a_damaged_file_is_made_anew(content, stored, cache):
    [path] = cache.rglob("*.json")
    good = path.read_bytes()
    path.write_text(content)
    assert descriptions.cached() == stored
    assert path.read_bytes() == good


def test_of_a_file_with_the_right_key_and_other_fields_nothing_is_believed(stored, cache):
    [path] = cache.rglob("*.json")
    path.write_text(json.dumps({"key": json.loads(path.read_bytes())["key"], "methods": {"simclr": [1, 2]}}))
    assert descriptions.cached() == stored


def test_without_a_place_to_write_everything_is_listed_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "file"))  # no folder: nobody can write in it, root neither
    assert list(descriptions.cached().methods) == list(METHODS)
