"""What is kept of a training, and what happens when it is damaged, older or elsewhere."""

import errno
import io
import shutil
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
import torch

from explorer import Refused, runs
from explorer.engine import worker
from explorer.models import loading
from explorer.models.weights import restore
from explorer.runs import Spec, atomic, checkpoints, manifest, store
from explorer.tasks.training import checkpointing, loop
from explorer.tasks.training import request as training_request
from tests.tasks.training.short_runs import PER_EPOCH, quick, short_spec, trained

__all__ = ["quick"]

X = np.zeros((1, 1, 8, 8), np.uint8)


def harm(path):
    """One bit is another."""
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)


def same(one, two):
    return all((a.weights(which).read_bytes() == b.weights(which).read_bytes()) for which in ("last", "best")
               for a, b in [(one, two)])  # fmt: skip


def reworded(run, **changed):
    """The run's checkpoint as if it had been written elsewhere."""
    folder, content = run.checkpoint(), {}
    for file in checkpoints.FILES["last"]:
        content[file] = (folder / file).read_bytes()
    state = torch.load(io.BytesIO(content["resume.pt"]), weights_only=True)
    for name, value in changed.items():
        state[name] = {**state[name], **value} if isinstance(value, dict) else value
    packed = io.BytesIO()
    torch.save(state, packed)
    run.write_checkpoint(int(folder.name), {**content, "resume.pt": packed.getvalue()})


# ------------------------------------------------------------------------------------------------ damage


def test_a_run_whose_newest_checkpoint_is_damaged_goes_on_from_the_one_before_and_says_so_for_ever():
    whole, run = trained(), trained(die_after=2 * PER_EPOCH + 1)
    harm(run.checkpoint() / "resume.pt")
    worker.here(run)
    assert run.status.state == "done", run.status
    assert run.status.caveat == "Its checkpoint of step 8 is damaged; the one of step 4 is used"
    assert same(whole, run)
    assert run.damage() == ""


def test_a_run_whose_checkpoints_are_all_damaged_begins_anew_and_says_so():
    whole, run = trained(), trained(die_after=2 * PER_EPOCH + 1)
    for step in checkpoints.steps(run.folder, "last"):
        harm(checkpoints.at(run.folder, "last", step) / "model.safetensors")
    worker.here(run)
    assert (run.status.state, run.status.caveat) == (
        "done",
        "Its checkpoints were damaged: it started again from step 0",
    )
    assert same(whole, run)


@pytest.mark.parametrize("which", ["last", "best"])
def test_a_model_whose_weights_are_damaged_is_opened_as_it_was_before_and_its_title_says_so(which):
    run = trained()
    newest = run.weights(which)
    sound = loading.load(f"{run.id}@{which}").title
    harm(newest)
    model = loading.load(f"{run.id}@{which}")
    assert model.title == f"{sound} of step {int(run.weights(which).parent.name)} (newer ones are damaged)"
    assert run.weights(which) != newest
    harm(run.weights(which))
    with pytest.raises(Refused, match="are damaged, and so are those before them: train it again"):
        loading.load(f"{run.id}@{which}")
    assert run.has_weights(which)


def test_a_damaged_result_is_refused_and_made_anew_when_it_is_asked_for_again():
    asked = Spec(kind="map", title="a map", dataset="digits", models=("pixels",))
    run = runs.create(asked)
    run.write_result(coords=np.zeros((3, 2)))
    run.update(state="done")
    assert runs.create(asked).result()["coords"].shape == (3, 2)
    harm(run.folder / "result.npz")
    with pytest.raises(Refused, match="is damaged: request it again"):
        run.result()
    assert run.damage() == "Its result.npz is damaged."
    assert runs.create(asked).status.state == "queued"


def test_a_damaged_frame_is_refused_and_damaged_scores_are_none():
    run = runs.create(short_spec())
    run.write_frame(3, x=np.arange(4))
    run.write_scores({"knn": 0.5})
    for name in ("frames/000003.npz", "scores.json"):
        harm(run.folder / name)
    with pytest.raises(Refused, match=r"frame 3 of .* is damaged: choose another step"):
        run.frame(3)
    assert run.scores() is None


# ------------------------------------------------------------------------------------------------ how it is written


def test_no_checkpoint_is_newer_on_the_disk_than_the_rows_of_the_curve_before_it(monkeypatch):
    settled, missing = {}, []

    def settle(path, before=atomic.settle):
        before(path)
        settled[path] = path.read_bytes() if path.is_file() else b""

    def link_or_put(path, content, before=atomic.put):
        curve = path.parents[2] / "metrics.jsonl"
        if path.name == checkpoints.RESUME and settled.get(curve) != curve.read_bytes():
            missing.append(path)
        before(path, content)

    monkeypatch.setattr(atomic, "settle", settle)
    monkeypatch.setattr(atomic, "put", link_or_put)
    run = trained()
    assert (run.status.state, missing) == ("done", [])
    assert run.folder / "metrics.jsonl" in settled


def test_the_best_weights_are_those_of_the_last_step_written_once(monkeypatch):
    run = runs.create(short_spec())
    content = {"model.safetensors": b"weights", "resume.pt": b"state"}
    run.write_checkpoint(4, content, "best", "last")
    assert run.weights("best").samefile(run.weights())
    monkeypatch.setattr(atomic.os, "link", refuse)  # a disk without links
    run.write_checkpoint(8, {**content, "model.safetensors": b"others"}, "best", "last")
    assert [run.weights(which).parent.name for which in ("best", "last")] == ["000008"] * 2
    assert [run.weights(which).read_bytes() for which in ("best", "last")] == [b"others"] * 2


def refuse(*_):
    raise OSError(errno.EPERM, "no links here")


def test_a_checkpoint_that_this_process_wrote_is_not_read_to_make_room_for_the_next(monkeypatch):
    run, read = runs.create(short_spec()), []
    monkeypatch.setattr(manifest.hashlib, "file_digest", lambda file, _: read.append(file.name))
    for step in range(1, 5):
        run.write_checkpoint(step, {"model.safetensors": b"weights", "resume.pt": b"state"}, "best", "last")
    assert (checkpoints.steps(run.folder, "last"), read) == ([4, 3], [])


# ------------------------------------------------------------------------------------------------ going on


def test_a_run_that_goes_on_shares_the_files_of_its_parent_and_changes_none():
    parent = trained()
    before = {path: path.read_bytes() for path in parent.folder.rglob("*") if path.is_file()}
    child = runs.create(training_request.continue_spec(parent.id, epochs=2))
    for name in ("last/000012/model.safetensors", "last/000012/resume.pt", "frames/000012.npz"):
        assert (child.folder / name).samefile(parent.folder / name)
    assert child.metrics() == parent.metrics()
    worker.here(child)
    assert (child.status.state, child.status.step, child.status.caveat) == ("done", 20, "")
    assert [row["epoch"] for row in child.metrics() if "val_loss" in row] == [1, 2, 3, 4, 5]
    assert child.frames() == [0, 12, 20]
    assert {path: path.read_bytes() for path in parent.folder.rglob("*") if path.is_file()} == before
    runs.delete(parent.id)
    assert loading.load(child.id).embed(X).shape == (1, 10)


def test_a_run_without_an_intact_checkpoint_has_no_child():
    parent = trained()
    asked = training_request.continue_spec(parent.id, epochs=2)
    for step in checkpoints.steps(parent.folder, "last"):
        harm(checkpoints.at(parent.folder, "last", step) / "resume.pt")
    with pytest.raises(Refused, match="no checkpoint to continue from"):
        runs.create(asked)
    assert runs.listing(shipped=False) == [parent]
    assert not list(runs.root().glob(".new-*"))


def test_a_child_of_a_damaged_run_gets_the_best_weights_of_before_the_damage():
    parent = runs.create(short_spec())
    for step in (4, 8):
        parent.write_checkpoint(step, {"model.safetensors": b"the weights", "resume.pt": b"the state"}, "best", "last")
    harm(parent.checkpoint() / "resume.pt")
    child = runs.create(short_spec().model_copy(update={"parent": parent.id, "relation": "continue"}))
    child.rewind(int(child.checkpoint().name))
    assert [checkpoints.steps(child.folder, name) for name in ("last", "best")] == [[4], [4]]


def test_a_device_without_memory_is_not_taken_for_another_version():
    class Small:
        def load(self, _state):
            raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        checkpointing.take_up(Small(), {})


def test_a_run_of_the_older_layout_opens_and_goes_on_and_has_children(monkeypatch):
    whole, run = trained(), trained(die_after=2 * PER_EPOCH + 1)
    older(run)
    assert loading.load(run.id).title == run.title
    child = runs.create(short_spec().model_copy(update={"parent": run.id, "relation": "continue"}))
    for one in (run, child):
        worker.here(one)
        assert (one.status.state, one.status.caveat) == ("done", ""), one.status
        assert one.weights().read_bytes() == whole.weights().read_bytes()


@pytest.mark.parametrize(("before", "now"), [("", "+cu130"), ("+cu130", ""), ("+cu130", "+cpu")])
@pytest.mark.parametrize("is_older", [True, False])
def test_which_build_of_torch_it_is_makes_no_run_inexact(is_older, before, now, monkeypatch):
    release = torch.__version__.partition("+")[0]
    run = trained(die_after=PER_EPOCH + 1)
    reworded(run, environment={"torch": release + before})
    if is_older:
        older(run)
        run.write_json("spec.json", run.spec.model_copy(update={"versions": {"torch": release + before}}).model_dump())
    monkeypatch.setattr(torch, "__version__", release + now)
    worker.here(run)
    assert (run.status.state, run.status.caveat) == ("done", "")


def test_a_torch_that_no_package_brought_trains_as_well(monkeypatch):
    monkeypatch.setattr(store, "version", not_installed)
    store.versions.cache_clear()
    monkeypatch.setattr(runs, "versions", store.versions)
    try:
        assert trained().status.state == "done"
    finally:
        store.versions.cache_clear()


def not_installed(package):
    raise PackageNotFoundError(package)


def older(run):
    """The run as an earlier version would have left it."""
    folder = run.checkpoint()
    weights = restore(folder / "model.safetensors")[0].state_dict()
    state = torch.load(folder / "resume.pt", weights_only=True)
    torch.save({"method": weights, **{n: state[n] for n in ("optimizers", "t", "data")}}, run.folder / "resume.pt")
    shutil.copy(folder / "model.safetensors", run.folder)
    shutil.copy(run.weights("best"), run.folder / "best.safetensors")
    for name in ("last", "best"):
        shutil.rmtree(run.folder / name)
    (run.folder / "manifest.jsonl").unlink()


def test_a_run_that_goes_on_before_its_best_weights_forgets_them():
    run = runs.create(short_spec())
    for step in (4, 8):
        run.write_checkpoint(step, {"model.safetensors": b"weights"}, "best")
    run.rewind(4)
    assert run.weights("best").parent.name == "000004"


def test_in_a_long_epoch_a_checkpoint_is_kept_every_20_seconds_and_the_curve_stays_the_same(monkeypatch):
    whole = trained()
    monkeypatch.setattr(loop, "KEEP", 0.0)
    run = trained(die_after=2 * PER_EPOCH + 3)
    assert int(run.checkpoint().name) == 2 * PER_EPOCH + 3
    worker.here(run)
    assert same(whole, run)
    one, two = ([row for row in of.metrics() if "val_loss" in row] for of in (whole, run))
    assert one == two


# ------------------------------------------------------------------------------------------------ elsewhere


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"environment": {"torch": "2.11.0", "threads": 2}}, "not bit-exact: torch 2.11.0 → {torch}, 2 → 1 threads"),
        ({"environment": {"python": "3.10.1"}}, "not bit-exact: Python 3.10.1 → {python}"),
        ({"environment": {"device": "an abacus"}}, "not bit-exact: an abacus → {device}"),
        ({"environment": {"data": "other"}, "data": "other"}, "not bit-exact: the images have changed"),
    ],
)
def test_a_run_that_goes_on_elsewhere_says_that_it_is_not_bit_exact(changed, words):
    run = trained(die_after=PER_EPOCH + 1)
    found = torch.load(run.checkpoint() / "resume.pt", weights_only=True)["environment"]
    reworded(run, **changed)
    worker.here(run)
    assert (run.status.state, run.status.caveat) == ("done", words.format(**found))


def test_a_run_whose_images_have_become_more_does_not_go_on():
    run = trained(die_after=PER_EPOCH + 1)
    reworded(run, shape={"images": 100})
    worker.here(run)
    assert run.status.error == "digits has changed (100 images, now 128): train again on it"


def test_all_shipped_models_and_maps_open():
    shipped = [run for run in runs.listing(kind=None) if run.shipped]
    assert len(shipped) >= 3
    for run in shipped:
        assert run.damage() == ""
        if run.spec.kind == "train":
            assert loading.load(run.id).title and run.frame(run.frames()[-1])
        else:
            assert run.result() and runs.address(run.spec) == run.id
