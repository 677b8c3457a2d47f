"""More analyses: every task about one model that has no page of its own, with form, progress and result."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import engine, runs
from explorer.engine import worker
from explorer.tasks import request
from explorer.tasks.task import TASKS
from pages.ui.kit import messages, url_state
from pages.ui.runs import task_panel
from tests.source_cases import python


@pytest.fixture(autouse=True)
def no_engine(monkeypatch):
    """What is submitted has a folder, and nobody works on it."""
    monkeypatch.setattr(engine, "submit", lambda spec, **_: runs.create(spec))
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)


def panel() -> None:
    from explorer import data
    from pages.ui.kit import messages, url_state
    from pages.ui.runs import task_panel

    url_state.arrive("embeddings")
    messages.reserve_notice()
    task_panel.draw("pixels", data.load("digits"))
    messages.leave()


def opened(**query):
    at = AppTest.from_function(panel, default_timeout=60)
    at.query_params.update(query)
    at.run()
    assert not at.exception, at.exception
    return at


def shown(at):
    """The table of names and numbers."""
    return " ".join(element.proto.body for element in at.get("html"))


def test_only_what_no_page_offers_stands_here():
    assert list(task_panel.analyses()) == ["evaluate"]
    assert {name: task.page for name, task in TASKS.items()} == {
        "map": "embeddings", "embed": "embeddings", "transfer": "transfer", "export": "runs", "train": "new",
        "evaluate": None, "speed": "home", "cluster": "embeddings",
        "compare": "compare", "report": "compare", "interpolate": "latents", "story": "runs", "report_html": "runs",
    }  # fmt: skip


def test_it_is_folded_until_the_address_asks_for_an_analysis_or_an_option():
    assert not opened().expander[0].proto.expanded
    assert opened(task="evaluate").expander[0].proto.expanded
    at = opened(**{"task.evaluate.labels": "50"})
    assert at.expander[0].proto.expanded
    assert at.number_input[0].value == 50
    at.number_input[0].set_value(10_000).run()
    assert at.expander[0].proto.expanded, "it does not fold itself because a default does not stand in the address"


def test_an_analysis_is_started_with_the_options_of_the_click_and_its_numbers_are_shown():
    at = opened(task="evaluate")
    at.number_input[0].set_value(60)
    at.button("start-task.evaluate").click().run()
    (run,) = runs.listing("evaluate")
    assert (run.spec.params["labels"], run.status.state) == (60, "queued")
    assert at.button(f"stop-{run.id}"), "what was started can be stopped"
    worker.here(run)
    at.run()
    scores = run.scores()
    assert f"<dt>kNN</dt><dd>{scores['knn']:.3f}</dd>" in shown(at)
    assert "<dt>n train</dt><dd>60</dd>" in shown(at)
    assert not [button for button in at.button if button.key == "start-task.evaluate"]
    at.number_input[0].set_value(70).run()
    assert at.button("start-task.evaluate"), "other options are another analysis"


def test_a_failed_analysis_says_why_and_may_be_tried_again():
    run = runs.create(request.request("evaluate", "pixels", "digits"))
    run.update(state="failed", error="the network has collapsed")
    at = opened(task="evaluate")
    assert "The network has collapsed." in " ".join(element.value for element in at.markdown)
    at.button(f"again-{run.id}").click().run()
    assert runs.get(run.id).status.state == "queued"


def test_a_damaged_result_is_offered_anew():
    run = runs.create(request.request("evaluate", "pixels", "digits", labels=60))
    worker.here(run)
    (run.folder / "scores.json").write_text("{}")
    at = opened(**{"task.evaluate.labels": "60"})
    assert at.button("start-task.evaluate") and not at.error


def test_what_a_configuration_refuses_is_one_sentence_and_no_button():
    at = opened(**{"task.evaluate.labels": "1"})
    assert messages.plain("Labels 1 is not allowed: input should be greater than or equal to 2") in at.error[0].value
    assert not list(at.button)


def test_an_unknown_analysis_is_said_and_another_one_shown():
    at = opened(task="astrology")
    assert "task=astrology" in at.info[0].value
    assert at.selectbox[0].value == "evaluate"


def test_a_file_is_offered_as_a_link_and_what_leaves_neither_is_a_sentence(monkeypatch):
    monkeypatch.setattr(TASKS["embed"].__class__, "page", None)
    at = opened(task="embed", **{"task.embed.n": "20"})
    at.button("start-task.embed").click().run()
    (run,) = runs.listing("embed")
    worker.here(run)
    at.run()
    assert f'href="/result/{run.id}/pixels-digits.npz"' in shown(at)
    assert "<dt>dim</dt><dd>64</dd>" in shown(at)
    monkeypatch.setattr(TASKS["embed"].__class__, "report", lambda self, run: ([], {}))
    monkeypatch.setattr(TASKS["embed"].__class__, "download", False)
    assert "Features is done." in [element.value for element in at.run().markdown]


def test_analyses_with_the_same_label_can_be_told_apart(monkeypatch):
    for name in ("embed", "map"):
        monkeypatch.setattr(TASKS[name].__class__, "page", None)
        monkeypatch.setattr(TASKS[name].__class__, "label", "Evaluate")
    assert list(opened().selectbox[0].options) == ["Evaluate (embed)", "Evaluate (evaluate)", "Evaluate (map)"]
    assert np.size(opened(task="map").selectbox) > 1, "the form of the one that was asked for"


def test_it_brings_no_torch():
    code = (
        "import sys, pages.ui.runs.task_panel as panel; panel.analyses();"
        "print([name for name in ('torch', 'sklearn', 'umap', 'distributed') if name in sys.modules])"
    )
    assert python(code).strip() == "[]"
