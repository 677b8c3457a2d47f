"""The house keeps its rules: who may import whom, what stays unimported, and that one file adds a method."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source_cases import ROOT, python

SOURCES = [path for folder in ("explorer", "pages") for path in (ROOT / folder).rglob("*.py")] + [ROOT / "app.py"]
INTERFACE = {"streamlit", "plotly", "pages"}
HEAVY = {"torch", "torchvision", "sklearn", "umap", "openTSNE", "distributed"}
BASE = {"errors", "config", "registry", "moments", "glossary", "reading"}  # all may use these, and they use nobody
PIECES = {"core", "losses", "augment", "nn"}


def imported(path: Path, root: Path = ROOT) -> set[str]:
    """All that a file imports, at its top or inside a function, as dotted names; relative ones are made absolute."""
    package = path.relative_to(root).parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join([*above, *filter(None, [node.module])])
            names.add(source)
            names |= {f"{source}.{alias.name}" for alias in node.names if is_module(root, source, alias.name)}
    return names


def is_module(root: Path, package: str, name: str) -> bool:
    """Whether a name that is imported from a package of ours is a file or a folder there."""
    path = root.joinpath(*package.split("."), name)
    return path.is_dir() or path.with_suffix(".py").exists()


def libraries(path: Path) -> set[str]:
    """The packages that a file imports, without Python's own."""
    return {name.partition(".")[0] for name in imported(path)} - sys.stdlib_module_names


def ours(path: Path) -> set[str]:
    """The parts of the backend that a file imports."""
    return {name.split(".")[1] for name in imported(path) if name.startswith("explorer.")}


def backend(name: str) -> list[Path]:
    """The files of one part of the backend."""
    single = ROOT / "explorer" / f"{name}.py"
    return [single] if single.exists() else sorted((ROOT / "explorer" / name).rglob("*.py"))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import explorer.engine.queue", "explorer.engine.queue"),
        ("from explorer import engine", "explorer.engine"),
        ("from explorer.engine import queue as q", "explorer.engine.queue"),
        ("from . import queue", "explorer.engine.queue"),
        ("from .queue import Queue", "explorer.engine.queue"),
        ("from .. import core", "explorer.core"),
        ("from ..core import Method", "explorer.core"),
        ("def later():\n    from ..engine import queue", "explorer.engine.queue"),
    ],
)
def test_every_way_to_import_is_seen(line, name, tmp_path):
    for path in ("explorer/engine/queue.py", "explorer/core.py", "explorer/engine/file.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(line)
    assert name in imported(tmp_path / "explorer/engine/file.py", tmp_path)


@pytest.mark.parametrize("path", [p for p in SOURCES if "explorer" in p.relative_to(ROOT).parts[0]], ids=str)
def test_the_backend_knows_no_interface(path):
    assert not libraries(path) & INTERFACE


@pytest.mark.parametrize("path", [p for p in SOURCES if p.relative_to(ROOT).parts[0] != "explorer"], ids=str)
def test_the_interface_does_not_import_torch(path):
    heavy = libraries(path) & HEAVY
    allowed = (
        {"torch", "sklearn", "umap"} if path.name == "preload.py" else set()
    )  # imports them early, in the background
    assert heavy <= allowed


def test_the_core_imports_nothing_of_ours():
    for path in backend("core"):
        assert ours(path) <= {"core", *BASE}, path.name


@pytest.mark.parametrize("name", ["losses", "augment"])
def test_losses_and_augmentations_import_only_torch(name):
    for path in backend(name):
        assert libraries(path) <= {"torch", "explorer"}, path.name
        assert ours(path) <= {name, *BASE}, path.name


def test_a_method_imports_only_pieces():
    for path in backend("methods"):
        if path.name != "__init__.py":
            assert ours(path) <= {*PIECES, *BASE}, path.name


def test_the_loop_names_no_method():
    for path in backend("train"):
        assert "methods" not in ours(path)
        for method in (p.stem for p in backend("methods")):
            assert f'"{method}"' not in path.read_text()


@pytest.mark.parametrize("part", ["data", "runs"])
def test_data_and_runs_know_nothing_above_them(part):
    for path in backend(part):
        assert ours(path) <= {part, "system", "pictures", *BASE}, path.name


PIECES_OF_A_METHOD = {"core", "losses", "augment", "nn"}
LEARNING = PIECES_OF_A_METHOD | {"methods", "data", "train", "distributed"}
ROOMS = {  # which rooms of the backend a room may import besides itself: downwards only
    "core": set(), "losses": set(), "augment": set(), "runs": set(), "pictures": set(),
    "system": {"runs"},
    "data": {"system", "pictures"},
    "nn": {"core", "losses", "augment"},
    "methods": PIECES_OF_A_METHOD,
    "cuda_graph": {"core"},
    "train": {"core", "nn", "cuda_graph"},
    "distributed": {"core"},
    "engine": {"runs", "system"},
    "models": {"core", "augment", "nn", "methods", "descriptions", "data", "runs", "system"},
    "evaluation": {"core", "augment", "nn", "methods", "data", "models"},
    "tasks": LEARNING | {"cuda_graph", "models", "evaluation", "runs", "system", "engine"},
    "benchmarks": LEARNING | {"descriptions", "models", "evaluation", "runs", "system", "tasks"},
    "people": {"runs"},
    "lessons": {
        "core", "methods", "data", "models", "evaluation", "runs", "system", "tasks", "benchmarks", "people",
    },
    "descriptions": {"core", "methods", "system"},
    "cli": {"core", "descriptions", "methods", "data", "runs", "system", "engine", "tasks", "benchmarks"},
    "jobs": {"core", "engine", "models", "tasks"},  # names of before, for what was handed out
}  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_below_it(room):
    for path in backend(room):
        assert ours(path) <= {room, *ROOMS[room], *BASE}, path.relative_to(ROOT)


def test_every_room_has_its_rule():
    rooms = {path.name for path in (ROOT / "explorer").iterdir() if (path / "__init__.py").exists()}
    single = {path.stem for path in (ROOT / "explorer").glob("*.py")} - {*BASE, "__init__", "__main__", "api"}
    assert rooms | single == set(ROOMS)


ENGINE = ROOT / "explorer/engine"
DASK = ENGINE / "dask"
HEAVY_SYSTEM = {"explorer.system.memory", "explorer.system.torchvision"}  # they know torch


@pytest.mark.parametrize("path", backend("engine"), ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_the_engine_knows_no_torch_no_model_and_no_task(path):
    assert ours(path) <= {"engine", "runs", "system", "errors", "reading"}
    assert not libraries(path) & HEAVY - {"distributed"} and not imported(path) & HEAVY_SYSTEM
    dask = {"dask", "distributed"} if path.is_relative_to(DASK) else set()
    assert libraries(path) & {"dask", "distributed"} <= dask


def test_only_the_surface_of_the_part_that_knows_dask_is_used_by_the_engine():
    surface = {"explorer.engine.dask", "explorer.engine.dask.cluster"}
    users = {"__init__.py", "__main__.py", "api.py"}  # who starts the engine, and who ends it
    for path in (path for path in backend("engine") if not path.is_relative_to(DASK)):
        used = {name for name in imported(path) if name.startswith("explorer.engine.dask")}
        command = {"explorer.engine.dask.dispatch"} if path.name == "__main__.py" else set()
        assert used <= (surface | command if path.name in users else set()), path.name


def test_what_the_engine_imports_brings_no_torch_and_no_task():
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in backend("engine")]
    code = (
        f"import sys, importlib; [importlib.import_module(name) for name in {modules}];"
        "tasks = tuple(f'explorer.{part}' for part in ('tasks', 'models', 'methods', 'core', 'data', 'evaluation'));"
        f"print([name for name in sys.modules if name in {HEAVY} or name.startswith(tasks)])"
    )
    assert python(code).strip() == "[]"


@pytest.mark.parametrize("path", backend("system"), ids=lambda path: path.name)
def test_the_machine_knows_nothing_above_it(path):
    assert ours(path) <= {"system", "runs", "errors"}


def test_a_page_starts_without_the_heavy_libraries():
    code = (
        "import sys, explorer.runs, explorer.engine, explorer.data;"
        "print([n for n in ('torch', 'sklearn', 'umap', 'distributed', 'torchvision') if n in sys.modules])"
    )
    assert python(code).strip() == "[]"


def test_a_training_node_needs_no_interface():
    hidden = ["streamlit", "plotly", "umap", "openTSNE", "dask", "distributed", "platformdirs", "psutil"]
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({hidden}));"
        "import explorer.train, explorer.methods, explorer.nn, explorer.losses, explorer.augment, explorer.models;"
        "import explorer.distributed, explorer.tasks.training.rank_process, explorer.tasks.perform, explorer.__main__;"
        "print('fine')"
    )
    assert python(code).strip() == "fine"


METHOD = '''"""Mean colour: a method for a test."""

from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, method


class Config(MethodConfig):
    """Hyperparameters of the test's method."""

    scale: float = Field(1.0, ge=0.1, le=10, description="what the colour is multiplied by")


@method("Mean colour", family="pretext", paper="none", equation="x")
class MeanColour(Method):
    """Guess the mean brightness of an image."""

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        self.head = nn.Linear(self.encoder.out_dim, 1)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        return {"image": batch.x}

    def loss(self, image: Tensor) -> dict[str, Tensor]:
        guess = self.head(self.encoder(image))[:, 0]
        return {"loss": ((guess - self.cfg.scale * image.mean((1, 2, 3))) ** 2).mean()}
'''


def test_one_file_adds_a_method(copy, tmp_path):
    (copy / "explorer/methods/mean_colour.py").write_text(METHOD)
    env = {"EXPLORER_RUNS": str(tmp_path / "runs"), "EXPLORER_CACHE": str(tmp_path / "cache")}
    listed = json.loads(python("-m", "explorer", "methods", "--json", root=copy).splitlines()[-1])["methods"]
    assert listed["mean_colour"]["hyperparameters"]["scale"]["maximum"] == 10
    command = ("-m", "explorer", "train", "mean_colour", "digits", "--foreground", "--json")
    made = json.loads(python(*command, "--epochs", "1", "--scale", "2", root=copy, env=env).splitlines()[-1])
    assert made["state"] == "done"
    assert made["scores"]["knn"] > 0.1
    tests = python("-m", "pytest", "tests/methods/test_contract.py", "-k", "mean_colour", root=copy)
    assert " passed" in tests
    assert "Scale" in python(FORM, root=copy, env=env)


FORM = '''
from streamlit.testing.v1 import AppTest

page = """
from explorer.methods import METHODS
from pages.ui.kit import forms
forms.hyperparameters(METHODS["mean_colour"].Config, "mean_colour")
"""
at = AppTest.from_string(page).run(timeout=60)
assert not at.exception, at.exception
print([widget.label for widget in [*at.slider, *at.number_input]])
'''


def test_a_broken_method_file_breaks_the_import_loudly(copy):
    assert python("import explorer.methods; print('fine')", root=copy).strip() == "fine"
    (copy / "explorer/methods/broken.py").write_text("raise RuntimeError('broken on purpose')\n")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        python("import explorer.methods", root=copy)
    assert "broken on purpose" in caught.value.stderr
