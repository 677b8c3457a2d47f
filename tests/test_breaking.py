"""Breaking a method on purpose: where it is said, and how the curves of twins stand beside one another."""

from typing import Literal

import numpy as np
import pytest
from pydantic import Field
from streamlit.testing.v1 import AppTest

from explorer import runs
from explorer.core import METHODS, MethodConfig, breaks
from explorer.jobs import requests
from pages.ui import address, forms, warm
from tests.breaking_work import figures, shown, trained


class Knobs(MethodConfig):
    """One knob that breaks at a value, one at both ends, one that never does."""

    predictor: bool = Field(True, description="a knob", json_schema_extra=breaks("All images end in one point.", False))
    beta: float = Field(
        1.0, ge=0, le=100, description="a knob", json_schema_extra=breaks("the code is lost", 0.0, least=64, most=0.1)
    )
    error: Literal["mse", "bce"] = Field("mse", description="a knob")
    price: float = Field(
        1.0, description="a knob", json_schema_extra=breaks("nothing is paid", 0.0, least=64, beyond="all is paid")
    )


@pytest.mark.parametrize(
    ("knobs", "title"),
    [
        ({}, "Breakable on Digits"),
        ({"predictor": False}, "Breakable without predictor on Digits"),
        ({"beta": 0}, "Breakable with beta 0 on Digits"),
        ({"predictor": False, "beta": 0}, "Breakable without predictor, with beta 0 on Digits"),
    ],
)
def test_the_title_of_a_broken_run_says_what_is_broken(knobs, title, breakable):
    assert trained(breakable, knobs).title == title
    assert trained(breakable, knobs, title="Mine").title == "Mine"


def test_a_title_that_would_be_too_long_counts_what_is_broken(breakable, monkeypatch):
    monkeypatch.setattr(requests.trainings, "TITLE", 40)
    assert trained(breakable, {"predictor": False, "beta": 0}).title == "Breakable with 2 knobs broken on Digits"


def test_a_set_over_a_knob_that_breaks_is_called_by_its_values_alone(breakable):
    wishes = requests.sweep(breakable, "digits", {"beta": 0}, {}, "predictor", [True, False])
    base = "Breakable with beta 0 on Digits, predictor"
    assert [wish.title for wish in wishes] == [f"{base} True", f"{base} False"]


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


@pytest.mark.parametrize(
    ("price", "why"), [(0, "nothing is paid"), (1, None), (64, "all is paid"), (99, "all is paid")]
)
def test_a_knob_that_breaks_at_both_ends_gives_the_reason_of_the_one_where_it_stands(price, why):
    assert Knobs(price=price).broken() == ({"price": why} if why else {})


def test_the_table_of_knobs_says_which_values_break_it():
    rows = forms.table(Knobs).splitlines()
    assert rows[0].endswith("| Breaks it on purpose |")
    assert "**off**: All images" in rows[2]
    assert "**0 or 64 and more or 0.1 and less**" in rows[3].replace("\\", "")
    assert rows[4].endswith("| a knob | |")
    assert rows[5].endswith("**0**: nothing is paid; **64 and more**: all is paid |")
    assert len({row.replace("\\|", "").count("|") for row in rows}) == 1
    assert "Breaks" not in forms.table(METHODS["supervised"].Config)


def test_a_broken_run_says_what_is_broken_and_offers_its_twin(breakable):
    at = shown(trained(breakable, {"predictor": False}))
    assert at.markdown[0].value == f"{forms.BROKEN} **Broken on purpose**, predictor off: all end in one point."
    assert [button.label for button in at.button] == ["Train the healthy twin"]
    assert [[trace["name"] for trace in figure["data"]] for figure in figures(at)] == [["training"], ["kNN accuracy"]]


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


@pytest.mark.parametrize("torch", [True, False], ids=["torch is there", "a first visit waits for torch"])
def test_loss_and_knn_stand_once_on_the_page_of_a_broken_run(torch, breakable, monkeypatch):
    sick, well = trained(breakable, {"predictor": False}), trained(breakable, {})
    sick.append({"step": 3, "val_loss": 1.5, "knn": 0.3, "watched": 359})
    monkeypatch.setattr(warm, "done", lambda: torch)
    at = AppTest.from_function(watched, args=(sick.id,)).run(timeout=60)
    assert not at.exception and not at.error
    lines = [[trace["name"] for trace in figure["data"]] for figure in figures(at)]
    assert lines == [["healthy twin", "broken", "broken, validation"], ["healthy twin", "broken"]]
    said = [it.value for it in at.markdown]
    assert said.count("**Loss**") == said.count("**kNN accuracy** on 359 probe images") == 1
    assert "kNN accuracy on 359 probe images by step 2: healthy twin **30.0%**, broken **30.0%**." in said
    assert well.status.final
    alone = AppTest.from_function(watched, args=(trained(breakable, {"predictor": False}, {"seed": 5}).id,))
    assert not alone.run(timeout=60).error
    assert [[trace["name"] for trace in figure["data"]] for figure in figures(alone)] == [
        ["training"],
        ["kNN accuracy"],
    ]


def watched(id: str) -> None:
    import streamlit as st

    from explorer import jobs, runs
    from pages.ui import broken, live

    st.session_state["_states"] = jobs.glance().states
    live._look(id, [], lambda: broken.twins(runs.get(id)))


def test_a_run_without_a_twin_says_nothing_of_it(breakable):
    for run in (trained(breakable, {}), runs.get("digits-simclr")):
        assert {it.value.split(" on ")[0] for it in shown(run).markdown} == {"**Loss**", "**kNN accuracy**"}


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
