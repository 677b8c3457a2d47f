"""A safetensors file of a known architecture, which somebody trained elsewhere."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import Refused
from explorer.models.kind import Kind, kind
from explorer.models.pretrained import catalogue, places

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model
    from explorer.models.reference import ModelRef

SUFFIX = ".safetensors"
KEY = "architecture"  # of the metadata of a file, that says which network it is of
HOW = "file:NAME.safetensors:resnet18"


@kind("A file of weights", order=1)
class FileKind(Kind):
    """`file:NAME.safetensors`, in the folder `weights` of the data root or with its whole path; then `:ARCHITECTURE`.

    The architecture is a classifier's name, and is only needed where the file's metadata do not say it.
    """

    made_from_data = False

    def examples(self) -> tuple[str, ...]:
        """How one is named."""
        return (f"{self.name}:NAME{SUFFIX}",)

    def listed(self, dataset: str) -> list[tuple[str, str]]:
        """The files in the folder that say themselves what they are."""
        files = sorted(places.own().glob(f"*{SUFFIX}"))
        return [(f"{self.name}:{path.name}", _title(path, known)) for path in files if (known := _said(path))]

    def titled(self, ref: ModelRef, dataset: str) -> str | None:
        """The file and its network; of one elsewhere on this machine only the command line is told."""
        path, network = parts(ref)
        return _title(path, network or _said(path)) if path.parent == places.own() else None

    def check(self, ref: ModelRef) -> None:
        """Raises `Refused` where there is no such file, or nobody says which network it is of."""
        path, network = parts(ref)
        if not path.is_absolute() or path.suffix != SUFFIX:
            where = f"a {SUFFIX} file in {places.own()}, or one elsewhere with its whole path"
            raise Refused(f"no model '{ref}': name {where}, as in {HOW}")
        if not path.is_file():
            raise Refused(f"there is no file {path}: put it there, or name one that there is, as in {HOW}")
        if not network and not _said(path):
            raise Refused(
                f"{path} does not say which network it is of: name one that python -m explorer fetch-weights lists, "
                f"as in {HOW}, or write it into the file's metadata as '{KEY}'"
            )
        catalogue.find(network or _said(path))

    def origin(self, ref: ModelRef) -> str:
        """The content of the file as it is now."""
        return places.checksum(parts(ref)[0])[:16]

    def can_train(self, ref: ModelRef) -> bool:
        """All its weights."""
        return True

    def load(self, ref: ModelRef, dataset: DataSet | None) -> Model:
        """The network with these weights, whatever the classes of its last layer are."""
        from explorer.models.pretrained import build, opening

        self.check(ref)
        path, network = parts(ref)
        network = network or _said(path)
        module = opening.opened(catalogue.find(network), path, any_classes=True)
        return build.network(str(ref), _title(path, network), module)


def parts(ref: ModelRef) -> tuple[Path, str]:
    """The file of a reference, and the architecture that it names, if it does."""
    text, _, network = (ref.name, "", "") if ref.name.endswith(SUFFIX) else ref.name.rpartition(":")
    path = Path(text)
    return (places.own() / path if path.name == text else path), network


def _title(path: Path, network: str) -> str:
    return f"{path.stem}, {catalogue.TITLES.get(network, network)}"


def _said(path: Path) -> str:
    """The architecture that a file names; empty where it is none of ours, or cannot be read."""
    try:
        about = path.stat()
        return _read(path, about.st_size, about.st_mtime_ns)
    except OSError:
        return ""


@lru_cache(maxsize=256)
def _read(path: Path, size: int, changed: int) -> str:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            said = (file.metadata() or {}).get(KEY, "")
    except (SafetensorError, OSError, ValueError):
        return ""
    return said if said in catalogue.networks() else ""
