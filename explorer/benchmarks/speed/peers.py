"""The peers that this project does not use itself, in a folder of their own beside the project's environment."""

import shutil
import subprocess
import sys
from pathlib import Path

from explorer import Refused
from explorer.benchmarks.speed.pairs import ROOT

WANTED = Path(__file__).with_name("peers.txt")
PLACE = ROOT / ".bench"


def prepare(place: Path = PLACE, wanted: Path = WANTED) -> Path:
    """The folder in which the peers are importable, made anew where it is not there or of another list."""
    mark = place / wanted.name
    if not mark.exists() or mark.read_text() != wanted.read_text():
        new = place.with_name(f"{place.name}.new")  # the folder appears whole or not at all
        shutil.rmtree(new, ignore_errors=True)
        install(new, wanted)
        shutil.copy(wanted, new)
        shutil.rmtree(place, ignore_errors=True)
        new.rename(place)
    return place


def install(folder: Path, wanted: Path) -> None:
    """Install the packages of a list, and nothing else; raises `Refused` where that fails."""
    words = ["--quiet", "--disable-pip-version-check", "--no-deps", "--target", str(folder), "-r", str(wanted)]
    ended = subprocess.run([sys.executable, "-m", "pip", "install", *words], capture_output=True, text=True)
    if ended.returncode:
        reason = (ended.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise Refused(f"the peers cannot be installed ({reason}): name other comparisons, or try again")
