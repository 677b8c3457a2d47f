"""The stored frames of a training as a page shows them: one scale, a film that the browser fetches, a slider."""

import asyncio
import base64
import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from explorer import choose, runs
from explorer.core import METHODS
from explorer.evaluation import sphere
from explorer.runs import Spec
from pages.ui.app import routes
from pages.ui.kit import content
from pages.ui.runs import frames
from tests.ui import charts


def framed(*steps, title="a", projection=0, alike=False, wide=0, run=None):
    """A training with frames, whose projections have this width; `alike`: they have collapsed after the first step."""
    run = run or runs.create(Spec(kind="train", title=title, method="simclr", dataset="digits"))
    for step in steps:
        rng = np.random.default_rng(step)
        features, z = rng.normal(size=(30, 4)) * (1 + step), rng.normal(size=(30, projection or 1))
        features[:, :1] += wide * rng.normal(size=(30, 1)) ** 3
        z = np.ones_like(z) + 0.01 * z if alike and step else z
        stored = {sphere.STORED: sphere.packed(z)} if projection else {}
        run.write_frame(step, features=features, rows=np.arange(30), y=np.arange(30) % 3, **stored)
    run.update(state="running", steps=10)
    return run


def film(run, last):
    content = frames.film(run.id, last)
    return json.loads(gzip.decompress(content.body) if content.packed else content.body)


def test_a_film_holds_every_frame_as_its_map_shows_it():
    run = framed(0, 2, 6)
    moved = film(run, 6)
    assert list(moved) == ["0", "2", "6"]
    map_of_2 = charts.figure(frames.figure(run, 2, run.frames(), 360).address)
    assert [trace["x"]["bdata"] for trace in map_of_2["data"]] == [part["x"]["bdata"] for part in moved["2"]]
    first = np.frombuffer(base64.b64decode(moved["6"][0]["x"]["bdata"]), "<f4")
    np.testing.assert_allclose(first, frames.coordinates(run.id, 6, 6)[:30:3, 0], rtol=1e-6)


def test_there_is_no_film_of_a_frame_or_a_run_that_is_not_there():
    run = framed(0, 2)
    assert frames.film(run.id, 4) is None
    assert frames.film("nobody", 2) is None


def test_all_frames_of_a_run_are_drawn_on_one_scale():
    run = framed(0, 2, 6)
    ranges = {
        json.dumps(charts.figure(frames.figure(run, step, run.frames(), 360).address)["layout"]["xaxis"]["range"])
        for step in run.frames()
    }
    assert len(ranges) == 1


def maps(id: str, other: str) -> None:
    from explorer import runs
    from pages.ui.runs import timeline

    sides = [timeline.Side(runs.get(id), "Waiting for a free worker", "ablation")]
    timeline.maps(*sides, *[timeline.Side(runs.get(it), "", "control run") for it in [other] if it])


def sliders(at) -> list[dict]:
    """What is sent for each slider of a page."""
    elements = [it.proto for it in at.get("bidi_component")]
    return [json.loads(it.json) for it in elements if it.component_name == "unfold_scrubber"]


def test_the_maps_of_a_control_run_stand_at_the_nearest_step_and_one_slider_moves_all():
    run, other = framed(0, 2, 6, projection=8), framed(0, 3, 9, title="b", projection=8)
    at = AppTest.from_function(maps, args=(run.id, other.id))
    at.query_params["frame"] = "2"
    at.run(timeout=60)
    assert not at.exception
    keys = [f"frame-{kind}-{it.id}" for kind in ("map", "projection") for it in (run, other)]
    found = charts.messages(at)
    assert list(found) == keys, "the representations, then the projections, the same run in the same column"
    assert [found[key]["film"]["at"] for key in keys] == [2, 3, 2, 3]
    assert {found[key]["film"]["asked"] for key in keys} == {2}
    (slider,) = sliders(at)
    assert {found[key]["film"]["group"] for key in keys} == {slider["group"]}
    assert (slider["steps"], slider["at"]) == ([0, 2, 6], 2)


def test_a_control_run_beside_a_run_without_frames_shows_its_end_and_says_which_step_that_is():
    at = AppTest.from_function(maps, args=(framed().id, (other := framed(0, 3, 9, title="b")).id)).run(timeout=60)
    assert not at.exception
    film = charts.messages(at)[f"frame-map-{other.id}"]["film"]
    assert (film["at"], film["asked"], sliders(at)[0]["at"]) == (9, 0, 0)


def test_maps_that_stand_beside_each_other_have_one_scale():
    run, other = framed(0, 2), framed(0, 2, title="b", wide=5)
    found = charts.figures(AppTest.from_function(maps, args=(run.id, other.id)).run(timeout=60)).values()
    ranges = [[figure["layout"][axis]["range"] for axis in ("xaxis", "yaxis")] for figure in found]
    assert len(ranges) == 2 and ranges[0] == ranges[1]
    alone = [frames.common_box([it]) for it in (run, other)]
    assert alone[0] != alone[1], "each alone has its own"


# -------------------------------------------------------------------------------------------- projections


def test_the_map_of_a_projection_is_the_unit_disc_at_every_step_of_every_run():
    collapsed, healthy = framed(0, 2, projection=8, alike=True), framed(0, 2, title="b", projection=8)
    drawn = {}
    for run in (collapsed, healthy):
        for step in (0, 2):
            figure = charts.figure(frames.projection_figure(run, step, [0, 2], 360).address)
            assert [figure["layout"][axis]["range"] for axis in ("xaxis", "yaxis")] == [[-frames.DISC, frames.DISC]] * 2
            circle = figure["layout"]["shapes"][0]
            assert (circle["type"], circle["x0"], circle["y0"], circle["x1"], circle["y1"]) == ("circle", -1, -1, 1, 1)
            drawn[run.id, step] = frames.projection_coordinates(run.id, step, 2)
    assert all(np.linalg.norm(coords, axis=1).max() <= 1 + 1e-6 for coords in drawn.values())
    assert drawn[collapsed.id, 2].std(0).max() < 0.01, "a point"
    assert drawn[collapsed.id, 0].std(0).max() > 0.2, "which was none before"
    assert drawn[healthy.id, 2].std(0).min() > 0.2


def test_the_film_of_a_projection_holds_every_frame_as_its_map_shows_it():
    run = framed(0, 2, projection=8)
    moved = json.loads(frames.film(run.id, 2, of_projection=True).unpacked())
    shown = charts.figure(frames.projection_figure(run, 0, [0, 2], 360).address)
    assert [trace["y"]["bdata"] for trace in shown["data"]] == [part["y"]["bdata"] for part in moved["0"]]
    assert moved != json.loads(frames.film(run.id, 2).unpacked())
    assert frames.film_address(run, [0, 2], "projection") == f"/film/{run.id}/2.json?projection"
    assert frames.film(framed(0, 2, title="older").id, 2, of_projection=True) is None


def test_a_run_of_an_older_version_has_no_place_for_its_projection_and_beside_another_one_says_why():
    older, run = framed(0, 2), framed(0, 2, title="b", projection=8)
    assert [frames.projects(it) for it in (older, run)] == [False, True]
    alone = AppTest.from_function(maps, args=(older.id, "")).run(timeout=60)
    assert not alone.exception
    assert list(charts.messages(alone)) == [f"frame-map-{older.id}"]
    both = AppTest.from_function(maps, args=(run.id, older.id)).run(timeout=60)
    assert not both.exception
    message = charts.messages(both)[f"frame-projection-{older.id}"]
    assert message["waiting"] and message["height"] == 360
    assert "version that made this run" in charts.figure(message["figure"])["layout"]["annotations"][0]["text"]


def test_a_run_that_goes_on_from_an_older_version_has_the_projections_of_its_new_frames():
    run = framed(0, 2)
    framed(4, 6, projection=8, run=run)
    assert frames.projected(run) == [4, 6]
    assert list(json.loads(frames.film(run.id, 6, of_projection=True).unpacked())) == ["4", "6"]


@pytest.mark.parametrize(("method", "expected"), [("byol", True), ("swav", True), ("autoencoder", False)])
def test_before_the_first_frame_the_place_of_a_projection_is_kept_where_its_method_has_one(method, expected):
    assert method in METHODS  # torch is there
    run = runs.create(Spec(kind="train", title="a", method=method, dataset="digits"))
    at = AppTest.from_function(maps, args=(run.id, "")).run(timeout=60)
    assert not at.exception
    found = charts.messages(at)
    assert (f"frame-projection-{run.id}" in found) == expected
    assert all(message["waiting"] and message["height"] == 360 for message in found.values())


def chosen() -> None:
    import streamlit as st

    from explorer import runs
    from pages.ui.kit import url_state
    from pages.ui.runs import pickers, timeline

    page = st.session_state.get("page", "runs")
    url_state.arrive(page)
    if page == "lesson":
        run = runs.get(st.session_state["shown"])
        st.write(f"step {timeline.at(run, run.frames())}")
    if page == "runs" and (run := pickers.run()):
        st.write(f"step {timeline.at(run, run.frames())}")
    url_state.remember()


def test_address_and_screen_name_the_same_frame_on_another_run_and_on_a_later_visit():
    first, second = framed(0, 2, 6), framed(0, 3, 9, title="b")
    at = AppTest.from_function(chosen)
    at.query_params.update({"run": [first.id], "frame": ["0"]})

    def shown():
        assert not at.exception
        return at.markdown[0].value, at.query_params.get("frame", [None])[0]

    at.run(timeout=60)
    assert shown() == ("step 0", "0")
    at.selectbox[0].set_value(second.id).run()
    assert shown() == ("step 9", None)
    at.selectbox[0].set_value(first.id).run()
    assert shown() == ("step 0", "0"), "each run keeps its own"
    at.query_params.pop("frame")
    at.run()
    assert shown() == ("step 6", None), "the address was changed: by back, or by a link"
    at.query_params["frame"] = "2"
    at.run()
    assert shown() == ("step 2", "2")
    at.session_state["page"] = "data"
    at.query_params.clear()
    at.run()
    at.session_state["page"] = "runs"
    at.run()
    assert shown() == ("step 2", "2"), "the page is found again as it was left"


def test_the_frame_of_one_run_is_not_that_of_the_next_however_it_was_chosen():
    first, second = framed(0, 2, 6), framed(0, 3, 9, title="b")
    at = AppTest.from_function(chosen)
    at.query_params["frame"] = ["2"]
    at.session_state["page"] = "lesson"

    def shown(run):
        at.session_state["shown"] = run.id
        at.run(timeout=60)
        assert not at.exception and not at.warning
        return at.markdown[0].value, at.query_params.get("frame", [None])[0]

    assert shown(first) == ("step 2", "2")
    assert shown(second) == ("step 9", None), "it follows the newest step"
    assert shown(first) == ("step 2", "2"), "each run keeps its own"
    at.query_params["frame"] = ["0"]
    assert shown(second) == ("step 0", "0"), "a link names both"


def test_the_data_set_of_a_run_is_opened_once_and_again_when_its_files_have_changed(monkeypatch):
    run, opened, state = framed(0), [], ["before"]
    monkeypatch.setattr(frames.data, "fingerprint", lambda name: f"{name} {state[-1]} {run.id}")
    monkeypatch.setattr(frames.data, "load", lambda *asked: opened.append(asked) or state[-1])
    assert [frames.dataset(run), frames.dataset(run)] == ["before"] * 2 and opened == [("digits", 0)]
    state.append("after")
    assert frames.dataset(run) == "after"
    monkeypatch.setattr(frames.data, "fingerprint", lambda name: choose("data set", name, {}))
    assert frames.dataset(run) is None, "its files are gone"


def test_before_the_first_frame_the_map_has_its_place_and_says_what_is_waited_for():
    run = framed()
    at = AppTest.from_function(maps, args=(run.id, framed(0).id)).run(timeout=60)
    message = charts.messages(at)[f"frame-map-{run.id}"]
    assert message["waiting"] and message["height"] == 360
    words = charts.figure(message["figure"])["layout"]["annotations"][0]["text"]
    assert words == "Waiting for a free worker"


def answer(path, accept="*/*", query=""):
    """Status, headers and body of what the server's own routes answer."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b""}

    scope = {
        "type": "http", "method": "GET", "path": path, "root_path": "", "query_string": query.encode(),
        "scheme": "http", "server": ("127.0.0.1", 80), "http_version": "1.1",
        "headers": [(b"host", b"localhost"), (b"accept", accept.encode())],
    }  # fmt: skip
    app = Starlette(routes=routes.ROUTES, middleware=routes.MIDDLEWARE)
    with ThreadPoolExecutor(1) as thread:  # this one may have a loop of its own, for browsers
        thread.submit(asyncio.run, app(scope, receive, send)).result()
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


def test_the_server_hands_out_figures_scripts_and_films_and_nothing_else():
    run = framed(0, 2)
    status, headers, body = answer(content.put(b'{"data": []}' * 200, "json"))
    assert (status, headers["content-encoding"], gzip.decompress(body)) == (200, "gzip", b'{"data": []}' * 200)
    assert "immutable" in headers["cache-control"]
    assert gzip.decompress(answer(content.script("chart.js"))[2]).startswith(b"// One chart")
    assert "immutable" not in answer("/script/old/chart.js")[1]["cache-control"]
    assert json.loads(gzip.decompress(answer(f"/film/{run.id}/2.json")[2])).keys() == {"0", "2"}
    assert answer(f"/film/{run.id}/2.json", query="projection")[0] == 404, "it has none"
    projected = framed(0, 2, title="b", projection=8)
    plain, of_projection = (answer(f"/film/{projected.id}/2.json", query=query) for query in ("", "projection"))
    assert (plain[0], of_projection[0]) == (200, 200) and plain[2] != of_projection[2]
    for path in ("/content/x.json", "/script/x/figures.py", f"/film/{run.id}/1.json", "/film/../2.json"):
        assert answer(path)[0] == 404
    assert "rel=preload" in answer("/nothing", "text/html")[1]["link"]
    assert "link" not in answer("/nothing")[1]
