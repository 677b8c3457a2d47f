"""What the table of the comparisons says of their rows."""

from explorer.__main__ import main
from explorer.benchmarks import results
from explorer.benchmarks.speed import report, runner
from tests.benchmarks.speed.speed_cases import row, side


def cells(text):
    """The lines of all tables, by the titles of their columns."""
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    return [dict(zip(lines[0], line, strict=True)) for line in lines if line != lines[0] and line[0] != "---"]


def test_a_line_has_medians_the_range_of_the_ratio_its_goal_and_the_load():
    (line,) = cells(report.chapter([row(ratios=(2.0, 6.0, 3.0))]))
    assert line["work"] == "Find the nearest; 12 queries"
    assert line["peer"] == "KNN (scikit-learn 1.9.1)"
    assert (line["n"], line["ours"], line["peer's"]) == ("3", "12 queries/s", "4 queries/s")
    assert (line["ratio"], line["goal"], line["load"]) == ("3.00 (2.00 to 6.00)", "2", "0.0 to 2.0")
    assert line["date"] == "2026-11-27"


def test_a_comparison_that_waits_for_a_disk_is_made_by_the_clock_and_says_so():
    pair = {"load": 1.0, **{name: side(8, 1.0) | {"seconds": taken} for name, taken in (("ours", 4.0), ("peer", 2.0))}}
    clock, cores = cells(report.chapter([row("streaming", pairs=[pair], by="seconds"), row("knn", pairs=[pair])]))[::-1]
    assert (clock["ratio"].split()[0], clock["ours"]) == ("0.50", "2 queries/s")
    assert clock["peer"].endswith("; by the clock") and not cores["peer"].endswith("clock")
    assert cores["ratio"].split()[0] == "1.00"


def test_a_ratio_below_its_goal_is_marked():
    (line,) = cells(report.chapter([row(ratios=(1.5,))]))
    assert line["ratio"] == "1.50 (1.50 to 1.50) **below**"


def test_what_speed_could_have_been_bought_with_stands_beside_it():
    pair = {"load": 1.0, "ours": side(1, 1.0, checks={"accuracy": 0.8}),
            "peer": side(1, 1.0, checks={"accuracy": 0.9, "equal predictions": 1.0}, data="pixels")}  # fmt: skip
    (line,) = cells(report.chapter([row(pairs=[pair])]))
    assert line["besides"] == "accuracy 0.8 against 0.9; equal predictions 1"
    assert line["work"].endswith("1 queries of pixels")


def test_of_several_rows_the_last_counts_and_sizes_and_machines_stand_apart():
    rows = [row(ratios=(3.0,)), row(ratios=(4.0,)), row(size=20, ratios=(5.0,)), row(hardware="another", ratios=(6.0,))]
    text = report.chapter(rows)
    assert [line["ratio"].split()[0] for line in cells(text)] == ["4.00", "5.00", "6.00"]
    assert "a machine; torch 2.0, Python 3.11." in text and "another; torch 2.0" in text


def test_the_order_is_that_of_the_names():
    rows = [row("tsne"), row("augmentation", title="Draw views")]
    assert [line["work"].split(";")[0] for line in cells(report.chapter(rows))] == ["Draw views", "Find the nearest"]


def test_without_rows_there_is_no_chapter():
    assert report.chapter([]) == ""


def test_the_tables_of_all_results_have_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(runner, "PLACE", tmp_path / "speed.jsonl")
    results.append(runner.PLACE, row(ratios=(3.0,)))
    assert main(["benchmark", "--table"]) == 0
    text = capsys.readouterr().out
    assert report.chapter([row(ratios=(3.0,))]) in text
