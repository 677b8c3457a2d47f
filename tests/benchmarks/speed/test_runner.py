"""The command: what is run, what is written, and what is refused."""

import json

import pytest

from explorer.benchmarks.speed import COMPARISONS, peers, runner
from explorer.benchmarks.speed.__main__ import main
from explorer.benchmarks.speed.clock import Clock
from tests.benchmarks.speed.speed_cases import Fake


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """The processes that the harness would start: name, side, size, and the folders of packages."""
    monkeypatch.setitem(COMPARISONS._items, "fake", Fake)
    monkeypatch.setattr(runner, "PLACE", tmp_path / "speed.jsonl")
    monkeypatch.setattr(peers, "prepare", lambda: "packages")
    seen = []

    def process(words, folders, environment):
        seen.append((*words[2:], *folders))
        answer = getattr(Fake(), words[3])(int(words[4]), Clock())
        return {"seconds": 1.0, "versions": {}, **answer}

    monkeypatch.setattr(runner, "process", process)
    return seen


def test_pairs_follow_a_warm_up_that_is_not_counted_and_become_one_row(calls, tmp_path, capsys):
    assert main(["fake", "--pairs", "2"]) == 0
    assert calls == [("fake", side, size) for size in ("5", "100", "100") for side in ("ours", "peer")]
    (row,) = map(json.loads, (tmp_path / "speed.jsonl").read_text().splitlines())
    assert [pair["ours"]["n"] for pair in row["pairs"]] == [100, 100]
    assert {"hardware", "torch", "python", "date", "load", "size", "goal"} <= row.keys()
    text = capsys.readouterr().out
    assert "| Count sheep; 100 sheep | a shepherd | 2 | 100 sheep/s | 25 sheep/s | 4.00 (4.00 to 4.00) | 2 |" in text


def test_rows_are_added(calls, tmp_path):
    for _ in range(2):
        main(["fake", "--pairs", "1"])
    assert len((tmp_path / "speed.jsonl").read_text().splitlines()) == 2


def test_a_try_does_little_and_writes_only_where_it_is_told_to(calls, tmp_path):
    assert main(["fake", "--small", "--pairs", "1"]) == 0
    assert [call[2] for call in calls] == ["5", "5"]
    assert not (tmp_path / "speed.jsonl").exists()
    main(["fake", "--small", "--pairs", "1", "--out", str(tmp_path / "other.jsonl")])
    assert (tmp_path / "other.jsonl").exists()


def test_only_the_side_of_an_installed_peer_finds_its_packages(calls, monkeypatch):
    monkeypatch.setattr(Fake, "installed", True)
    main(["fake", "--small", "--pairs", "1"])
    assert calls == [("fake", "ours", "5"), ("fake", "peer", "5", "packages")]


@pytest.mark.parametrize(
    ("words", "reason"), [(["sheep"], "no comparison 'sheep'"), (["fake", "--pairs", "0"], "--pairs 0")]
)
def test_what_is_wrong_is_refused_before_any_work(calls, capsys, words, reason):
    assert main(words) == 2
    assert reason in capsys.readouterr().err
    assert calls == []


def test_the_list_runs_nothing(calls, capsys):
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(COMPARISONS)
    assert calls == []


def test_a_side_finds_in_its_environment_what_the_comparison_says(monkeypatch):
    seen = []
    monkeypatch.setattr(runner, "process", lambda words, folders, environment: seen.append(environment) or {"n": 1})
    runner.compare(COMPARISONS["memory_thresholds"], 1, small=True)
    assert [found["MALLOC_TRIM_THRESHOLD_"] for found in seen] == [str(512 * 2**20), "65536"]
