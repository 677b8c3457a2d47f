"""Vectors and columns from a file: npy, npz, CSV, TSV, parquet. Nothing in it is ever run: pickles are refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from explorer.data.vectors import arrays, tables
from explorer.data.vectors.columns import MOST_LETTERS, tidy
from explorer.data.vectors.tables import MOST, Table
from explorer.errors import Refused

VECTORS = ("features", "vectors", "embeddings", "codes", "x", "z", "arr_0")  # what an array of vectors is called
LEAST = 3  # rows: one for each split


def vectors(path: Path) -> Table:
    """The vectors of a file, with the columns that stand beside them; raises `Refused` where it holds none."""
    table = _read(path)
    if not table.vectors.shape[1]:
        raise Refused(f"{path.name} has no column of numbers: give one row of numbers for each vector")
    if len(table.vectors) < LEAST:
        raise Refused(f"{path.name} has {len(table.vectors)} rows: give at least {LEAST}")
    if table.vectors.size * 4 > MOST:
        size = f"{table.vectors.size * 4 / 1e9:.1f} GB of numbers"
        raise Refused(f"{path.name} holds {size}: at most {MOST / 1e9:.1f} GB are taken, so give fewer rows")
    return table._replace(columns={name: tidy(values) for name, values in table.columns.items()})


def columns(path: Path, rows: int, of: str) -> dict[str, np.ndarray]:
    """The columns of a file of labels or metadata, as many rows as the vectors in the file `of` have."""
    table = _read(path, rows)
    found = {name: tidy(values) for name, values in table.columns.items()}
    for name, values in found.items():
        if len(values) != rows:
            where = "" if len(found) == 1 else f" in '{name}'"
            rule = "give one row for each vector"
            raise Refused(f"{path.name} has {len(values):,} rows{where} and {of} has {rows:,} vectors: {rule}")
    if not found:
        raise Refused(f"{path.name} has no column: give one row for each vector")
    return found


def _read(path: Path, rows: int | None = None) -> Table:
    """A table; with `rows`, one of columns alone."""
    readers: dict[str, Callable[[Path, int | None], Table]] = {
        ".npy": _numpy, ".npz": _numpy, ".parquet": _parquet, ".pq": _parquet,
        **dict.fromkeys((".csv", ".tsv", ".txt", ".tab"), _text),
    }  # fmt: skip
    if not path.is_file():
        raise Refused(f"there is no file {path}: give the path of a file")
    if path.suffix.lower() not in readers:
        raise Refused(f"{path.name} is no file of vectors that is read: give .npy, .npz, .csv, .tsv or .parquet")
    if not path.stat().st_size:
        raise Refused(f"{path.name} is empty: give a file with one row for each vector")
    try:
        return readers[path.suffix.lower()](path, rows)
    except Refused:
        raise
    except OSError as error:
        raise Refused(f"{path.name} cannot be read ({error.strerror or error}): make it readable") from None


def _text(path: Path, rows: int | None) -> Table:
    return tables.read(path, numeric=rows is None, rows=rows)


def _numpy(path: Path, rows: int | None) -> Table:
    """An array or several: what the file holds decides, not how it is called."""
    found = arrays.read(path)
    return _npz(path, found, rows) if isinstance(found, dict) else _npy(path, found, rows)


def _npy(path: Path, array: np.ndarray, rows: int | None) -> Table:
    if rows is not None:
        return Table(np.empty((0, 0)), {path.stem: _one_axis(array, path.name)})
    return Table(_two_axes(array, path.name), {})


def _npz(path: Path, arrays: dict[str, np.ndarray], rows: int | None) -> Table:
    if rows is not None:
        return Table(np.empty((0, 0)), _named_classes({k: it for k, it in arrays.items() if it.ndim == 1}, rows))
    wide = [name for name, it in arrays.items() if it.ndim == 2 and it.dtype.kind in "fiub"]
    name = next((name for name in VECTORS if name in wide), wide[0] if len(wide) == 1 else "")
    if not name:
        many = f"several arrays of two axes ({', '.join(wide)})" if wide else "no array of numbers with two axes"
        raise Refused(f"{path.name} has {many}: call the one with a vector in each row 'vectors'")
    vectors = _two_axes(arrays.pop(name), f"'{name}' in {path.name}")
    beside = _named_classes({k: it for k, it in arrays.items() if it.ndim == 1}, len(vectors))
    return Table(vectors, {k: it for k, it in beside.items() if len(it) == len(vectors)})


def _named_classes(columns: dict[str, np.ndarray], rows: int) -> dict[str, np.ndarray]:
    """Labels by their names, where an array `classes` says what the numbers `y` mean, as in features written here."""
    y, names = columns.get("y"), columns.get("classes")
    fits = y is not None and names is not None and y.dtype.kind in "iu" and names.dtype.kind in "U"
    if not fits or not len(y) or y.min() < 0 or y.max() >= len(names):
        return columns
    rest = {name: values for name, values in columns.items() if name not in ("y", "classes") or len(values) == rows}
    return {**rest, "y": names[y]}


def _parquet(path: Path, rows: int | None) -> Table:
    try:
        from pyarrow import ArrowException, parquet
    except ModuleNotFoundError:
        raise Refused("parquet needs the package pyarrow, which is not installed: save it as csv or npy") from None
    try:
        about = parquet.read_metadata(path)
        size = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        arrays.check_size(path.name, max(size / 2, 4 * about.num_rows * about.num_columns))  # doubles, at most
        table = parquet.read_table(path)
    except ArrowException as error:
        raise Refused(f"{path.name} cannot be read as parquet ({str(error).splitlines()[0]})") from None
    columns = {name: _arrow(table.column(name), name, path) for name in table.column_names}
    if rows is not None:
        return Table(np.empty((0, 0)), {name: _one_axis(it, path.name) for name, it in columns.items()})
    from explorer.data.vectors.columns import is_aside

    lists = [name for name, it in columns.items() if it.ndim == 2]
    parts = lists or [name for name, it in columns.items() if it.dtype.kind in "fiub" and not is_aside(name)]
    matrix = np.column_stack([columns[name] for name in parts]) if parts else np.empty((len(table), 0))
    return Table(_two_axes(matrix, path.name), {name: it for name, it in columns.items() if name not in parts})


def _arrow(column: Any, name: str, path: Path) -> np.ndarray:
    """A column as an array: numbers `[N]`, lists of numbers `[N, D]`, or texts."""
    import pyarrow as pa

    kind = column.type
    lists = pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind) or pa.types.is_large_list(kind)
    if lists and _is_number(kind.value_type):
        values = column.to_pylist()
        lengths = [len(value or ()) for value in values]
        odd = next((i for i, length in enumerate(lengths) if length != lengths[0]), None)
        if odd is not None:
            has = f"row {odd + 1} of '{name}' has {lengths[odd]} values and row 1 has {lengths[0]}"
            raise Refused(f"{path.name}: {has}: give every row as many")
        return np.array([[np.nan if it is None else it for it in value or ()] for value in values], np.float64)
    if _is_number(kind):
        plain = column.to_pylist() if column.null_count else column.to_numpy()
        return np.array([np.nan if it is None else it for it in plain]) if column.null_count else np.asarray(plain)
    return np.array(["" if it is None else str(it)[:MOST_LETTERS] for it in column.to_pylist()], dtype="U")


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)


def _two_axes(array: Any, name: str) -> np.ndarray:
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub":
        kind = getattr(array, "dtype", type(array).__name__)
        raise Refused(f"{name} holds {kind}, which are no plain numbers: give float32, float64 or whole numbers")
    if array.ndim != 2:
        raise Refused(f"{name} has the shape {array.shape}: give two axes, one row for each vector")
    with np.errstate(over="ignore"):  # what is too large becomes infinite, which is said of its row
        return np.ascontiguousarray(array, np.float32)


def _one_axis(array: np.ndarray, name: str) -> np.ndarray:
    array = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if array.ndim != 1 or array.dtype.kind not in "fiubUS":
        shape = f"{array.dtype} of shape {array.shape}"
        raise Refused(f"{name} holds {shape}: labels are one number or text for each vector")
    return array
