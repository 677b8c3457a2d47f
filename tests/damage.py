"""What may have become of the small files of a run: contents that no version of Unfold writes."""

CONTENTS = {
    "empty": b"",
    "bytes": b"\xff\xfe",
    "brackets": b"[" * 100_000,
    "list": b"[1]",
    "number": b"1",
    "NaN": b'{"step": NaN, "epoch": Infinity, "loss": -Infinity, "knn": NaN, "seed": NaN, "format": NaN}',
    "huge numbers": b'{"step": 1' + b"0" * 400 + b', "created": 9}',
    "wrong types": b'{"kind": 1, "title": [], "dataset": {}, "step": "x", "state": 5, "created": "yesterday", '
    b'"loss": "a", "knn": [1], "name": "scores.json", "bytes": [1], "sha256": {}, "linear": {"a": 1}, '
    b'"epoch": "first", "references": 5, "n_test": "many"}',
    "half a character": rb'{"title": "\ud800", "kind": "train", "dataset": "digits"}',
    "other fields": b'{"nobody": "knows", "this": {"a": [1, 2]}}',
}
FILES = ("spec.json", "status.json", "title.txt", "metrics.jsonl", "scores.json", "manifest.jsonl", "lock", "stop")
CREATED = (
    "yesterday",
    "9999-12-31T23:59:59",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01",
    "-1",
    "2026-11-28T10:00+99:99",
)
TITLES = ("", " ", "\n", "a\nb\n# c", "\u202eabc", "x" * 100_000, "\x1b[31mred", "\x00")
