"""What a click does is done before the page is drawn, and its error is one sentence below the button."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import Refused, engine, runs
from explorer.runs import Spec
from pages.ui.kit import identity, messages, url_state

TRAINING = Spec(kind="train", title="a", method="simclr", dataset="digits", user="me")


def page(fails: bool = False) -> None:
    import streamlit as st

    from explorer import Refused
    from pages.ui.kit import actions

    def act() -> None:
        if fails:
            raise Refused("the queue is full: wait")
        st.session_state["acted"] = True

    st.write(st.session_state.get("acted", False))
    actions.button("Act", act, key="act")


def test_what_stands_above_the_button_knows_of_the_click():
    at = AppTest.from_function(page).run(timeout=60)
    at.button[0].click().run(timeout=60)
    assert at.markdown[0].value == "`True`"
    assert not at.error


def test_an_error_is_one_sentence_and_gone_with_the_next_run():
    at = AppTest.from_function(page, kwargs={"fails": True}).run(timeout=60)
    at.button[0].click().run(timeout=60)
    assert [it.value for it in at.error] == [messages.plain("The queue is full: wait.")]
    assert not at.run(timeout=60).error


def two_pages() -> None:
    import streamlit as st

    from explorer import Refused
    from pages.ui.kit import actions, url_state

    def act() -> None:
        raise Refused("the queue is full: wait")

    if url_state.arrive(st.session_state.get("where", "new")):  # as the frame does
        actions.forget()
    if st.session_state.get("in-sight", True):
        actions.button("Act", act, key="act")


def test_an_error_that_its_page_did_not_show_is_gone_with_the_page():
    at = AppTest.from_function(two_pages).run(timeout=60)
    at.session_state["in-sight"] = False  # by the time that the page is drawn
    at.button[0].click().run(timeout=60)
    for where in ("home", "new"):
        at.session_state["where"] = where
        at.session_state["in-sight"] = where == "new"
        at.run(timeout=60)
        assert not at.exception and not at.error


def listed() -> None:
    from explorer import runs
    from pages.ui.runs import run_list

    run_list.show(runs.listing("train", shipped=False))


@pytest.fixture
def two_runs(monkeypatch):
    """The list of two runs as it stands after its first run."""
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)  # there is no page to lead to
    monkeypatch.setattr(identity, "me", lambda: "me")
    first, second = runs.create(TRAINING), runs.create(TRAINING.model_copy(update={"title": "b"}))
    for run in (first, second):
        run.update(state="done")
    at = AppTest.from_function(listed).run(timeout=60)
    assert not at.exception
    return at, first, second


def titles(at) -> list[str]:
    return [it.value for it in at.markdown if it.value.startswith("**")]


def test_a_run_is_deleted_before_the_list_is_drawn(two_runs, monkeypatch):
    at, first, second = two_runs
    at.checkbox(key=f"sure-{first.id}").check().run(timeout=60)
    drawn, listing = [], runs.listing
    monkeypatch.setattr(
        runs, "listing", lambda *of, **more: (drawn.append(runs.find(first.id)), listing(*of, **more))[1]
    )
    at.button(key=f"delete-{first.id}").click().run(timeout=60)
    assert drawn == [None], "the page was drawn once, and the run was gone by then"
    assert titles(at) == [f"**{second.title}**"]


def test_a_run_that_cannot_be_deleted_stays_and_the_page_says_why(two_runs, monkeypatch):
    at, first, _ = two_runs

    def refuse(id):
        raise Refused(f"'{id}' is still running: stop it first")

    at.checkbox(key=f"sure-{first.id}").check().run(timeout=60)
    monkeypatch.setattr(runs, "delete", refuse)
    at.run(timeout=60).button(key=f"delete-{first.id}").click().run(timeout=60)
    assert [it.value for it in at.error] == [messages.plain(f"'{first.id}' is still running: stop it first.")]
    assert len(titles(at)) == 2


def test_a_run_is_renamed_before_the_list_is_drawn(two_runs):
    at, first, _ = two_runs
    at.text_input(key=f"title-{first.id}").set_value("Better")
    next(it for it in at.button if it.label == "Rename" and first.id in it.key).click().run(timeout=60)
    assert first.title == "Better"
    assert "**Better**" in titles(at)


def training_form() -> None:
    import streamlit as st

    from explorer import data
    from explorer.methods import METHODS
    from pages.ui.sections import train_form, train_submit

    dataset, method = data.load("digits"), METHODS["autoencoder"]
    hyperparameters = train_form.hyperparameters(method)
    training = train_form.training(method, dataset)
    train_submit.show(train_submit.Form("autoencoder", "digits", hyperparameters, training), dataset)
    st.write(st.session_state.get("_go"))  # the frame would open this page


def test_what_is_changed_together_with_the_click_is_trained(monkeypatch):
    submitted = []
    monkeypatch.setattr(engine, "submit", lambda spec, **_: (submitted.append(spec), runs.create(spec))[1])
    at = AppTest.from_function(training_form).run(timeout=120)
    at.number_input(key="autoencoder.train.epochs").set_value(7)
    at.button(key="train-now").click().run(timeout=120)
    assert not at.exception and not at.error
    assert [spec.train["epochs"] for spec in submitted] == [7]
    assert at.session_state["_go"] == ("runs", {"run": runs.listing("train", shipped=False)[0].id})


def test_a_queue_that_takes_no_more_is_said_at_the_form(monkeypatch):
    def refuse(spec, **_):
        raise Refused("20 are allowed")

    monkeypatch.setattr(engine, "submit", refuse)
    at = AppTest.from_function(training_form).run(timeout=120)
    at.button(key="train-now").click().run(timeout=120)
    assert [it.value for it in at.error] == ["20 are allowed."]
