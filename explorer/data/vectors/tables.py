"""Rows of a text file, CSV or TSV: numbers that make a vector, and columns beside it. What is wrong is said by its row.

One pass, row by row: 100,000 rows of 100 numbers are read in a few seconds, and no list of texts is built of them.
"""

import csv
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer.data.vectors.columns import is_aside
from explorer.errors import Refused

SAMPLE = 50  # rows by which the kind of each column is seen
MISSING = ("", "na", "n/a", "nan", "null", "none", "-", "?")  # what stands where there is no number
LONGEST = 2**20  # letters of one field


class Table(NamedTuple):
    """What a file of rows holds."""

    vectors: np.ndarray  # float32 [N, D]; D = 0 where no column is a part of a vector
    columns: dict[str, np.ndarray]  # the others, [N] each: texts, or numbers as float64
    notes: tuple[str, ...] = ()


def read(path: Path, numeric: bool = True, rows: int | None = None) -> Table:
    """The table in a text file; its delimiter and whether it has a header are seen by its first rows.

    `numeric` False: no column is a vector, as in a file of labels. `rows`: how many are expected, which tells whether a
    single column begins with its name. Raises `Refused` for unequal lengths, and for texts among numbers.
    """
    with _opened(path) as lines:
        reader = csv.reader(lines, delimiter=_delimiter(path))
        head = [row for row in islice(reader, SAMPLE + 1) if row]
        if not head:
            raise Refused(f"{path.name} is empty: give a file with one vector per row")
        header = _header(head, path, rows)
        body, first = (head[1:], 2) if header else (head, 1)
        if not body:
            raise Refused(f"{path.name} has a header and no rows: give a file with one vector per row")
        names = _unique(header or [f"column {i + 1}" for i in range(len(head[0]))])
        kinds = [_is_number([row[i] for row in body if i < len(row)]) for i in range(len(names))]
        samples = ([row[i] for row in body if i < len(row)] for i in range(len(names)))
        aside = [is_aside(name, _is_whole(texts)) for name, texts in zip(names, samples, strict=True)]
        part = [i for i in range(len(names)) if numeric and kinds[i] and not aside[i]]
        return _Reading(path, names, part, kinds, first).read(chain(body, reader))


class _Reading:
    """One pass over the rows of a file."""

    def __init__(self, path: Path, names: list[str], part: list[int], kinds: list[bool], first: int) -> None:
        self.path, self.names, self.part, self.kinds, self.first = path, names, part, kinds, first
        self.aside = [i for i in range(len(names)) if i not in set(part)]

    def read(self, rows: Iterator[list[str]]) -> Table:
        """The numbers and the columns of all rows."""
        numbers, texts = array("f"), [[] for _ in self.aside]
        line = self.first - 1
        try:
            for line, row in enumerate(rows, self.first):
                if not row:
                    continue
                if len(row) != len(self.names):
                    raise self._unequal(line, row)
                numbers.extend(self._numbers(line, row))
                for place, i in zip(texts, self.aside, strict=True):
                    place.append(row[i].strip())
        except (csv.Error, UnicodeDecodeError) as error:
            raise Refused(f"{self.path.name} cannot be read behind line {line} ({error}): save it as UTF-8") from None
        columns = {self.names[i]: _column(values) for i, values in zip(self.aside, texts, strict=True)}
        n = len(next(iter(columns.values()))) if columns else len(numbers) // max(1, len(self.part))
        vectors = np.frombuffer(numbers, np.float32).reshape(n, len(self.part)) if self.part else np.empty((n, 0))
        return self._without_numbering(Table(vectors.astype(np.float32, copy=False), columns))

    def _numbers(self, line: int, row: list[str]) -> Iterator[float]:
        try:
            return [_clipped(float(row[i])) for i in self.part]
        except ValueError:
            return [self._number(line, i, row[i]) for i in self.part]

    def _number(self, line: int, i: int, text: str) -> float:
        if text.strip().lower() in MISSING:
            return np.nan
        with suppress(ValueError):
            return _clipped(float(text))
        where = f"line {line}, column {i + 1} ('{self.names[i]}')"
        raise Refused(f"{self.path.name}: {where} is '{text[:40]}', which is no number, as the rows before have there")

    def _unequal(self, line: int, row: list[str]) -> Refused:
        has = f"line {line} has {len(row)} values and those before have {len(self.names)}"
        return Refused(f"{self.path.name}: {has}: give every row as many, separated by one sign")

    def _without_numbering(self, table: Table) -> Table:
        """Without a first column that counts the rows, as pandas writes it, unless it says what else it is."""
        name = self.names[0]
        if self.part[:1] != [0] or len(self.part) < 2 or name not in ("", "Unnamed: 0", "column 1"):
            return table
        n = np.arange(len(table.vectors))
        if len(n) < 2 or not any(np.array_equal(table.vectors[:, 0], n + start) for start in (0, 1)):
            return table
        note = "the first column counts the rows, and is no part of the vectors"
        return table._replace(vectors=np.ascontiguousarray(table.vectors[:, 1:]), notes=(note,))


def _clipped(number: float) -> float:
    """Numbers beyond single precision count as infinite, which is said of their row."""
    return number if abs(number) < 3.4e38 else float("inf") if number == number else number


def _opened(path: Path) -> object:
    csv.field_size_limit(LONGEST)
    return path.open(encoding="utf-8-sig", errors="strict", newline="")


def _delimiter(path: Path) -> str:
    """A tab in a TSV; else the sign that the first line has most of; a line without any is one column."""
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    try:
        with _opened(path) as lines:
            line = lines.readline()
    except UnicodeDecodeError as error:
        raise Refused(f"{path.name} is no text in UTF-8 ({error.reason}): save it as UTF-8, or as npy") from None
    counts = {sign: line.count(sign) for sign in (",", "\t", ";", " ")}
    best = max(counts, key=lambda sign: (sign != " " and counts[sign] > 0, counts[sign]))
    return best if counts[best] else ","


def _header(head: Sequence[list[str]], path: Path, rows: int | None) -> list[str] | None:
    """The names of the columns, if the first row is none of vectors."""
    first, body = head[0], head[1:]
    if [it.strip() for it in first] == [str(i) for i in range(len(first))] and len(first) > 2:
        return first  # as pandas writes a table without names
    if not body:
        return None if all(_is_number([text]) for text in first) else first
    numbers = [_is_number([row[i] for row in body if i < len(row)]) for i in range(len(first))]
    if any(number and not _is_number([text]) for number, text in zip(numbers, first, strict=False)):
        return first
    if any(numbers):
        return None
    if rows is not None and len(first) == 1:  # the Embedding Projector: one column has no name
        return first if _count(path) == rows + 1 else None
    known = {text.strip().lower() for text in first}
    return first if len(first) > 1 and (rows is not None or any(map(is_aside, known))) else None


def _count(path: Path) -> int:
    with _opened(path) as lines:
        return sum(1 for row in csv.reader(lines, delimiter=_delimiter(path)) if row)


def _is_number(texts: Sequence[str]) -> bool:
    """Whether most of these are numbers: a text among them is then a mistake, and no column of texts."""
    known = [text for text in texts if text.strip().lower() not in MISSING]
    return sum(map(_parses, known)) > len(known) / 2


def _parses(text: str) -> bool:
    try:
        return bool(text) and float(text) is not None
    except ValueError:
        return False


def _is_whole(texts: Sequence[str]) -> bool:
    return all(text.strip().lstrip("+-").isdecimal() for text in texts if text.strip().lower() not in MISSING)


def _unique(names: Sequence[str]) -> list[str]:
    """The names, in which a second one of the same name gets a number."""
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        name = name.strip()
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return unique


def _column(values: list[str]) -> np.ndarray:
    """Numbers where all of a column are some, or missing; else its texts."""
    known = [value for value in values if value.lower() not in MISSING]
    with suppress(ValueError):
        if known and (numbers := [float(value) for value in known]):
            if len(known) == len(values):
                whole = all(number == int(number) for number in numbers if np.isfinite(number))
                plain = all(value.lstrip("+-").isdecimal() for value in values)
                return np.array([int(value) for value in values] if whole and plain else numbers)
            return np.array([np.nan if value.lower() in MISSING else float(value) for value in values])
    return np.array(values)
