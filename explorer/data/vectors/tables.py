"""Rows of a text file, CSV or TSV: numbers that make a vector, and columns beside it. What is wrong is said by its row.

One pass, row by row: 100,000 rows of 100 numbers are read in a few seconds, and no list of texts is built of them.
"""

import csv
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np

from explorer.data.vectors.columns import LABELS, MOST_LETTERS, is_aside
from explorer.errors import Refused

SAMPLE = 50  # rows by which the kind of each column is seen
MISSING = ("", "na", "n/a", "nan", "null", "none", "-", "?")  # what stands where there is no number
LONGEST = 2**20  # letters of one field
MOST_COLUMNS = 2**16
MOST = 2**31  # bytes of all vectors together, in single precision
SIGNS = (",", "\t", ";", " ")
DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+\s*")


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
    try:
        return _read(path, numeric, rows)
    except UnicodeDecodeError as error:
        raise Refused(f"{path.name} is no text in UTF-8 ({error.reason}): save it as UTF-8, or as npy") from None
    except csv.Error as error:
        rule = f"write fields of at most {LONGEST:,} letters, and close each quotation mark"
        raise Refused(f"{path.name} cannot be read ({error}): {rule}") from None


def _read(path: Path, numeric: bool, rows: int | None) -> Table:
    with _opened(path) as lines:
        reader = _rows(lines, _delimiter(path, numeric))
        head = [row for row in islice(reader, SAMPLE + 1) if row]
        if not head:
            raise Refused(f"{path.name} is empty: give a file with one vector per row")
        header = _header(head, path, rows)
        body, first = (head[1:], 2) if header else (head, 1)
        if not body:
            raise Refused(f"{path.name} has a header and no rows: give a file with one vector per row")
        names = _unique(header or [f"column {i + 1}" for i in range(len(head[0]))])
        if len(names) > MOST_COLUMNS:
            raise Refused(f"{path.name} has {len(names):,} columns: at most {MOST_COLUMNS:,} are taken")
        kinds = [_is_number([row[i] for row in body if i < len(row)]) for i in range(len(names))]
        samples = ([row[i] for row in body if i < len(row)] for i in range(len(names)))
        aside = [is_aside(name, _is_whole(texts)) for name, texts in zip(names, samples, strict=True)]
        part = [i for i in range(len(names)) if numeric and kinds[i] and not aside[i]]
        if numeric:
            _check_points(path, names, body, [i for i in range(len(names)) if not kinds[i] and not aside[i]])
        return _Reading(path, names, part, kinds, first).read(chain(body, reader))


class _Reading:
    """One pass over the rows of a file."""

    def __init__(self, path: Path, names: list[str], part: list[int], kinds: list[bool], first: int) -> None:
        self.path, self.names, self.part, self.kinds, self.first = path, names, part, kinds, first
        own = set(part)
        self.aside = [i for i in range(len(names)) if i not in own]

    def read(self, rows: Iterator[list[str]]) -> Table:
        """The numbers and the columns of all rows."""
        numbers, texts = array("f"), [[] for _ in self.aside]
        for line, row in enumerate(rows, self.first):
            if not row:
                continue
            if len(row) != len(self.names):
                raise self._unequal(line, row)
            numbers.extend(self._numbers(line, row))
            for place, i in zip(texts, self.aside, strict=True):
                place.append(row[i].strip())
            if len(numbers) * 4 > MOST:
                raise Refused(f"{self.path.name} holds more than {MOST / 1e9:.1f} GB of numbers: give fewer rows")
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


def _opened(path: Path) -> TextIO:
    csv.field_size_limit(LONGEST)
    return path.open(encoding="utf-8-sig", errors="strict", newline="")


def _rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """The fields of each row. Behind tabs a quotation mark is a letter, as to the Embedding Projector."""
    return _tabbed(lines) if delimiter == "\t" else csv.reader(lines, delimiter=delimiter)


def _tabbed(lines: Iterable[str]) -> Iterator[list[str]]:
    """Fields between tabs; marks that enclose a whole field are taken away."""
    for line in lines:
        line = line.rstrip("\r\n")
        fields = line.split("\t") if line else []
        yield [_unquoted(field) for field in fields] if '"' in line else fields


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if len(field) > 2 and field[0] == field[-1] == '"' else field


def _delimiter(path: Path, numeric: bool = True) -> str:
    """A tab in a TSV; else the sign between the most numbers of the first rows, or that the first line has most of.

    Commas may stand within numbers, and any sign within texts. A line without any is one column. A space separates
    numbers alone: where no column is a vector (`numeric` False), it is a part of a label, as in "New York".
    """
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    with _opened(path) as lines:
        sample = list(islice(lines, SAMPLE + 1))
    signs = SIGNS if numeric else [sign for sign in SIGNS if sign != " "]
    counts = {sign: sample[0].count(sign) if sample else 0 for sign in signs}
    present = [sign for sign in signs if sign != " " and counts[sign]]
    between = {sign: _numbers_between(sample, sign) for sign in present} if len(present) > 1 else {}
    best = max(counts, key=lambda sign: (sign != " " and counts[sign] > 0, between.get(sign, 0), counts[sign]))
    return best if counts[best] else ","


def _numbers_between(lines: Sequence[str], sign: str) -> int:
    """How many numbers a sign separates, where it divides all lines alike; one with a decimal comma is a number."""
    rows = [row for row in csv.reader(lines, delimiter=sign) if row]
    if len({len(row) for row in rows}) > 1:
        return 0
    return sum(_parses(text) or bool(DECIMAL_COMMA.fullmatch(text)) for row in rows for text in row)


def _check_points(path: Path, names: Sequence[str], body: Sequence[list[str]], texts: Sequence[int]) -> None:
    """Raises `Refused` where a column of texts is one of numbers with decimal commas."""
    for i in texts:
        known = [row[i] for row in body if i < len(row) and row[i].strip().lower() not in MISSING]
        commas = sum(bool(DECIMAL_COMMA.fullmatch(text)) for text in known)
        if commas and commas + sum(map(_parses, known)) > len(known) / 2:
            example = next(text for text in known if DECIMAL_COMMA.fullmatch(text))
            has = f"column {i + 1} ('{names[i]}') has numbers with a comma, as '{example[:40]}'"
            raise Refused(f"{path.name}: {has}: write decimals with a point")


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
        is_name = first[0].strip().lower() in LABELS and first not in body  # with a row too few, no label is shifted
        return first if is_name or _count(path) == rows + 1 else None
    known = {text.strip().lower() for text in first}
    return first if len(first) > 1 and (rows is not None or any(map(is_aside, known))) else None


def _count(path: Path) -> int:
    with _opened(path) as lines:
        return sum(1 for row in _rows(lines, _delimiter(path, numeric=False)) if row)


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
    return np.array([value[:MOST_LETTERS] for value in values])  # each takes the room of the longest
