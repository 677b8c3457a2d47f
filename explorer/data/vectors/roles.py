"""Which of several files holds the vectors, which their labels or other columns, and which their pictures."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from explorer.data.photos import SUFFIXES, suffix
from explorer.errors import Refused

TABLES = ("npy", "npz", "csv", "tsv", "txt", "tab", "parquet", "pq")
PICTURES = ("zip", *SUFFIXES)
ASIDE = re.compile(r"meta|label|class|target|name|word|column|(^|[_-])y([_-]|$)")  # in the name of a file of columns


class Roles(NamedTuple):
    """The names of the files by what they hold; empty where there is none."""

    vectors: str
    labels: str = ""
    images: str = ""


def check_distinct(names: Sequence[str]) -> None:
    """Raises `Refused` where two files have one name: which is which could not be said."""
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise Refused(f"two files are called {twice}: give each a name of its own, and drop one of them again")


def assign(sizes: Mapping[str, int], vectors: str = "") -> Roles:
    """The roles of files, of which each size in bytes is given; raises `Refused` where they are too many or too few.

    Of two tables, the one that is called so holds the labels, else the smaller one; `vectors` says it otherwise.
    """
    tables = [name for name in sizes if suffix(name) in TABLES]
    images = [name for name in sizes if suffix(name) in PICTURES]
    if foreign := next((name for name in sizes if name not in (*tables, *images)), None):
        raise Refused(f"{foreign} is no file that is read: give .{', .'.join(TABLES[:4])} or .parquet, and pictures as "
                      "a zip or one sprite")  # fmt: skip
    if not tables:
        raise Refused(f"there is no file of vectors among these: give one with .{', .'.join(TABLES[:4])} or .parquet")
    if len(tables) > 2:
        raise Refused(f"{len(tables)} tables are too many: give the vectors, and at most one file of labels")
    if len(images) > 1:
        raise Refused(f"{len(images)} files of pictures are too many: give one zip, or one sprite")
    if vectors not in tables:
        vectors = min(tables, key=lambda name: (bool(ASIDE.search(name.lower())), -sizes[name]))
    return Roles(vectors, next((name for name in tables if name != vectors), ""), images[0] if images else "")
