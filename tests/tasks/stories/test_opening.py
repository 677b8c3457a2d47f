"""A story is replayed with the same arrays, and one that is damaged, too large or hostile is refused in words."""

import json
import os
import pickle
import signal
import subprocess
import sys

import numpy as np
import pytest

from explorer import Refused, runs
from explorer.runs import Spec
from explorer.tasks.stories import opening, pack, replayed
from tests.tasks.stories.story_cases import RUN, STEP, WORDS, arrays, npz, refused, told, with_frame, written


def test_a_story_is_replayed_with_the_same_arrays_curve_and_scores(content, tmp_path):
    before, made = runs.get(RUN), opening.open_story(written(tmp_path / "s.zip", content), "me")
    assert made.frames() == before.frames()
    for step in before.frames():
        own, same = made.frame(step), before.frame(step)
        assert own.keys() == same.keys()
        assert all(own[name].dtype == same[name].dtype and (own[name] == same[name]).all() for name in same)
    assert made.metrics() == before.metrics()
    assert made.scores() == before.scores()
    assert made.spec.hyperparameters == before.spec.hyperparameters
    assert (made.title, made.spec.user, made.status.state) == (before.title, "me", "done")
    assert "opened from a story" in made.status.caveat
    assert not made.has_weights()
    assert replayed.about(made).words == WORDS
    from explorer import data

    shown, rows = replayed.thumbnails(made), made.frame(0)["rows"]
    assert (np.stack([shown[row] for row in rows]) == data.thumbnails(data.load("digits"), "validation", rows)).all()


def test_a_story_is_opened_once_and_again_exported_it_is_the_same(content, tmp_path):
    first = opening.open_story(written(tmp_path / "s.zip", content))
    assert opening.open_story(written(tmp_path / "other name.zip", content)).id == first.id
    assert [run.id for run in runs.listing(shipped=False)] == [first.id]
    again = pack.contents(first, WORDS)
    assert {name: it for name, it in again.items() if name != "README.txt" and name[0] != "s"} == {
        name: it for name, it in content.items() if name != "README.txt" and name[0] != "s"
    }
    runs.delete(first.id)
    assert not runs.listing(shipped=False)


def test_images_of_another_data_set_of_the_same_name_do_not_stand_for_those_of_a_story(content, tmp_path):
    made = opening.open_story(written(tmp_path / "s.zip", content))
    assert replayed.source(made).dataset.name == "digits"
    rows = [{**row, "data": "of others"} if "data" in row else row for row in made.metrics()]
    (made.folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = replayed.source(made)
    assert source.dataset is None
    assert source.pictures(made.frame(0)["rows"][:3]).shape == (3, 1, 8, 8)
    assert source.classes == tuple("0123456789")


HERE = {  # what a story says of its images, under the hash of the data set that is here
    "rows that there are not": lambda it: {"rows": it["rows"] + 10**9},
    "other labels": lambda it: {"y": (it["y"] + 1) % 10},
}


def of_all_frames(content, change):
    """The same story whose frames all say something else."""
    frames = {name: arrays(content, name) for name in content if name.startswith("frames/")}
    return {**content, **{name: npz(**{**it, **change(it)}) for name, it in frames.items()}}


@pytest.mark.parametrize("what", [*HERE, "other classes"])
def test_a_story_that_names_a_data_set_that_is_here_is_not_believed(what, content, tmp_path):
    changed, classes = content, list("0123456789")
    if what in HERE:
        changed = of_all_frames(content, HERE[what])
        changed["thumbnails.npz"] = npz(
            rows=arrays(changed, STEP)["rows"], images=arrays(content, "thumbnails.npz")["images"]
        )
    else:
        classes += [f"class {i}" for i in range(600)]
    made = opening.open_story(written(tmp_path / "s.zip", told(changed, classes=classes)))
    source = replayed.source(made)
    assert source.dataset is None
    assert source.pictures(made.frame(0)["rows"][:3]).shape == (3, 1, 8, 8)
    assert len(source.classes) == len(classes)


def test_what_is_no_number_is_left_out_of_a_story_that_is_written(tmp_path):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    z, y = np.ones((4, 2), np.float16), np.array([0, 1, 0, 1])
    run.write_frame(0, features=z, rows=np.arange(4), y=y)
    run.write_frame(5, features=z * np.nan, rows=np.arange(4), y=y)
    run.append({"step": 0, "loss": float("nan"), "knn": 0.5})
    run.update(state="failed", step=5, error="loss became nan at step 5")
    made = opening.open_story(written(tmp_path / "s.zip", pack.contents(run, "")))
    assert made.frames() == [0]
    assert made.metrics() == [{"step": 0, "knn": 0.5}]
    assert (made.status.state, made.status.error) == ("failed", "loss became nan at step 5")


def test_a_run_without_frames_has_no_story():
    with pytest.raises(Refused, match="has no frames to replay"):
        pack.contents(runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits")), "")


def metrics_of(content, line):
    return told({**content, "metrics.jsonl": content["metrics.jsonl"] + line})


def changed(content, part, **fields):
    return told(content, **{part: {**json.loads(content["story.json"])[part], **fields}})


def of(name):
    return lambda content: arrays(content, STEP)[name]


WRONG = {  # what is changed, and what is said
    "another version": (lambda it: told(it, format=2), "has format 2, and this Unfold reads up to 1"),
    "no number as its version": (lambda it: told(it, format="1"), "its format is '1'"),
    "a file that is another": (lambda it: {**it, "metrics.jsonl": b""}, "its files are not those that"),
    "a file too little": (lambda it: {k: v for k, v in it.items() if k != STEP}, "its files are not those that"),
    "a method of nobody": (lambda it: changed(it, "spec", method="nobodys"), "no method 'nobodys'"),
    "a hyperparameter of nobody": (lambda it: changed(it, "spec", train={"evil": 1}), "hyperparameter 'evil'"),
    "a hyperparameter out of range": (lambda it: changed(it, "spec", train={"epochs": -1}), "epochs=-1 is not allowed"),
    "another kind of job": (lambda it: changed(it, "spec", kind="map"), "is about no training"),
    "a job about models": (lambda it: changed(it, "spec", models=[RUN]), "is about no training"),
    "a data set that is a path": (lambda it: changed(it, "spec", dataset="../../etc"), "is about no training"),
    "a run that goes on": (lambda it: changed(it, "status", state="running"), "that has not ended"),
    "a status of words": (lambda it: changed(it, "status", step="many"), "has a status that cannot be read"),
    "a device that is code": (
        lambda it: changed(it, "status", device='"""; print("PWNED"); """'), "a device whose name cannot be"
    ),
    "an id that is a path": (lambda it: told(it, id="../x"), "names or words that are too long or cannot be"),
    "words without end": (lambda it: told(it, words="a" * 10_000), "names or words that are too long or cannot be"),
    "a class without a name": (lambda it: told(it, classes=["\x1b[31m"] * 10), "names or words that are too long"),
    "fewer classes than labels": (lambda it: told(it, classes=["a"]), "rows or labels that there are not"),
    "a step that is later than the last": (
        lambda it: told({**it, "frames/900000.npz": it[STEP]}), "a frame behind its last step"
    ),
    "no frames": (
        lambda it: told({k: v for k, v in it.items() if not k.startswith("frames/")}), "nothing to replay"
    ),
    "a row of no number": (lambda it: metrics_of(it, b'{"step": 801, "loss": NaN}\n'), "values that are no numbers"),
    "a row without end": (lambda it: metrics_of(it, b'{"step": 801, "loss": 1e999}\n'), "values that are no numbers"),
    "a row that is a list": (lambda it: metrics_of(it, b"[1]\n"), "holds no fields"),
    "a row of rows": (lambda it: metrics_of(it, b'{"step": 1, "loss": {"a": 1}}\n'), "a row of metrics that is none"),
    "a row without a step": (lambda it: metrics_of(it, b'{"loss": 1.0}\n'), "a row of metrics that is none"),
    "rows without end": (lambda it: metrics_of(it, b'{"step": 1}\n' * 200_001), "rows of metrics, and 200,000"),
    "scores of words": (
        lambda it: told({**it, "scores.json": b'{"n_test": 1, "n_train": 1, "knn": "x"}'}), "scores that are no numbers"
    ),
    "scores of no number": (
        lambda it: told({**it, "scores.json": b'{"n_test": 1, "n_train": 1, "knn": NaN}'}), "values that are no numbers"
    ),
    "scores of no images": (lambda it: told({**it, "scores.json": b"{}"}), "scores of no images"),
    "a file that is no JSON": (lambda it: told({**it, "scores.json": b"{"}), "scores.json that cannot be read"),
    "features of no number": (
        lambda it: with_frame(it, features=np.full_like(of("features")(it), np.nan)), "values that are no numbers"
    ),
    "features of texts": (
        lambda it: with_frame(it, features=of("features")(it).astype("U8")), "must be numbers of two axes"
    ),
    "features of one axis": (lambda it: with_frame(it, features=of("features")(it)[:, 0]), "numbers of two axes"),
    "complex features": (lambda it: with_frame(it, features=of("features")(it) * 1j), "must be numbers of two axes"),
    "fewer rows than features": (lambda it: with_frame(it, rows=np.arange(3)), "rows and labels of other lengths"),
    "a row below zero": (lambda it: with_frame(it, rows=-1 - of("rows")(it)), "rows or labels that there are not"),
    "other images in one frame": (lambda it: with_frame(it, rows=of("rows")(it) + 1), "of other images than the first"),
    "no labels": (lambda it: with_frame(it, drop=["y"]), "has no 'y'"),
    "an array of nobody": (lambda it: with_frame(it, evil=np.arange(3)), "an array 'evil', which does not belong"),
    "pictures of no picture": (
        lambda it: with_frame(it, gallery_a=np.zeros((2, 7, 8, 8), np.uint8)), "which are no pictures"
    ),
    "thumbnails of the same row": (
        lambda it: told({**it, "thumbnails.npz": npz(rows=np.zeros(2, int), images=np.zeros((2, 1, 8, 8), np.uint8))}),
        "names a row twice",
    ),
    "thumbnails too large": (
        lambda it: told({**it, "thumbnails.npz": npz(rows=np.arange(2), images=np.zeros((2, 1, 999, 8), np.uint8))}),
        "pictures of shape",
    ),
    "a pickle": (
        lambda it: told({**it, STEP: npz(**{**arrays(it, STEP), "features": np.array([print], object)})}),
        "Python objects",
    ),
    "a pickle in the place of a frame": (lambda it: told({**it, STEP: pickle.dumps({})}), "is damaged, or no zip"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_a_story_may_not_say_is_refused(what, content, tmp_path):
    change, words = WRONG[what]
    refused(written(tmp_path / "s.zip", change(content)), words)


KILLED = """
import os, signal, sys
from pathlib import Path
from explorer.runs import Run
from explorer.tasks.stories import opening
whole = Run.write_frame
def write(self, step, **arrays):
    whole(self, step, **arrays)
    os.kill(os.getpid(), signal.SIGKILL)
Run.write_frame = write
opening.open_story(Path(sys.argv[1]))
"""


def test_a_killed_opening_leaves_no_run(content, tmp_path):
    path = written(tmp_path / "s.zip", content)
    ended = subprocess.run([sys.executable, "-c", KILLED, path], env={**os.environ, "PYTHONPATH": str(runs.REPOSITORY)})
    assert ended.returncode == -signal.SIGKILL
    assert not runs.listing(None, shipped=False)
    left = [*runs.root().glob(".new-*")]
    assert len(left) == 1 and [*left[0].glob("frames/*.npz")]  # it was in the middle
    assert opening.open_story(path).frames() == runs.get(RUN).frames()


def test_a_full_disk_leaves_no_run(content, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runs.Run, "write_scores", full)
    refused(written(tmp_path / "s.zip", content), "the disk that holds the runs is full")
