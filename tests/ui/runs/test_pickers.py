"""Choosing a run or a model: one's own first, those of others, what is not there; the list of runs."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import people, runs
from explorer.runs import Spec
from explorer.tasks.training import request as training_request
from pages.ui.app import routes
from pages.ui.kit import identity, url_state
from pages.ui.runs import ownership, pickers


def choice() -> None:
    import streamlit as st

    from pages.ui.kit import messages, url_state
    from pages.ui.runs import pickers

    url_state.arrive("embeddings")
    messages.reserve_notice()
    st.write(pickers.model("digits"))
    messages.leave()


def test_a_model_that_still_learns_is_not_looked_into_and_the_page_says_why():
    run = runs.create(Spec(kind="train", title="My run", method="simclr", dataset="digits"))
    for state, said in (("running", r"'My run' is still training"), ("failed", "There is no model 'simclr")):
        run.update(state=state)
        at = AppTest.from_function(choice)
        at.query_params["model"] = run.id
        assert at.run(timeout=60).info[0].value.startswith(said)


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("digits-simclr@best", "digits-simclr has no best weights"),
        ("pca:99999", "No model 'pca:99999': give 1 to 1024 components"),
        ("untrained:vgg", "Training: no encoder 'vgg'"),
        ("pixels:x", "No model 'pixels:x': name the side of a grid"),
    ],
)
def test_a_model_that_cannot_be_loaded_is_refused_once_and_not_offered(ref, said):
    at = AppTest.from_function(choice)
    at.query_params["model"] = ref
    at.run(timeout=60)
    assert not at.exception and not at.error
    (notice,) = at.info
    words = notice.value.replace("\\", "")
    assert words.startswith(said) and words.endswith("another one is shown.")
    assert at.markdown[0].value != ref


@pytest.mark.parametrize("ref", ["digits-simclr@0", "pca:64", "pixels:2", "untrained:mlp"])
def test_other_weights_and_sizes_than_those_in_the_list_can_be_looked_into(ref):
    at = AppTest.from_function(choice)
    at.query_params["model"] = ref
    at.run(timeout=60)
    assert not at.info and ref in [it.value for it in at.markdown]


def run_choice() -> None:
    import streamlit as st

    from pages.ui.kit import url_state
    from pages.ui.runs import pickers

    url_state.arrive("runs")
    run = pickers.run()
    st.write(run.id if run else "all")


def test_no_run_opens_by_itself_and_ones_own_stand_first_in_the_list(monkeypatch):
    monkeypatch.setattr(identity, "me", lambda: "me")
    spec = Spec(kind="train", title="a", method="simclr", dataset="digits", user="somebody")
    runs.create(spec).update(state="running", step=3)
    mine = runs.create(spec.model_copy(update={"user": "me"}))
    runs.create(spec)
    at = AppTest.from_function(run_choice).run(timeout=60)
    assert at.markdown[0].value == "all"
    options = at.selectbox[0].options
    assert len(options) == 1 + len(runs.listing("train"))
    assert people.name("somebody") not in options[1] and "Plum Sparrow" in options[-1]
    asked = AppTest.from_function(run_choice)
    asked.query_params["run"] = mine.id
    assert asked.run(timeout=60).markdown[0].value == mine.id


def test_what_can_be_looked_at_begins_with_ones_own_and_not_with_a_strangers(monkeypatch):
    monkeypatch.setattr(identity, "me", lambda: "me")
    ended = {}
    for user, dataset in [("me", "digits"), ("me", "shapes"), ("somebody", "digits")]:
        run = runs.create(Spec(kind="train", title="a", method="simclr", dataset=dataset, user=user))
        run.write_checkpoint(1, {"model.safetensors": b"w", "resume.pt": b"r"})
        run.update(state="stopped")
        ended[user, dataset] = run.id
    order = list(pickers.models("digits"))
    places = [order.index(ref) for ref in (ended["me", "digits"], "digits-simclr", ended["somebody", "digits"])]
    assert places == sorted(places) and places[0] == 0
    assert places[-1] < order.index(ended["me", "shapes"]) < order.index("pixels")


@pytest.mark.parametrize(
    ("path", "accept", "asked"),
    [
        ("/a/b", "text/html", "a/b"),
        ("/train/x", "text/html,*/*", "train/x"),
        ("/trian", "text/html", "trian"),
        ("/train/", "text/html", ""),
        ("/new", "text/html", ""),
        ("/", "text/html", ""),
        ("/a/b", "*/*", ""),
        ("/_stcore/health", "text/html", ""),
        ("/result/x/y", "text/html", ""),
    ],
)
def test_an_address_that_is_no_page_is_led_home(path, accept, asked):
    headers = [(b"accept", accept.encode())]
    assert routes._astray({"type": "http", "path": path, "headers": headers}) == asked


def cloned() -> None:
    import streamlit as st

    from pages.ui.runs import lineage

    st.write(lineage.model("simclr", "digits"))


def test_a_clone_of_a_run_that_is_not_there_leaves_the_address():
    at = AppTest.from_function(cloned)
    at.query_params["from"] = "nothing"
    assert not at.run(timeout=60).exception
    assert "from" not in at.query_params


def forgotten() -> None:
    import streamlit as st

    from pages.ui.kit import messages, url_state
    from pages.ui.runs import lineage

    url_state.arrive("new")
    messages.reserve_notice()
    method = url_state.choice(st.selectbox, "Method", ["simclr", "byol"], key="method")
    st.toggle("Any", key="any")
    lineage.model(method, "digits")
    messages.leave()


def test_that_there_is_no_such_run_to_clone_is_said_until_another_method_is_chosen():
    at = AppTest.from_function(forgotten)
    at.query_params["from"] = "nothing"
    assert not at.run(timeout=60).exception
    assert at.info[0].value.startswith("There is no run 'nothing' here to clone")
    at.toggle[0].set_value(True).run(timeout=60)
    assert at.info[0].value.startswith("There is no run 'nothing' here to clone")
    at.selectbox[0].set_value("byol").run(timeout=60)
    assert not at.info


def test_runs_of_the_command_line_are_nobody_s_and_listed_apart(monkeypatch):
    spec = Spec(kind="train", title="a", method="simclr", dataset="digits")
    own, foreign = runs.create(spec), runs.create(spec.model_copy(update={"user": "somebody"}))
    assert identity.me() == ""  # a browser without cookies
    assert not ownership.mine(own) and not ownership.mine(foreign)
    monkeypatch.setattr(identity, "me", lambda: "somebody")
    assert not ownership.mine(own) and ownership.mine(foreign)
    assert (ownership.whose(own), ownership.whose(foreign)) == ("command line", "yours")
    assert [ownership.of_command_line(run) for run in (own, foreign)] == [True, False]
    monkeypatch.setattr(identity, "me", lambda: "another")
    people.rename("somebody", "Anna")
    assert ownership.whose(foreign) == "Anna"
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)
    at = AppTest.from_function(list_of_all).run(timeout=60)
    assert [fold.label for fold in at.expander if not fold.label.startswith("Queue")] == [
        "Runs of other users on this machine (1)",
        "Runs of the command line (1)",
    ]


def list_of_all() -> None:
    from explorer import runs
    from pages.ui.runs import run_list

    run_list.show(runs.listing("train", shipped=False))


def test_a_set_is_one_row_among_the_runs(monkeypatch):
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)  # there is no page to lead to
    for n, spec in enumerate(training_request.sweep("autoencoder", "digits", {}, {}, "lr", [0.001, 0.01, 0.1])):
        runs.create(spec.model_copy(update={"user": "me"})).update(state="failed" if n else "done")
    monkeypatch.setattr(identity, "me", lambda: "me")
    at = AppTest.from_function(list_of_all).run(timeout=60)
    assert not at.exception
    said = "**Autoencoder on Digits** · 3 trainings, varying learning rate · 1 done, 2 failed"
    assert [fold.label for fold in at.expander] == [said]
