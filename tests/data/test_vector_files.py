"""Files of finished vectors: what each format holds, and the sentence about what is wrong in one."""

import struct
import zipfile
import zlib

import numpy as np
import pytest

from explorer import Refused
from explorer.data.vectors import columns, files, pictures, store, tables

X = np.arange(40, dtype=np.float32).reshape(10, 4) / 8
WORDS = [f"word{i}" for i in range(10)]


def text(path, rows, sign=","):
    path.write_text("\n".join(sign.join(map(str, row)) for row in rows) + "\n")
    return path


def test_an_array_a_table_and_a_parquet_file_hold_the_same_vectors(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    np.save(tmp_path / "a.npy", X.astype(np.float64))
    np.savez(tmp_path / "b.npz", vectors=X, labels=np.arange(10) % 2, other=np.arange(3))
    text(tmp_path / "c.csv", X)
    text(tmp_path / "d.tsv", X, "\t")
    text(tmp_path / "e.csv", [["a", "b", "c", "d"], *X])
    parquet.write_table(pa.table({f"n{i}": X[:, i] for i in range(4)}), tmp_path / "f.parquet")
    parquet.write_table(pa.table({"vector": X.tolist(), "label": WORDS}), tmp_path / "g.parquet")
    for path in sorted(tmp_path.glob("?.*")):
        table = files.vectors(path)
        np.testing.assert_array_equal(table.vectors, X, path.name)
        assert table.vectors.dtype == np.float32
    assert list(files.vectors(tmp_path / "b.npz").columns) == ["labels"]
    assert files.vectors(tmp_path / "g.parquet").columns["label"].tolist() == WORDS


def test_texts_and_labels_beside_the_numbers_are_columns_and_numbered_rows_are_none(tmp_path):
    rows = [["", "x", "y", "label", "word"], *([i, *X[i, :2], i % 2, WORDS[i]] for i in range(10))]
    table = files.vectors(text(tmp_path / "pandas.csv", rows))
    np.testing.assert_array_equal(table.vectors, X[:, :2])
    assert "counts the rows" in table.notes[0]
    assert list(table.columns) == ["label", "word"]
    found = columns.labels(table.columns, 10)
    assert (found.classes, found.column, found.y.tolist()) == (("0", "1"), "label", [0, 1] * 5)
    assert columns.named(table.columns, "label") == "word"
    numbered = text(tmp_path / "numbered.csv", [range(4), *X])
    np.testing.assert_array_equal(files.vectors(numbered).vectors, X)


def test_the_pair_of_the_embedding_projector_is_read_with_one_column_or_several(tmp_path):
    one = text(tmp_path / "one.tsv", [[word] for word in WORDS], "\t")
    assert [it.tolist() for it in files.columns(one, 10, "v").values()] == [WORDS]
    named = text(tmp_path / "named.tsv", [["word"], *([word] for word in WORDS)], "\t")
    assert list(files.columns(named, 10, "v")) == ["word"]
    several = text(
        tmp_path / "several.tsv", [["word", "group"], *([word, "ab"[i % 2]] for i, word in enumerate(WORDS))]
    )
    several = several.rename(tmp_path / "several.csv")
    assert list(files.columns(several, 10, "v")) == ["word", "group"]
    found = columns.labels(files.columns(several, 10, "v"), 10)
    assert (found.classes, found.column) == (("a", "b"), "group")


def test_labels_that_are_numbers_keep_their_order_and_those_of_a_wanted_column_their_words():
    many = {"n": np.array(["10", "9", "2", "10", "9", "2"]), "k": np.array(list("ababab"))}
    assert columns.labels(many, 6).classes == ("2", "9", "10")
    assert columns.labels(many, 6, "k").classes == ("a", "b")
    assert columns.labels({"k": np.arange(6)}, 6).column == ""
    with pytest.raises(Refused, match="no column 'l'; choose from n, k"):
        columns.labels(many, 6, "l")


def test_a_label_that_only_looks_like_a_number_is_a_text():
    assert columns.labels({"label": np.array(["--5", "1", "--5", "1"])}, 4).classes == ("--5", "1")
    assert columns.labels({"label": np.array(["-5", "1", "-10"] * 2)}, 6).classes == ("-10", "-5", "1")


def test_a_quotation_mark_is_a_token_of_the_embedding_projector(tmp_path):
    tokens = ["token", "a", '"', ",", 'say "', "b", '"c"']
    path = text(tmp_path / "metadata.tsv", [[it, i or "n"] for i, it in enumerate(tokens)], "\t")
    found = files.columns(path, 6, "v")
    assert found["token"].tolist() == ["a", '"', ",", 'say "', "b", "c"]
    single = text(tmp_path / "one.tsv", [[it] for it in tokens[1:]], "\t")
    assert next(iter(files.columns(single, 6, "v").values())).tolist()[1] == '"'


@pytest.mark.parametrize("content", ["1;2;a,b\n", "1;2;a,b,c\n", "1,2,a;b\n", "1,2,a;b;c;d\n"])
def test_the_sign_that_separates_the_numbers_is_found(content, tmp_path):
    (tmp_path / "v.csv").write_text(content * 4)
    assert files.vectors(tmp_path / "v.csv").vectors.tolist() == [[1, 2]] * 4


def test_many_columns_are_read_in_time_that_grows_with_them(tmp_path):
    many = text(tmp_path / "v.csv", [["a"] * 10_000 + [1]] * 4)
    assert files.vectors(many).vectors.shape == (4, 1)


@pytest.mark.parametrize(("content", "words"), [
    ("1,2\n3,4\n5\n", "line 3 has 1 values and those before have 2"),
    ("1,2\n3,4\n5,6,7\n", "line 3 has 3 values"),
    ("a,b\n" + "1,2\n" * 60 + "3,abc\n", r"line 62, column 2 \('b'\) is 'abc', which is no number"),
    ("1,2\n3,x\n5,6\n", r"line 2, column 2 \('column 2'\) is 'x', which is no number"),
    ("\n\n", "is empty"), ("", "is empty"), ("a,b\n", "has a header and no rows"),
    ("1,5;2,3;3,5\n" * 3, "column 1 .* has numbers with a comma, as '1,5': write decimals with a point"),
    ("a;b\n" + "1,5;2\n" * 3, r"column 1 \('a'\) has numbers with a comma"),
    ("1\t2,5\n" * 3, "numbers with a comma, as '2,5'"),
    ('"1,5","2,5"\n' * 3, "numbers with a comma, as '1,5'"),
    pytest.param(("1" + ",1" * 65_536 + "\n") * 3, "65,537 columns: at most 65,536", id="wide"),
    pytest.param("x" * 1_100_000 + "\n1\n2\n", "fields of at most 1,048,576 letters", id="long"),
    ("x\na\nb\nc\n", "no column of numbers"), ("1,2\n3,4\n", "has 2 rows: give at least 3"),
])  # fmt: skip
def test_what_is_wrong_in_a_table_is_said_with_its_place(content, words, tmp_path):
    (tmp_path / "v.csv").write_text(content)
    with pytest.raises(Refused, match=words):
        files.vectors(tmp_path / "v.csv")


def test_a_missing_number_is_none_and_a_row_too_large_is_infinite(tmp_path):
    table = files.vectors(text(tmp_path / "v.csv", [[1, 2], ["NA", 4], [1e300, 6], ["", 8], ["-inf", 1]]))
    assert np.isfinite(table.vectors[:, 0]).tolist() == [True, False, False, False, False]
    assert table.vectors[2, 0] == np.inf and np.isnan(table.vectors[3, 0])


def claim(path, shape):
    """A file of a few bytes whose header claims an array of this shape."""
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        file.write(bytes(64))


def claim_in_zip(path, shape):
    claim(path.with_suffix(".part"), shape)
    with zipfile.ZipFile(path, "w") as stored:
        stored.write(path.with_suffix(".part"), "vectors.npy")


def parquet_of(values):
    def save(path):
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.table({"v": values}), path)

    return save


@pytest.mark.parametrize(("name", "save", "words"), [
    ("n.npy", lambda path: claim(path, (3_000_000, 3_000_000)), "36000.0 GB of numbers: at most 2.1 GB"),
    ("n.npz", lambda path: claim_in_zip(path, (3_000_000, 3_000_000)), "36000.0 GB of numbers: at most 2.1 GB"),
    ("o.npy", lambda path: claim(path, (300, 300)), "shorter than its header says"),
    ("o.npz", lambda path: claim_in_zip(path, (300, 300)), "shorter than its header says"),
    ("q.parquet", parquet_of([["a", "b"], ["c"], ["d"]]), "no column of numbers"),
    ("r.parquet", parquet_of([None, [1.0, 2.0], [3.0, 4.0]]), "row 2 of 'v' has 2 values and row 1 has 0"),
    ("s.parquet", parquet_of([[None, None], None, None]), "no column of numbers"),
    ("p.npy", lambda path: np.save(path, np.array([{}], object), allow_pickle=True), "Python objects"),
    ("p.npz", lambda path: np.savez(path, x=np.array([{}], object)), "Python objects"),
    ("t.npy", lambda path: np.save(path, np.array(WORDS)), "no plain numbers"),
    ("c.npy", lambda path: np.save(path, X + 1j), "no plain numbers"),
    ("d.npy", lambda path: np.save(path, X[0]), r"shape \(4,\): give two axes"),
    ("e.npy", lambda path: np.save(path, X[:, :, None]), "give two axes"),
    ("f.npy", lambda path: path.write_bytes(b"\x93NUMPY\x01\x00v\x00"), "cannot be read|damaged"),
    ("g.npz", lambda path: path.write_bytes(b"PK not a zip"), "damaged|cannot be read"),
    ("h.npz", lambda path: np.savez(path, a=X, b=X), r"several arrays of two axes \(a, b\)"),
    ("i.parquet", lambda path: path.write_bytes(b"PAR1"), "cannot be read as parquet"),
    ("j.pkl", lambda path: path.write_bytes(b"x"), "no file of vectors that is read"),
    ("l.csv", lambda path: path.write_bytes(b"1,2\n" * 20_000 + b"3,\xe9\n"), "no text in UTF-8"),
    ("m.csv", lambda path: path.write_bytes(b"1,2\n" * 3 + b"3,\xe9\n"), "no text in UTF-8"),
    ("k.csv", lambda path: path.write_bytes("1,2\n3,é\n".encode("latin1")), "UTF-8"),
])  # fmt: skip
def test_a_file_that_holds_no_vectors_is_refused_in_a_sentence(name, save, words, tmp_path):
    pytest.importorskip("pyarrow")
    save(tmp_path / name)
    with pytest.raises(Refused, match=words):
        files.vectors(tmp_path / name)


def test_unequal_lists_in_parquet_are_refused_by_their_row(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pa.table({"v": [[1.0, 2.0], [1.0], [2.0, 3.0]]}), tmp_path / "v.parquet")
    with pytest.raises(Refused, match="row 2 of 'v' has 1 values and row 1 has 2"):
        files.vectors(tmp_path / "v.parquet")


def test_labels_of_another_number_of_rows_are_refused(tmp_path):
    np.save(tmp_path / "y.npy", np.arange(9))
    with pytest.raises(Refused, match=r"y.npy has 9 rows and v.npy has 10 vectors"):
        files.columns(tmp_path / "y.npy", 10, "v.npy")


def test_features_that_were_written_here_have_their_classes_by_name(tmp_path):
    np.savez(tmp_path / "f.npz", features=X, rows=np.arange(10), y=np.arange(10) % 2, classes=np.array(["cat", "dog"]))
    table = files.vectors(tmp_path / "f.npz")
    assert columns.labels(table.columns, 10).classes == ("cat", "dog")


def test_a_hundred_thousand_rows_are_read_whole(tmp_path):
    x = np.random.default_rng(0).normal(size=(100_000, 3)).astype(np.float32)
    np.savetxt(tmp_path / "v.csv", x, delimiter=",", fmt="%.9g")
    np.testing.assert_array_equal(files.vectors(tmp_path / "v.csv").vectors, x)


def test_a_sprite_has_its_tiles_row_by_row_and_a_folder_its_files_by_number(tmp_path):
    from PIL import Image

    tiles = (np.arange(10)[:, None, None] * 20 + np.zeros((10, 8, 8))).astype(np.uint8)
    sheet = np.zeros((3, 4, 8, 8), np.uint8)
    sheet.reshape(12, 8, 8)[:10] = tiles
    Image.fromarray(sheet.transpose(0, 2, 1, 3).reshape(24, 32)).save(tmp_path / "sprite.png")
    images = pictures.read(tmp_path / "sprite.png", 10)
    assert images.shape == (10, 1, 8, 8) and (images[:, 0] == tiles).all()
    with pytest.raises(Refused, match="32×24 pixels, and 17 square pictures need 5 columns and 4 rows"):
        pictures.read(tmp_path / "sprite.png", 17)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(10):
        Image.fromarray(tiles[i]).save(folder / f"p{9 - i + 2}.png")
    assert pictures.read(folder, 10)[:, 0, 0, 0].tolist() == [20 * i for i in range(9, -1, -1)]
    names = [f"p{9 - i + 2}.png" for i in range(10)]
    assert pictures.read(folder, 10, names)[:, 0, 0, 0].tolist() == [20 * i for i in range(10)]
    with pytest.raises(Refused, match="10 pictures and there are 11 vectors"):
        pictures.read(folder, 11)


def test_each_class_reaches_each_split_and_a_column_decides_them_where_it_names_all_three():
    y = np.repeat([0, 1, 2, 3], [30, 30, 2, 1])
    parts = store.cut(y, {}, "seed")
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(63))
    assert {split: sorted(set(y[rows])) for split, rows in parts.items()} == {
        "train": [0, 1, 2, 3], "validation": [0, 1, 2], "test": [0, 1],
    }  # fmt: skip
    given = np.array(["Train", "val", "test"] * 21)
    assert store.cut(y, {"Split": given}, "seed")["validation"].tolist() == list(range(1, 63, 3))
    assert store.can_be_cut(np.zeros(3, int)) and not store.can_be_cut(np.arange(30))


def test_a_table_of_too_many_numbers_is_refused_before_it_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MOST", 100)
    with pytest.raises(Refused, match=r"more than 0\.0 GB"):
        files.vectors(text(tmp_path / "v.csv", X))


def test_an_array_is_read_whatever_the_file_is_called_and_beside_what_is_none(tmp_path):
    np.save(tmp_path / "a.npy", X)
    (tmp_path / "a.npy").rename(tmp_path / "a.npz")
    np.testing.assert_array_equal(files.vectors(tmp_path / "a.npz").vectors, X)
    np.savez(tmp_path / "b.npz", vectors=X, y=np.arange(10))
    with zipfile.ZipFile(tmp_path / "b.npz", "a") as stored:
        stored.writestr("readme.txt", "what this is")
    (tmp_path / "b.npz").rename(tmp_path / "b.npy")
    np.testing.assert_array_equal(files.vectors(tmp_path / "b.npy").vectors, X)
    assert files.columns(tmp_path / "b.npy", 10, "v")["y"].tolist() == list(range(10))


def test_labels_in_bytes_are_texts_in_utf8(tmp_path):
    for code in ("utf-8", "latin1"):
        np.save(tmp_path / f"{code}.npy", np.array(["é".encode(code), b"a"] * 5))
    assert files.columns(tmp_path / "utf-8.npy", 10, "v")["utf-8"].tolist() == ["é", "a"] * 5
    with pytest.raises(Refused, match="read as UTF-8, and these are not"):
        files.columns(tmp_path / "latin1.npy", 10, "v")


@pytest.mark.parametrize(("side", "words"), [(14_000, "far too many pixels"), (12_000, "12,000 × 12,000 pixels")])
def test_a_sprite_of_too_many_pixels_is_refused_in_a_sentence(side, words, tmp_path):
    from PIL import Image

    path = tmp_path / "sprite.png"
    Image.new("L", (8, 8)).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", side, side)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)
    with pytest.raises(Refused, match=words):
        pictures.read(path, 10)
