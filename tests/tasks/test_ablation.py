"""Ablations: where they are said, and how the curves of a control run stand beside those of an ablation."""

from typing import Literal

import numpy as np
import pytest
from pydantic import Field
from streamlit.testing.v1 import AppTest

from explorer import runs
from explorer.core import METHODS, MethodConfig, ablates
from explorer.runs import Run
from explorer.tasks import ablation, titles
from explorer.tasks.training import request as training_request
from pages.ui.kit import forms, preload, scrubber, url_state
from pages.ui.kit.figures import ROLES
from tests import screen_text
from tests.tasks.ablation_cases import shown, trained
from tests.ui.charts import figures, lines, messages


class Hyperparameters(MethodConfig):
    """One hyperparameter that ablates at a value, one at both ends, one that never does."""

    predictor: bool = Field(
        True, description="a hyperparameter", json_schema_extra=ablates("All images end in one point.", False)
    )
    beta: float = Field(
        1.0,
        ge=0,
        le=100,
        description="a hyperparameter",
        json_schema_extra=ablates("the code is lost", 0.0, least=64, most=0.1),
    )
    error: Literal["mse", "bce"] = Field("mse", description="a hyperparameter")
    price: float = Field(
        1.0,
        description="a hyperparameter",
        json_schema_extra=ablates("nothing is paid", 0.0, least=64, beyond="all is paid"),
    )


@pytest.mark.parametrize(
    ("hyperparameters", "title"),
    [
        ({}, "Breakable on Digits"),
        ({"predictor": False}, "Breakable without predictor on Digits"),
        ({"beta": 0}, "Breakable with beta 0 on Digits"),
        ({"predictor": False, "beta": 0}, "Breakable without predictor, with beta 0 on Digits"),
    ],
)
def test_the_title_of_an_ablation_names_what_is_ablated(hyperparameters, title, breakable):
    assert trained(breakable, hyperparameters).title == title
    assert trained(breakable, hyperparameters, title="Mine").title == "Mine"


def test_a_title_that_would_be_too_long_counts_the_ablations(breakable, monkeypatch):
    monkeypatch.setattr(titles, "TITLE", 40)
    assert trained(breakable, {"predictor": False, "beta": 0}).title == "Breakable with 2 ablations on Digits"


def test_a_sweep_over_an_ablation_is_titled_by_its_values_alone(breakable):
    specs = training_request.sweep(breakable, "digits", {"beta": 0}, {}, "predictor", [True, False])
    base = "Breakable with beta 0 on Digits, "
    assert [spec.title for spec in specs] == [f"{base}with predictor", f"{base}without predictor"]


def form() -> None:
    from pages.ui.kit import forms
    from tests.tasks.test_ablation import Hyperparameters

    forms.hyperparameters(Hyperparameters, "mine")


def test_a_hyperparameter_that_ablates_its_method_says_so_below_itself():
    at = AppTest.from_function(form).run(timeout=60)
    assert not at.exception
    assert not at.caption
    at.toggle[0].set_value(False).run(timeout=60)
    assert [it.value for it in at.caption] == [f"{forms.ABLATION} **Ablation**: all images end in one point."]
    at.slider[0].set_value(64.0).run(timeout=60)
    assert len(at.caption) == 2
    at.toggle[0].set_value(True).run(timeout=60)
    assert [it.value for it in at.caption] == [f"{forms.ABLATION} **Ablation**: the code is lost."]


@pytest.mark.parametrize(
    ("price", "why"), [(0, "nothing is paid"), (1, None), (64, "all is paid"), (99, "all is paid")]
)
def test_a_hyperparameter_that_ablates_at_both_ends_gives_the_reason_of_the_one_where_it_stands(price, why):
    assert Hyperparameters(price=price).ablated() == ({"price": why} if why else {})


def test_the_table_of_hyperparameters_says_which_values_are_ablations():
    rows = forms.table(Hyperparameters).splitlines()
    assert rows[0].endswith("| Ablation |")
    assert "**off**: All images" in rows[2]
    assert "**0 or 64 or more or 0.1 or less**" in rows[3].replace("\\", "")
    assert rows[4].endswith("| a hyperparameter | |")
    assert rows[5].endswith("**0**: nothing is paid; **64 or more**: all is paid |")
    assert len({row.replace("\\|", "").count("|") for row in rows}) == 1
    assert "Ablation" not in forms.table(METHODS["supervised"].Config)


def test_an_ablated_run_says_what_is_ablated_and_offers_its_control_run(breakable):
    at = shown(trained(breakable, {"predictor": False}))
    assert at.markdown[0].value == f"{forms.ABLATION} **Ablation**, predictor off: all end in one point."
    assert [button.label for button in at.button] == ["Train the control run"]
    assert lines(at) == {"knn": ["kNN accuracy"], "loss": ["training"]}


@pytest.mark.parametrize("state", ["queued", "running", "done", "stopped", "failed"])
def test_both_curves_stand_in_one_figure_on_the_pages_of_both(state, breakable, monkeypatch):
    ablated = trained(breakable, {"predictor": False})
    control = runs.create(ablation.control_spec(ablated.id))
    for step in range(3):
        control.append({"step": step, "loss": 1.0, "knn": 0.9})
    if state != "queued":
        control.update(state=state, step=1, steps=2)
    links = []
    monkeypatch.setattr(url_state, "link", lambda *words, **query: links.append(query.get("run")))
    for run, other in ((ablated, control), (control, ablated)):
        at = shown(run)
        assert lines(at) == {key: ["control run", "ablation"] for key in ("knn", "loss")}
        colours = [trace["line"]["color"] for trace in figures(at)["knn"]["data"]]
        assert colours == [ROLES["control run"]["color"], ROLES["ablation"]["color"]]
        assert links.pop() == other.id
    again = ["Train the control run again"] if state in ("stopped", "failed") else []
    assert [button.label for button in shown(ablated).button] == again


def test_a_control_run_names_each_of_its_ablations(breakable):
    control = trained(breakable, {})
    trained(breakable, {"predictor": False}), trained(breakable, {"beta": 0.0})
    assert set(lines(shown(control))["loss"]) == {"control run", "ablation: predictor off", "ablation: beta 0"}


def levels(run):
    """What stands at the levels of the loss: of chance, and the lowest."""
    notes = figures(shown(run))["loss"]["layout"].get("annotations", [])
    return [note["text"] for note in notes if note["name"] == "level"]


@pytest.mark.parametrize(("kind", "words"), [("chance", "chance"), ("floor", "minimum")])
def test_a_level_of_the_loss_is_drawn_once_where_both_runs_agree_and_else_says_whose_it_is(kind, words, breakable):
    ablated = trained(breakable, {"predictor": False})
    ablated.append({"step": 3, kind: 0.555})
    assert levels(ablated) == [f"{words}: 0.555"]
    control = trained(breakable, {})
    assert levels(ablated) == [f"{words} (ablation): 0.555"], "the control run has none"
    control.append({"step": 3, kind: 0.832})
    for run in (ablated, control):
        assert levels(run) == [f"{words} (control run): 0.832", f"{words} (ablation): 0.555"]
    alike = trained(breakable, {}, {"seed": 1})
    other = trained(breakable, {"predictor": False}, {"seed": 1})
    for run in (alike, other):
        run.append({"step": 3, kind: 0.9})
    assert levels(other) == levels(alike) == [f"{words}: 0.9"]


@pytest.mark.parametrize("torch", [True, False], ids=["torch is there", "a first visit waits for torch"])
def test_loss_and_knn_stand_once_on_the_page_of_an_ablated_run(torch, breakable, monkeypatch):
    ablated, control = trained(breakable, {"predictor": False}), trained(breakable, {})
    ablated.append({"step": 3, "val_loss": 1.5, "knn": 0.3, "watched": 359})
    monkeypatch.setattr(preload, "done", lambda: torch)
    at = AppTest.from_function(watched, args=(ablated.id,)).run(timeout=60)
    assert not at.exception and not at.error
    named = lines(at)
    assert named == {
        "knn": ["control run", "ablation"],
        "loss": ["control run", "ablation", "ablation, validation"],
    } if torch else {"knn": ["kNN accuracy"], "loss": ["training", "validation"]}  # fmt: skip
    assert list(messages(at)).count("knn") == list(messages(at)).count("loss") == 1
    said = [screen_text.unlinked(it.value) for it in at.markdown]
    if torch:
        words = "kNN accuracy on 359 probe images at step 2: control run **30%**, ablation **30%**."
        assert words in said
        assert [key for key in messages(at) if key.startswith("frame-map")] == [
            f"frame-map-{ablated.id}",
            f"frame-map-{control.id}",
        ]
    assert control.status.final
    alone = AppTest.from_function(watched, args=(trained(breakable, {"predictor": False}, {"seed": 5}).id,))
    assert not alone.run(timeout=60).error
    assert lines(alone) == {"knn": ["kNN accuracy"], "loss": ["training"]}


def watched(id: str) -> None:
    import streamlit as st

    from explorer import engine, runs
    from pages.ui.runs import ablation, polling, run_view

    st.session_state["_states"] = engine.recent_snapshot().states
    polling.poll(id, lambda run: run_view.draw(run, [], lambda: ablation.related(runs.get(id))), None)


def test_the_rows_of_each_run_are_read_once_for_a_poll(breakable, monkeypatch):
    ablated, _ = trained(breakable, {"predictor": False}), trained(breakable, {})
    read, metrics = [], Run.metrics
    monkeypatch.setattr(Run, "metrics", lambda run: (read.append(run.id), metrics(run))[1])
    shown(ablated)
    assert len(read) == len(set(read)) == 2


def test_the_page_of_a_run_says_what_its_hyperparameters_do_that_nobody_expects(breakable):
    assert "leaves no gap" in shown(trained("jigsaw", {})).warning[0].value
    assert not shown(trained(breakable, {})).warning


def test_a_run_without_a_control_run_says_nothing_of_it(breakable):
    for run in (trained(breakable, {}), runs.get("digits-simclr")):
        assert not any("blation" in it.value or "control run" in it.value for it in shown(run).markdown)


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
    bars = [figure["data"][0] for figure in figures(at).values() if figure["data"][0]["type"] == "bar"]
    assert len(bars) == 1


def scrubbed(id: str) -> None:
    from explorer import runs
    from pages.ui.runs import timeline

    timeline.scrubber(runs.get(id))


@pytest.mark.parametrize(
    ("said", "shown", "ended"),
    [("2", "2", ""), ("3", "6", "step 6"), ("9" * 5000, "6", "step 6"), ("-2", "6", "step 6"), ("now", "6", "step 6")],
)
def test_a_frame_that_is_not_there_is_said_once_with_the_one_that_is_shown(said, shown, ended, breakable, monkeypatch):
    run = framed(breakable, "done", 0, 2, 6)
    at = AppTest.from_function(addressed, args=(run.id,))
    at.query_params["frame"] = said
    at.run(timeout=60)
    assert not at.exception
    assert f"step {shown} " in at.caption[-1].value.replace("\\", "")
    note = f"frame={said} (shown instead: {ended})" if said == "3" else f"frame={said[:10]}"  # no step: not looked for
    assert [note in it.value.replace("\\", "") for it in at.info] == ([True] if ended else [])
    moved = {f"frames-{run.id}": 0}
    monkeypatch.setattr(scrubber, "moment", moved.get)  # the slider is moved
    at.run(timeout=60)
    assert at.query_params["frame"] in ("0", ["0"])
    assert "step 0 " in at.caption[-1].value and not at.info


def test_a_frame_that_comes_to_be_there_does_not_replace_the_newest_that_was_promised(breakable):
    run = framed(breakable, "running", 0, 2)
    at = AppTest.from_function(addressed, args=(run.id,))
    at.query_params["frame"] = "4"
    at.run(timeout=60)
    assert "frame=4 (shown instead: always the newest)" in at.info[0].value.replace("\\", "")
    framed(breakable, "running", 4, 6, run=run)
    at.run(timeout=60)
    assert "step 6 " in at.caption[-1].value


def framed(method, state, *steps, run=None):
    """A training with some frames."""
    run = run or trained(method, {}, state=state)
    for step in steps:
        features = np.random.default_rng(step).normal(size=(30, 4))
        run.write_frame(step, features=features, rows=np.arange(30), y=np.arange(30) % 10)
    return run


def addressed(id: str) -> None:
    from explorer import runs
    from pages.ui.kit import messages, url_state
    from pages.ui.runs import timeline

    url_state.arrive("runs")
    messages.reserve_notice()
    timeline.scrubber(runs.get(id))
    messages.leave()
