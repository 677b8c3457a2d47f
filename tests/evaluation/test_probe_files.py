"""A probe is one file: dropped in, it has its column everywhere; two of one name fail loudly."""

import json
import subprocess
import sys

import pytest

from explorer.evaluation.probes import PROBES, probe
from tests.source_cases import python

BRIGHT = '''"""Separation: a probe for a test."""

import numpy as np

from explorer.evaluation.probes.registry import Features, probe


@probe("separation", title="separation", better="lower", live=True)
def separation(bank: Features, queries: Features) -> float:
    """The distance of the means."""
    return float(np.linalg.norm(bank.z.mean(0) - queries.z.mean(0)))
'''


def last(printed):
    return json.loads(printed.splitlines()[-1])


def test_one_file_adds_a_probe_to_scores_watch_studies_and_command_line(copy, tmp_path):
    (copy / "explorer/evaluation/probes/separation.py").write_text(BRIGHT)
    env = {"EXPLORER_RUNS": str(tmp_path / "runs"), "EXPLORER_CACHE": str(tmp_path / "cache")}
    scores = last(python("-m", "explorer", "evaluate", "pixels", "digits", "--json", root=copy, env=env))
    assert scores["separation"] > 0
    command = ("-m", "explorer", "train", "autoencoder", "digits", "--foreground", "--json", "--epochs", "1")
    run = last(python(*command, root=copy, env=env))
    folder = tmp_path / "runs" / run["run"]
    stored = json.loads((folder / "scores.json").read_text())
    assert stored["separation"] > 0
    assert all(found["separation"] > 0 for found in stored["references"].values())
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    watched = [row for row in rows if "knn" in row]
    assert watched and all(row["separation"] >= 0 for row in watched)
    assert not any("linear" in row for row in rows), "only live probes are taken while a training is watched"
    out = tmp_path / "zoo-digits.jsonl"
    study = (
        "-m",
        "explorer",
        "study",
        "zoo",
        "digits",
        "--arms",
        "pixels,rotation",
        "--seeds",
        "0",
        "--subset",
        "100",
        "--labels",
        "100",
    )
    table = last(python(*study, "--seconds", "0.3", "--out", str(out), "--json", root=copy, env=env))["table"]
    assert "| separation |" in table and "separation over untrained" in table
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert all("separation" in row for row in rows)
    assert "untrained_separation" in rows[1]


def test_two_probes_of_one_name_fail_loudly(copy):
    (copy / "explorer/evaluation/probes/again.py").write_text(BRIGHT.replace("separation", "knn"))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        python("from explorer.evaluation.probes import PROBES; list(PROBES)", root=copy)
    assert "two probes are called 'knn'" in caught.value.stderr


@pytest.mark.parametrize("name", ["step", "dim", "no name"])
def test_a_probe_cannot_take_the_name_of_another_number(name):
    with pytest.raises(RuntimeError, match=f"cannot be called '{name}'"):
        probe(name, title="x")(lambda bank, queries: 0.0)
    assert name not in PROBES


def test_titles_are_read_without_torch_and_scikit_learn():
    code = (
        "import sys; from explorer.evaluation.probes import PROBES; from explorer.benchmarks import report;"
        "print([(p.name, p.title, p.better, p.live) for p in PROBES.values()]);"
        "print([n for n in ('torch', 'sklearn', 'pydantic') if n in sys.modules and n != 'pydantic'])"
    )
    titles, heavy = python(code).splitlines()
    assert titles == "[('knn', 'kNN', 'higher', True), ('linear', 'linear', 'higher', False)]"
    assert heavy == "[]"


def test_every_probe_says_what_it_is():
    for name, each in PROBES.items():
        assert (each.name, each.__module__) == (name, f"explorer.evaluation.probes.{name}")
        assert each.__doc__.endswith(".") and each.title
    assert sys.modules["explorer.evaluation.probes.knn"].knn is PROBES["knn"]
