"""Both sides in turn, each in a process of its own, and the ratio of what they did."""

import json
import os

import pytest

from explorer import Refused
from explorer.benchmarks.speed import pairs
from tests.benchmarks.speed.speed_cases import row

ECHO = "import json, os, sys\nprint('a word before')\nprint(json.dumps({'pid': os.getpid(), 'threads': "


def test_the_sides_take_turns():
    order = []
    made = pairs.alternate(lambda side: order.append(side) or {"n": len(order), "core_seconds": 1.0}, 3)
    assert order == ["ours", "peer"] * 3
    assert [(pair["ours"]["n"], pair["peer"]["n"]) for pair in made] == [(1, 2), (3, 4), (5, 6)]
    assert all(pair["load"] >= 0 for pair in made)


def test_the_ratio_is_the_median_of_the_pairs_with_the_lowest_and_the_highest():
    assert pairs.ratio(row(ratios=(2.0, 5.0, 3.0))["pairs"]) == (3.0, 2.0, 5.0)


def test_sides_that_do_different_amounts_are_compared_by_what_a_core_second_does():
    pair = {"ours": {"n": 80, "core_seconds": 2.0}, "peer": {"n": 10, "core_seconds": 1.0}}
    assert pairs.ratio([pair]).median == 4.0


def test_a_side_is_a_process_of_its_own_with_one_thread_that_finds_the_packages_of_the_peer(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    (tmp_path / "shepherd.py").write_text("sheep = 3")
    code = ECHO + "os.environ['OMP_NUM_THREADS'], 'sheep': __import__('shepherd').sheep}))"
    answer = pairs.process(["-c", code], [tmp_path])
    assert answer["pid"] != os.getpid()
    assert (answer["threads"], answer["sheep"]) == ("1", 3)
    with pytest.raises(Refused, match="No module named 'shepherd'"):
        pairs.process(["-c", code], [])


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise ValueError('no sheep')", "no sheep"),
        ("pass", "ended with ''"),
        ("print('three')", "'three', which is no row"),
        ("print(3)", "'3', which is no row"),
        ("print('{\"n\": 1}'); exit(1)", "failed"),
    ],
)
def test_a_side_that_fails_is_refused_in_one_sentence(code, reason):
    with pytest.raises(Refused, match=reason) as caught:
        pairs.process(["-c", code], [])
    assert "\n" not in str(caught.value)


def test_the_last_line_is_what_counts():
    lines = json.dumps({"n": 1}), json.dumps({"n": 2})
    assert pairs.process(["-c", f"print('''{lines[0]}\n{lines[1]}''')"], []) == {"n": 2}
