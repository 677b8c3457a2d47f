"""The stored frames of a training as a page shows them: one scale, a film that the browser fetches, a slider."""

import asyncio
import base64
import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from explorer import choose, runs
from explorer.runs import Spec
from pages.ui.app import routes
from pages.ui.kit import content
from pages.ui.runs import frames
from tests.ui import charts


def framed(*steps, title="a"):
    run = runs.create(Spec(kind="train", title=title, method="simclr", dataset="digits"))
    for step in steps:
        features = np.random.default_rng(step).normal(size=(30, 4)) * (1 + step)
        run.write_frame(step, features=features, rows=np.arange(30), y=np.arange(30) % 3)
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

    run = runs.get(id)
    timeline.map_panel(run, "Waiting for a free worker")
    timeline.map_panel(runs.get(other), "", of=run)


def test_the_map_of_a_control_run_stands_at_the_same_share_of_its_way(monkeypatch):
    run, other = framed(0, 2, 6), framed(0, 3, 9, 12, 15, title="b")
    at = AppTest.from_function(maps, args=(run.id, other.id))
    at.query_params["frame"] = "2"
    at.run(timeout=60)
    assert not at.exception
    films = [message["film"] for message in charts.messages(at).values()]
    assert [film["at"] for film in films] == [2, 9]
    assert films[0]["group"] == films[1]["group"]


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
    at = AppTest.from_function(maps, args=(run.id, run.id)).run(timeout=60)
    assert at.exception, "one key stands once"
    at = AppTest.from_function(maps, args=(run.id, framed(0).id)).run(timeout=60)
    message = charts.messages(at)[f"frame-map-{run.id}"]
    assert message["waiting"] and message["height"] == 360
    words = charts.figure(message["figure"])["layout"]["annotations"][0]["text"]
    assert words == "Waiting for a free worker"


def answer(path, accept="*/*"):
    """Status, headers and body of what the server's own routes answer."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b""}

    scope = {
        "type": "http", "method": "GET", "path": path, "root_path": "", "query_string": b"", "scheme": "http",
        "server": ("127.0.0.1", 80), "http_version": "1.1", "headers": [(b"accept", accept.encode())],
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
    for path in ("/content/x.json", "/script/x/figures.py", f"/film/{run.id}/1.json", "/film/../2.json"):
        assert answer(path)[0] == 404
    assert "rel=preload" in answer("/nothing", "text/html")[1]["link"]
    assert "link" not in answer("/nothing")[1]
