"""The embeddings page as a whole: whatever the data, the map or the address, there is a map or a sentence."""

import threading

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import Refused, data, engine, runs
from explorer.evaluation import umap_maps
from explorer.evaluation.projections import PROJECTIONS
from pages.ui.kit import messages, url_state
from pages.ui.sections import embeddings, embeddings_choice, embeddings_search, embeddings_tiles
from tests import screen_text
from tests.ui import charts

CASES = ("one class", "one point", "two points", "duplicates", "constant", "120 classes", "space", "two splits")


@pytest.fixture(autouse=True)
def no_engine(monkeypatch):
    """Nothing is computed elsewhere, and there are no other pages."""
    monkeypatch.setattr(engine, "submit", lambda spec, **_: runs.create(spec))
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    monkeypatch.setattr(url_state, "link", lambda *_, **__: None)


def degenerate(case: str) -> None:
    """All parts of the page on a map that is hard to draw, with all its points selected."""
    import numpy as np

    from explorer.data import DataSet, Images
    from explorer.evaluation import map_neighbours
    from pages.ui.kit import legend
    from pages.ui.sections import (
        embeddings,
        embeddings_axis,
        embeddings_choice,
        embeddings_colour,
        embeddings_files,
        embeddings_point,
        embeddings_selection,
        embeddings_tiles,
    )

    n = {"one point": 1, "two points": 2, "120 classes": 360}.get(case, 40)
    classes = {"one class": 1, "120 classes": 120}.get(case, 4)
    rng = np.random.default_rng(0)
    y = np.arange(n) % classes
    factors = {
        "hue": np.zeros(n) if case == "constant" else rng.uniform(size=n),
        "word": np.array([f"w{i}" for i in range(n)]),
        "gap": np.where(np.arange(n) % 3 == 0, np.nan, 1.0),
    }
    images = Images(rng.integers(0, 255, (n, 1, 8, 8), dtype=np.uint8), y, factors)
    splits = dict.fromkeys(("train", "validation", "test"), images)
    names = tuple(f"class {i}" for i in range(classes))
    dataset = DataSet("hard", "Hard", "image", (1, 8, 8), names, "00", "00", splits=splits)
    one_place, shape = case in ("duplicates", "constant"), (n, 3 if case == "space" else 2)
    coords = np.zeros(shape) if one_place else rng.normal(size=shape)
    near = map_neighbours.nearest_on_map(rng.normal(size=(n, 5)))
    parts = np.arange(n) % 2 if case == "two splits" else None
    found = embeddings.Map(coords.astype(np.float32), np.arange(n), y, near, 0.1, 0.5, parts, {}, case)
    hows = ("pca", "lle", "umap")
    there = embeddings_choice.Jobs(dict.fromkeys(hows), dict.fromkeys(hows, found), {})
    choice, point = embeddings_choice.Choice({}, n), embeddings_point.chosen(there.maps, None)
    for colour in embeddings_colour.offered([found], dataset):
        legend.of(embeddings_colour.of(colour, found, dataset), found.dimensions)
        embeddings_colour.of(colour, found, dataset)
    touched = embeddings_tiles.Touched(point, found.ids[:3])
    for how, look in zip(hows, [("class", False), ("factor.gap", False), ("correct", True)], strict=True):
        embeddings_tiles.tile(how, choice, there, dataset, embeddings_tiles.Look(*look, None), touched)
    embeddings_selection.show("pca", found.ids.tolist(), found, point, dataset)
    embeddings_point.show(there.maps, "pca", point, dataset, "pixels")
    embeddings_axis.show(found, dataset, "pixels")
    assert len(embeddings_files.table(there.maps, dataset).splitlines()) == n + 1


@pytest.mark.parametrize("case", CASES)
def test_a_map_that_is_hard_to_draw_is_drawn(case, monkeypatch):
    monkeypatch.setattr(embeddings_search, "features_of", lambda ref, dataset, found: np.eye(len(found.rows), 7))
    at = AppTest.from_function(degenerate, args=(case,), default_timeout=60)
    at.query_params.update({"from": "class 0", "to": "0" if case in ("one class", "one point") else "class 1"})
    at.run()
    assert not at.exception, at.exception
    failed = [it.value for it in at.error]
    assert len(failed) <= (case in ("one class", "one point")), failed
    assert len([key for key in charts.figures(at) if key.startswith("map-")]) == 3
    said = " ".join(it.value for it in (*at.caption, *at.markdown))
    assert ("No legend: 120 categories" in said) == (case == "120 classes")


def opened(**query):
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/embeddings.py", default_timeout=120)
    at.query_params.update(query)
    at.run()
    assert not at.exception, at.exception
    return at


def test_an_address_that_makes_no_sense_is_answered_in_sentences():
    at = opened(
        data="digits", model="digits-simclr", colour="taste", point="x", find="a unicorn", selection="a-b.c", focus="y",
        maps="Sammon", **{"from": "3", "to": "train.x", "map.seed": "x", "images": "maybe"},
    )  # fmt: skip
    assert "map-pca-digits" in charts.figures(at)
    said = [it.value.replace("\\", "") for it in at.error]
    assert any("Nothing here is called 'a unicorn': name a class (0, 1, 2, 3 …)" in it for it in said), said
    assert any("Nothing here is called 'train.x'" in it for it in said), said


def test_a_parameter_that_is_not_allowed_is_said_in_the_place_of_the_maps():
    at = opened(data="digits", model="digits-simclr", **{"map.n": "-5"})
    assert not [key for key in charts.figures(at) if key.startswith("map-")]
    assert any("-5 is not allowed" in it.value.replace("\\", "") for it in at.error)


def test_the_address_restores_what_was_touched():
    at = opened(data="digits", model="digits-simclr", point="12", selection="3-5-7", colour="correct", maps="PCA")
    marks = charts.messages(at)["map-pca-digits"]["marks"]
    found = charts.figure(marks)
    assert found["chosen"] == 12 and found["lit"] == [3, 5, 7]
    assert len(found["near"]) == 10 and not set(found["near"]) & set(found["only"])
    assert any(it.value.startswith("**3 images selected on the maps**") for it in at.markdown)
    assert {trace["name"] for trace in charts.figures(at)["map-pca-digits"]["data"]} == {"correct", "wrong"}


def test_an_address_of_before_shows_the_same_maps():
    old = {"points": "500", "near": "20", "map-seed": "7"}
    at = opened(data="digits", model="digits-simclr", **old)
    widgets = {it.key: it.value for kind in ("number_input", "slider") for it in at.get(kind)}
    assert [widgets[f"map.{name}"] for name in ("n", "neighbours", "seed")] == [500, 20, 7]
    assert not set(old) & set(at.query_params) and at.query_params["map.n"] in ("500", ["500"]) and not at.warning
    at.run()
    assert {it.key: it.value for kind in ("number_input", "slider") for it in at.get(kind)} == widgets


def test_a_search_greys_the_others_and_loses_none():
    at = opened(data="digits", model="digits-simclr", find="class 3", maps="PCA")
    message = charts.messages(at)["map-pca-digits"]
    points = {trace["name"]: trace["customdata"] for trace in charts.figure(message["figure"])["data"]}
    assert len(points) == 10, "all classes are still there"
    lit = charts.figure(message["marks"])["lit"]
    assert 20 < len(lit) < 60
    at.text_input("find").set_value("#12").run()
    assert not at.exception and at.query_params["point"] in ("12", ["12"])
    assert charts.figure(charts.messages(at)["map-pca-digits"]["marks"])["lit"] == [12]


def test_a_collapsed_model_is_answered_in_a_sentence_and_its_other_maps_are_offered(monkeypatch):
    def refuse(*_):
        raise Refused("all images have the same features, so no map can be drawn: the representation has collapsed")

    monkeypatch.setattr(embeddings, "at_once", refuse)
    at = opened(data="digits", model="pixels")
    assert any("has collapsed" in it.value for it in at.error)
    assert [it.label for it in at.button if it.key and it.key.startswith("compute-")] == ["Compute it"] * 5
    assert at.button("compute").label.startswith("Compute 5 maps · about ")


def test_a_pca_stands_at_once_and_nothing_is_submitted_by_itself(monkeypatch):
    asked = []
    monkeypatch.setattr(engine, "submit", lambda spec, **_: (asked.append(spec), runs.create(spec))[1])
    at = opened(data="digits", model="pixels")
    assert list(charts.figures(at)) == ["map-pca-digits"] and not asked
    at.button("compute-tsne").click().run()
    assert not at.exception and [spec.params["how"] for spec in asked] == ["tsne"]
    at.button("compute").click().run()
    assert sorted(spec.params["how"] for spec in asked) == ["isomap", "kernel_pca", "lle", "tsne", "umap"]


def test_a_pca_stands_while_a_tsne_of_the_same_address_is_queued(monkeypatch):
    at = opened(data="digits", model="pixels", maps=["PCA", "t-SNE"])
    at.button("compute-tsne").click().run()
    (waiting,) = [run for run in runs.listing("map", shipped=False) if run.spec.params["how"] == "tsne"]
    assert not at.exception and waiting.status.state == "queued" and "map-pca-digits" in charts.figures(at)
    anew = at.selectbox("map.metric").options[-1]
    at.selectbox("map.metric").select(anew).run()
    at.button("compute-tsne").click().run()
    queued = [run for run in runs.listing("map", shipped=False) if run.status.state == "queued"]
    assert not at.exception and list(charts.figures(at)) == ["map-pca-digits"]
    assert [run.spec.params["how"] for run in queued] == ["tsne"] and queued[0].id != waiting.id
    drawn = [run for run in runs.listing("map", shipped=False) if run.spec.params["how"] == "pca"]
    assert len(drawn) == 2 and {run.status.state for run in drawn} == {"done"}, "of the new metric, too"


def test_no_click_waits_for_umap(monkeypatch):
    """It is imported and compiled by the engine, or beside the page; here neither would ever end."""
    end, by = threading.Event(), []

    def compiled():
        by.append(threading.current_thread().name)
        end.wait(60)
        raise Refused("no UMAP here")

    monkeypatch.setattr(umap_maps, "compiled_umap", compiled)
    at = opened(data="digits", model="pixels", maps="UMAP")
    at.button("compute").click().run()
    (run,) = runs.listing("map", shipped=False)
    assert not at.exception and run.status.state == "queued" and not by
    coords, rows = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32), np.arange(40)
    y, numbers = data.load("digits").splits["validation"].y[rows], {"seconds": 1.0, "trustworthiness": 0.9}
    run.write_result(coords=coords, rows=rows, y=y, neighbours=np.tile(np.arange(10), (40, 1)), **numbers)
    run.update(state="done")
    try:
        at.run()
        at.selectbox("new").select("test").run()
        assert not at.exception and "map-umap-digits" in charts.figures(at)
        captions = [screen_text.unlinked(it.value) for it in at.caption]
        assert any("The new points are being placed on UMAP" in it for it in captions), captions
        assert by and all(name.startswith("background") for name in by), by
    finally:
        end.set()


def test_a_map_alone_has_all_the_room():
    at = opened(data="digits", model="digits-simclr", maps="PCA")
    figures = charts.figures(at)
    assert figures["map-pca-digits"]["layout"]["height"] == embeddings_tiles.LARGE
    assert not [it for it in at.button if (it.key or "").startswith("focus-")], "there is nothing to go back to"
    at = opened(data="digits", model="digits-simclr", maps=["PCA", "t-SNE"])
    assert charts.figures(at)["map-pca-digits"]["layout"]["height"] == embeddings_tiles.SMALL


def test_a_projection_that_refuses_says_why_and_the_others_stand(monkeypatch):
    own = embeddings_choice.request.request

    def asked(name, *args, **options):
        if options.get("how") == "isomap":
            raise Refused("60,000 points are too many for Isomap: take at most 5,000")
        return own(name, *args, **options)

    monkeypatch.setattr(embeddings_choice.request, "request", asked)
    at = opened(data="digits", model="digits-simclr")
    said = messages.plain("60,000 points are too many for Isomap: take at most 5,000.")
    assert [it.value for it in at.error] == [said]
    stand = [key for key in charts.figures(at) if key.startswith("map-")]
    offered = [it.key for it in at.button if (it.key or "").removeprefix("compute-") in PROJECTIONS]
    assert len(stand) + len(offered) == 5 and "map-pca-digits" in stand


def test_what_a_job_has_measured_of_each_point_is_a_colour_and_its_marks_and_its_notes_are_said(monkeypatch):
    n, rng = 40, np.random.default_rng(0)
    y = data.load("digits").splits["validation"].y[:n]
    near, shown = np.tile([1, 2, 3], (n, 1)), np.tile([2, 3, 4], (n, 1))
    stored = {
        "coords": rng.normal(size=(n, 2)), "rows": np.arange(n), "split": np.ones(n, np.int8), "y": y,
        "neighbours": np.tile(np.arange(10), (n, 1)), "seconds": np.float32(1), "trustworthiness": np.float32(0.9),
        "continuity": np.float32(0.8), "measured": np.arange(0, n, 2), "near": near[::2], "shown": shown[::2],
        "false": np.tile([False, False, True], (n // 2, 1)), "missing": np.tile([True, True, False], (n // 2, 1)),
        "notes": np.array(["the graph fell into 3 parts, which were joined"]),
    }  # fmt: skip
    monkeypatch.setattr(embeddings, "at_once", lambda *_: embeddings._read(stored, "measured"))
    at = opened(data="digits", model="pixels", colour="missing", point="6", maps="PCA")
    marks = charts.figure(charts.messages(at)["map-pca-digits"]["marks"])
    assert (marks["near"], marks["only"]) == ([1, 2, 3], [4])
    others, trace = charts.figures(at)["map-pca-digits"]["data"]
    assert others["name"] == "not measured", "no point vanishes"
    assert trace["customdata"]["bdata"] and trace["name"].startswith("share of its neighbours in the space")
    said = [it.value.replace("\\", "") for it in at.caption]
    assert any("continuity" in it and "0.800" in it for it in said)
    assert any("The graph fell into 3 parts, which were joined." in it for it in said)


def test_every_parameter_of_a_map_of_the_data_is_there_with_its_meaning():
    from explorer.tasks.task import TASKS

    at = opened(data="digits", model="digits-simclr")
    kinds = ("number_input", "slider", "selectbox", "toggle", "text_input")
    widgets = {it.key: it for kind in kinds for it in at.get(kind)}
    for name, field in TASKS["map"].Config.model_fields.items():
        if name not in ("how", "null"):
            assert field.description in widgets[f"map.{name}"].help, name
