"""The study of interpolations: an arm is trained and measured, its rows make a table."""

import json

import pytest

from explorer.benchmarks.interpolation import report
from explorer.benchmarks.interpolation.__main__ import ARMS, main
from explorer.runs import metrics


def test_an_arm_is_trained_and_measured_and_stands_in_the_table(tmp_path, capsys):
    out = tmp_path / "rows.jsonl"
    words = ["digits", "--seeds", "0", "--arms", "autoencoder,untrained", "--pairs", "20", "--epochs", "2"]
    assert main([*words, "--out", str(out)]) == 0
    rows = metrics.read(out)
    assert [row["arm"] for row in rows] == ["autoencoder", "untrained"]
    assert [row["epochs"] for row in rows] == [2, 0]
    table = capsys.readouterr().out
    assert "| digits | pixels | autoencoder | through the data | 1" in table
    assert "| digits | pixels | pixel blend | linear | 1 |" in table


def test_of_a_way_that_goes_nowhere_nothing_is_compared():
    rows = [row for row in report.current(metrics.read(report.PLACE)) if row["dataset"] == "digits"]
    rows = [row for row in rows if row["arm"] in ("autoencoder", "untrained")]
    table = report.chapter(rows).splitlines()
    nowhere = [line for line in table if line.startswith("| digits | pixels | untrained | ")]
    assert len(nowhere) == len(report.WAYS)
    assert all("3, 3 collapsed" in line and "of 3" not in line for line in nowhere)
    assert all("of 3" in line for line in table if line.startswith("| digits | pixels | autoencoder | "))
    ways = [row["spaces"]["pixels"]["linear"] for row in rows]
    assert report.counted(ways) == "6, 3 collapsed"
    assert report.against(ways, "blend", "difference")[1].endswith("of 3")


@pytest.mark.parametrize("words", [["nowhere"], ["digits", "--arms", "none"]])
def test_an_unknown_arm_or_data_set_is_refused_in_a_sentence(words, tmp_path, capsys):
    assert main([*words, "--out", str(tmp_path / "rows.jsonl")]) == 2
    assert "choose from" in capsys.readouterr().err


def test_of_one_arm_and_seed_the_last_row_counts_and_nothing_measured_is_no_chapter():
    assert report.chapter([]) == ""
    rows = [row for row in metrics.read(report.PLACE) if row["dataset"] == "digits"]
    assert report.chapter(rows) == report.chapter([*rows, *rows])


def test_the_rows_that_come_along_hold_every_arm_and_are_measured_to_images_no_way_runs_along():
    rows = metrics.read(report.PLACE)
    assert rows == report.current(rows)
    digits = {(row["arm"], row["seed"]) for row in rows if row["dataset"] == "digits"}
    assert digits == {(arm, seed) for arm in ARMS for seed in range(3)}
    assert all(row["pairs"] >= 200 and row["dimensions"] == 10 for row in rows)
    assert json.dumps(rows)
