"""The page of a run says with which hyperparameters it was trained, and which of them are not the defaults."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import runs
from explorer.core import TrainConfig
from explorer.methods import METHODS
from explorer.runs import Spec
from explorer.tasks.training import request
from pages.ui.kit import forms, method_labels, url_state
from pages.ui.runs import hyperparameters


def cells(spec: Spec) -> dict[str, tuple[str, str]]:
    """By name, the value and the default of each row of the table, as they are read."""
    rows = [line.strip("| ").replace("\\", "") for line in hyperparameters.table(spec).splitlines()[2:]]
    split = [[cell.strip() for cell in f"{row} |".split("|")] for row in rows]
    return {name: (value, default) for name, value, default, *_ in split}


@pytest.mark.parametrize("name", METHODS)
def test_every_hyperparameter_is_listed_and_one_at_its_default_has_none_beside_it(name):
    cls = METHODS[name]
    own, train = cls.hyperparameters({}).model_dump(mode="json"), cls.training({}).model_dump(mode="json")
    spec = Spec(kind="train", title="a", method=name, dataset="digits", hyperparameters=own, train=train)
    used = [each for each in TrainConfig.model_fields if each not in method_labels.idle(cls)]
    assert cells(spec).keys() == {forms.label(each) for each in (*own, *used)}
    assert {default for _, default in cells(spec).values()} == {""}


def test_what_differs_stands_beside_its_default_which_is_the_methods_own():
    spec = request.train("simclr", "digits", {"temperature": 0.2}, {"epochs": 9, "subset": 0})
    shown = cells(spec)
    assert shown["Temperature"] == ("0.2", "0.5")
    assert shown["Epochs"] == ("9", str(METHODS["simclr"].train_defaults.get("epochs", 5)))
    assert shown["Subset"] == ("all images", "") and shown["Classes"] == ("all", "")


def drawn(id: str) -> None:
    from explorer import runs
    from pages.ui.runs import hyperparameters

    hyperparameters.show(runs.get(id))


@pytest.mark.parametrize(("method", "led"), [("simclr", [("methods", "How SimCLR works")]), ("unknown", [])])
def test_the_open_part_leads_to_its_method_and_stands_without_one_of_another_version(method, led, monkeypatch):
    links = []
    monkeypatch.setattr(url_state, "link", lambda *words, **query: links.append((*words, query)))
    spec = Spec(kind="train", title="a", method=method, dataset="digits", hyperparameters={"gone": 3})
    run = runs.create(spec.model_copy(update={"train": {"epochs": 9}}))
    at = AppTest.from_function(drawn, args=(run.id,))
    at.session_state["hyperparameters"] = True
    at.run(timeout=60)
    assert not at.exception
    assert "| Gone | 3 |" in at.markdown[0].value
    assert [words[:2] for words in links] == led
    assert all(words[-1] == {"method": method, "data": "digits"} for words in links)
