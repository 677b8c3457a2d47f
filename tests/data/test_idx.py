"""IDX files: read plain or packed, and refused when damaged."""

import gzip

import numpy as np
import pytest

from explorer import Refused, data
from explorer.data.idx import read_idx
from tests.data.image_cases import clothes, idx, put


def test_idx_files_are_read_plain_or_packed(root):
    plain = put(root / "FashionMNIST/raw", clothes())
    first = data.load("fashion_mnist")
    for path in list(plain.iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert data.load("fashion_mnist").hash == first.hash


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it starts with nothing, where 00 00 08 03 must stand"),
        (b"\x00\x00\x08\x01" + bytes(12), "it starts with 00 00 08 01, where 00 00 08 03"),
        (b"<html>not found</html>", "it starts with 3c 68 74 6d"),
        (idx(np.zeros((4, 28, 28), np.uint8))[:-1], "it holds 3,151 bytes, where its header announces 3,152"),
        (idx(np.zeros((4, 28, 28), np.uint8)) + b"x", "it holds 3,153 bytes"),
        (b"\x00\x00\x08\x03\x00", "it holds 5 bytes"),
    ],
)
def test_a_damaged_idx_file_is_refused(tmp_path, content, sentence):
    (tmp_path / "images").write_bytes(content)
    with pytest.raises(Refused, match=f"images is damaged: {sentence}.*; delete it and download"):
        read_idx(tmp_path / "images", 3)


def test_a_packed_idx_file_that_is_torn_is_refused(tmp_path):
    (tmp_path / "images.gz").write_bytes(gzip.compress(idx(np.zeros((4, 28, 28), np.uint8)))[:-9])
    with pytest.raises(Refused, match="is damaged: it cannot be read"):
        read_idx(tmp_path / "images.gz", 3)
