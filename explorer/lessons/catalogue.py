"""The lessons that there are: those that come with the project, in course order, and those of the teachers here.

A file that cannot be used is listed with its line and reason, and breaks no other.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from explorer import runs
from explorer.errors import Refused, choose
from explorer.lessons import checks, wording, yaml_text
from explorer.lessons.errors import LessonRefused, Problem
from explorer.lessons.format import Lesson
from explorer.system import settings

SHIPPED = Path(__file__).resolve().parent / "course"
SUFFIXES = (".yaml", ".yml")
NAME = r"[a-z0-9][a-z0-9-]{0,63}"
_known: dict[tuple[Path, bool], tuple[tuple[int, int, int], "Entry | LessonRefused"]] = {}


@dataclass(frozen=True)
class Entry:
    """A lesson, its name in the address, and whether it comes with the project."""

    name: str
    lesson: Lesson
    shipped: bool


@dataclass(frozen=True)
class Catalogue:
    """All lessons in order, and the files that were refused."""

    entries: tuple[Entry, ...]
    refused: tuple[LessonRefused, ...]

    def get(self, name: str) -> Entry:
        """The lesson of this name; raises `Refused` with the reason its file was refused for, or the choices."""
        entries = {entry.name: entry for entry in self.entries}
        refusal = next((each for each in self.refused if Path(each.file).stem == name), None)
        if refusal and name not in entries:  # a refused copy hides no lesson
            raise refusal
        return choose("lesson", name, entries)


def own_folder() -> Path:
    """The folder of the teachers' own lessons: EXPLORER_LESSONS, or `lessons` in the folder of runs."""
    return settings.folder("LESSONS", runs.root() / "lessons")


def catalogue(full: bool = False) -> Catalogue:
    """All lessons; `full` checks the hyperparameters of their trainings, too, which imports torch."""
    entries: list[Entry] = []
    refused: list[LessonRefused] = []
    for path, shipped in _files(refused):
        read = _remembered(path, shipped, full)
        twin = next((each for each in entries if isinstance(read, Entry) and _alike(each, read)), None)
        if twin:
            what = "name" if twin.name == read.name else "title"
            read = LessonRefused(
                path.name, 1, f"the {what} is that of another lesson ({twin.name}): choose another one"
            )
        (entries if isinstance(read, Entry) else refused).append(read)
    entries.sort(key=lambda each: (not each.shipped, each.lesson.order, each.lesson.title))
    return Catalogue(tuple(entries), tuple(refused))


def _alike(one: Entry, other: Entry) -> bool:
    return one.name == other.name or one.lesson.title.casefold() == other.lesson.title.casefold()


def _files(refused: list[LessonRefused]) -> Iterator[tuple[Path, bool]]:
    """All files of lessons; a folder that cannot be read is one of the refused."""
    for folder, shipped in ((SHIPPED, True), (own_folder(), False)):
        try:
            yield from ((path, shipped) for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES)
        except FileNotFoundError:  # no lessons of one's own
            continue
        except OSError as error:
            why = f"the folder of lessons cannot be read ({error.strerror}): let this program read it"
            refused.append(LessonRefused(folder.name, 1, why))


def _remembered(path: Path, shipped: bool, full: bool) -> Entry | LessonRefused:
    """What a file says, read again only when it has changed. What it names may come and go: a refusal is not kept."""
    try:
        stat = path.stat()
    except OSError as error:
        return LessonRefused(path.name, 1, f"the file cannot be read: {error.strerror}")
    state = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    for known in (_known.get((path, True)), _known.get((path, full))):
        if known and known[0] == state:
            return known[1]
    try:
        read: Entry | LessonRefused = Entry(_name(path), lesson_of(yaml_text.read(path), full), shipped)
        _known[path, full] = state, read
    except LessonRefused as refusal:
        read = refusal
    return read


def _name(path: Path) -> str:
    if re.fullmatch(NAME, path.stem):
        return path.stem
    raise LessonRefused(path.name, 1, "a lesson's file is named with small letters, digits and hyphens: rename it")


def lesson_of(document: yaml_text.Document, full: bool = False) -> Lesson:
    """The lesson that a document describes; raises `LessonRefused` with the first line that is wrong."""
    try:
        lesson = Lesson.model_validate(document.content)
    except ValidationError as error:
        wrong = [
            each for each in error.errors() if each["type"] != "missing"
        ]  # a misspelled name is one that is missing
        problems = [Problem(wording.place(each), wording.reason(each)) for each in wrong or error.errors()]
        raise _first(document, problems) from None
    _refuse(document, lambda: checks.cheap(lesson))
    if full:
        _refuse(document, lambda: checks.trainings(lesson))
    return lesson


def _refuse(document: yaml_text.Document, found: Callable[[], Iterator[Problem]]) -> None:
    try:
        problems = list(found())
    except Refused as refused:  # what a check itself needs is not there
        raise document.refuse((), str(refused)) from None
    if problems:
        raise _first(document, problems)


def _first(document: yaml_text.Document, problems: list[Problem]) -> LessonRefused:
    """The one that stands highest in the file."""
    first = min(problems, key=lambda each: document.line(each.place))
    return document.refuse(first.place, first.reason)
