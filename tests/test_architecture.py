"""The house keeps its rules: who may import whom, what stays unimported, and that one file adds a method."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [path for folder in ("explorer", "pages") for path in (ROOT / folder).rglob("*.py")] + [ROOT / "app.py"]
INTERFACE = {"streamlit", "plotly", "pages"}
HEAVY = {"torch", "torchvision", "sklearn", "umap", "distributed"}
PIECES = {"core", "losses", "augment", "nn"}


def imported(path: Path) -> set[str]:
    """All that a file imports, at its top or inside a function, as dotted names."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            if node.module in ("explorer", "explorer.jobs", "pages.ui"):
                names |= {f"{node.module}.{alias.name}" for alias in node.names if alias.name.islower()}
    return names


def ours(path: Path) -> set[str]:
    """The parts of the backend that a file imports."""
    parts = {name.split(".")[1] for name in imported(path) if name.startswith("explorer.")}
    return parts - {"choose"}  # a function of the package itself


def backend(name: str) -> list[Path]:
    """The files of one part of the backend."""
    single = ROOT / "explorer" / f"{name}.py"
    return [single] if single.exists() else sorted((ROOT / "explorer" / name).rglob("*.py"))


@pytest.mark.parametrize("path", [p for p in SOURCES if "explorer" in p.relative_to(ROOT).parts[0]], ids=str)
def test_the_backend_knows_no_interface(path):
    assert not {name.partition(".")[0] for name in imported(path)} & INTERFACE


@pytest.mark.parametrize("path", [p for p in SOURCES if p.relative_to(ROOT).parts[0] != "explorer"], ids=str)
def test_the_interface_does_not_import_torch(path):
    heavy = {name.partition(".")[0] for name in imported(path)} & {
        "torch",
        "torchvision",
        "sklearn",
        "umap",
        "distributed",
    }
    allowed = {"torch", "sklearn", "umap"} if path.name == "warm.py" else set()  # imports them early, in the background
    assert heavy <= allowed


def test_the_core_imports_nothing_of_ours():
    assert ours(ROOT / "explorer/core.py") == set()


@pytest.mark.parametrize("name", ["losses", "augment"])
def test_losses_and_augmentations_import_only_torch(name):
    for path in backend(name):
        assert ours(path) == set()


def test_a_method_imports_only_pieces():
    for path in backend("methods"):
        if path.name != "__init__.py":
            assert ours(path) <= PIECES, path.name


def test_the_loop_names_no_method():
    for path in backend("train"):
        assert "methods" not in ours(path)
        for method in (p.stem for p in backend("methods")):
            assert f'"{method}"' not in path.read_text()


@pytest.mark.parametrize("part", ["data", "runs"])
def test_data_and_runs_know_nothing_above_them(part):
    for path in backend(part):
        assert ours(path) <= {part, "torchvision_mend"}, path.name


def test_a_page_starts_without_the_heavy_libraries():
    code = (
        "import sys, explorer.runs, explorer.jobs, explorer.data;"
        "print([n for n in ('torch', 'sklearn', 'umap', 'distributed', 'torchvision') if n in sys.modules])"
    )
    assert python(code).strip() == "[]"


def test_a_training_node_needs_no_interface():
    hidden = ["streamlit", "plotly", "umap", "dask", "distributed", "platformdirs"]
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({hidden}));"
        "import explorer.train, explorer.methods, explorer.nn, explorer.losses, explorer.augment; print('fine')"
    )
    assert python(code).strip() == "fine"


METHOD = '''"""Mean colour: a method for a test."""

from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, method


class Config(MethodConfig):
    """Knobs of the test's method."""

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


@pytest.fixture
def method_file():
    path = ROOT / f"explorer/methods/temporary_{os.getpid()}.py"
    path.write_text(METHOD)
    yield path
    path.unlink()


def test_one_file_adds_a_method(method_file, tmp_path):
    env = {"EXPLORER_RUNS": str(tmp_path / "runs"), "EXPLORER_CACHE": str(tmp_path / "cache")}
    name = method_file.stem
    listed = json.loads(python("-m", "explorer", "methods", "--json", env=env).splitlines()[-1])["methods"]
    assert listed[name]["knobs"]["scale"]["maximum"] == 10
    command = ("-m", "explorer", "train", name, "digits", "--foreground", "--json")
    made = json.loads(python(*command, "--epochs", "1", "--scale", "2", env=env).splitlines()[-1])
    assert made["state"] == "done"
    assert made["scores"]["knn"] > 0.1
    tests = python("-m", "pytest", "tests/test_methods.py", "-k", name, env=env)
    assert " passed" in tests
    assert "Scale" in python(FORM.format(name=name), env=env)


FORM = '''
from streamlit.testing.v1 import AppTest

page = """
from explorer.methods import METHODS
from pages.ui import forms
forms.knobs(METHODS["{name}"].Config, "{name}")
"""
at = AppTest.from_string(page).run(timeout=60)
assert not at.exception, at.exception
print([widget.label for widget in [*at.slider, *at.number_input]])
'''


def test_a_broken_method_file_breaks_the_import_loudly(method_file):
    method_file.write_text("raise RuntimeError('broken on purpose')\n")
    with pytest.raises(subprocess.CalledProcessError):
        python("import explorer.methods")


def python(*words: str, env: dict[str, str] | None = None) -> str:
    """What a fresh Python prints: code, or `-m module …`."""
    command = [sys.executable, *(words if words[0] == "-m" else ("-c", words[0]))]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), **(env or {})}
    return subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout
