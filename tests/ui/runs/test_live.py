"""What all browsers that look at a run find in one place: the same as its page shows, made once, and complete."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from starlette.requests import Request
from starlette.responses import Response
from streamlit.testing.v1 import AppTest

from explorer import engine, runs
from explorer.runs import Spec
from pages.ui.app import routes
from pages.ui.runs import curves, health, live
from tests.ui import charts


@pytest.fixture
def run(under_way, monkeypatch):
    """A training that goes on, on a clock that every look finds further on."""
    monkeypatch.setattr(live, "FRESH", 1e-6)
    # They are measured in the background, and could become known between a look and its page.
    monkeypatch.setattr(curves, "references", lambda run, rows: {"untrained": 0.4})
    return under_way


def watched(id: str) -> None:
    import streamlit as st

    from explorer import engine, runs
    from pages.ui.runs import run_view

    run = runs.find(id)
    st.session_state["_states"] = engine.recent_snapshot().states
    run_view.watch(run)


def page(run) -> AppTest:
    at = AppTest.from_function(watched, args=(run.id,)).run(timeout=60)
    assert not at.exception
    return at


def watch(at: AppTest) -> dict:
    """What the page tells its watch."""
    (element,) = [it.proto for it in at.get("bidi_component") if it.proto.component_name == "unfold_watch"]
    return json.loads(element.json)


def ask(id: str, has: str = "") -> Response:
    """What the server answers a browser that has the answer of this name."""
    scope = {
        "type": "http",
        "path_params": {"id": id},
        "query_string": b"",
        "headers": [(b"if-none-match", has.encode())],
    }
    with ThreadPoolExecutor(1) as thread:  # this one may have a loop of its own, for browsers
        return thread.submit(asyncio.run, routes.new(Request(scope))).result()


def look(run) -> dict:
    return json.loads(live.answer(run.id, False)[1].unpacked())


def shown(at: AppTest) -> dict[str, str]:
    """The figures on a page by the names under which a watch knows them."""
    return {it["live"]: it["figure"] for it in charts.messages(at).values() if it["live"]}


def words(at: AppTest) -> str:
    return " ".join(unescape(it.proto.body) for it in at.get("html"))


MOVES = {
    "a row": lambda run: run.append({"step": 3, "loss": 0.2}),
    "a step": lambda run: run.update(step=4, epoch=1.5, images=99, rate=7.0),
}
CHANGES = {
    "an evaluation": lambda run: run.append({"step": 3, "knn": 0.9, "watched": 9, "rank": 4.0, "spread": 0.5}),
    "a quantity": lambda run: run.append({"step": 3, "loss": 0.2, "entropy": 1.0}),
    "a new title": lambda run: runs.rename(run.id, "Another title"),
    "a stop": lambda run: run.request_stop(),
    "a message": lambda run: run.update(message="evaluating"),
    "a caveat": lambda run: run.update(caveat="not bit-exact"),
    "an end": lambda run: run.update(state="done"),
    "a failure": lambda run: run.update(state="failed", error="it broke"),
    "scores": lambda run: run.write_scores({"knn": 0.9, "n_test": 9, "n_train": 9}),
    "other rows in their place": lambda run: run.rewind(1),
}


@pytest.mark.parametrize("change", [*MOVES, *CHANGES])
def test_a_look_finds_the_figures_and_the_words_that_a_run_of_the_page_would_show(change, run):
    page(run)
    (MOVES | CHANGES)[change](run)
    found, at = look(run), page(run)
    assert shown(at) and shown(at).items() <= found["charts"].items()
    assert " ".join(found["words"][f"{run.id}/progress"].split()) in words(at)
    assert f'value="{found["words"][f"{run.id}/share"]:.4f}"' in words(at)


@pytest.mark.parametrize("change", MOVES)
def test_what_moves_needs_no_run_of_the_page(change, run):
    before = look(run)
    MOVES[change](run)
    after = look(run)
    assert after["stamp"] == before["stamp"]
    assert after != before


@pytest.mark.parametrize("change", CHANGES)
def test_what_else_changes_needs_one_run_of_the_page(change, run):
    before = watch(page(run))["stamp"]
    CHANGES[change](run)
    assert look(run)["stamp"] != before
    at = page(run)
    if not run.status.final:
        assert watch(at)["stamp"] == look(run)["stamp"], "and no further one"


def test_the_curves_in_a_fold_are_new_where_somebody_has_opened_it(run):
    run.append({"step": 3, "loss": 0.2, "entropy": 1.0})
    name = f"{run.id}/more-entropy"
    assert name not in look(run)["charts"]
    at = AppTest.from_function(watched, args=(run.id,))
    at.session_state[curves.MORE] = True
    at.run(timeout=60)
    assert watch(at)["address"] == f"/live/{run.id}.json?more"
    found = json.loads(live.answer(run.id, True)[1].unpacked())
    assert found["charts"][name] == shown(at)[name] and found["stamp"] == watch(at)["stamp"]


def test_another_run_that_starts_or_ends_is_seen(run, monkeypatch):
    before = look(run)["stamp"]
    runs.create(Spec(kind="train", title="b", method="simclr", dataset="digits"))
    there = engine.take_snapshot()
    monkeypatch.setattr(engine, "recent_snapshot", lambda: there)
    assert look(run)["stamp"] != before


def test_an_evaluation_of_the_control_run_is_seen(run, monkeypatch):
    control = runs.create(Spec(kind="train", title="b", method="simclr", dataset="digits"))
    control.append({"step": 1, "knn": 0.6, "watched": 9})
    related = live.ablation.Related({"jitter": "why"}, (control,))
    monkeypatch.setattr(live, "_related", lambda *_: related)
    monkeypatch.setattr(live.preload, "done", lambda: True)
    monkeypatch.setattr(curves, "references", lambda *_: {})
    before = look(run)
    control.append({"step": 2, "knn": 0.7, "watched": 9})
    after = look(run)
    assert after["stamp"] != before["stamp"]
    assert after["charts"][f"{run.id}/knn"] != before["charts"][f"{run.id}/knn"]


@pytest.fixture
def sibling(run, monkeypatch):
    """Another run of the same sweep, beside the run."""
    other = runs.create(Spec(kind="train", title="b", method="simclr", dataset="digits", seed=1, group="g"))
    other.append({"step": 1, "val_loss": 0.6})
    monkeypatch.setattr(live.sweep, "set_of", lambda _: [run, other])
    live._siblings.cache_clear()
    return other


def test_a_validation_loss_of_another_run_of_the_sweep_is_seen(run, sibling):
    before = look(run)["stamp"]
    sibling.append({"step": 2, "val_loss": 0.5})
    assert look(run)["stamp"] != before


def test_a_run_of_the_sweep_that_is_deleted_meanwhile_is_seen(run, sibling):
    before = look(run)["stamp"]
    sibling.update(state="done")
    runs.delete(sibling.id)
    assert look(run)["stamp"] != before and look(run)["charts"]


def test_the_runs_of_a_sweep_are_not_listed_at_every_look(run, monkeypatch):
    listed = []
    monkeypatch.setattr(live.sweep, "set_of", lambda _: listed.append(True) or [])
    monkeypatch.setattr(live.time, "monotonic", iter(range(10**6, 10**7)).__next__)
    live._siblings.cache_clear()
    for _ in range(4):
        look(run)
    assert 1 <= len(listed) <= 2


def test_an_error_that_goes_on_is_logged_once(run, monkeypatch, caplog):
    monkeypatch.setattr(live, "_news", lambda *_: 1 / 0)
    live._report.cache_clear()
    for _ in range(20):
        look(run)
    assert 1 <= len(caplog.records) <= 2 and "ZeroDivisionError" in caplog.text


def test_a_browser_that_has_the_newest_answer_is_told_so_in_an_empty_one(run):
    first = ask(run.id)
    again = ask(run.id, first.headers["etag"])
    assert (first.status_code, again.status_code, again.body) == (200, 304, b"")
    assert again.headers["etag"] == first.headers["etag"] and "no-cache" in again.headers["cache-control"]
    assert json.loads(first.body) == look(run)
    run.append({"step": 3, "loss": 0.2})
    assert ask(run.id, first.headers["etag"]).status_code == 200


def test_an_answer_says_how_soon_to_look_again_and_of_an_ended_run_leaves_it_to_the_page(run):
    run.rewind(-1)
    assert look(run)["every"] == live.SOON
    run.append({"step": 0, "data": "abc", "chance": 1.0})
    assert look(run)["every"] == live.SOON, "the lines of the curve are there, and no point yet"
    run.append({"step": 7, "loss": 1.0})
    assert look(run)["every"] == live.OFTEN
    run.update(state="done")
    assert look(run)["every"] is None


@pytest.mark.parametrize("id", ["nothing", "..", "../runs"])
def test_a_run_that_is_not_there_is_a_quiet_404(id, caplog):
    answer = ask(id)
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert not caplog.records


def test_the_state_of_a_training_is_spoken_when_it_changes(run):
    spoken = re.compile(rf'role="status"[^>]*data-live="{run.id}/state">([^<]*)<')
    assert spoken.search(words(page(run)))[1] == look(run)["words"][f"{run.id}/state"]
    run.update(state="done")
    assert "done" in look(run)["words"][f"{run.id}/state"]


def test_what_thirty_viewers_ask_for_at_once_is_made_once(run, monkeypatch):
    made, found = [], live._news
    monkeypatch.setattr(live, "FRESH", 1e9)  # seconds: a busy machine takes no two answers for one
    monkeypatch.setattr(live, "pace", lambda _: None)
    monkeypatch.setattr(live, "_news", lambda *it: made.append(it) or found(*it))
    with ThreadPoolExecutor(30) as viewers:
        names = {name for name, _ in viewers.map(live.answer, [run.id] * 30, [False] * 30)}
    assert len(names) == len(made) == 1


def test_where_it_cannot_be_said_what_is_new_the_page_is_drawn_now_and_then(run, monkeypatch, caplog):
    def broken(*_) -> dict:
        raise ValueError("a damaged file")

    monkeypatch.setattr(live, "_news", broken)
    stamps = set()
    for now in (100.0, 101.0, 100.0 + live.RELATED):
        monkeypatch.setattr(live.time, "time", lambda now=now: now)
        stamps.add(look(run)["stamp"])
    assert len(stamps) == 2 and "not known" in caplog.text
    page(run)


def test_a_part_that_has_failed_is_drawn_again_though_nothing_has_changed(run, monkeypatch):
    def broken(*_) -> None:
        raise ValueError("a file that is being written")

    assert watch(page(run))["stamp"] == look(run)["stamp"]
    monkeypatch.setattr(health, "panel", broken)
    assert watch(page(run))["stamp"] != look(run)["stamp"]


def test_whoever_looks_brings_a_training_to_the_engine_again_should_that_have_died(run, monkeypatch):
    looked_after = []
    monkeypatch.setattr(engine, "reconcile", lambda: looked_after.append(True))
    look(run)
    assert looked_after


def test_a_name_of_a_run_is_no_markup(run):
    runs.rename(run.id, "<b>bold</b>")
    run.update(message="<i>evaluating</i>", step=0)
    assert "<i>" not in " ".join(it.proto.body for it in page(run).get("html"))
    assert re.search("&lt;i&gt;", " ".join(it.proto.body for it in page(run).get("html")))
