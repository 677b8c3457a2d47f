"""The one reader of small files: a value or a sentence, whatever lies at the path."""

import json
import os
import random
import socket

import pytest

from explorer import reading
from explorer.reading import Damaged

WHOLE = {"name": "ä", "numbers": [1, -2.5, 1e300, None, True, 2**63 - 1], "inside": {"empty": {}}}
ODD = {
    "nothing": b"",
    "no JSON": b"yesterday",
    "no text": b"\xff\xfe{}",
    "a surrogate in UTF-8": b'{"title": "\xed\xa0\x80"}',
    "half a character": rb'{"title": "\ud800 first"}',
    "the other half": rb'["\uDC00"]',
    "brackets": b"[" * 100_000,
    "balanced brackets": b"[" * 900 + b"]" * 900,
    "objects in objects": b'{"a":' * 200 + b"1" + b"}" * 200,
    "a number of 5,000 digits": b'{"step": ' + b"9" * 5000 + b"}",
    "a number of 400 digits": b'{"step": 1' + b"0" * 400 + b"}",
    "just too large": b"[9223372036854775808]",
    "a list": b"[1]",
    "a number": b"1",
    "a text": b'"spec"',
    "torn": b'{"name": "a',
    "more than one": b"{} {}",
    "zeros": b"\0" * 1000,
}


def put(folder, content: bytes):
    path = folder / "file.json"
    path.write_bytes(content)
    return path


def test_what_was_written_is_read(tmp_path):
    assert reading.fields(put(tmp_path, json.dumps(WHOLE).encode())) == WHOLE
    assert reading.fields(put(tmp_path, json.dumps(WHOLE, ensure_ascii=False).encode())) == WHOLE
    pair = json.dumps({"title": "\N{FACE WITH TEARS OF JOY}"}).encode()  # two escapes that make one character
    assert reading.fields(put(tmp_path, pair)) == json.loads(pair)
    assert reading.text(put(tmp_path, "ä\n".encode())) == "ä\n"
    flat = json.dumps([[[i]] for i in range(1000)]).encode()  # many brackets, none of them deep
    assert reading.value(flat) == json.loads(flat)


@pytest.mark.parametrize("case", ODD)
def test_what_was_not_is_one_sentence(case, tmp_path):
    with pytest.raises(Damaged, match=r"^(it|its) ") as caught:
        reading.fields(put(tmp_path, ODD[case]))
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(put(tmp_path, b"{}"))
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "circle").symlink_to("circle")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name in ("pipe", "folder", "link", "device", "circle", "socket"):
            with pytest.raises((Damaged, OSError)):
                reading.fields(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        reading.fields(tmp_path / "missing")


def test_a_file_beyond_the_limit_is_not_read(tmp_path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(1 << 40)  # a hole: it takes no place
    with pytest.raises(Damaged, match="larger than 67,108,864 bytes"):
        reading.fields(tmp_path / "large")


def test_bytes_are_a_value_or_damaged():
    """5,000 texts: random bytes, random JSON, and JSON with some bytes changed."""
    rng = random.Random(0)
    good = json.dumps(WHOLE).encode()
    alphabet = [*(bytes([it]) for it in b'[]{}":,1- \xff'), b"e9", b"\\u", b"d800", b"NaN", b"9" * 19]
    for k in range(5000):
        if k % 3 == 0:
            text = rng.randbytes(rng.randrange(60))
        elif k % 3 == 1:
            text = b"".join(rng.choices(alphabet, k=rng.randrange(40)))
        else:
            spoiled = bytearray(good)
            for _ in range(rng.randrange(1, 4)):
                spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
            text = bytes(spoiled)
        try:
            value = reading.value(text)
        except Damaged as error:
            assert str(error).isprintable(), text
        else:
            json.dumps(value, ensure_ascii=False).encode()
