"""Breaking a method on purpose: where it is said, and the healthy twin that is trained beside it."""

import json
from typing import Literal

import numpy as np
import pytest
from pydantic import Field
from streamlit.testing.v1 import AppTest

from explorer import Refused, jobs, runs
from explorer.__main__ import main
from explorer.core import METHODS, MethodConfig, breaks
from explorer.jobs import requests, training
from explorer.runs import Spec
from explorer.runs.records import TITLE
from pages.ui import address, broken, forms


class Knobs(MethodConfig):
    """One knob that breaks at a value, one at both ends, one that never does."""

    predictor: bool = Field(True, description="a knob", json_schema_extra=breaks("All images end in one point.", False))
    beta: float = Field(
        1.0, ge=0, le=100, description="a knob", json_schema_extra=breaks("the code is lost", 0.0, least=64, most=0.1)
    )
    error: Literal["mse", "bce"] = Field("mse", description="a knob")


@pytest.fixture
def breakable(monkeypatch):
    """The autoencoder with knobs that break it, under a name of its own."""

    class Config(METHODS["autoencoder"].Config):
        """Knobs that break it."""

        predictor: bool = Field(True, description="a knob", json_schema_extra=breaks("all end in one point", False))
        beta: float = Field(1.0, ge=0, le=100, description="a knob", json_schema_extra=breaks("the code is lost", 0.0))

    class Breakable(METHODS["autoencoder"]):
        """A method for a test."""

    Breakable.Config = Config
    Breakable.info = METHODS["autoencoder"].info.__class__(
        **{**vars(METHODS["autoencoder"].info), "name": "breakable", "title": "Breakable"}
    )
    monkeypatch.setitem(METHODS._items, "breakable", Breakable)
    monkeypatch.setattr(address, "link", lambda *words, **query: None)
    return "breakable"


def trained(method, knobs, training=None, state="done", **more):
    """A training as far as its folder says, with a curve of three rows."""
    run = runs.create(requests.train(method, "digits", knobs, training or {}, **more))
    for step in range(3):
        run.append({"step": step, "loss": 2.0 - step / 2, "knn": 0.1 + step / 10})
    run.update(state=state, step=2, steps=2)
    return run


# ------------------------------------------------------------------------------------------------ the wish


def test_the_healthy_twin_has_the_same_seed_and_everything_but_what_is_broken(breakable):
    sick = trained(breakable, {"predictor": False, "latent": 3}, {"seed": 7, "epochs": 2}, title="Mine")
    wish = requests.healthy_twin(sick.id)
    assert requests.differences(wish, sick.spec) == {"predictor": (False, True)}
    assert (wish.parent, wish.relation, wish.title) == (sick.id, "clone", "Mine, healthy twin")
    assert (wish.seed, wish.train["epochs"], wish.knobs["latent"]) == (7, 2, 3)


def test_all_that_is_broken_is_healed_at_once_and_the_title_does_not_grow(breakable):
    sick = trained(breakable, {"predictor": False, "beta": 0}, title="x" * TITLE)
    wish = requests.healthy_twin(sick.id)
    assert (wish.knobs["predictor"], wish.knobs["beta"]) == (True, 1.0)
    assert len(wish.title) == TITLE and wish.title.endswith("healthy twin")


def test_a_run_that_is_not_broken_has_no_healthy_twin(breakable):
    with pytest.raises(Refused, match="is not broken on purpose, so no knob is to be healed: clone it instead"):
        requests.healthy_twin(trained(breakable, {}).id)


@pytest.mark.parametrize("method", [None, "forgotten", "breakable"])
def test_a_run_of_an_older_version_is_simply_not_broken(method, breakable):
    spec = Spec(kind="train", title="a", method=method, dataset="digits", knobs={"gone": 1, "beta": 1e9})
    assert requests.broken(spec) == {}
    assert requests.twins(runs.create(spec), runs.listing()) == []


def test_twins_find_each_other_however_they_came_about(breakable):
    sick = trained(breakable, {"predictor": False})
    alone = trained(breakable, {})  # the same as a twin, but nobody's clone
    others = [
        trained(breakable, {}, {"seed": 1}),
        trained(breakable, {"latent": 3}),
        trained(breakable, {}, {"epochs": 9}),
        trained(breakable, {"predictor": False, "latent": 3}),
        trained("autoencoder", {}),
    ]
    made = runs.create(requests.healthy_twin(sick.id))
    found = [run.id for run in requests.twins(sick, runs.listing())]
    assert found == [made.id, alone.id]
    twice = trained(breakable, {"predictor": False, "beta": 0})
    assert [run.id for run in requests.twins(made, runs.listing())] == [sick.id, twice.id]
    assert not {run.id for run in others} & {run.id for run in requests.twins(alone, runs.listing())}
    assert requests.twins(others[0], runs.listing()) == []


def test_the_twin_of_a_run_that_did_not_know_a_knob_yet_is_found(breakable):
    sick, well = trained(breakable, {"predictor": False}), trained(breakable, {})
    path = well.folder / "spec.json"
    spec = json.loads(path.read_text())
    del spec["knobs"]["predictor"], spec["train"]["threads"]
    path.write_text(json.dumps(spec))
    assert [run.id for run in requests.twins(sick, runs.listing())] == [well.id]


def test_the_twin_is_trained_from_the_command_line(breakable, answer, monkeypatch, capsys):
    monkeypatch.setattr(training, "score", lambda *_: None)
    tiny = {"epochs": 1, "subset": 100, "batch": 50, "threads": 1}
    sick = trained(breakable, {"predictor": False}, tiny)
    made = answer("twin", sick.id, "--foreground", "--title", "Well again")
    assert made["changed"] == {"predictor": {"from": False, "to": True}}
    assert made["broken"] == {"predictor": "all end in one point"}
    assert (made["state"], made["parent"]) == ("done", sick.id)
    assert runs.get(made["run"]).title == "Well again"
    assert main(["twin", made["run"]]) == 2
    assert "is not broken on purpose" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------ the form


def form() -> None:
    from pages.ui import forms
    from tests.test_breaking import Knobs

    forms.knobs(Knobs, "mine")


def test_a_knob_that_breaks_its_method_says_so_below_itself():
    at = AppTest.from_function(form).run(timeout=60)
    assert not at.exception
    assert not at.caption
    at.toggle[0].set_value(False).run(timeout=60)
    assert [it.value for it in at.caption] == [f"{forms.BROKEN} **Broken on purpose**: all images end in one point."]
    at.slider[0].set_value(64.0).run(timeout=60)
    assert len(at.caption) == 2
    at.toggle[0].set_value(True).run(timeout=60)
    assert [it.value for it in at.caption] == [f"{forms.BROKEN} **Broken on purpose**: the code is lost."]


def test_the_table_of_knobs_says_which_values_break_it():
    rows = forms.table(Knobs).splitlines()
    assert rows[0].endswith("| Breaks it on purpose |")
    assert "**off**: All images" in rows[2]
    assert "**0 or 64 and more or 0.1 and less**" in rows[3].replace("\\", "")
    assert rows[4].endswith("| a knob | |")
    assert len({row.replace("\\|", "").count("|") for row in rows}) == 1
    assert "Breaks" not in forms.table(METHODS["supervised"].Config)


# ------------------------------------------------------------------------------------------------ the page


def page(id: str) -> None:
    from explorer import runs
    from pages.ui import broken

    broken.panel(runs.get(id), broken.twins(runs.get(id)))


def shown(run):
    at = AppTest.from_function(page, args=(run.id,)).run(timeout=60)
    assert not at.exception
    assert not at.error
    return at


def figures(at):
    return [json.loads(it.proto.spec) for it in at.get("plotly_chart")]


def test_a_broken_run_says_what_is_broken_and_offers_its_twin(breakable):
    at = shown(trained(breakable, {"predictor": False}))
    assert at.markdown[0].value == f"{forms.BROKEN} **Broken on purpose**, predictor off: all end in one point."
    assert [button.label for button in at.button] == ["Train the healthy twin"]
    assert not figures(at)


@pytest.mark.parametrize("state", ["queued", "running", "done", "stopped", "failed"])
def test_both_curves_stand_in_one_figure_on_the_pages_of_both(state, breakable, monkeypatch):
    sick = trained(breakable, {"predictor": False})
    well = runs.create(requests.healthy_twin(sick.id))
    for step in range(3):
        well.append({"step": step, "loss": 1.0, "knn": 0.9})
    if state != "queued":
        well.update(state=state, step=1, steps=2)
    links = []
    monkeypatch.setattr(address, "link", lambda *words, **query: links.append(query.get("run")))
    for run, other in ((sick, well), (well, sick)):
        at = shown(run)
        assert [[trace["name"] for trace in figure["data"]] for figure in figures(at)] == [
            ["healthy twin", "broken"]
        ] * 2
        assert links.pop() == other.id
    again = ["Train the healthy twin again"] if state in ("stopped", "failed") else []
    assert [button.label for button in shown(sick).button] == again


def test_a_healthy_run_names_each_of_its_broken_twins(breakable):
    well = trained(breakable, {})
    trained(breakable, {"predictor": False}), trained(breakable, {"beta": 0.0})
    names = {trace["name"] for trace in figures(shown(well))[0]["data"]}
    assert names == {"healthy twin", "broken: predictor off", "broken: beta 0"}


def test_a_run_without_a_twin_says_nothing_of_it(breakable):
    assert not shown(trained(breakable, {})).markdown
    assert not shown(runs.get("digits-simclr")).markdown


def test_the_button_trains_the_twin_once(breakable, monkeypatch):
    sick = trained(breakable, {"predictor": False})
    monkeypatch.setattr(jobs.engine, "order", lambda: None)
    at = shown(sick)
    at.button[0].click().run(timeout=60)
    made = [run for run in runs.listing(shipped=False) if run.id != sick.id]
    assert [(run.spec.parent, run.spec.relation) for run in made] == [(sick.id, "clone")]
    assert at.query_params["run"] == made[0].id
    at = AppTest.from_function(late, args=(sick.id,)).run(timeout=60)
    assert at.query_params["run"] == made[0].id
    assert len(runs.listing(shipped=False)) == 2


def late(id: str) -> None:
    """A second click on a page that does not know of the twin yet."""
    import streamlit as st

    from explorer import runs
    from pages.ui import broken

    if "run" not in st.query_params:
        broken._train(runs.get(id))


def test_the_best_of_several_twins_is_shown(breakable):
    sick = trained(breakable, {"predictor": False})
    done = trained(breakable, {}, parent=sick.id)
    trained(breakable, {}, parent=sick.id, state="failed")
    assert broken.twins(sick).runs[0].id == done.id


# ------------------------------------------------------------------------------------------------ frames


def test_what_a_method_measures_of_itself_is_drawn_as_bars(breakable):
    run = trained(breakable, {})
    for step, more in ((0, {}), (2, {"measure_kl per dimension": np.array([0.0, 2.5, 1.0]), "measure_rank": 3.0})):
        features = np.random.default_rng(0).normal(size=(30, 4))
        run.write_frame(step, features=features, rows=np.arange(30), y=np.arange(30) % 10, **more)
    for step, heads in ((0, []), (2, ["**Kl per dimension** (nats)"])):
        at = AppTest.from_function(scrubbed, args=(run.id,))
        at.query_params["frame"] = str(step)
        at.run(timeout=60)
        assert not at.exception
        assert [it.value for it in at.markdown if "nats" in it.value or "ank" in it.value] == heads
    bars = [figure["data"][0] for figure in figures(at) if figure["data"][0]["type"] == "bar"]
    assert len(bars) == 1


def scrubbed(id: str) -> None:
    from explorer import runs
    from pages.ui import scrubber

    scrubber.scrubber(runs.get(id))
