"""How people lay out pictures by folders: which folder is a split, which a class, and which merely wraps the others."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from explorer.data.dataset import LeftOut, Note
from explorer.data.names import alike, legible, natural
from explorer.data.photos import SUFFIXES, suffix, why_not

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
FILLERS = {"set", "sets", "data", "dataset", "images", "imgs", "pictures", "photos", "split"}  # of a split's name
WORD = re.compile(r"[^\W_]+")
UNTRAINED = "an image of a class without training images"
OUTSIDE, OUTSIDE_SPLITS = "an image outside the class folders", "an image outside the split folders"
AGAIN = "an image in a second copy of the class folders"
CAMERA = ("heic", "heif", "avif", "dng", "cr2", "cr3", "nef")  # photographs too, as telephones and cameras write them
PICTURES = (*SUFFIXES, "gif")  # what makes a folder one of pictures, even if some of them are left out


class Layout(NamedTuple):
    """How the pictures of a folder or zip are laid out; `problem` is the sentence that says why it is no data set."""

    classes: tuple[str, ...] = ()
    splits: Mapping[str, list[tuple[str, int]]] = MappingProxyType({})  # path and label, sorted by path
    left_out: tuple[LeftOut, ...] = ()
    problem: str = ""
    listed: bool = True  # False: nothing in it asks to be a data set
    notes: tuple[Note, ...] = ()

    @property
    def pictures(self) -> int:
        """How many files look like photographs."""
        return sum(len(files) for files in self.splits.values())


class File(NamedTuple):
    """A file by the parts of its path, and by the name under which it is read."""

    parts: tuple[str, ...]
    name: str


class Level(NamedTuple):
    """The folders at one depth, and what is in each of them."""

    inside: Mapping[str, frozenset[str]]  # of each folder, the folders below that hold pictures
    direct: Mapping[str, int]  # pictures that lie in it and in no folder below

    @property
    def nested(self) -> set[str]:
        """The folders with others in them, but for a few pictures that went astray."""
        return {name for name, below in self.inside.items() if below}


def split_of(folder: str) -> str:
    """The split that a folder's name says by itself, such as `val` or `Training_Set`; empty if it says none."""
    split, rest = _read(folder)
    return "" if rest else split


def arrange(files: Sequence[File], title: str, suffixes: tuple[str, ...] = SUFFIXES) -> Layout:
    """Sort files into splits and classes: `train/<class>/…` beside val, validation or test, or plain `<class>/…`."""
    pictures = [file.parts for file in files if suffix(file.parts[-1]) in PICTURES]
    if not any(suffix(parts[-1]) in suffixes for parts in pictures):
        return _no_pictures(files, bool(pictures), title)
    depth = _wrapping(pictures)
    level = _level(pictures, depth)
    splits = _splits(level)
    if problem := _unclear(level, splits, title):
        return Layout(problem=problem)
    notes = () if splits else _odd_classes(level)
    inner = _inside(pictures, depth, splits) if splits else {}
    return _sort(files, depth, splits, inner, _second_copy(level, splits), title, notes, suffixes)


def _no_pictures(files: Sequence[File], has_gif: bool, title: str) -> Layout:
    foreign = sorted({end for file in files if (end := suffix(file.parts[-1])) in CAMERA})
    if foreign or has_gif:
        have = " and ".join(foreign).upper() or "GIF"
        way_out = "JPEG" if foreign else "PNG"
        sentence = f"the pictures in '{title}' are {have} files, which are not read: save them as {way_out}"
        return Layout(problem=f"{sentence}, and put those there")
    what = f"a data set is a folder or zip of class folders with {', '.join(SUFFIXES)} files"
    return Layout(problem=f"'{title}' holds no images; {what}: put some there, or choose another", listed=False)


def _read(folder: str) -> tuple[str, tuple[str, ...]]:
    """The split that one word of a name says, and its other words: ("test", ("seg",)) of `seg_test`."""
    words = [word for word in WORD.findall(folder.lower()) if word not in FILLERS]
    words = [word.removesuffix("set") if word.removesuffix("set") in SPLITS else word for word in words]
    said = {SPLITS[word] for word in words if word in SPLITS}
    return (said.pop(), tuple(word for word in words if word not in SPLITS)) if len(said) == 1 else ("", tuple(words))


def _level(pictures: Iterable[tuple[str, ...]], depth: int) -> Level:
    inside: dict[str, set[str]] = defaultdict(set)
    direct: Counter[str] = Counter()
    for parts in pictures:
        if len(parts) > depth + 2:
            inside[parts[depth]].add(parts[depth + 1])
        elif len(parts) == depth + 2:
            direct[parts[depth]] += 1
    return Level({name: frozenset(inside[name]) for name in sorted({*inside, *direct})}, direct)


def _wrapping(pictures: Sequence[tuple[str, ...]]) -> int:
    """How many folders merely wrap the data set, as zips often do; pictures beside them have gone astray."""
    depth = 0
    while True:
        below = [parts for parts in pictures if len(parts) > depth + 1]
        names = {parts[depth] for parts in below}
        deeper = sum(len(parts) > depth + 2 for parts in below)
        if len(names) != 1 or split_of(*names) or 2 * deeper <= len(below):
            return depth
        depth += 1


def _splits(level: Level) -> dict[str, str]:
    """The folders that are splits, with what they are; empty where all of them are classes.

    A class may be called `train`: a split holds class folders. `seg_train` is one where `seg_test` is beside it.
    """
    read = {name: _read(name) for name in level.inside}
    shared = Counter(rest for split, rest in read.values() if split)
    named = {name: split for name, (split, rest) in read.items() if split and (not rest or shared[rest] > 1)}
    if set(named) == set(level.inside) or set(named) & level.nested:
        return named
    return {}


def _unclear(level: Level, splits: Mapping[str, str], title: str) -> str:
    """The sentence that says why it cannot be told which folders are what."""
    if not splits:
        return ""
    names, nested = ", ".join(map(legible, splits)), [name for name in splits if name in level.nested]
    if not nested:
        have = f"'{title}' has {names} but no class folders in {'it' if len(splits) == 1 else 'them'}"
        return f"{have}: sort the images of each into one folder per class"
    if "train" not in splits.values():
        return f"'{title}' has {names} but no train folder; rename the one to train on to 'train'"
    beside = [name for name, below in level.inside.items() if name not in splits and below & level.inside[nested[0]]]
    if beside and len(nested) == 1:
        have = (
            f"'{title}' has '{legible(nested[0])}' beside '{legible(beside[0])}' with folders of the same names in both"
        )
        return f"{have}: rename the first if it is a class, or move the others away if it is the training split"
    return ""


def _odd_classes(level: Level) -> tuple[Note, ...]:
    """What is to be said of class folders that may be meant as something else."""
    called = [legible(name) for name in level.inside if split_of(name)]
    below = set(level.inside.values())
    notes = []
    if called:
        text = f"The folder '{called[0]}' holds images and no class folders, so it is taken for a class."
        notes.append(Note(f"{text} If it is a split, sort its images into one folder per class.", called[0]))
    if len(level.inside) > 1 and len(below) == 1 and len(same := below.pop()) > 1:
        names = ", ".join(map(legible, sorted(same)[:3]))
        text = f"Every class has the same folders in it ({names}{', …' if len(same) > 3 else ''})."
        notes.append(Note(f"{text} If these are the classes, name the folders above them train, validation and test."))
    return tuple(notes)


def _second_copy(level: Level, splits: Mapping[str, str]) -> str:
    """A folder that holds all class folders beside it once more, as archives have it that were packed twice."""
    if splits or len(level.inside) < 3:
        return ""
    return next((name for name, below in level.inside.items() if below >= level.inside.keys() - {name}), "")


def _inside(pictures: Sequence[tuple[str, ...]], depth: int, splits: Mapping[str, str]) -> dict[str, int]:
    """For each split folder, how many folders in it merely wrap its class folders."""
    wrapped = {name: _level([parts for parts in pictures if parts[depth] == name], depth + 1) for name in splits}
    same = {frozenset(level.nested) for level in wrapped.values() if level.inside}
    alone = len(same) == 1 and all(len(level.inside) == 1 for level in wrapped.values() if level.inside)
    alone = alone and len(next(iter(same))) == 1
    return {
        name: int(bool(level.nested) and len(level.inside) == 1 and (alone or _read(*level.inside)[0] == splits[name]))
        for name, level in wrapped.items()
    }


def _sort(
    files: Sequence[File], depth: int, splits: Mapping[str, str], inner: Mapping[str, int], copy: str, title: str,
    notes: tuple[Note, ...], suffixes: tuple[str, ...],
) -> Layout:  # fmt: skip
    by_class: dict[tuple[str, str], list[str]] = {}  # of each split and class
    left_out = []
    for file in sorted(set(files)):
        parts = file.parts[depth:]
        split, rest = ("train", parts) if not splits else (splits.get(parts[0] if parts else "", ""), parts[1:])
        rest = rest[inner.get(parts[0], 0) :] if split and splits else rest
        why = why_not(file.parts[-1], suffixes) or _unplaced(split, rest, bool(copy) and rest[:1] == (copy,))
        if not why:
            by_class.setdefault((split, unicodedata.normalize("NFC", rest[0])), []).append(file.name)
        elif len(rest) > 1 or suffix(file.parts[-1]) in PICTURES:  # a README beside the class folders is no image
            left_out.append(LeftOut(legible("/".join(file.parts)), why))
    return _label(by_class, left_out, title, notes)


def _unplaced(split: str, rest: tuple[str, ...], is_copy: bool) -> str:
    """Why an image belongs to no class of any split; empty if it does."""
    if not split:
        return OUTSIDE_SPLITS
    if is_copy:
        return AGAIN
    return "" if len(rest) > 1 else OUTSIDE


def _label(
    by_class: dict[tuple[str, str], list[str]], left_out: list[LeftOut], title: str, notes: tuple[Note, ...]
) -> Layout:
    """Number the classes of the training images; images of other classes are left out."""
    names = sorted((name for split, name in by_class if split == "train"), key=natural)
    labels = {name: label for label, name in enumerate(names)}
    splits: dict[str, list[tuple[str, int]]] = {}
    for (split, name), paths in sorted(by_class.items(), key=lambda item: (item[0][0], natural(item[0][1]))):
        if name in labels:
            splits.setdefault(split, []).extend((path, labels[name]) for path in paths)
        else:
            left_out += [LeftOut(legible(path), UNTRAINED) for path in paths]
    classes = tuple(map(legible, labels))
    return Layout(classes, splits, tuple(left_out), _unfit(classes, title), notes=notes)


def _unfit(classes: tuple[str, ...], title: str) -> str:
    if len(classes) < 2:
        have = f"a single class folder, '{classes[0]}'" if classes else "no class folder with images"
        return f"'{title}' has {have}; at least two are needed: sort its images into one folder per class"
    first: dict[str, str] = {}
    for name in classes:
        if (other := first.setdefault(alike(name), name)) is not name:
            return f"'{title}' has two classes that look alike, '{other}' and '{name}': rename one of them"
    return ""
