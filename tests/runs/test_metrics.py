"""Rows of metrics: appended, read on, and a torn line ignored."""

import numpy as np

from explorer import runs
from explorer.runs import metrics
from tests.runs.run_cases import fastest, spec


def test_a_file_of_other_rows_in_the_same_place_is_read_from_its_beginning():
    run = runs.create(spec())
    path = run.folder / "metrics.jsonl"
    for number in range(3):
        path.write_text("".join(f'{{"step": {step}, "try": {number}}}\n' for step in range(100 + number)))
        assert run.metrics() == [{"step": step, "try": number} for step in range(100 + number)]


def test_metrics_grow_row_by_row():
    run = runs.create(spec())
    for step in range(3):
        run.append({"step": step, "loss": np.float32(0.5), "parts": np.arange(2)})
        assert len(run.metrics()) == step + 1
    assert run.metrics()[2] == {"step": 2, "loss": 0.5, "parts": [0, 1]}


def test_a_torn_last_line_is_ignored():
    run = runs.create(spec())
    run.append({"step": 1})
    run.append({"step": 2})
    path = run.folder / "metrics.jsonl"
    path.write_bytes(path.read_bytes() + b'{"step": 3, "lo')
    assert [row["step"] for row in run.metrics()] == [1, 2]
    run.append({"step": 3})
    assert [row["step"] for row in run.metrics()] == [1, 2, 3]
    assert path.read_bytes().count(b"\n") == 3


def test_a_curve_of_100000_rows_is_read_on_in_milliseconds():
    run = runs.create(spec())
    (run.folder / "metrics.jsonl").write_text("".join(f'{{"step": {i}, "loss": 0.5}}\n' for i in range(100_000)))
    run.metrics()
    run.append({"step": 100_000})
    assert len(run.metrics()) == 100_001
    assert fastest(run.metrics) < 0.05


def test_what_is_derived_from_rows_is_computed_once_for_all_readers_and_again_when_there_are_more(tmp_path):
    path, calls = tmp_path / "metrics.jsonl", []

    @metrics.derived
    def last(rows, name):
        calls.append(name)
        return rows[-1][name]

    metrics.append(path, {"step": 1, "loss": 0.5})
    assert [last(metrics.read(path), name) for name in ("step", "loss", "step", "loss")] == [1, 0.5, 1, 0.5]
    assert calls == ["step", "loss"]
    metrics.append(path, {"step": 2, "loss": 0.4})
    assert last(metrics.read(path), "step") == 2
    path.unlink()
    metrics.append(path, {"step": 9, "loss": 0.1})
    assert last(metrics.read(path), "step") == 9, "another file of the same name"
    assert last([{"step": 7}], "step") == 7, "rows that no file holds"


def test_rows_that_a_reader_holds_do_not_change_when_there_are_more(tmp_path):
    path = tmp_path / "metrics.jsonl"
    metrics.append(path, {"step": 1})
    before = metrics.read(path)
    metrics.append(path, {"step": 2})
    after = metrics.read(path)
    assert (len(before), len(after)) == (1, 2)
