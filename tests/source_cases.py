"""A copy of the source to which a test may add files, and a Python that runs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def copied(root: Path) -> Path:
    """Copies the source, and the tests of the methods' contract, into a new folder; returns it."""
    for name in ("explorer", "pages"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "tests/methods").mkdir(parents=True)
    contract = ("tests/methods/contract_cases.py", "tests/methods/test_contract.py")
    for name in ("pyproject.toml", "tests/conftest.py", *contract):
        shutil.copy(ROOT / name, root / name)
    return root


def python(*words: str, root: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """What a fresh Python prints that finds our source under `root`: code, or `-m module …`."""
    command = [sys.executable, *(words if words[0] == "-m" else ("-c", words[0]))]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(root), **(env or {})}
    return subprocess.run(command, cwd=root, env=env, check=True, capture_output=True, text=True).stdout
