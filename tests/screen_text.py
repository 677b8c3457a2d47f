"""What the interface says: the words in the source that reach a screen, read without running it."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from explorer.augment import OPERATIONS
from explorer.core import TrainConfig
from explorer.evaluation.arms import TransferConfig
from explorer.methods import METHODS
from explorer.tasks.task import TASKS
from tests.source_cases import ROOT

SPEAKING = ("evaluation", "tasks", "models", "runs", "engine", "data")  # rooms of the backend whose errors are shown


class Said(NamedTuple):
    """A text and where it stands."""

    where: str
    text: str


def pages() -> list[Said]:
    """The prose in the source of the pages."""
    return [said for path in sorted((ROOT / "pages").rglob("*.py")) for said in strings(path)]


def backend() -> list[Said]:
    """What the backend says of itself on a page: summaries, descriptions, verdicts, progress and errors."""
    files = [path for room in SPEAKING for path in sorted((ROOT / "explorer" / room).rglob("*.py"))]
    files = [path for path in files if "code" not in path.parts]  # what these write is source
    return [said for path in files for said in strings(path)] + summaries()


def summaries() -> list[Said]:
    """The sentences that docstrings and registries hold for the pages."""
    views = [Said(f"views of {name}", line(it.views)) for name, it in METHODS.items()]
    methods = [Said(f"method {name}", it.info.summary) for name, it in METHODS.items()]
    tasks = [Said(f"task {name}", it.summary()) for name, it in TASKS.items()]
    operations = [Said(f"augmentation {name}", f"{it.title}: {it.summary}") for name, it in OPERATIONS.items()]
    return [*views, *methods, *tasks, *operations, *described(TrainConfig), *described(TransferConfig)]


def hyperparameters() -> list[Said]:
    """The descriptions of the methods' hyperparameters, and what their ablations do."""
    return [said for it in METHODS.values() for said in described(it.Config)]


def described(config: type) -> Iterator[Said]:
    """The descriptions of a configuration, and the reasons of its ablations."""
    for name, about in config.model_json_schema()["properties"].items():
        rule = about.get("ablation", {})
        for text in (about.get("description", ""), rule.get("why", ""), rule.get("beyond", "")):
            yield Said(f"{config.__module__}.{name}", text)


def line(of: object) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(of) or "").partition("\n")[0]


def strings(path: Path) -> Iterator[Said]:
    """The strings of a file that are no docstrings; what an f-string computes stands as …"""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and _has_doc(node)}
    yield from _strings(tree, docstrings, str(path.relative_to(ROOT)))


def _has_doc(node: ast.AST) -> bool:
    return bool(node.body) and isinstance(node.body[0], ast.Expr)


def _strings(node: ast.AST, docstrings: set[int], where: str) -> Iterator[Said]:
    if id(node) in docstrings:
        return
    text = literal(node)
    if text is not None:
        yield Said(f"{where}:{node.lineno}", text)
    for child in ast.iter_child_nodes(node):
        inside = isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)
        if not inside:
            yield from _strings(child, docstrings, where)


def unlinked(markdown: str) -> str:
    """The text of a page without the links that explain its terms."""
    return re.sub(r'\[((?:\\.|[^\]\\])+)\]\(#term-[\w-]+ "[^"]*"\)', r"\1", markdown)


def literal(node: ast.AST) -> str | None:
    """The text of a string, or of an f-string with … for what it computes; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(part) or "…" for part in node.values)
    return None
