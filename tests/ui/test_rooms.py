"""The rooms of the interface: pages -> sections -> runs -> kit, read from the imports; and what no room may compute."""

from pathlib import Path

import pytest

from tests.test_architecture import ROOT, imported

ROOMS = ("pages", "sections", "runs", "kit")  # each may import those after it, and itself
KNOWS_RUNS = ("explorer.runs", "explorer.engine", "explorer.tasks", "explorer.jobs")
# The server hands out the files of finished jobs: which file that is, the room of the runs knows.
APP_MAY_IMPORT = {"routes.py": {"runs"}}
FILES = sorted((ROOT / "pages").rglob("*.py"))


def room(path: Path) -> str:
    """The room of a file: pages, app, sections, runs or kit."""
    parts = path.relative_to(ROOT / "pages").parts
    return parts[1] if parts[0] == "ui" and len(parts) > 2 else "pages"


def modules(path: Path) -> set[str]:
    """The modules of the interface that a file imports, at its top or inside a function."""
    return {name for name in imported(path) if name.startswith("pages.ui.") and name.count(".") > 2}


def named(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_the_rooms_below_it(path):
    rooms = {name.split(".")[2] for name in modules(path)}
    if room(path) == "app":
        assert rooms <= {"app", "kit"} | APP_MAY_IMPORT.get(path.name, set())
    else:
        assert rooms <= set(ROOMS[ROOMS.index(room(path)) :])


@pytest.mark.parametrize("path", [p for p in FILES if room(p) == "kit"], ids=lambda path: path.name)
def test_the_kit_knows_no_run(path):
    assert not [name for name in imported(path) if name.startswith(KNOWS_RUNS)]


def test_no_modules_of_the_interface_import_one_another_in_a_circle():
    arrows = {named(path): modules(path) for path in FILES}
    while leaves := [name for name, to in arrows.items() if not to & arrows.keys()]:
        for name in leaves:
            del arrows[name]
    assert not arrows, "these modules import one another"
