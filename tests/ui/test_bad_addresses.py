"""Every page stands at every address, and says what of it could not be used."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import engine
from explorer.tasks.task import TASKS
from pages.ui.kit import navigation, url_parameters, url_state
from tests.ui import framed

BAD = {
    "infinite": "inf", "beyond all numbers": "1e400", "400 digits": "9" * 400, "below all": "-1", "empty": "",
    "5,000 digits": "1" * 5_000, "no number": "nan", "a word": "abc", "half": "1.5", "0": "\0", "markup": "[a](http:b)",
}  # fmt: skip
HARSH = ("infinite", "400 digits", "below all", "empty", "5,000 digits", "markup")
FORMS = {"map.": "map", "cluster.": "cluster", "transfer.": "transfer"}


def parameters(page: str) -> list[str]:
    """Every parameter of a page, the fields of its forms one by one."""
    found = []
    for key in url_parameters.PAGES[page]:
        fields = list(TASKS[FORMS[key]].Config.model_fields) if key in FORMS else ["crop"]
        found += [f"{key}{name}" for name in fields] if key.endswith(".") else [key]
    if page in ("views", "new"):
        from explorer.methods import METHODS

        found += [f"simclr.{name}" for name in METHODS["simclr"].Config.model_fields]
    if page == "new":
        from explorer.core import TrainConfig

        found += [f"simclr.train.{name}" for name in TrainConfig.model_fields]
    return found


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.setattr(url_state, "link", lambda *_, **__: None)  # pages under test have no other page to lead to
    monkeypatch.setattr(navigation, "link", lambda *_, **__: None)
    monkeypatch.setattr(engine, "reconcile", lambda: None)


def visited(page: str, keys: list[str], text: str) -> AppTest:
    """The page with this text under these keys, and what it takes to stand as a whole."""
    usual = framed.USUAL.get(page, {})
    return framed.opened(page, {**usual, **{key: text for key in keys if key not in usual or len(keys) == 1}})


@pytest.mark.parametrize("page", framed.PAGES)
def test_a_page_stands_whatever_its_address_says(page):
    keys = parameters(page)
    for name in HARSH:
        said = framed.notice(visited(page, keys, BAD[name]))
        assert len(said) < 3_000
        if any(url_parameters.PAGES[page].get(key) is url_parameters.WHOLE for key in keys):
            assert "could not be used" in said, name


@pytest.mark.slow
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("page", [page for page in framed.PAGES if page != "home"])
def test_a_page_stands_whatever_one_parameter_says(page, bad):
    for key in parameters(page):
        visited(page, [key], BAD[bad])


def test_a_page_that_an_address_had_broken_stands_again():
    at = framed.opened("data", {"data": "digits", "roll": "inf"})
    assert "roll=inf (shown instead: 0)" in framed.notice(at) and at.number_input(key="roll").value == 0
    assert "roll" not in at.query_params
    at.number_input(key="roll").set_value(3).run()
    assert not at.exception and not at.info


def test_a_name_that_no_page_knows_is_said():
    assert "rol (this page has no such choice)" in framed.notice(framed.opened("data", {"rol": "3", "data": "digits"}))
    said = framed.notice(framed.opened("new", {"data": "digits", "method": "byol", "simclr.crop": "0.3"}))
    assert "simclr.crop (this page has no such choice)" in said
    assert framed.notice(framed.opened("data", {"data": "digits", "utm_source": "a", "roll": "3"})) == ""
    many = {f"a{i}": "1" for i in range(400)} | {"x" * 5_000: "1"}
    assert len(framed.notice(framed.opened("home", many))) < 1_000
