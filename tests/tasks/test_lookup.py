"""What may be asked of the engine: specs are refused in one sentence before anything is made."""

import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import pytest

from explorer import Refused, runs
from explorer.runs import Spec
from explorer.runs.records import TITLE
from explorer.tasks import request
from explorer.tasks.training import request as training_request

STATE = {"model.safetensors": b"weights", "resume.pt": b"state"}

embed = partial(request.request, "embed")


LOOKS = (
    lambda model, dataset: request.request("evaluate", model, dataset),
    lambda model, dataset: request.request("map", model, dataset, how="pca"),
    lambda model, dataset: request.request("transfer", model, dataset),
)


def trained(state="done", checkpoint=True, **training):
    """A training that ended, as far as its folder says."""
    run = runs.create(
        training_request.train("autoencoder", "digits", {"latent": 3}, {"epochs": 4, **training}, title="Mine")
    )
    if checkpoint:
        run.write_checkpoint(20, STATE)
    if state != "queued":
        run.update(state=state, step=20, steps=36)
    return run


def test_a_continued_run_has_the_epochs_of_both_and_knows_its_parent():
    run = trained()
    spec = training_request.continue_spec(run.id, 3)
    assert (spec.train["epochs"], spec.parent, spec.relation) == (7, run.id, "continue")
    assert spec.title == "Mine continued"
    assert training_request.differences(spec, run.spec) == {"epochs": (4, 7)}
    assert spec.hyperparameters == run.spec.hyperparameters
    stopped = trained("stopped")
    assert training_request.continue_spec(stopped.id).train["epochs"] == 4, "to the end that it was to have"


def test_the_title_of_a_continued_run_does_not_grow():
    run = trained()
    once = runs.create(training_request.continue_spec(run.id, 1))
    once.update(state="done")
    assert training_request.continue_spec(once.id, 1).title == once.title == "Mine continued"
    runs.rename(run.id, "x" * TITLE)
    assert len(training_request.continue_spec(run.id, 1).title) == TITLE


@pytest.mark.parametrize(("state", "checkpoint", "epochs", "words"), [
    ("queued", True, 0, "is queued: stop it, or wait until it has ended"),
    ("running", True, 2, "is running: stop it, or wait"),
    ("done", True, 0, "is done: give the number of further epochs"),
    ("stopped", False, 0, "has no checkpoint to continue from: clone it"),
    ("failed", False, 3, "has no checkpoint to continue from: clone it"),
    ("done", True, -1, "epochs=-1 is negative"),
    ("done", True, 1000, "and 1000 more.: training hyperparameter epochs=1004 is not allowed"),
])  # fmt: skip
def test_what_cannot_go_on_is_refused(state, checkpoint, epochs, words):
    with pytest.raises(Refused, match=words):
        training_request.continue_spec(trained(state, checkpoint).id, epochs)


def test_a_shipped_model_and_a_map_cannot_go_on():
    with pytest.raises(Refused, match="clone it"):
        training_request.continue_spec("digits-simclr", 2)
    chart = runs.create(request.request("map", "pca", "digits", how="pca"))
    with pytest.raises(Refused, match="not a training but a job of the kind map"):
        training_request.continue_spec(chart.id, 2)


def test_a_clone_tells_what_is_not_the_same():
    run = trained()
    same = training_request.train("autoencoder", "digits", run.spec.hyperparameters, run.spec.train, parent=run.id)
    assert (same.parent, same.relation) == (run.id, "clone")
    assert training_request.differences(same, run.spec) == {}
    other = training_request.train("autoencoder", "digits", {"latent": 5}, {**run.spec.train, "lr": 0.5}, parent=run.id)
    assert training_request.differences(other, run.spec) == {"latent": (3, 5), "lr": (0.001, 0.5)}
    another = training_request.train("simclr", "shapes", {}, run.spec.train, parent=run.id)
    assert training_request.differences(another, run.spec) == {
        "method": ("autoencoder", "simclr"), "dataset": ("digits", "shapes"),
    }  # fmt: skip
    with pytest.raises(Refused, match="no run 'nobody'"):
        training_request.train("simclr", "digits", {}, {}, parent="nobody")


def test_a_hyperparameter_that_an_older_run_did_not_know_had_its_default():
    old, new = (training_request.train("autoencoder", "digits", {}, {"width": w}) for w in (1, 2))
    old = old.model_copy(update={"train": {k: v for k, v in old.train.items() if k != "width"}})
    assert training_request.differences(new, old) == {"width": (1.0, 2.0)}
    gone = Spec.model_validate({**new.model_dump(), "hyperparameters": {**new.hyperparameters, "forgotten": 1}})
    assert "forgotten" not in training_request.differences(new, gone)


def test_a_sweep_is_one_group_of_trainings_that_differ_in_one_hyperparameter():
    specs = training_request.sweep("simclr", "digits", {"flip": 0}, {"epochs": 2}, "temperature", ["0.1", 0.5, 1])
    assert [spec.hyperparameters["temperature"] for spec in specs] == [0.1, 0.5, 1.0]
    assert {spec.hyperparameters["flip"] for spec in specs} == {0.0}
    assert len({spec.group for spec in specs}) == 1 and specs[0].group
    assert specs[1].title == "SimCLR on Digits, temperature 0.5"
    seeds = training_request.sweep("simclr", "digits", {}, {}, "seed", [0, 1])
    assert [(spec.seed, spec.train["seed"]) for spec in seeds] == [(0, 0), (1, 1)]
    assert seeds[0].group != specs[0].group
    classes = training_request.sweep("simclr", "digits", {}, {}, "classes", [("1", "2"), ()])
    assert [spec.title for spec in classes] == ["SimCLR on Digits, classes 1+2", "SimCLR on Digits, classes all"]


@pytest.mark.parametrize(("hyperparameter", "values", "words"), [
    (
        "temperature",
        [0.5, 9],
        "simclr hyperparameter temperature=9 is not allowed: input should be less than or equal to 1",
    ),
    ("seed", [0, "x"], "training hyperparameter seed='x' is not allowed"),
    ("seed", ["1", 1], "seed=1 is given twice"),
    ("lr", ["0.10", 0.1], "lr=0.1 is given twice"),
    ("seed", range(51), "51 values of seed cannot be swept: give 2 to 50"),
    ("seed", [3], "one value of seed cannot be swept"),
    ("sed", [0, 1], "no hyperparameter of simclr 'sed'; did you mean 'seed'"),
    ("encoder", ["conv", "vgg"], "no encoder 'vgg'"),
    ("size", [8, 4], "resnet18 needs at least 8x8 pixels, not 4"),
])  # fmt: skip
def test_a_sweep_with_one_value_that_is_not_allowed_is_refused_as_a_whole(hyperparameter, values, words):
    with pytest.raises(Refused, match=words):
        training_request.sweep("simclr", "digits", {}, {"encoder": "resnet18"}, hyperparameter, values)


@pytest.mark.parametrize(("make", "words"), [
    (lambda: request.request("embed", "pixels", "digits", split="tset"), "did you mean 'test'"),
    (lambda: request.request("embed", "pixels", "digits", n=-1), "embed hyperparameter n=-1 is not allowed"),
    (lambda: request.request("embed", "pixels", "digitz"), "did you mean 'digits'"),
    (lambda: request.request("embed", "nobody", "digits"), "no model 'nobody'"),
    (lambda: embed("digits-simclr@first", "digits"), "no weights 'first' of digits-simclr: choose from"),
    (lambda: embed(trained("running", checkpoint=False).id, "digits"), "has no weights yet, it is running"),
    *[(lambda look=look: look("nobody", "digits"), "no model 'nobody'") for look in LOOKS],
    *[(lambda look=look: look("digits-simclr@first", "digits"), "no weights 'first' of") for look in LOOKS],
    *[(lambda look=look: look(trained("running", checkpoint=False).id, "digits"), "no weights yet") for look in LOOKS],
    (lambda: request.request("export", trained("running").id), "is running: stop it, or wait"),
    (lambda: request.request("export", trained("failed", checkpoint=False).id), "has no weights yet, it is failed"),
    (lambda: request.request("export", "pixels"), "no run 'pixels'"),
    (lambda: request.request("export", "digits-simclr@0"), "export digits-simclr, without @0"),
    (lambda: request.request("embed", "pixels", "digits", size=3), "pixels"),
    (lambda: request.request("embed", "pixels", "digits", size=10**6), "pixels"),
    (lambda: request.request("train", "pixels", "digits"), "its own command"),
])  # fmt: skip
def test_what_cannot_be_looked_at_is_refused(make, words):
    with pytest.raises(Refused, match=words):
        make()


def test_results_are_addressed_by_what_they_are_made_of():
    run = trained()
    asked = [
        ("digits", {}),
        ("digits", {"split": "train"}),
        ("digits", {"n": 9}),
        ("digits", {"size": 16}),
        ("shapes", {}),
    ]
    first, second = ([runs.address(embed(run.id, data, **more)) for data, more in asked] for _ in range(2))
    assert first == second
    assert len(set(first)) == len(asked)
    assert runs.address(request.request("export", run.id)) != runs.address(request.request("export", trained().id))


def test_wishes_without_hyperparameters_import_no_torch():
    code = (
        "import sys; from explorer.tasks.request import request;"
        "request('map', 'digits-simclr', 'digits', how='pca');"
        "request('embed', 'digits-simclr@0', 'digits');"
        "request('export', 'digits-simclr'); request('evaluate', 'pixels', 'digits');"
        "print([name for name in ('torch', 'sklearn', 'umap') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=runs.REPOSITORY, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(("state", "error", "goes_on"), [
    ("done", None, True),
    ("stopped", None, True),
    ("failed", "The disk that holds the runs is full: free some space, then continue this run.", True),
    ("failed", None, False),
    ("running", None, False),
])  # fmt: skip
def test_what_ended_may_go_on_unless_it_would_come_to_the_same_end(state, error, goes_on):
    from explorer.tasks.training.driver import TrainingLoop

    run = trained(state)
    if state == "failed" and error is None:  # the very sentence of a training that gives up
        training_loop = SimpleNamespace(run=run, fit=SimpleNamespace(cfg=SimpleNamespace(lr=9.0)))
        with pytest.raises(Refused) as given_up:
            TrainingLoop.give_up(training_loop, 7, "a weight", float("-inf"))
        error = str(given_up.value)
    run.folder.joinpath("status.json").write_text(run.status.model_copy(update={"error": error}).model_dump_json())
    assert training_request.resumable(run) == goes_on
