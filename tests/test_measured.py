"""What the Methods page says that a method was worth: the numbers of the rows, and where they come from."""

import json

import pytest
from streamlit.testing.v1 import AppTest
from study_work import planted

from explorer.methods import METHODS
from explorer.studies import rows
from pages.ui import measured


def shown(name, warnings=False):
    """The tables and captions of a method; with `warnings`, those too."""

    def page(name):
        from explorer.methods import METHODS
        from pages.ui import measured

        measured.panel(METHODS[name])

    at = AppTest.from_function(page, args=(name,)).run(timeout=60)
    assert not at.exception
    said = [[it.value for it in of] for of in (at.markdown, at.caption, at.warning)]
    return said if warnings else said[:2]


def test_a_method_shows_what_each_of_its_switches_did():
    (tables, captions), path = shown("byol"), rows.place("breakage", "cifar10")
    row = next(
        row
        for row in map(json.loads, path.read_text().splitlines())
        if row["asked"].get("knobs") == {"predictor": False}
    )
    table = next(table for table in tables if table.startswith("|") and "predictor" in table)
    line = next(line for line in table.splitlines() if "predictor" in line)
    low, high = line.split("|")[3].split("(")[1].strip(" )").split(" to ")
    assert float(low) - 5e-4 <= row["knn"] <= float(high) + 5e-4
    assert any("cifar10" in said and "torch" in said and "Seeds" in said for said in captions)
    assert not any("Labels of the probes" in said for said in captions), "its probes have all of them"
    assert "**CIFAR\\-10**" in tables


def test_a_method_without_switches_shows_its_place_in_the_zoo_and_no_empty_column():
    tables = [said for said in shown("pca")[0] if said.startswith("|")]
    assert tables
    assert all("as it is" in table and "over the method" not in table for table in tables)
    assert all(cell.strip() for table in tables for cell in table.splitlines()[2].split("|")[1:-1])


def test_a_method_that_nobody_measured_says_so(monkeypatch):
    monkeypatch.setattr(rows, "read", lambda *_: [])
    tables, captions = shown("moco")
    assert not tables
    assert "No study has measured it yet" in captions[0]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_an_arm(name):
    assert measured.arms(name)[0].knobs == {}


def of_moco(monkeypatch, queue, plain=(0.3, 0.31, 0.32), dataset="digits"):
    """What stands on the page when only these scores of MoCo are known, as it is and with a broken queue."""
    well, *sick = measured.arms("moco")
    arm = next(arm for arm in sick if "queue" in arm.knobs)
    scores = [(well, [{"knn": knn} for knn in plain]), (arm, queue or [])]
    known = [planted(arm, seed, "breakage", **row) for arm, of in scores for seed, row in enumerate(of)]
    monkeypatch.setattr(rows, "datasets", lambda study: [dataset] if study == "breakage" else [])
    monkeypatch.setattr(rows, "read", lambda path, study, dataset: known if study == "breakage" else [])
    return shown("moco", warnings=True)


def test_a_switch_that_did_no_harm_is_named_with_its_difference(monkeypatch):
    said, *_ = of_moco(monkeypatch, [{"knn": knn} for knn in (0.32, 0.33, 0.35)])
    assert "At this budget no harm came of **queue 256** (kNN +0.023, n = 3)." in said
    said, *_ = of_moco(monkeypatch, [{"knn": knn} for knn in (0.32, 0.33, 0.2)])
    assert not any("no harm" in each for each in said)


def test_a_switch_that_failed_gives_its_reason(monkeypatch):
    said, _, warnings = of_moco(monkeypatch, [{"failed": "loss became nan at step 3"}])
    assert len(warnings) == 1
    assert warnings[0].startswith("Queue") and warnings[0].endswith("seed 0, failed\\: loss became nan at step 3.")
    assert not any("no harm" in each for each in said)


def test_a_data_set_of_the_switches_alone_is_looked_at_and_called_by_its_title(monkeypatch):
    said, *_ = of_moco(monkeypatch, None, dataset="digits")
    assert said[0] == "**Digits**" and said[1].startswith("|")
    said, *_ = of_moco(monkeypatch, None, dataset="elsewhere")
    assert said[0] == "**elsewhere**"
