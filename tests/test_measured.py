"""What the Methods page says that a method was worth: the numbers of the rows, and where they come from."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from explorer.methods import METHODS
from explorer.studies import rows
from pages.ui import measured


def shown(name):
    """The tables and captions of a method."""

    def page(name):
        from explorer.methods import METHODS
        from pages.ui import measured

        measured.panel(METHODS[name])

    at = AppTest.from_function(page, args=(name,)).run(timeout=60)
    assert not at.exception
    return [it.value for it in at.markdown], [it.value for it in at.caption]


def test_a_method_shows_what_each_of_its_switches_did():
    (tables, captions), path = shown("byol"), rows.place("breakage", "cifar10")
    row = next(
        row
        for row in map(json.loads, path.read_text().splitlines())
        if row["asked"].get("knobs") == {"predictor": False}
    )
    table = next(table for table in tables if "predictor" in table)
    line = next(line for line in table.splitlines() if "predictor" in line)
    low, high = line.split("|")[3].split("(")[1].strip(" )").split(" to ")
    assert float(low) - 5e-4 <= row["knn"] <= float(high) + 5e-4
    assert any("cifar10" in said and "torch" in said and "Seeds" in said for said in captions)


def test_a_method_without_switches_shows_its_place_in_the_zoo_and_no_empty_column():
    tables, _ = shown("pca")
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
