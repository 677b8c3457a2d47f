"""The rooms of the interface: pages -> sections -> runs -> kit, read from the imports; and what no room may compute."""

import ast
from collections.abc import Container
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


NUMBERS = {"linalg", "dot", "matmul", "einsum", "cov", "corrcoef", "argsort", "lexsort", "argpartition", "bincount"}
LIBRARIES = ("sklearn", "scipy", "torch")


def computed(tree: ast.Module) -> set[str]:
    """The linear algebra, the sorting and the statistics of a file: names of numpy, and `@`."""
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    products = {"@" for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)}
    return (names & NUMBERS) | products


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_numbers_are_computed_in_the_evaluation_and_not_on_a_page(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not computed(tree)
    assert not [name for name in imported(path) if name.startswith(LIBRARIES)]


@pytest.mark.parametrize(
    "line", ["x @ y", "np.linalg.norm(x)", "(-x).argsort()", "np.argsort(x)", "np.einsum('i,i', x)"]
)
def test_a_computation_is_seen(line):
    assert computed(ast.parse(line))


REFUSE = ("engine.", "runs.", "classroom.")  # what may refuse, or find a full disk
READ = ("classroom.record", "runs.find", "engine.snapshot")


def called(node: ast.AST) -> list[str]:
    names = [ast.unparse(it.func) for it in ast.walk(node) if isinstance(it, ast.Call)]
    return [name for name in names if name.startswith(REFUSE) and not name.startswith(READ)]


def refusing(tree: ast.Module, module: str) -> set[str]:
    """The functions of a module that call what may refuse."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return {f"{module}.{function.name}" for function in functions if called(function)}


def bare_callbacks(tree: ast.Module, module: str, refusing: Container[str]) -> list[str]:
    """What a widget calls that may refuse: it must go through `actions`, which says so in a sentence."""
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "on_click")
    names = (words if "." in words else f"{module}.{words}" for words in map(ast.unparse, values))
    return [name for name in names if name.startswith(REFUSE) or name in refusing]


@pytest.fixture(scope="module")
def functions() -> set[str]:
    return set().union(*(refusing(ast.parse(path.read_text(encoding="utf-8")), path.stem) for path in FILES))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_click_does_may_fail_without_the_page(path, functions):
    assert not bare_callbacks(ast.parse(path.read_text(encoding="utf-8")), path.stem, functions)


@pytest.mark.parametrize(
    ("line", "bare"),
    [
        ("st.button('Stop', on_click=engine.request_stop, args=(run.id,))", True),
        ("def again():\n classroom.restart(name)\nst.button('Again', on_click=again)", True),
        ("def look():\n runs.find(name)\nst.button('Look', on_click=look)", False),
        ("st.button('Stop', on_click=actions.perform)", False),
    ],
)
def test_a_bare_callback_is_seen(line, bare):
    tree = ast.parse(line)
    assert bool(bare_callbacks(tree, "page", refusing(tree, "page"))) == bare


ACTS = ("runs.delete", "runs.rename", "engine.submit", "ownership.submit")


def test_nothing_is_deleted_renamed_or_submitted_while_a_page_is_drawn():
    """A button's own `if` would act in the middle: what a click does is a callback."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.If) and "button" in ast.unparse(node.test):
                body = "\n".join(map(ast.unparse, node.body))
                acts = [word for word in ACTS if word in body]
                assert not acts, f"{path.name}:{node.lineno}"


SEEN = "ownership.py"  # lists and finds what a visitor sees
# Made once for all visitors, each of whom has been let through by a page or by a route; and how full the disk is.
FOR_ALL = {"routes.py", "frames.py", "live.py", "moments.py", "storage.py"}
RAW = {"runs.listing", "runs.find"}


def raw(tree: ast.Module) -> list[str]:
    """Where a page looks up runs without asking who looks; what is kept for all visitors cannot ask."""
    kept = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and any("st.cache" in ast.unparse(it) for it in node.decorator_list)
        for inner in ast.walk(node)
    }
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node not in kept)
    return [f"{node.lineno}: {ast.unparse(node)}" for node in calls if ast.unparse(node) in RAW]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_lists_and_finds_only_runs_that_its_visitor_sees(path):
    if path.name != SEEN and path.name not in FOR_ALL:
        assert not raw(ast.parse(path.read_text(encoding="utf-8"))), "ask `ownership` for them"


@pytest.mark.parametrize(
    ("line", "many"),
    [
        ("runs.listing('map')", 1),
        ("list(map(runs.find, ids))", 1),
        ("@st.cache_data(ttl=30)\ndef costs():\n return runs.listing('map')", 0),
        ("ownership.listing('map')", 0),
    ],
)
def test_a_look_up_for_nobody_in_particular_is_seen(line, many):
    assert len(raw(ast.parse(line))) == many
