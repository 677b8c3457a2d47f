"""What the exploring pages say and ask for, without a browser."""

import csv
import io
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import data, engine, runs
from explorer.evaluation import neighbours
from explorer.runs import Spec, Status
from explorer.tasks import request
from pages.ui.runs import job_progress, ownership
from pages.ui.sections import embeddings as embeddings_section
from pages.ui.sections import embeddings_files, embeddings_point, embeddings_tiles
from pages.ui.sections import transfer as transfer_section
from pages.ui.sections.embeddings_choice import Choice, Jobs
from pages.ui.sections.embeddings_tiles import Look, Touched

ALL, NONE = Look("class", False, None), Touched(None, None)


def drawn(n=60, classes=3, trust=0.9):
    rng = np.random.default_rng(0)
    y = np.arange(n) % classes
    near = np.stack([np.flatnonzero(y == label)[:10] for label in y])
    return embeddings_section.Map(rng.normal(size=(n, 2)), np.arange(n) * 2, y, near, 0.5, trust)


def scores(n_test=1000, **arms):
    return {arm: {"test_accuracy": p} for arm, p in arms.items()} | {"n_test": n_test}


def said(state="done", **more):
    run = runs.create(
        Spec(kind="transfer", title="t", dataset="digits", models=("pca",), params={"labels_per_class": 10})
    )
    return transfer_section.summary(run, Status(state=state), scores(**more) if more else {})


def test_chance_is_the_share_of_the_class_among_the_others():
    assert neighbours.chance_agreement(drawn(60, 3).y) == pytest.approx(19 / 59)
    assert embeddings_section.agreement(drawn(60, 3)).tolist() == [1.0] * 60
    assert "(chance 32%)" in embeddings_section.summary({"pca": drawn(60, 3)}, 0)


def test_the_maps_are_ranked_by_trustworthiness():
    three = {"pca": drawn(trust=0.8), "umap": drawn(trust=0.95), "lle": drawn(trust=0.7)}
    assert "100% of an image's 10 nearest" in embeddings_section.summary(three, 0)
    assert "100% of a vector's 10 nearest" in embeddings_section.summary(three, 0, "vector")
    ranked = "**UMAP keeps them best** (trustworthiness 0.95), LLE worst (0.70)"
    assert ranked in embeddings_section.summary(three, 0)
    assert "1 more map is being computed" in embeddings_section.summary(three, 1)
    assert "keeps them best" not in embeddings_section.summary(three, 1), "the one that is missing may be better"
    tie = {**three, "tsne": drawn(trust=0.948)}
    assert "**UMAP and t-SNE keep them best** (trustworthiness 0.95)" in embeddings_section.summary(tie, 0)
    assert "**3 maps keep them best**" in embeddings_section.summary({**tie, "isomap": drawn(trust=0.949)}, 0)
    assert "**All maps keep them equally well**" in embeddings_section.summary({"umap": drawn(), "pca": drawn()}, 0)
    assert "being computed" in embeddings_section.summary({}, 6)
    assert "No map could be drawn" in embeddings_section.summary({}, 0)


@pytest.mark.parametrize(
    ("pca", "umap", "says", "badges"),
    [
        (0.9455, 0.9545, "**All maps keep them equally well** (trustworthiness 0.95)", []),
        (0.9449, 0.9451, "**UMAP keeps them best** (trustworthiness 0.95), PCA worst (0.94)", ["umap"]),
        (0.96, 0.94, "**PCA keeps them best** (trustworthiness 0.96), UMAP worst (0.94)", ["pca"]),
    ],
)
def test_maps_of_one_trustworthiness_are_a_tie_and_none_of_them_is_the_best(pca, umap, says, badges, monkeypatch):
    maps, heads = {"pca": drawn(trust=pca), "umap": drawn(trust=umap)}, []
    assert says in embeddings_section.summary(maps, 0)
    monkeypatch.setattr(embeddings_tiles, "_head", lambda how, large, best, others: heads.extend([how] * best))
    monkeypatch.setattr(embeddings_tiles.figures, "show", lambda *_, **__: [])
    for how in maps:
        embeddings_tiles.tile(how, Choice({}, 60), Jobs({}, maps, {}), data.load("digits"), ALL, NONE)
    assert heads == badges


def test_the_table_holds_every_point_of_every_map():
    digits, made = data.load("digits"), drawn(40, 10)
    rows = list(csv.DictReader(io.StringIO(embeddings_files.table({"pca": made, "tsne": made}, digits))))
    assert len(rows) == 40
    assert [int(row["row"]) for row in rows] == made.rows.tolist()
    assert float(rows[7]["tsne_y"]) == pytest.approx(made.coords[7, 1], rel=1e-4)
    assert rows[13]["class"] == "3"


def test_the_page_opens_on_the_first_image_whose_neighbours_are_as_mixed_as_those_of_most():
    made = drawn(5, 1)._replace(rows=np.array([50, 40, 30, 20, 10]), neighbours=np.tile(np.arange(4), (5, 1)))
    labels = np.array([0, 0, 0, 1, 2])  # shares 0.75, 0.75, 0.75, 0.25, 0
    assert embeddings_point.typical(made._replace(y=labels)) == 30
    labels = np.array([0, 1, 1, 0, 2])  # shares 0.5, 0.5, 0.5, 0.5, 0
    assert embeddings_point.typical(made._replace(y=labels)) == 20


def test_a_map_of_data_that_have_changed_is_stale():
    digits = data.load("digits")
    y = digits.splits["validation"].y
    fine = drawn()._replace(rows=np.arange(60), y=y[:60])
    assert not embeddings_section._stale(fine, digits)
    assert embeddings_section._stale(fine._replace(y=(y[:60] + 1) % 10), digits)
    assert embeddings_section._stale(fine._replace(rows=np.arange(60) + len(y)), digits)


@pytest.mark.parametrize(("found", "words"), [
    ({"frozen": 0.95, "finetune": 0.90, "scratch": 0.60}, "better** than fine-tuned (90%) and from scratch"),
    ({"frozen": 0.91, "finetune": 0.92, "scratch": 0.60}, "**fine-tuned (92%) and frozen (91%) do not differ"),
    ({"frozen": 0.91, "finetune": 0.92, "scratch": 0.60}, "; both beat from scratch (60%) on 1,000 test images."),
    ({"frozen": 0.91, "finetune": 0.92, "scratch": 0.90}, "from scratch (90%) do not differ significantly** on 1,000"),
    ({"frozen": 0.90, "finetune": 0.92, "scratch": 0.88}, "scratch (88%); frozen (90%) differs significantly from"),
    ({"frozen": 0.91, "finetune": 0.92, "n_test": 100_000}, "**fine-tuned (92.0%) is significantly better** than"),
    ({"frozen": 1.0, "finetune": 0.5, "n_test": 2}, "**2 test images are too few to tell them apart**, it takes at"),
    ({"frozen": 0.50}, "**frozen has an accuracy of 50%** on 1,000 test images (chance 10%)"),
    ({"frozen": 0.105, "finetune": 0.11, "scratch": 0.09}, "than chance (10%)**: fine-tuned (11%), frozen ("),
])  # fmt: skip
def test_a_winner_is_named_only_beyond_the_sampling_error(found, words):
    assert words in said(**found)


@pytest.mark.parametrize(("state", "words"), [
    ("running", "a good representation starts high"), ("stopped", "was stopped"), ("failed", "failed"),
])  # fmt: skip
def test_an_unfinished_transfer_claims_nothing(state, words):
    assert words in said(state)


def test_a_stored_map_is_not_asked_for_again_and_a_failed_one_not_by_itself(monkeypatch):
    asked = []
    monkeypatch.setattr(engine, "submit", lambda spec, **_: (asked.append(spec), runs.create(spec))[1])
    spec = request.request("map", "pca", "digits", how="pca")
    first = job_progress.request(spec)
    assert job_progress.request(spec).id == first.id
    assert len(asked) == 1
    first.update(state="failed", error="it broke")
    assert job_progress.request(spec).status.state == "failed"
    assert len(asked) == 1
    assert job_progress.request(request.request("map", "digits-simclr", "digits", how="tsne")).shipped


def test_a_map_that_this_visitor_has_stopped_is_not_asked_for_by_itself_while_it_is_wanted(monkeypatch):
    monkeypatch.setattr(engine, "submit", lambda spec, **_: runs.create(spec))
    spec = request.request("map", "pca", "digits", how="pca", seed=1)
    first = job_progress.request(spec)
    ownership.stop(first.id)
    assert first.status.state == "stopped"
    assert job_progress.request(spec).status.state == "stopped", "not before the visitor's eyes"
    job_progress.withdraw([])
    assert job_progress.request(spec).status.state == "queued"


def test_a_map_that_was_stopped_because_somebody_else_has_left_is_asked_for_again(monkeypatch):
    here, other = {}, {}
    monkeypatch.setattr(engine, "submit", lambda spec, **_: runs.create(spec))
    spec = request.request("map", "pca", "digits", how="pca", seed=1)
    monkeypatch.setattr(job_progress.st, "session_state", other)
    job_progress.request(spec)
    monkeypatch.setattr(job_progress.st, "session_state", here)
    assert job_progress.request(spec).status.state == "queued"
    monkeypatch.setattr(job_progress.st, "session_state", other)
    job_progress.withdraw([])
    assert runs.get(runs.address(spec)).status.state == "stopped"
    monkeypatch.setattr(job_progress.st, "session_state", here)
    assert job_progress.request(spec).status.state == "queued"


def test_a_map_that_was_deleted_with_its_model_holds_nothing_up(monkeypatch):
    state = {"_requested": {"map-gone"}}
    monkeypatch.setattr(job_progress.st, "session_state", state)
    job_progress.withdraw([])
    assert not state["_requested"]


def test_a_map_that_is_not_wanted_any_more_is_stopped_however_late(monkeypatch):
    stopped, state = [], {}
    monkeypatch.setattr(job_progress.st, "session_state", state)
    monkeypatch.setattr(engine, "submit", lambda spec, **_: runs.create(spec))
    monkeypatch.setattr(engine, "request_stop", stopped.append)
    specs = {how: request.request("map", "pca", "digits", how=how, seed=11) for how in ("pca", "tsne")}
    jobs = embeddings_section.request(specs)
    embeddings_section.request(specs)
    assert not stopped
    embeddings_section.request({"pca": specs["pca"]})
    assert stopped == [jobs["tsne"].id]
    embeddings_section.request({})
    assert stopped == [jobs["tsne"].id, jobs["pca"].id]


def test_every_click_on_a_map_counts_also_one_on_the_same_image_again(monkeypatch):
    digits, state = data.load("digits"), {}
    for module in (embeddings_tiles.figures, embeddings_tiles.figures.chart):
        monkeypatch.setattr(module.st, "session_state", state)
    rows = []
    for at, (how, row) in enumerate([("tsne", 39), ("pca", 78), ("tsne", 39), ("tsne", 39)]):
        state[embeddings_tiles.key(how, digits)] = {"clicked": {"id": row, "at": at}}
        rows += [embeddings_tiles.clicked(["pca", "tsne"], digits) for _ in range(2)]
    assert rows == [39, None, 78, None, 39, None, 39, None]


def test_a_map_shows_every_image_in_the_colour_of_its_class(monkeypatch):
    digits, shown = data.load("digits"), []
    y = digits.splits["validation"].y
    projection = drawn(60, 10)._replace(rows=np.arange(60), y=y[:60], version="a test's")
    monkeypatch.setattr(embeddings_tiles.figures, "stored", lambda version, make, height: make())
    monkeypatch.setattr(embeddings_tiles.figures, "show", lambda figure, *_, **more: shown.append((figure, more)) or [])
    there = Jobs({}, {"pca": projection}, {})
    embeddings_tiles.tile("pca", Choice({}, 60), there, digits, ALL, Touched(3, [3, 4]))
    ((figure, more),) = shown
    points = {trace.name: trace.customdata.tolist() for trace in figure.data}
    for label, name in enumerate(digits.classes):
        assert points[name] == np.flatnonzero(y[:60] == label).tolist()
    assert more["marks"].chosen == 3 and more["marks"].lit == [3, 4]
    assert more["marks"].near.tolist() == projection.neighbours[3].tolist()
    distance = np.linalg.norm(projection.coords - projection.coords[3], axis=1)
    on_map = np.argsort(distance)[1 : 1 + projection.neighbours.shape[1]]
    assert set(more["marks"].only) == set(on_map) - set(projection.neighbours[3])


def maps_page() -> None:
    from explorer import data
    from explorer.tasks import request
    from pages.ui.sections import embeddings_choice as choices
    from pages.ui.sections import embeddings_tiles as tiles

    digits = data.load("digits")
    specs = {"tsne": request.request("map", "pca", "digits", how="tsne", seed=3)}
    choice = choices.Choice(specs, 359)
    there = choices.jobs(choice, "pca", digits)
    tiles.tile("tsne", choice, there, digits, tiles.Look("class", False, None), tiles.Touched(None, None))
    choices.compute(choice, there)


def test_a_stored_map_of_data_that_have_changed_is_drawn_anew_and_before_the_page(monkeypatch):
    submitted, spec = [], request.request("map", "pca", "digits", how="tsne", seed=3)
    monkeypatch.setattr(engine, "submit", lambda spec, **_: (submitted.append(spec), runs.create(spec))[1])
    monkeypatch.setattr(job_progress, "withdraw", lambda wanted: None)
    monkeypatch.setattr(job_progress, "wait", lambda run, *_, **__: None)
    old = runs.create(spec)
    old.update(state="done")
    changed = drawn()._replace(rows=np.arange(60) + 10**6)
    monkeypatch.setattr(embeddings_section, "opened", lambda run: changed if run.status.state == "done" else None)
    assert embeddings_section.drawn({"tsne": old}, data.load("digits")) == {}, "it is never shown as fresh"
    at = AppTest.from_function(maps_page).run(timeout=60)
    assert not at.exception and not submitted
    assert runs.find(old.id).status.state == "done", "nothing is deleted while a page is drawn"
    assert any("data have changed since" in it.value for it in at.markdown)
    at.button(key=f"redraw-{old.id}").click().run(timeout=60)
    assert not at.exception and not at.error
    assert [runs.address(it) for it in submitted] == [runs.address(spec)] and runs.find(old.id).status.state != "done"
    assert not any("data have changed since" in it.value for it in at.markdown)


def test_a_map_shows_how_far_it_is_and_can_be_stopped_and_is_then_not_asked_for_by_itself(monkeypatch):
    asked = []
    monkeypatch.setattr(engine, "submit", lambda spec, **_: (asked.append(spec), runs.create(spec))[1])
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    at = AppTest.from_function(maps_page).run(timeout=60)
    assert not at.exception, at.exception
    assert not asked, "nothing is computed before somebody wants it"
    assert "take about" in at.caption[0].value
    assert at.button("compute").label.startswith("Compute t-SNE · about ")
    at.button("compute").click().run()
    assert not [button for button in at.button if button.key in ("compute", "compute-tsne")]
    run = runs.get(runs.address(asked[0]))
    run.update(state="running", step=6, steps=15, message="computing the map")
    at.run()
    assert [bar.proto.value for bar in at.get("progress")] == [40]
    at.button(f"stop-{run.id}").click().run()
    assert not at.exception and run.status.state == "stopped"
    assert any("was stopped" in it.value for it in at.markdown)
    assert len(asked) == 1, "it is not asked for again by itself"
    assert clock_rate(at) is None, "what has ended is not looked at"
    at.session_state["_requested"] = set()
    at.button(f"again-{run.id}").click().run()
    assert len(asked) == 2 and runs.get(run.id).status.state == "queued"
    assert at.button(f"stop-{run.id}").label == "Stop t-SNE" and clock_rate(at) == job_progress.EVERY
    assert run.id in at.session_state["_requested"], "it is stopped when nobody wants it any more"


def clock_rate(at: AppTest) -> float | None:
    """The seconds between two looks of a page; None if it does not look."""
    clocks = [it.proto for it in at.get("bidi_component") if it.proto.component_name == "unfold_watch"]
    return json.loads(clocks[0].json)["every"] if clocks else None


def test_the_whole_page_runs_again_when_a_map_has_failed(monkeypatch):
    reruns = []
    monkeypatch.setattr(job_progress.st, "rerun", lambda: reruns.append(True))
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    run = runs.create(request.request("map", "pca", "digits", how="pca", seed=12))
    polled = []
    monkeypatch.setattr(job_progress.polling, "poll", lambda id, draw, every: polled.append((draw, every)))
    job_progress.wait(run, 200)
    run.update(state="failed", error="it broke")
    polled[0][0](run)
    assert len(reruns) == 1, "the sentence above the maps counts those that are computed"
    job_progress.wait(run, 200)
    polled[1][0](run)
    assert len(reruns) == 1 and [every for _, every in polled] == [job_progress.EVERY, None]
