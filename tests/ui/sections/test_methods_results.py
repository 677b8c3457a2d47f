"""What the Methods page says that a method was worth: the numbers of the rows, and where they come from."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from explorer.benchmarks import results
from explorer.methods import METHODS
from pages.ui.sections import methods_results
from tests import screen_text
from tests.benchmarks.study_cases import planted


def shown(name, warnings=False, chosen="cifar10"):
    """The tables and captions of a method; with `warnings`, those too."""

    def page(name, chosen):
        from explorer.methods import METHODS
        from pages.ui.sections import methods_results

        methods_results.panel(METHODS[name], chosen)

    at = AppTest.from_function(page, args=(name, chosen)).run(timeout=60)
    assert not at.exception
    said = [[screen_text.unlinked(it.value) for it in of] for of in (at.markdown, at.caption, at.warning)]
    return said if warnings else said[:2]


def test_a_method_shows_what_each_of_its_switches_did():
    (tables, captions), path = shown("byol"), results.place("breakage", "cifar10")
    row = next(
        row
        for row in map(json.loads, path.read_text().splitlines())
        if row["asked"].get("hyperparameters") == {"predictor": False}
    )
    table = next(table for table in tables if table.startswith("|") and "predictor" in table)
    line = next(line for line in table.splitlines() if "predictor" in line)
    low, high = line.split("|")[3].split("(")[1].strip(" )").split(" to ")
    assert float(low) - 5e-4 <= row["knn"] <= float(high) + 5e-4
    assert any("cifar10" in said and "torch" in said and "Seeds" in said for said in captions)
    assert not any("Labels of the probes" in said for said in captions), "its probes have all of them"
    assert tables[0] == "**CIFAR\\-10**, 5,000 labelled images, 4 epochs", "the chosen images come first"
    assert any("raw pixels" in table and "untrained" in table for table in tables)


def test_a_method_without_switches_shows_its_place_in_the_zoo_and_no_empty_column():
    said, captions = shown("pca")
    tables = [each for each in said if each.startswith("|")]
    assert tables
    assert all(
        methods_results.OWN in table and "difference" not in table and "untrained" not in table for table in tables
    )
    assert all(cell.strip() for table in tables for cell in table.splitlines()[2].split("|")[1:-1])
    assert not any("encoder" in each for each in captions), "it has none"


def test_images_that_nobody_measured_it_on_are_named(monkeypatch):
    assert "No benchmark of this method on Digits yet." in shown("pca", chosen="digits")[1]
    monkeypatch.setattr(results, "read", lambda *_: [])
    tables, captions = shown("moco")
    assert not tables
    assert captions == ["No benchmark of this method on CIFAR\\-10 yet."]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_an_arm(name):
    assert methods_results.arms(name)[0].hyperparameters == {}


def of_moco(monkeypatch, queue, plain=(0.3, 0.31, 0.32), dataset="digits", untrained=0.2):
    """What stands on the page when only these scores of MoCo are known, with its defaults and with a broken queue."""
    well, *sick = methods_results.arms("moco")
    arm = next(arm for arm in sick if "queue" in arm.hyperparameters)
    own = [{"knn": x, "linear_100": x, "untrained_knn": untrained, "untrained_linear_100": untrained} for x in plain]
    known = [
        planted(arm, seed, "breakage", **row) for arm, of in ((well, own), (arm, queue)) for seed, row in enumerate(of)
    ]
    monkeypatch.setattr(results, "datasets", lambda study: [dataset] if study == "breakage" else [])
    monkeypatch.setattr(results, "read", lambda path, study, dataset: known if study == "breakage" else [])
    return shown("moco", warnings=True, chosen="digits")


def scored(*knn, linear=None):
    return [{"knn": x, "linear_100": linear or x} for x in knn]


NEITHER = f"{methods_results.NEITHER} at this budget: **queue 256**."


@pytest.mark.parametrize(("queue", "words"), [
    (scored(0.32, 0.33, 0.35), "Better with every seed, by both probes at this budget: **queue 256**."),
    (scored(0.32, 0.33, 0.31), NEITHER),
    (scored(0.32, 0.33, 0.35, linear=0.2), NEITHER),
    (scored(0.2, 0.2, 0.2), ""),
    (scored(0.9), ""),
])  # fmt: skip
def test_a_switch_is_judged_by_all_seeds_and_both_probes(queue, words, monkeypatch):
    said, *_ = of_moco(monkeypatch, queue)
    judged = [each for each in said if "at this budget" in each]
    assert judged == [words] * bool(words)


def test_where_the_method_itself_is_worth_nothing_no_switch_is_judged(monkeypatch):
    said, *_ = of_moco(monkeypatch, scored(0.32, 0.33, 0.35), untrained=0.5)
    assert "did not beat the untrained network" in said[-1]


def test_a_switch_that_failed_gives_its_reason(monkeypatch):
    *_, warnings = of_moco(monkeypatch, [{"failed": "loss became nan at step 3"}])
    assert len(warnings) == 1
    assert warnings[0].startswith("Queue") and warnings[0].endswith("seed 0, failed\\: loss became nan at step 3.")


def test_a_data_set_of_the_switches_alone_is_looked_at_and_called_by_its_title(monkeypatch):
    said, *_ = of_moco(monkeypatch, scored(0.1))
    assert said[0].startswith("**Digits**") and said[1].startswith("|")
    said, *_ = of_moco(monkeypatch, scored(0.1), dataset="elsewhere")
    assert said[0].startswith("**elsewhere**")


def test_a_number_with_nothing_beside_it_is_held_back(monkeypatch):
    said, captions, _ = of_moco(monkeypatch, [])
    assert not said and "No benchmark of this method on Digits" in captions[0]
