"""Files that are hard to take for vectors, dropped on the embeddings page: a map, or a sentence."""

import io

import numpy as np
import pytest

from explorer.tasks import finished_vectors
from pages.ui.sections import embeddings_import
from tests.ui import charts
from tests.ui.sections.test_embeddings_new import FAST, no_engine, opened, said  # noqa: F401 the fixture is used by name

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
HOLES = np.where(RNG.random((60, 4)) < 0.2, np.nan, X)
LEFT = int(np.isfinite(HOLES).all(1).sum())


def npy(x) -> bytes:
    made = io.BytesIO()
    np.save(made, x)
    return made.getvalue()


def npz(**arrays) -> bytes:
    made = io.BytesIO()
    np.savez(made, **arrays)
    return made.getvalue()


def claiming(*shape: int) -> bytes:
    """A file whose header claims this shape."""
    return npy(np.zeros((1, 4), np.float32)).replace(b"(1, 4), }" + b" " * 20, f"{shape}, }}".encode().ljust(29))


def labels(rows: int) -> tuple[str, bytes]:
    return "labels.csv", "\n".join(["label", *("ab"[i % 2] for i in range(rows))]).encode()


@pytest.mark.parametrize(("files", "words"), [
    ([("codes.npy", b"0.1,0.2\n0.3,0.4\n")], "codes.npy is damaged, or no file of numpy: save it again"),
    ([("codes.npy", npy(X[:, 0]))], "codes.npy has the shape (60,): give two axes, one row for each vector"),
    ([("codes.npy", npy(X.reshape(3, 4, 20)))], "codes.npy has the shape (3, 4, 20): give two axes"),
    ([("codes.npy", npy(X[:1]))], "codes.npy has 1 rows: give at least 3"),
    ([("codes.npy", npy(np.full((9, 2), np.nan)))], "row 1, column 1 is nan, and at least 3 rows must be finite"),
    ([("codes.npy", npy(np.array(["a", "b", "c"])))], "codes.npy holds <U1, which are no plain numbers"),
    ([("codes.npy", claiming(10**9, 4))], "codes.npy holds 16.0 GB of numbers: at most 2.1 GB are taken"),
    ([("codes.npy", npy(X)), labels(59)], "labels.csv has 59 rows and codes.npy has 60 vectors"),
    ([("codes.csv", b"1,2\n3,4,5\n6,7\n")], "codes.csv: line 2 has 3 values and those before have 2"),
    ([("codes.csv", b"1,2\n3,4\n5,x\n6,7\n")], "codes.csv: line 3, column 2 ('column 2') is 'x', which is no number"),
    ([("codes.csv", b"")], "codes.csv is empty: give a file with one row for each vector"),
    ([("codes.parquet", b"no table")], "codes.parquet cannot be read as parquet"),
    ([labels(60)], "labels.csv has no column of numbers: give one row of numbers for each vector"),
])  # fmt: skip
def test_a_file_that_is_none_of_vectors_is_answered_in_a_sentence(files, words):
    at = opened(**FAST)
    given = [(name, content, "application/octet-stream") for name, content in files]
    at.file_uploader("vectors-files-0").set_value(given).run()
    assert not at.exception and words in said(at, "error")
    assert "import-vectors" not in {it.key for it in at.button} and not finished_vectors.listing()


@pytest.mark.parametrize(("arrays", "words", "map_is_there"), [
    ({"vectors": X[:3]}, "3 points of one class", True),
    ({"vectors": X[:, :1]}, "60 points of one class", True),
    ({"vectors": HOLES}, f"{LEFT} points of one class", True),
    ({"vectors": np.ones((50, 4))}, "have the same features, so no map can be drawn", False),
    ({"vectors": np.column_stack([X, np.ones((60, 9))])}, "60 points of one class", True),
    ({"vectors": np.tile(X, (6, 1)), "label": np.arange(360) % 120}, "No legend: 120 categories", True),
    ({"vectors": np.tile(X, (1700, 1)), "label": np.arange(102_000) % 7}, "102,000 vectors of 4 numbers", True),
])  # fmt: skip
def test_vectors_that_are_hard_to_draw_are_imported_and_drawn(arrays, words, map_is_there, monkeypatch):
    monkeypatch.setattr(embeddings_import.identity, "me", lambda: "somebody")
    at = opened(**FAST)
    at.file_uploader("vectors-files-0").set_value(("codes.npz", npz(**arrays), "application/octet-stream")).run()
    at.button("import-vectors").click().run()
    assert not at.exception and words in said(at, "markdown", "caption", "error")
    assert ("map-pca-codes" in charts.figures(at)) == map_is_there == (not at.error)
