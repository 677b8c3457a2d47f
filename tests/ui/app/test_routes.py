"""What the server answers besides pages."""

import asyncio
import gc
import re
import shutil

import pytest
import streamlit as st
from starlette.requests import Request
from starlette.routing import Router

from explorer import data, runs
from explorer.data import cache
from explorer.tasks import image_import
from pages.ui.app import routes
from pages.ui.kit import content, identity, point_ids, teacher, visibility
from pages.ui.runs import download, frames, live, moments
from tests.data.image_cases import pets, put


@pytest.fixture
def thumb(tmp_path, monkeypatch):
    """The status of the answer to who asks for a thumbnail; there is a folder of pictures, pets."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    put(tmp_path / "data/pets", pets(6))
    routes._png.cache_clear()

    def ask(name, row=0, split="train"):
        parts = {"name": name, "split": split, "row": row}
        request = Request({"type": "http", "path_params": parts, "query_string": b"", "headers": []})
        return routes.thumb(request).status_code

    return ask


def test_a_thumbnail_is_shown_of_what_was_opened_and_nobody_who_hovers_waits_for_a_decoding(thumb, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_decode", None)
        assert thumb("pets") == 404
    data.load("pets")
    assert thumb("pets") == 200
    shutil.rmtree(data.cache_root())
    monkeypatch.setattr(cache, "_decode", None)
    assert thumb("pets", 1) == 404, "its cache was deleted while a page shows it"


def test_a_point_of_a_map_names_its_split_by_its_id(thumb, monkeypatch):
    asked = []
    monkeypatch.setattr(routes, "_png", lambda name, split, row, stamp: asked.append((split, row)) or b"")
    assert thumb("digits", point_ids.of([7], [1])[0], point_ids.ANY) == thumb("digits", 7, point_ids.ANY) == 200
    assert asked == [("train", 7), ("validation", 7)]
    assert thumb("digits", 9 * point_ids.STRIDE, point_ids.ANY) == 404


def test_a_data_set_that_comes_along_is_there_at_once(thumb):
    assert (thumb("digits"), thumb("digits", 10**6), thumb("nothing")) == (200, 404, 404)


PAINTED = content.Content(b"{}", "json", False)


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Ask for an address as a browser; everything that could be answered is there. `pets` is Anna's."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    found = image_import.of_files(pets(6))
    image_import.keep(found, "pets", identity.of_cookie("anna"), "pets")
    data.load("pets")
    for module, name, answer in (
        (frames, "film", PAINTED), (frames, "thumb", b"png"), (moments, "answer", PAINTED),
        (moments, "film_file", b"gif"), (live, "answer", ("name", PAINTED)), (download, "file_name", "file"),
        (download, "path", put(tmp_path, {"file": b"it"}) / "file"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, lambda *_, answer=answer: answer)
    return lambda address, cookie="ben": asyncio.run(status(address, cookie))


async def status(address, cookie):
    path, _, query = address.partition("?")
    headers = [(b"cookie", f"{identity.COOKIE}={cookie}".encode())]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers}
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        await asyncio.Event().wait()  # a browser that stays

    await Router(routes.ROUTES)(scope, receive, send)
    return sent[0]["status"]


def run_on(dataset, *models, kind="evaluate"):
    run = runs.create(runs.Spec(kind=kind, title="Mine", dataset=dataset, models=models, method="simclr"))
    run.write_json("status.json", runs.Status(state="done").model_dump())
    return run.id


def filled(path, **given):
    """An address of a route, with something in each of its places."""
    words = {"name": "file", "split": "train", "row": "0", "last": "1", "step": "1", "kind": "gif", "rest": "x"} | given
    return re.sub(r"{(\w+)(:\w+)?}", lambda found: words[found[1]], path)


@pytest.mark.parametrize("path", [it.path for it in routes.ROUTES if "{id}" in it.path])
def test_what_belongs_to_a_run_on_pictures_that_nobody_shares_is_for_their_owner(path, ask):
    training = run_on("pets", kind="train")
    for id in (run_on("pets"), run_on("digits", training), training):
        address = filled(path, id=id)
        assert (ask(address), ask(address, "anna")) == (404, 200)
    onto = filled(path, id=run_on("digits")) + "?onto="
    assert (ask(f"{onto}{training}"), ask(f"{onto}{training}", "anna"), ask(onto)) == (404, 200, 200)
    image_import.share("pets", True)
    assert ask(address) == 200


def test_a_teacher_who_has_given_the_password_gets_the_pictures_that_the_pages_show(ask, monkeypatch):
    address = "/thumb/pets/train/0.png"
    monkeypatch.setenv("EXPLORER_TEACHER", "chalk")
    assert (ask(address), ask(address, "anna")) == (404, 200)
    session = {}
    monkeypatch.setattr(st, "session_state", session)
    with identity.asking("teacher"):
        teacher.admit("chalk")
        assert visibility.sees("pets")
    assert (ask(address), ask(address, "teacher")) == (404, 200)
    session.clear()
    gc.collect()
    assert ask(address, "teacher") == 404, "whose session has ended gives the password again"
