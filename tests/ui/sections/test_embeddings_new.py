"""New points on the maps of the page, and vectors that are imported there."""

import io
import threading
from concurrent.futures import wait
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer import data, engine, runs
from explorer.models.model import Pixels
from explorer.tasks import finished_vectors
from pages.ui.kit import teacher, url_state
from pages.ui.sections import embeddings_features, embeddings_import, embeddings_new, embeddings_uploads
from tests import screen_text
from tests.ui import charts

FAST = {"data": "digits", "model": "pixels", "maps": "PCA"}


@pytest.fixture(autouse=True)
def no_engine(monkeypatch):
    """Nothing is computed elsewhere, there are no other pages, and a page waits for its places."""
    monkeypatch.setattr(engine, "submit", lambda spec, **_: runs.create(spec))
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    monkeypatch.setattr(url_state, "link", lambda *_, **__: None)
    settle = embeddings_new.settle
    for module in (embeddings_new, embeddings_features):
        monkeypatch.setattr(module, "settle", lambda futures: settle(futures, 60))


def opened(**query):
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/embeddings.py", default_timeout=120)
    at.query_params.update(query)
    at.run()
    assert not at.exception, at.exception
    return at


def layers(at):
    return charts.figure(charts.messages(at)["map-pca-digits"]["marks"]).get("layers", [])


def said(at, *kinds):
    return screen_text.unlinked(" ".join(it.value for kind in kinds for it in at.get(kind))).replace("\\", "")


def test_another_split_is_placed_on_a_map_that_stays_as_it_is():
    at = opened(**FAST)
    before = charts.messages(at)["map-pca-digits"]["figure"]
    assert layers(at) == []
    at.selectbox("new").select("test").run()
    assert not at.exception and not at.error
    assert charts.messages(at)["map-pca-digits"]["figure"] == before, "no old point moves"
    (layer,) = layers(at)
    assert layer["name"] == "100 test images" and len(layer["x"]) == len(layer["images"]) == 100
    assert set(layer["categories"]) == set(range(10)) and layer["said"][0].startswith("test #")


def test_a_path_runs_from_one_point_to_the_other():
    at = opened(**FAST, new="path", point="3", **{"path-to": "#17"})
    assert layers(at) == [], "a path has two ends"
    at.button("path-from-chosen").click().run()
    (layer,) = layers(at)
    assert layer["line"] and len(layer["x"]) == embeddings_new.STEPS
    traces = charts.figures(at)["map-pca-digits"]["data"]
    ids = {int(id): at for trace in traces for id, at in zip(*points(trace), strict=True)}
    for i, id in ((0, 3), (-1, 17)):
        np.testing.assert_allclose([layer["x"][i], layer["y"][i]], ids[id], atol=20)
    assert "nearest 3 ·" in layer["said"][0] and "nearest 17 ·" in layer["said"][-1]


def points(trace):
    from base64 import b64decode

    arrays = [np.frombuffer(b64decode(trace[k]["bdata"]), trace[k]["dtype"]) for k in ("customdata", "x", "y")]
    return arrays[0], np.stack(arrays[1:], 1)


def test_a_map_that_takes_no_new_points_says_so(monkeypatch):
    monkeypatch.setattr(embeddings_new, "LARGEST", 100)
    at = opened(**FAST, new="test")
    assert layers(at) == []
    assert "PCA takes new points on maps of up to 100 points; this has 359" in said(at, "caption")


def test_a_failure_is_said_once_and_tried_anew(monkeypatch):
    place = embeddings_new.placing.place

    def broken(*_, **__):
        raise MemoryError("none left")

    monkeypatch.setattr(embeddings_new.placing, "place", broken)
    embeddings_new.background.clear()
    at = opened(**FAST, new="test")
    assert layers(at) == [] and "Something went wrong here" in said(at, "caption")
    monkeypatch.setattr(embeddings_new.placing, "place", place)
    at.run()
    assert len(layers(at)) == 1 and "Something went wrong" not in said(at, "caption")


def test_the_key_of_placed_points_is_small():
    features = np.random.default_rng(0).normal(size=(500, 64))
    key = embeddings_new._digest(features)
    assert len(key) <= 64 and key == embeddings_new._digest(features.copy())
    assert key != embeddings_new._digest(features[:, ::-1]) != embeddings_new._digest(features.reshape(64, 500))


def test_uploaded_images_are_decoded_once_and_dropped_when_they_go(monkeypatch):
    decoded, decode = [], embeddings_uploads.photos.decode
    monkeypatch.setattr(
        embeddings_uploads.photos, "decode", lambda data, size: (decoded.append(1), decode(data, size))[1]
    )
    at = opened(**FAST)
    at.file_uploader("upload").set_value([picture("a"), ("no.png", b"no picture", "image/png"), picture("b")]).run()
    assert not at.exception and len(decoded) == 3 and "no.png is" in said(at, "error")
    (layer,) = layers(at)
    at.run()
    assert len(decoded) == 3 and layers(at) == [layer] and "no.png is" in said(at, "error")
    at.file_uploader("upload").set_value([]).run()
    assert not at.session_state[embeddings_uploads.READ] and layers(at) == []


def test_features_of_new_images_are_computed_beside_the_page_which_says_so(monkeypatch):
    end, embed, by = threading.Event(), Pixels.embed, []

    def slow(*of):
        by.append(threading.current_thread().name)
        end.wait(60)
        return embed(*of)

    at = opened(**FAST)
    monkeypatch.setattr(Pixels, "embed", slow)
    monkeypatch.setattr(embeddings_features, "settle", lambda futures: all(it.done() for it in futures))
    at.file_uploader("upload").set_value([picture("new")]).run()
    try:
        assert not at.exception and layers(at) == []
        assert "The features of your images are being computed" in said(at, "caption")
        assert all(name.startswith("background") for name in by), by
    finally:
        end.set()
    wait(list(embeddings_features.background()._futures.values()), 60)
    at.run()
    assert len(layers(at)) == 1 and "are being computed" not in said(at, "caption")


def picture(name):
    made = io.BytesIO()
    Image.fromarray(np.random.default_rng(len(name)).integers(0, 255, (40, 30, 3), np.uint8)).save(made, "PNG")
    return f"{name}.png", made.getvalue(), "image/png"


def test_dropped_files_are_understood_once(monkeypatch):
    asked, understood = [], finished_vectors.understood
    monkeypatch.setattr(
        embeddings_import.finished_vectors, "understood", lambda *of: (asked.append(of[1]), understood(*of))[1]
    )
    at = opened(**FAST)
    for rows, words in ((60, "60 vectors of 4 numbers"), (50, "50 vectors of 4 numbers")):
        x = np.random.default_rng(0).normal(size=(rows, 4))
        at.file_uploader("vectors-files-0").set_value(files("csv", x, np.arange(rows) % 3)).run()
        at.run()
        assert not at.error and words in said(at, "markdown")
    assert asked == ["", ""], "once for each set of files"
    at.selectbox("vectors-files-0-label").select("label").run()
    at.run()
    assert asked == ["", "", "label"]


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_legend_shows_what_the_map_draws(dimensions, monkeypatch):
    shown = []
    monkeypatch.setattr(embeddings_new.legend, "layers", shown.append)
    coords, digits = np.random.default_rng(0).normal(size=(50, dimensions)), data.load("digits")
    there = SimpleNamespace(coords=coords, dimensions=dimensions, rows=np.arange(50))
    words, images = tuple("ab"), ("", "")
    new = [
        embeddings_new.New("your images", coords[:2], words, images, symbol="star"),
        embeddings_new.New("test images", coords[:2], words, images, np.array([1, 2])),
        embeddings_new.New("path", coords[:2], words, images, path=True),
    ]
    for colour in ("class", "pixels"):
        embeddings_new.explain(new, colour, dimensions)
        drawn = [embeddings_new._layer(it, coords[:2], there, colour, digits) for it in new]
        star, points, path = (symbol for _, symbol in shown[-1])
        assert star == ("star" if dimensions == 2 else "diamond") and list(drawn[0].symbols) == [star] * 2
        assert path == "line" and drawn[2].line
        if colour == "class":
            assert points == "ringed" and list(drawn[1].categories) == [1, 2]
        else:
            assert list(drawn[1].symbols) == [points] * 2 == ["diamond"] * 2


def test_points_far_away_are_counted(monkeypatch):
    place = embeddings_new.placing.place

    def away(*of, **options):
        found = place(*of, **options)
        found[:3] *= 1e4
        return found

    monkeypatch.setattr(embeddings_new.placing, "place", away)
    embeddings_new.background.clear()
    at = opened(**FAST, new="test")
    embeddings_new.background.clear()
    far = "3 of the 100 new points lie farther away than 20 times the width of this map"
    assert len(layers(at)[0]["x"]) == 100 and far in said(at, "caption")


@pytest.mark.parametrize("kind", ["npy", "npz", "csv", "tsv"])
def test_dropped_files_become_a_set_of_their_own_and_can_be_deleted(kind, monkeypatch):
    monkeypatch.setattr(embeddings_import.identity, "me", lambda: "somebody")
    x, y = np.random.default_rng(0).normal(size=(60, 4)), np.arange(60) % 3
    x[5, 1] = np.nan
    at = opened(**FAST)
    at.file_uploader("vectors-files-0").set_value(files(kind, x, y)).run()
    assert not at.exception and not at.error, [it.value for it in at.error]
    words = said(at, "markdown", "caption")
    assert "59 vectors of 4 numbers" in words and "1 of 60 rows are left out" in words
    at.button("import-vectors").click().run()
    assert not at.exception and not at.error, [it.value for it in at.error]
    (made,) = finished_vectors.listing().values()
    assert (made.rows, made.dim, made.owner) == (59, 4, "somebody") and len(made.classes) == (1 if kind == "npy" else 3)
    assert f"map-pca-{made.name}" in charts.figures(at)
    at.checkbox(f"sure-{made.name}").check().run()
    at.button(f"delete-{made.name}").click().run()
    assert not at.exception and not finished_vectors.listing() and made.name not in data.catalogue()


def files(kind, x, y):
    made = io.BytesIO()
    if kind == "npy":
        np.save(made, x)
    elif kind == "npz":
        np.savez(made, vectors=x, label=y)
    elif kind == "csv":
        lines = ["a,b,c,d,label", *(",".join([*map(str, row), f"class {k}"]) for row, k in zip(x, y, strict=True))]
        made.write("\n".join(lines).encode())
    else:
        np.savetxt(made, x, delimiter="\t")
        labels = "\n".join(f"class {k}" for k in y).encode()
        return [("vectors.tsv", made.getvalue(), "text/plain"), ("labels.tsv", labels, "text/plain")]
    return [(f"codes.{kind}", made.getvalue(), "application/octet-stream")]


def test_a_wrong_file_is_answered_in_a_sentence():
    at = opened(**FAST)
    at.file_uploader("vectors-files-0").set_value(("codes.npy", b"no numbers", "application/octet-stream")).run()
    assert not at.exception and "codes.npy is damaged" in said(at, "error")


def test_two_files_of_one_name_are_refused_as_one_of_them_would_vanish():
    at, twice = opened(**FAST), files("npz", np.eye(9), np.arange(9) % 3) * 2
    at.file_uploader("vectors-files-0").set_value(twice).run()
    assert (
        not at.exception and "two files are called codes.npz: give each a name of its own" in said(at, "error").lower()
    )


def test_what_a_field_for_a_point_says_is_whole():
    helps = {it.key: it.help for it in opened(**FAST).text_input if it.help}
    assert "write '#12' for image 12" in helps["from"] and not [it for it in helps.values() if "{" in it]


def test_who_has_imported_vectors_and_the_teacher_may_delete_them_and_nobody_else(monkeypatch):
    monkeypatch.setenv("EXPLORER_TEACHER", "chalk")
    visitor = ["anna"]
    monkeypatch.setattr(embeddings_import.identity, "me", lambda: visitor[0])
    at = opened(**FAST)
    at.file_uploader("vectors-files-0").set_value(
        files("npz", np.random.default_rng(0).normal(size=(60, 4)), [0, 1] * 30)
    )
    at.run().button("import-vectors").click().run()
    (made,) = finished_vectors.listing().values()
    assert made.owner == "anna"
    for visitor[0], password, may in (("anna", "", True), ("ben", "", False), ("", "", False), ("ben", "chalk", True)):
        at.session_state[teacher.PASSWORD] = password
        at.run()
        assert not at.exception, at.exception
        assert (f"delete-{made.name}" in {it.key for it in at.button}) == may, visitor
        assert ("Only whoever has imported them or the teacher" in said(at, "caption")) != may, visitor
    at.checkbox(f"sure-{made.name}").check().run()
    at.button(f"delete-{made.name}").click().run()
    assert not at.exception and not finished_vectors.listing()
