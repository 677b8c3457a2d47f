"""What files of finished vectors may take of the memory."""

from contextlib import suppress

import numpy as np
import pytest

from explorer import Refused
from explorer.data.vectors import arrays, columns, files

X = np.arange(40, dtype=np.float32).reshape(10, 4) / 8
WORDS = [f"word{i}" for i in range(10)]


def test_the_arrays_of_one_file_share_the_room_and_each_may_fit_alone(tmp_path, monkeypatch):
    np.savez(tmp_path / "v.npz", vectors=X, a=np.arange(10), b=np.arange(10))
    assert len(files.vectors(tmp_path / "v.npz").vectors) == 10
    monkeypatch.setattr(arrays, "MOST", X.nbytes + 50)  # of which one column takes 40
    with pytest.raises(Refused, match=r"v.npz holds 0\.0 GB of numbers: at most"):
        files.vectors(tmp_path / "v.npz")
    np.savez(tmp_path / "v.npz", vectors=X, a=np.arange(10))
    assert list(files.vectors(tmp_path / "v.npz").columns) == ["a"]


def test_one_long_text_does_not_make_all_of_its_column_as_long(tmp_path, monkeypatch):
    seen, tidy = [], files.tidy
    monkeypatch.setattr(files, "tidy", lambda it: seen.append(it.dtype) or tidy(it))
    words = ["long " * 2000, *WORDS[1:]]
    rows = [("word", "x", "y"), *((words[i], *X[i, :2]) for i in range(10))]
    (tmp_path / "w.tsv").write_text("\n".join("\t".join(map(str, row)) for row in rows))
    assert files.vectors(tmp_path / "w.tsv").columns["word"].tolist() == [words[0][:200], *WORDS[1:]]
    with suppress(ModuleNotFoundError):
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.table({"word": words, "x": X[:, 0], "y": X[:, 1]}), tmp_path / "w.parquet")
        files.vectors(tmp_path / "w.parquet")
    assert seen and all(it.itemsize <= 4 * columns.MOST_LETTERS for it in seen)
