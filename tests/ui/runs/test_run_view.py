"""Watching a training on its page, and looking into what it left."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from explorer import data, engine, runs
from explorer.evaluation.probes import PROBES, Probe
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import Spec
from explorer.tasks import request
from pages.ui.kit import identity, url_state
from pages.ui.runs import lineage, live, run_view
from tests.ui import charts


def test_the_same_training_twice_is_found_while_it_is_under_way(monkeypatch):
    monkeypatch.setattr(identity, "me", lambda: "me")
    spec = Spec(kind="train", title="a", method="simclr", dataset="digits", train={"epochs": 3}, user="me")
    run = runs.create(spec)
    assert run_view.under_way(spec).id == run.id
    assert run_view.under_way(spec.model_copy(update={"train": {"epochs": 4}})) is None
    run.update(state="done")
    assert run_view.under_way(spec) is None


def watched(id: str) -> None:
    import streamlit as st

    from explorer import engine
    from pages.ui.runs import polling, run_view, sweep

    st.session_state["_states"] = engine.recent_snapshot().states
    polling.poll(id, lambda run: run_view.draw(run, sweep.set_of(run)), None)


def places(block) -> list[str]:
    """The kinds of what stands on a page, level by level, where its containers have keys of `run-…`."""
    shown = []
    for child in getattr(block, "children", {}).values():
        key = getattr(getattr(child, "proto", None), "id", "") or ""
        if "run-" in key:
            shown.append(key.rpartition("run-")[2])
        shown += places(child)
    return shown


STATES = ["queued", "running", "interrupted", "stopped", "failed", "done"]


@pytest.mark.parametrize("rows", [0, 3])
def test_a_page_has_the_same_places_in_every_state_and_a_place_stays_a_container(rows, monkeypatch):
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)  # there is no page to lead to
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    kinds, charts_of = {}, {}
    for state in STATES:
        run = runs.create(Spec(kind="train", title=state, method="simclr", dataset="digits"))
        for step in range(rows):
            run.append({"step": step, "loss": 1.0, "knn": 0.5, "watched": 9})
        run.update(state=state, step=rows, steps=9, **({"error": "it broke"} if state == "failed" else {}))
        there = engine.take_snapshot()
        monkeypatch.setattr(engine, "recent_snapshot", lambda there=there: there)
        at = AppTest.from_function(watched, args=(run.id,)).run(timeout=60)
        assert not at.exception
        kinds[state] = places(at._tree)
        charts_of[state] = [key.replace(run.id, "") for key in charts.messages(at) if not key.startswith("health")]
    assert all(it == list(run_view.PLACES) for it in kinds.values()), kinds
    assert all(it == ["frame-map-", "frame-projection-", "knn", "loss"] for it in charts_of.values())


CHANGES = {
    "a row": lambda run: run.append({"step": 3, "loss": 0.2}),
    "an evaluation": lambda run: run.append({"step": 3, "knn": 0.9, "watched": 9, "rank": 4.0, "spread": 0.5}),
    "a new title": lambda run: runs.rename(run.id, "Another title"),
    "a stop": lambda run: run.request_stop(),
    "an end": lambda run: run.update(state="done"),
    "other rows in their place": lambda run: run.rewind(1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_next_look_of_every_viewer_shows_what_has_changed_and_nothing_else_changes(change, under_way):
    run = under_way
    viewers = [AppTest.from_function(watched, args=(run.id,)) for _ in range(2)]
    before = [shown(at) for at in viewers]
    assert before[0] == before[1] == shown(viewers[0])
    CHANGES[change](run)
    after = [shown(at) for at in viewers]
    assert after[0] == after[1] != before[0]


def shown(at: AppTest) -> list[object]:
    """All charts and words of a look at the page."""
    assert not at.run(timeout=60).exception
    words = [it.value for it in (*at.markdown, *at.caption)]
    buttons = [(it.label, it.disabled) for it in at.button]
    return [charts.messages(at), words, buttons]


def test_whoever_watches_a_training_brings_it_to_the_engine_again_should_that_have_died(monkeypatch):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    run.update(state="running")
    polls = []
    monkeypatch.setattr(engine, "reconcile", lambda: polls.append(run.id))
    AppTest.from_function(watched, args=(run.id,)).run(timeout=60)
    assert polls


def test_a_training_that_a_shared_snapshot_does_not_know_yet_is_polled_all_the_same(monkeypatch):
    run, pace = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits")), []
    monkeypatch.setattr(engine, "recent_snapshot", lambda: SimpleNamespace(states=()))
    monkeypatch.setattr(run_view.polling, "poll", lambda id, draw, every, source: pace.append(every))
    monkeypatch.setattr(run_view.scores, "onward", lambda run: None)
    monkeypatch.setattr(run_view.preload, "done", lambda: True)
    run_view.watch(run)
    for step in (0, 1):
        run.append({"step": step, "knn": 0.5})
        run_view.watch(run)
    run.update(state="done")
    run_view.watch(run)
    assert pace == [live.SOON, live.SOON, live.OFTEN, None], "until its first step it is looked at more often"


def test_a_page_that_stands_before_torch_does_is_drawn_again_once_torch_is_there(monkeypatch):
    run, pace = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits")), []
    run.update(state="done")
    monkeypatch.setattr(engine, "recent_snapshot", lambda: SimpleNamespace(states=()))
    monkeypatch.setattr(run_view.polling, "poll", lambda id, draw, every, source: pace.append(every))
    monkeypatch.setattr(run_view.scores, "onward", lambda run: None)
    for torch in (False, True):
        monkeypatch.setattr(run_view.preload, "done", lambda torch=torch: torch)
        run_view.watch(run)
    assert pace == [live.OFTEN, None]


def onward(id: str) -> None:
    from explorer import runs
    from pages.ui.runs import scores

    scores.onward(runs.find(id))


@pytest.mark.parametrize("what", [watched, onward])
def test_a_poll_of_a_training_does_not_read_all_others(what, monkeypatch):
    """Neither where its parent is gone, nor where nobody has asked for its export."""
    kin = {"parent": "deleted", "relation": "clone"}
    clone = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits", **kin))
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)  # there is no page to lead to
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    there = engine.take_snapshot()
    monkeypatch.setattr(engine, "recent_snapshot", lambda: there)
    monkeypatch.setattr(runs, "listing", None)
    id, says = {watched: (clone.id, "deleted, which was deleted"), onward: ("digits-autoencoder", "")}[what]
    at = AppTest.from_function(what, args=(id,)).run(timeout=60)
    assert not at.exception
    assert says in " ".join(it.value for it in at.caption)
    assert (what is watched) or [button.label for button in at.button] == ["Make the story", "HTML report", "Export"]


def test_the_training_of_another_browser_is_not_taken_for_ones_own():
    spec = Spec(kind="train", title="a", method="simclr", dataset="digits")
    runs.create(spec.model_copy(update={"user": "somebody"}))
    assert run_view.under_way(spec) is None


def looked_into(id: str) -> None:
    from pages.ui.runs import model_cache

    model_cache.caveat(id)


def test_a_damaged_checkpoint_is_said_where_its_model_is_looked_into(monkeypatch):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    assert not AppTest.from_function(looked_into, args=(run.id,)).run(timeout=60).warning
    monkeypatch.setattr(runs.Run, "damage", lambda _: "its checkpoint of step 5 is damaged")
    at = AppTest.from_function(looked_into, args=(run.id,)).run(timeout=60)
    assert at.warning[0].value == "Its checkpoint of step 5 is damaged."


def test_every_shipped_map_is_found_by_the_page_that_asks_for_it():
    some = [run for run in runs.listing() if data.catalogue()[run.spec.dataset].kind == "embedded"]
    asked = [request.request("map", run.id, run.spec.dataset, how=how) for run in some for how in PROJECTIONS]
    assert asked
    assert all(runs.create(spec).shipped for spec in asked)


def sweep_table(id: str) -> None:
    from explorer import runs
    from pages.ui.runs import scores, sweep

    run = runs.find(id)
    sweep.show(run, sweep.set_of(run))
    scores.table(run)


def test_a_new_probe_reaches_the_tables_of_a_training_and_of_its_sweep(monkeypatch):
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)  # there is no page to lead to
    purity = Probe(lambda bank, queries: 0.0, "purity", "cluster purity", "higher", False, False, "")
    monkeypatch.setitem(PROBES._found(), "purity", purity)
    measured = {"knn": 0.9, "linear": 0.95, "n_test": 100, "n_train": 100, "dim": 8}
    for seed in range(2):
        run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits", seed=seed, group="g"))
        run.write_scores({**measured, "purity": 12.5} if seed else measured)
        run.update(state="done")
    at = AppTest.from_function(sweep_table, args=(run.id,)).run(timeout=60)
    assert not at.exception
    cells = [it.value for it in at.caption]
    assert cells[:3] == ["kNN accuracy", "linear probe", "cluster purity"]
    assert cells.count("90%") == 2 and cells.count("12.5") == 1, "a run from before the probe has none"
    assert list(at.dataframe[0].value.columns) == [
        "model",
        "kNN accuracy",
        "linear probe",
        "cluster purity",
        "dimensions",
    ]


def ended(id: str) -> None:
    from explorer import runs
    from pages.ui.runs import lineage, run_view

    run = runs.get(id)
    continued = lineage.continuations(run)
    run_view._head(run, run.status, continued)
    lineage.origin(run, continued)


@pytest.mark.parametrize(
    ("user", "state", "offered"),
    [
        ("me", "running", False),
        ("me", "stopped", False),
        ("me", "failed", True),
        ("another", "running", True),
        ("", "done", True),
    ],
)
def test_a_run_that_was_continued_leads_there_and_its_owner_is_not_offered_it_again(user, state, offered, monkeypatch):
    links = []
    monkeypatch.setattr(identity, "me", lambda: "me")
    monkeypatch.setattr(url_state, "link", lambda *words, **query: links.append((*words, query)))
    monkeypatch.setattr(run_view.training_request, "resumable", lambda run: run.status.final)
    monkeypatch.setattr("explorer.runs.lineage.inherit", lambda parent, child: "")  # it has no checkpoint
    spec = Spec(kind="train", title="a", method="simclr", dataset="digits", user="me")
    run = runs.create(spec)
    run.update(state="stopped", step=3, steps=9)
    at = AppTest.from_function(ended, args=(run.id,)).run(timeout=60)
    assert [it.label for it in at.button] == ["Continue"] and not links
    clone = spec.model_copy(update={"parent": run.id, "relation": "clone"})
    child = runs.create(clone.model_copy(update={"title": "b", "relation": "continue", "user": user}))
    child.update(state=state)
    runs.create(clone)
    at.run(timeout=60)
    assert not at.exception
    assert bool(at.button) == offered and "Continued by" in [it.value for it in at.caption]
    assert links == [("runs", "b", {"run": child.id})]


def test_whether_a_live_run_was_continued_is_not_asked_of_all_runs(monkeypatch):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    monkeypatch.setattr(runs, "listing", None)
    assert lineage.continuations(run) == []


@pytest.mark.parametrize(
    ("measured", "times", "says"),
    [
        ({"train_seconds": 185.0}, (100.0, 677.0), "80 steps, trained for 3 min 5 s, 9 min 37 s with evaluation"),
        (None, (100.0, 677.0), "80 steps, 9 min 37 s with evaluation"),
        ({"train_seconds": 185.0}, (None, None), "80 steps, trained for 3 min 5 s"),
    ],
)
def test_the_time_of_training_and_the_time_of_all_are_told_apart(measured, times, says):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    if measured:
        run.write_scores(measured)
    run.update(state="done", step=80, steps=80, started=times[0], finished=times[1])
    assert live.progress(run, run.status) == says


def provenance(id: str) -> None:
    from explorer import runs
    from pages.ui.runs import scores

    run = runs.get(id)
    scores.origin(run, run.status, "Digits")


def test_the_time_of_training_is_said_once():
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    run.write_scores({"train_seconds": 185.0})
    run.update(state="done", step=80, steps=80)
    at = AppTest.from_function(provenance, args=(run.id,)).run(timeout=60)
    assert not at.exception
    said = " ".join(it.value for it in (*at.caption, *at.markdown))
    assert "Digits" in said and "3 min 5 s" not in said


def origin_of(id: str, streamed: bool) -> None:
    from explorer import runs
    from pages.ui.runs import run_view

    run = runs.get(id)
    run_view._provenance(run, run.status, [{"step": 0, **({"streamed": True} if streamed else {})}, {"step": 9}])


@pytest.mark.parametrize("streamed", [True, False])
def test_a_run_whose_images_were_read_from_disk_says_so(streamed):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    at = AppTest.from_function(origin_of, args=(run.id, streamed)).run(timeout=60)
    assert not at.exception
    assert ("images read from disk, batch by batch" in at.caption[0].value) == streamed
