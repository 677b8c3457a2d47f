"""The README keeps its word: what it tells a reader to type works, what it names is there, and it is short."""

import json
import re

from explorer.cli.commands import every
from tests.source_cases import ROOT, python

TEXT = (ROOT / "README.md").read_text()


def section(title):
    """What stands under a heading."""
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)[1]


def block(title, language=""):
    """The first block of code under a heading."""
    return re.search(rf"^```{language}\n(.*?)^```$", section(title), re.M | re.S)[1]


def test_it_is_read_in_one_sitting():
    assert len(TEXT.splitlines()) <= 200


def test_every_folder_and_file_of_its_map_and_every_link_is_there():
    first_column = [re.split(r" {2,}", line)[0] for line in block("Layout of the source").splitlines()]
    named = [name for names in first_column for name in names.split(", ")]
    linked = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert len(named) > 15 and len(linked) > 3
    assert [name for name in [*named, *linked] if not (ROOT / name).exists()] == []


def test_its_map_shows_every_folder_of_the_backend():
    beside, shims = {"augment"}, {"jobs"}  # on the line of nn; names for archives that were exported long ago
    shown = set(re.findall(r"explorer/(\w+)/", block("Layout of the source")))
    assert {path.parent.name for path in (ROOT / "explorer").glob("*/__init__.py")} == shown | beside | shims


def test_its_picture_loads_at_once():
    assert (ROOT / "docs/unfold.png").stat().st_size <= 300_000


def test_its_method_has_40_lines_and_is_complete(copy, tmp_path):
    code = block("Add a method in 40 lines", "python")
    assert len(code.splitlines()) <= 40
    (copy / "explorer/methods/simsiam.py").write_text(code)
    env = {"EXPLORER_RUNS": str(tmp_path / "runs"), "EXPLORER_CACHE": str(tmp_path / "cache")}
    command = ("-m", "explorer", "train", "simsiam", "digits", "--foreground", "--json", "--epochs", "2")
    made = json.loads(python(*command, "--projection", "32", root=copy, env=env).splitlines()[-1])
    assert made["state"] == "done"
    assert made["scores"]["knn"] > 0.5  # ten classes
    tests = python("-m", "pytest", "tests/methods/test_contract.py", "-k", "simsiam", root=copy)
    assert "100%" in tests or " passed" in tests


def test_its_notebook_has_five_lines_and_gives_features():
    code = block("In a notebook", "python")
    assert sum(bool(line) for line in code.splitlines()) <= 5
    names = {}
    exec(code, names)
    assert names["x"].shape == (359, 192)


def test_every_command_it_names_is_one():
    lines = [line.partition("#")[0] for line in block("Command line").splitlines()]
    named = [part.split()[0] for line in lines for part in line.removeprefix("python -m explorer ").split(" | ")]
    assert len(named) > 12
    assert set(named) <= set(every())
