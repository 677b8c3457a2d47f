"""Finished vectors are a model and a data set of one name: maps, scores, pages and the command line take them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from explorer import Refused, data, runs
from explorer.data.vectors import store
from explorer.engine import worker
from explorer.models.loading import load
from explorer.models.reference import ModelRef, references, variant
from explorer.tasks import finished_vectors, request

RNG = np.random.default_rng(0)
Y = np.arange(90) % 3
X = (RNG.normal(size=(3, 6)) * 6)[Y] + RNG.normal(size=(90, 6))
X[7, 2], X[30, 1] = np.nan, np.inf


@pytest.fixture
def imported(tmp_path):
    """90 vectors of three classes, of which two cannot be used."""
    np.savez(tmp_path / "v.npz", vectors=X, word=np.array([f"w{i}" for i in range(90)]), age=np.arange(90) / 7)
    (tmp_path / "labels.tsv").write_text("\n".join("abc"[k] for k in Y))
    return finished_vectors.import_vectors(tmp_path / "v.npz", tmp_path / "labels.tsv", name="mine", title="Mine")


def test_imported_vectors_are_a_model_of_their_own_rows(imported):
    assert (imported.rows, imported.dim, imported.classes) == (88, 6, ("a", "b", "c"))
    assert "2 of 90 rows are left out, as they are not finite (row 8: its number 3 is nan; row 31" in imported.notes[-1]
    dataset = data.load("mine")
    assert (dataset.title, dataset.modality, dataset.shape) == ("Mine", "vector", (6,))
    assert [it.path for it in dataset.left_out] == ["row 31", "row 8"]
    model = load("mine", dataset)
    kept = np.flatnonzero(np.isfinite(X).all(1))
    for split, images in dataset.splits.items():
        z = model.features(dataset, split, np.arange(len(images.y))[::-1])[::-1]
        at = images.factors["row in the file"] - 1
        assert set(at) <= set(kept)
        np.testing.assert_array_equal(z, X[at].astype(np.float32))
        np.testing.assert_array_equal(images.y, Y[at])
        np.testing.assert_array_equal(images.factors["name"], [f"w{i}" for i in at])
        np.testing.assert_allclose(images.factors["age"], at / 7)
    assert data.caption(dataset, "test", 0) == f"w{dataset.splits['test'].factors['row in the file'][0] - 1}"
    assert data.thumbnails(dataset, "test", [0, 1]).shape == (2, 1, 112, 112)


def test_what_is_kept_whole_is_not_copied(tmp_path):
    for name, vectors, shared in (("whole", X[31:], True), ("cut", X, False)):
        np.save(tmp_path / f"{name}.npy", vectors.astype(np.float32))
        found = finished_vectors.opened(tmp_path / f"{name}.npy")
        found = found._replace(images=np.zeros((len(vectors), 1, 2, 2), np.uint8))
        it = finished_vectors.understood(found)
        assert len(it.images) == len(it.vectors) == np.isfinite(vectors).all(1).sum()
        assert np.shares_memory(it.vectors, found.table.vectors) == np.shares_memory(it.images, found.images) == shared


def test_its_reference_is_its_name_and_it_goes_with_no_other_data(imported):
    ref = ModelRef.parse("mine")
    assert (ref.kind, str(ref), ref.title("mine"), ref.can_embed, ref.can_train) == (
        "vectors", "mine", "Mine", False, False,
    )  # fmt: skip
    assert references("mine")[0] == ("mine", "Mine") and "mine" not in dict(references("digits"))
    assert variant("mine", "mine") == "Mine"
    with pytest.raises(Refused, match="mine has vectors of its own rows alone, not of digits: name mine as the data"):
        request.request("map", "mine", "digits", how="pca")
    with pytest.raises(Refused, match="not of digits"):
        load("mine", data.load("digits"))


def test_a_job_about_them_runs_and_is_done_anew_when_they_are_replaced(imported, tmp_path):
    spec = request.request("evaluate", "mine", "mine")
    run = runs.create(spec)
    worker.here(run)
    assert run.status.state == "done", run.status.error
    assert run.scores()["knn"] > 0.9
    np.save(tmp_path / "other.npy", X + 1)
    with pytest.raises(Refused, match="there are finished vectors 'mine' already"):
        finished_vectors.import_vectors(tmp_path / "other.npy", name="mine")
    finished_vectors.import_vectors(tmp_path / "other.npy", tmp_path / "labels.tsv", name="mine", replace=True)
    assert runs.address(request.request("evaluate", "mine", "mine")) != run.id
    model = load("mine", data.load("mine"))
    assert np.allclose(model.features(data.load("mine"), "test")[0], model.embed(data.load("mine").splits["test"].x)[0])
    finished_vectors.delete("mine")
    assert not finished_vectors.listing() and runs.find(run.id) is None and "mine" not in data.catalogue()
    with pytest.raises(Refused, match="no finished vectors 'mine'; choose from nothing yet"):
        finished_vectors.delete("mine")


def test_pictures_of_the_rows_make_it_a_data_set_of_images(tmp_path):
    from PIL import Image

    np.save(tmp_path / "v.npy", np.nan_to_num(X, posinf=0))
    Image.fromarray((np.arange(10 * 8 * 9 * 8) % 251).reshape(72, 80).astype(np.uint8)).save(tmp_path / "sprite.png")
    made = finished_vectors.import_vectors(tmp_path / "v.npy", images=tmp_path / "sprite.png", name="shown")
    dataset = data.load("shown")
    assert (dataset.modality, dataset.shape, made.image, dataset.classes) == ("image", (1, 8, 8), (1, 8, 8), ("all",))
    model = load("shown", dataset)
    at = dataset.splits["validation"].factors["row"]
    np.testing.assert_array_equal(model.features(dataset, "validation"), np.nan_to_num(X, posinf=0)[at].astype("f4"))
    with pytest.raises(Refused, match="no network that could embed other images"):
        model.embed(dataset.splits["test"].x)
    assert load("pixels", dataset).features(dataset, "test").shape[1] == 64, "the pictures have a space of their own"


@pytest.mark.parametrize(("name", "words"), [
    ("digits", "is the name of a model, a run or a data set"), ("pca", "is the name of a model"),
    ("random", "is the name of a model"),
    ("resnet18", "is the name of a model"), ("vectors", "is the name of a model"),
    ("digits-simclr", "is the name of a model, a run"),
    ("Big", "cannot be a name"), ("../up", "cannot be a name"), ("a" * 61, "cannot be a name"),
])  # fmt: skip
def test_a_name_that_is_taken_or_leads_elsewhere_is_refused(name, words, tmp_path):
    np.save(tmp_path / "v.npy", X[:6])
    with pytest.raises(Refused, match=words):
        finished_vectors.import_vectors(tmp_path / "v.npy", name=name)


def test_rows_without_a_finite_number_are_refused_by_their_place(tmp_path):
    np.save(tmp_path / "v.npy", np.where(np.arange(5)[:, None] < 3, np.nan, np.ones((5, 2))))
    with pytest.raises(Refused, match=r"row 1, column 1 is nan, and at least 3 rows must be finite"):
        finished_vectors.import_vectors(tmp_path / "v.npy", name="none")


def test_the_command_line_imports_lists_uses_and_deletes_them(answer, tmp_path):
    np.save(tmp_path / "v.npy", np.nan_to_num(X, posinf=0))
    (tmp_path / "y.csv").write_text("label\n" + "\n".join("abc"[k] for k in Y))
    made = answer("import", str(tmp_path / "v.npy"), "--labels", str(tmp_path / "y.csv"), "--name", "mine")
    assert (made["rows"], made["classes"]) == (90, ["a", "b", "c"])
    assert answer("evaluate", "mine", "mine")["knn"] > 0.9
    assert data.catalogue()["mine"].title == "mine", "what they were named, not what their file is called"
    assert list(answer("vectors")["vectors"]) == ["mine"] and answer("data")["datasets"]["mine"]["kind"] == "vectors"
    assert answer("vectors", "--delete", "mine") == {"deleted": "mine"}


def test_vectors_that_somebody_trained_on_or_works_on_are_neither_deleted_nor_replaced(imported, tmp_path):
    scores = runs.create(request.request("evaluate", "mine", "mine"))
    training = runs.create(runs.Spec(kind="train", title="Of another one", dataset="mine", user="somebody"))
    with pytest.raises(Refused, match=r"'mine' is the data of trainings \('Of another one'\): delete these first"):
        finished_vectors.delete("mine")
    assert runs.find(training.id) and runs.find(scores.id) and store.find("mine")
    np.save(tmp_path / "other.npy", np.ones((9, 2)) * np.arange(9)[:, None])
    with pytest.raises(Refused, match=r"'mine' is the data of trainings \('Of another one'\): delete these first"):
        finished_vectors.import_vectors(tmp_path / "other.npy", name="mine", replace=True)
    assert store.find("mine") == imported
    runs.delete(training.id)
    for asked in (
        lambda: finished_vectors.delete("mine"),
        lambda: finished_vectors.import_vectors(tmp_path / "other.npy", name="mine", replace=True),
    ):
        with scores.lock(), pytest.raises(Refused, match="is running on 'mine': stop it or wait for its end"):
            asked()
    assert store.find("mine") and runs.find(scores.id)
    finished_vectors.delete("mine")
    assert not store.find("mine") and not runs.find(scores.id)


def test_of_two_who_import_under_one_name_at_once_neither_replaces_the_other(imported, tmp_path, monkeypatch):
    """Both have found the name free, as `checked_name` says here, before the first one kept its set."""
    np.save(tmp_path / "other.npy", np.nan_to_num(X, posinf=0))
    second = finished_vectors.understood(finished_vectors.opened(tmp_path / "other.npy"))
    monkeypatch.setattr(finished_vectors, "checked_name", lambda name, replace=False: name)
    with pytest.raises(Refused, match="there are finished vectors 'mine' already: give another name, or replace"):
        finished_vectors.keep(second, "mine")
    assert store.find("mine") == imported and not [*store.imported_root().glob(".new-*")]
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda _: finished_vectors.keep_beside(second, "mine").name, range(4)))
    assert sorted(kept) == ["mine-2", "mine-3", "mine-4", "mine-5"] and store.find("mine") == imported
    finished_vectors.keep(second, "mine", replace=True)
    assert store.find("mine").rows == 90
