"""The catalogue: embedded sets, published ones, and every folder or zip of class folders under the data root."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from explorer import Refused, choose
from explorer.data.builtin import EMBEDDED
from explorer.data.image_sets import store as image_sets
from explorer.data.names import legible, visible
from explorer.data.overviews import Overview, overview
from explorer.data.places import root
from explorer.data.published import PUBLISHED, Published
from explorer.data.registry import embedded_names
from explorer.data.vectors import store

FOLDER_SHAPE = (None, 64, 64)
KNOWN = {  # folders of known origin, if these are their classes
    "hymenoptera_data": (
        ("ants", "bees"),
        "Ants and bees",
        "photographs from ImageNet (Deng et al. 2009), chosen for PyTorch's transfer learning tutorial (research use)",
    ),
}


@dataclass(frozen=True)
class Entry:
    """A data set that can be chosen, before anything of it is decoded."""

    name: str
    title: str
    summary: str
    source: str  # citation and licence
    kind: Literal["embedded", "download", "folder", "zip", "vectors"]
    shape: tuple[int | None, ...]  # of one row, an image at its own size; None: known once it is decoded
    classes: tuple[str, ...] | None
    path: Path | None
    problem: str = ""  # the sentence that says why it cannot be loaded as it lies there
    modality: str = "image"
    vocabulary: int = 0  # known once it is decoded
    rate: int = 0  # known once it is decoded
    owner: str = ""  # of a set that its owner alone sees; "" = it is everybody's

    @property
    def channels(self) -> int | None:
        """Colours of an image; None: known once it is decoded, or no images."""
        return self.shape[0] if self.modality == "image" else None

    @property
    def size(self) -> int:
        """Height and width of an image, its own; 0 where there are no images."""
        return self.shape[-1] if self.modality == "image" else 0

    @property
    def any_size(self) -> bool:
        """Whether they are photographs in files, which are decoded at whatever size is asked for."""
        return self.kind in ("folder", "zip") and self.modality == "image" and self.name not in PUBLISHED

    @property
    def available(self) -> bool:
        """Whether it can be loaded now, without a network."""
        if self.kind == "download":
            return bool(PUBLISHED[self.name].present(root()))
        return not self.problem


def catalogue() -> dict[str, Entry]:
    """Every data set by name; nothing is decoded, and folders and zips are listed again only when they have changed."""
    entries = {name: _embedded(name) for name in embedded_names()}
    lying = {_name(path): path for path in reversed(list(_below_root()))}  # a folder before a zip of its name
    for name, published in PUBLISHED.items():
        entries[name] = _published(name, published, lying)
    for path in _below_root():
        if any(entry.path == path for entry in entries.values()):
            continue
        contents = overview(path)
        if contents.listed:
            entry = _own(path, contents, entries)
            entries[entry.name] = entry
    for name, stored in store.listing().items():
        if name not in entries:
            entries[name] = _imported(stored)
    for name, it in image_sets.listing().items():
        if name not in entries:
            entries[name] = _brought(it)
    return entries


def find(name: str) -> Entry:
    """The entry of this name; raises `Refused` with the reason or all choices. Embedded sets need no data root."""
    if name in EMBEDDED:
        return _embedded(name)
    entries = catalogue()
    if name not in entries:
        for path in _below_root():
            if name in (path.name, path.stem, _name(path)) and overview(path).problem:
                raise Refused(overview(path).problem)
    return choose("data set", name, entries)


def _below_root() -> Iterator[Path]:
    """Folders, then zips, each by name."""
    if root().is_dir():
        found = [path for path in root().iterdir() if visible(path.name)]
        yield from sorted(path for path in found if path.is_dir() and not _is_above(path))
        yield from sorted(path for path in found if path.suffix.lower() == ".zip" and path.is_file())


def _is_above(path: Path) -> bool:
    """Whether it is a link to the data root or to a folder that holds it: all sets would be its classes."""
    return path.is_symlink() and root().resolve().is_relative_to(path.resolve())


def _name(path: Path) -> str:
    stem = unicodedata.normalize("NFC", path.name if path.is_dir() else path.stem)
    return re.sub(r"[^\w-]+", "_", stem.lower()).strip("_") or "images"


def _embedded(name: str) -> Entry:
    it = EMBEDDED[name]
    facts = (it.title, it.summary, it.source, "embedded", it.shape, it.classes)
    return Entry(name, *facts, path=None, modality=it.modality)


def _imported(it: store.Stored) -> Entry:
    """Finished vectors: rows of pictures if they have some, else of the vectors themselves."""
    sorts = len(it.classes) > 1
    classes = f"{len(it.classes):,} classes" if sorts else "without labels"
    summary = f"{it.rows:,} finished vectors of {it.dim:,} numbers from {it.source}, {classes}."
    shape, modality = (it.image, "image") if it.image else ((it.dim,), "vector")
    source = f"imported from {it.source} on {it.created[:10]}; its licence is unknown"
    return Entry(it.name, it.title, summary, source, "vectors", shape, it.classes, store.folder(it.name),
                 modality=modality)  # fmt: skip


def _brought(it: image_sets.ImageSet) -> Entry:
    """Imported pictures: a folder of class folders that nobody sees but its owner, unless it is shared."""
    contents = overview(image_sets.tree(it.name))
    summary = contents.problem or f"{it.pictures:,} imported images in {len(it.counts):,} classes. {_cutting(contents)}"
    source = f"imported from {it.source} on {it.created[:10]}; its licence is unknown"
    path, owner = image_sets.tree(it.name), "" if it.shared else it.owner
    return Entry(it.name, it.title, summary, source, "folder", FOLDER_SHAPE, contents.classes or None, path,
                 contents.problem, owner=owner)  # fmt: skip


def _published(name: str, it: Published, lying: dict[str, Path]) -> Entry:
    """A published set: its own files, else a folder or zip of its name that stands in for it, else to be downloaded."""
    shape = (it.channels, it.size, it.size)
    entry = Entry(name, it.title, it.summary, it.source, "download", shape, it.classes, root() / it.folder)
    path = lying.get(name)
    if it.present(root()) or path is None or (root() / it.folder).is_relative_to(path):
        return entry
    contents = overview(path)
    if not contents.problem and not _has_classes(contents.classes, it.classes):
        return entry  # a folder of its name and no more; it is listed as somebody's own
    summary = f"{it.summary} Read from {legible(path.name)}: its pixels may differ from the original's."
    kind = "folder" if path.is_dir() else "zip"
    shape = (None, it.size, it.size)
    return Entry(name, it.title, summary, it.source, kind, shape, contents.classes, path, contents.problem)


def _has_classes(found: tuple[str, ...], expected: tuple[str, ...]) -> bool:
    """Whether these are the classes of a published set, however their names are spelled for a disk."""

    def plain(names: Iterable[str]) -> list[str]:
        return sorted(re.sub(r"[\W_]+", "", name.lower()) for name in names)

    return plain(found) in (plain(expected), plain(map(str, range(len(expected)))))


def _own(path: Path, contents: Overview, taken: dict[str, Entry]) -> Entry:
    kind = "folder" if path.is_dir() else "zip"
    name, (classes, title, source) = _name(path), KNOWN.get(_name(path), ((), "", ""))
    if contents.classes != classes:
        title = source = ""
    while name in taken:
        name = f"{name}_{kind}"
    title = title or legible(path.stem).replace("_", " ").replace("-", " ").capitalize()
    title += f" ({kind})" if name != _name(path) else ""  # a folder and a zip of one name
    source = source or f"the {kind} {legible(path.name)} in your data folder; its licence is unknown"
    images = f"{sum(contents.counts.values()):,} images in {len(contents.classes)} classes"
    summary = contents.problem or f"{images} from the {kind} {legible(path.name)}. {_cutting(contents)}"
    return Entry(name, title, summary, source, kind, FOLDER_SHAPE, contents.classes or None, path, contents.problem)


def _cutting(contents: Overview) -> str:
    """How its splits come about, in a sentence."""
    if {"validation", "test"} <= contents.counts.keys():
        return "It defines its own splits."
    if "validation" in contents.counts:
        return "Its validation folder serves as the test split; validation is split off the training images."
    if "test" in contents.counts:
        return "Validation is split off the training images."
    return "Validation and test are split off at random."
