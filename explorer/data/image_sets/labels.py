"""Which class a brought picture is of: by folders, by a table of labels among the files, or by the file names."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from explorer.data.dataset import LeftOut
from explorer.data.layouts import CAMERA, File, arrange
from explorer.data.names import legible
from explorer.data.photos import SUFFIXES, suffix
from explorer.errors import Refused

READ = (*SUFFIXES, "gif")  # of a GIF the first frame
TABLES, MOST_TABLE = ("csv", "tsv"), 10_000_000  # bytes
FILE_COLUMNS = ("file", "filename", "file_name", "image", "image_id", "path", "name", "id")
LABEL_COLUMNS = ("label", "class", "category", "species", "target", "y")
NUMBERED = re.compile(r"^(?P<name>.*?[^\W\d_].*?)[\s_.\-]*\(?\d+\)?$")  # cat_01, cat (3), cat12
LONGEST_CELL = 1 << 17  # letters
LONGEST, LONGEST_FOLDER = 80, 255  # letters of a class's name; bytes of a folder's, in UTF-8
HEIC = "choose 'Most compatible' in the telephone's camera settings, or save it as JPEG"


class Incoming(NamedTuple):
    """A picture on its way in: the name it is read by, as it is shown, and where it belongs."""

    name: str
    shown: str
    label: str  # "" = not known
    split: str = "train"


class Labelled(NamedTuple):
    """Pictures with their classes, and what decided them."""

    items: list[Incoming]
    left_out: list[LeftOut]
    by: str  # a part of a sentence; "" = nothing says the classes


def sort(files: Sequence[File], read: Callable[[str], bytes], title: str) -> Labelled:
    """Find the classes of these files; `read` gives a table's content. Raises `Refused` where none is a picture."""
    pictures = [file for file in files if suffix(file.parts[-1]) in READ]
    if not pictures:
        raise Refused(_no_pictures(files, title))
    arranged = arrange(files, title, READ)
    if not arranged.problem:
        items = [
            Incoming(name, legible(name), arranged.classes[label], split)
            for split, pairs in arranged.splits.items() for name, label in pairs
        ]  # fmt: skip
        return Labelled(items, [_advised(it) for it in arranged.left_out], "the folders that the pictures lie in")
    by, labels, unread = _of_table(files, pictures, read)
    if not labels:
        by, labels = _of_names(pictures)
    items = [Incoming(file.name, legible(file.name), labels.get(file.name, "")) for file in pictures]
    left_out = unread + [
        LeftOut(legible(file.name), foreign(file.parts[-1]))
        for file in files if suffix(file.parts[-1]) not in (*READ, *TABLES, "txt", "md")
    ]  # fmt: skip
    return Labelled(items, left_out, by)


def foreign(name: str) -> str:
    """Why a file that is no picture by its name is not read."""
    end = suffix(name)
    if end in CAMERA:
        return f"a {end.upper()} file, which is not read: {HEIC}"
    kind = f"a {end.upper()} file" if end else "a file without an extension"
    return f"{kind}, which is not read: only {', '.join(READ)} are"


def checked(label: str) -> str:
    """The name of a class, as it can be a folder's; raises `Refused`."""
    name = " ".join(legible(label).split())
    if not name or len(name) > LONGEST or name.startswith(".") or "/" in name or "\\" in name:
        rule = f"a class has a name of 1 to {LONGEST} letters, without '/', and does not begin with '.'"
        raise Refused(f"'{name[:LONGEST]}' cannot be the name of a class: {rule}")
    if len(name.encode()) > LONGEST_FOLDER:
        rule = f"a class has a name of at most {LONGEST_FOLDER} bytes, of which such letters take up to 4"
        raise Refused(f"'{name[:LONGEST]}' cannot be the name of a class: {rule}; give it a shorter one")
    return name


def _advised(out: LeftOut) -> LeftOut:
    return LeftOut(out.path, foreign(out.path)) if suffix(out.path) in CAMERA else out


def _no_pictures(files: Sequence[File], title: str) -> str:
    camera = next((file for file in files if suffix(file.parts[-1]) in CAMERA), None)
    if camera:
        return f"'{title}' holds no picture that is read here, only {suffix(camera.parts[-1]).upper()} files: {HEIC}"
    return f"'{title}' holds no pictures: bring {', '.join(READ)} files"


def _of_table(
    files: Sequence[File], pictures: Sequence[File], read: Callable[[str], bytes]
) -> tuple[str, dict[str, str], list[LeftOut]]:
    """Labels by the rows of the first table that names the pictures, nothing without one; and the unreadable tables."""
    known = {file.name: file.name for file in pictures}
    known |= {file.parts[-1].rpartition(".")[0]: file.name for file in pictures}  # also without the ending
    known |= {file.parts[-1]: file.name for file in pictures}
    unread = []
    for table in (file for file in files if suffix(file.parts[-1]) in TABLES):
        try:
            rows = _rows(read(table.name))
        except (ValueError, csv.Error) as error:
            unread.append(LeftOut(legible(table.name), f"a table that cannot be read ({error})"))
            continue
        labels = {known[name]: label for name, label in rows if name in known and label}
        if len(set(labels.values())) > 1:
            return f"the table {legible(table.name)}", labels, unread
    return "", {}, unread


def _rows(content: bytes) -> list[tuple[str, str]]:
    """(file, label) of each row of a table with or without a head; `csv.Error` or `ValueError` where it is none."""
    if len(content) > MOST_TABLE:
        raise ValueError(f"more than {MOST_TABLE // 1_000_000} MB")
    text = content.decode("utf-8-sig", "replace")
    first = next(iter(text.splitlines()), "")
    lines = io.StringIO(text, newline=None)  # also lines that end as on an old Mac
    rows = list(csv.reader(lines, delimiter=max("\t;,", key=first.count)))
    if any(len(cell) > LONGEST_CELL for row in rows for cell in row):  # the module's own limit is the whole process's
        raise ValueError(f"a cell of more than {LONGEST_CELL:,} letters")
    rows = [[cell.strip() for cell in row] for row in rows if len(row) > 1]
    if not rows:
        return []
    head = [cell.lower() for cell in rows[0]]
    name = next((head.index(each) for each in FILE_COLUMNS if each in head), 0)
    label = next((head.index(each) for each in LABEL_COLUMNS if each in head), 1 - min(name, 1))
    return [(row[name], row[label]) for row in rows if len(row) > max(name, label)]


def _of_names(pictures: Sequence[File]) -> tuple[str, dict[str, str]]:
    """Labels by names that are a word and a number, if there are at least two words and each comes twice."""
    labels = {
        file.name: " ".join(found["name"].split())
        for file in pictures
        if (found := NUMBERED.match(file.parts[-1].rpartition(".")[0]))
    }
    counts = Counter(labels.values())
    if len(labels) == len(pictures) and len(counts) > 1 and min(counts.values()) > 1:
        return "the words in their file names", labels
    return "", {}
