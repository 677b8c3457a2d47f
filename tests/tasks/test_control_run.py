"""The control run of an ablation: what it is, who finds it, and that there is one."""

import json
import threading
import time

import pytest
from streamlit.testing.v1 import AppTest

from explorer import Refused, runs
from explorer.__main__ import main
from explorer.cli import runs as commands
from explorer.engine.dask import cluster
from explorer.runs import Spec
from explorer.runs.records import TITLE
from explorer.tasks import ablation, titles
from explorer.tasks.training import driver
from explorer.tasks.training import request as training_request
from pages.ui.runs import ablation as ablation_view
from tests.tasks.ablation_cases import shown, trained


def test_the_control_run_has_the_same_seed_and_everything_but_the_ablations(breakable):
    ablated = trained(breakable, {"predictor": False, "latent": 3}, {"seed": 7, "epochs": 2}, title="Mine")
    spec = ablation.control_spec(ablated.id)
    assert training_request.differences(spec, ablated.spec) == {"predictor": (False, True)}
    assert (spec.parent, spec.relation, spec.title) == (ablated.id, "clone", "Mine, control run")
    assert (spec.seed, spec.train["epochs"], spec.hyperparameters["latent"]) == (7, 2, 3)


def test_all_ablations_are_restored_at_once_and_the_title_does_not_grow(breakable):
    ablated = trained(breakable, {"predictor": False, "beta": 0}, title="x" * TITLE)
    spec = ablation.control_spec(ablated.id)
    assert (spec.hyperparameters["predictor"], spec.hyperparameters["beta"]) == (True, 1.0)
    assert len(spec.title) == TITLE and spec.title.endswith("control run")


def test_a_run_without_ablations_has_no_control_run(breakable):
    with pytest.raises(
        Refused, match="has no ablated hyperparameter to restore, so it has no control run: clone it instead"
    ):
        ablation.control_spec(trained(breakable, {}).id)


@pytest.mark.parametrize("method", [None, "forgotten", "breakable"])
def test_a_run_of_an_older_version_is_simply_no_ablation(method, breakable):
    spec = Spec(kind="train", title="a", method=method, dataset="digits", hyperparameters={"gone": 1, "beta": 1e9})
    assert ablation.ablated(spec) == {}
    assert ablation.control_runs(runs.create(spec), runs.listing()) == []


def test_ablation_and_control_run_find_each_other_however_they_came_about(breakable):
    ablated = trained(breakable, {"predictor": False})
    alone = trained(breakable, {})  # the same as a control run, but nobody's clone
    others = [
        trained(breakable, {}, {"seed": 1}),
        trained(breakable, {"latent": 3}),
        trained(breakable, {}, {"epochs": 9}),
        trained(breakable, {"predictor": False, "latent": 3}),
        trained("autoencoder", {}),
    ]
    made = runs.create(ablation.control_spec(ablated.id))
    found = [run.id for run in ablation.control_runs(ablated, runs.listing())]
    assert found == [made.id, alone.id]
    twice = trained(breakable, {"predictor": False, "beta": 0})
    assert [run.id for run in ablation.control_runs(made, runs.listing())] == [ablated.id, twice.id]
    assert not {run.id for run in others} & {run.id for run in ablation.control_runs(alone, runs.listing())}
    assert ablation.control_runs(others[0], runs.listing()) == []


def test_the_control_run_that_did_not_know_a_hyperparameter_yet_is_found(breakable):
    ablated, control = trained(breakable, {"predictor": False}), trained(breakable, {})
    path = control.folder / "spec.json"
    spec = json.loads(path.read_text())
    del spec["hyperparameters"]["predictor"], spec["train"]["threads"]
    path.write_text(json.dumps(spec))
    assert [run.id for run in ablation.control_runs(ablated, runs.listing())] == [control.id]


def test_the_control_run_is_trained_from_the_command_line(breakable, answer, monkeypatch, capsys):
    monkeypatch.setattr(driver, "score", lambda *_: None)
    tiny = {"epochs": 1, "subset": 100, "batch": 50, "threads": 1}
    ablated = trained(breakable, {"predictor": False}, tiny)
    made = answer("control", ablated.id, "--foreground", "--title", "Well again")
    assert made["changed"] == {"predictor": {"from": False, "to": True}}
    assert made["ablated"] == {"predictor": "all end in one point"}
    assert (made["state"], made["parent"]) == ("done", ablated.id)
    assert runs.get(made["run"]).title == "Well again"
    assert not made["found"]
    again = answer("twin", ablated.id, "--foreground")
    assert (again["run"], again["found"]) == (made["run"], True)
    for words, said in (((), ""), (("--title", "Other", "--name", "b"), "already: --title, --name\n")):
        assert main(["twin", ablated.id, *words]) == 0
        assert capsys.readouterr().err == (said and f"note: not used, because the control run exists {said}")
    runs.get(made["run"]).write_scores({"linear": 0.958217270194986, "n_test": 360})
    assert main(["twin", ablated.id]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["linear: 0.958", "n_test: 360"]
    assert main(["twin", made["run"]]) == 2
    assert "has no ablated hyperparameter to restore" in capsys.readouterr().err


def title_of_control_run(spec):
    """What the control run of a training is called."""
    run = runs.create(spec)
    run.write_checkpoint(1, {"model.safetensors": b"w", "resume.pt": b"r"})
    run.update(state="stopped", step=1, steps=2)
    return ablation.control_spec(run.id).title, run


def test_the_control_run_is_not_titled_by_the_ablation(breakable):
    title, ablated = title_of_control_run(training_request.train(breakable, "digits", {"predictor": False}, {}))
    assert title == "Breakable on Digits, control run"
    title, again = title_of_control_run(training_request.continue_spec(ablated.id))
    assert (again.title, title) == ("Breakable without predictor on Digits continued", title)
    assert title == "Breakable on Digits, control run"


@pytest.mark.parametrize(
    ("hyperparameter", "values", "end"),
    [("beta", [0, 1], ""), ("predictor", [False, True], ""), ("weight_decay", [0.1, 0.2], ", weight decay 0.1"),
     ("seed", [3, 4], ", seed 3"), ("latent", [3, 5], ", latent 3"), ("encoder", ["mlp", "conv"], ", encoder mlp")],
)  # fmt: skip
def test_the_control_run_of_a_run_of_a_sweep_keeps_the_swept_value_unless_that_is_ablated(
    hyperparameter, values, end, breakable
):
    spec = training_request.sweep(breakable, "digits", {"predictor": False}, {}, hyperparameter, values)[0]
    assert title_of_control_run(spec)[0] == f"Breakable on Digits{end}, control run"


@pytest.mark.parametrize("words", ["hyperparameters broken", "ablations"])
def test_a_shortened_title_is_recognised_in_its_older_words_too(words, breakable, monkeypatch):
    monkeypatch.setattr(titles, "TITLE", 49)  # the full title has one character more
    hyperparameters = {"predictor": False, "beta": 0}
    spec = training_request.train(breakable, "digits", hyperparameters, {}, title=f"Breakable with 2 {words} on Digits")
    assert title_of_control_run(spec)[0] == "Breakable on Digits, control run"


@pytest.mark.parametrize("before", [", healthy twin", ", control run"])
def test_the_title_of_a_control_run_says_so_once(before, breakable):
    spec = training_request.train(breakable, "digits", {"predictor": False}, {}, title=f"Mine{before}")
    assert title_of_control_run(spec)[0] == "Mine, control run"


def test_the_control_run_of_a_training_that_somebody_named_keeps_the_name(breakable):
    for title in ("Breakable without predictor on Digits, beta 7", "Mine continued"):
        spec = training_request.train(breakable, "digits", {"predictor": False}, {}, title=title)
        assert title_of_control_run(spec)[0] == f"{title}, control run"


def test_the_button_trains_the_control_run_once(breakable, monkeypatch):
    ablated = trained(breakable, {"predictor": False})
    monkeypatch.setattr(cluster, "wake", lambda: None)
    at = shown(ablated)
    at.button[0].click().run(timeout=60)
    made = [run for run in runs.listing(shipped=False) if run.id != ablated.id]
    assert [(run.spec.parent, run.spec.relation) for run in made] == [(ablated.id, "clone")]
    assert at.query_params["run"] == made[0].id
    at = AppTest.from_function(late, args=(ablated.id,)).run(timeout=60)
    assert at.query_params["run"] == made[0].id
    assert len(runs.listing(shipped=False)) == 2


def test_two_who_ask_at_once_get_the_same_control_run(breakable, monkeypatch):
    ablated, made = trained(breakable, {"predictor": False}), []
    spec = ablation.control_spec(ablated.id)
    ready = threading.Barrier(2)

    def ask() -> None:
        ready.wait()
        with ablation.sole_control_run(ablated.id) as found:
            time.sleep(0.1)  # long enough for the other one to look
            made.append((found or runs.create(spec)).id)

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(made) == 2 and len(set(made)) == 1


def test_a_run_without_ablations_has_no_sole_control_run_though_it_has_an_ablation(breakable):
    trained(breakable, {"predictor": False})
    refused = pytest.raises(Refused, match="has no ablated hyperparameter to restore")
    with refused, ablation.sole_control_run(trained(breakable, {}).id):
        pass


def test_a_control_run_that_is_trained_in_process_does_not_keep_others_waiting(breakable, answer, monkeypatch):
    ablated = trained(breakable, {"predictor": False})
    monkeypatch.setattr(ablation, "PATIENCE", 0.0)
    seen = []

    def here(run):
        with ablation.sole_control_run(ablated.id) as found:
            seen.append(found.id)
        return run

    monkeypatch.setattr(commands, "run_in_process", here)
    made = answer("twin", ablated.id, "--foreground", "--name", "mine")
    assert seen == [made["run"]] == ["mine"]


def test_who_waits_too_long_for_another_control_run_is_refused(breakable, monkeypatch):
    ablated = trained(breakable, {"predictor": False})
    monkeypatch.setattr(ablation, "PATIENCE", 0.0)
    busy = pytest.raises(Refused, match="another control run is being queued: ask for this one again in a moment")
    with ablation.sole_control_run(ablated.id), busy, ablation.sole_control_run(ablated.id):
        pass


def test_a_control_run_that_failed_or_was_stopped_is_trained_again(breakable):
    ablated = trained(breakable, {"predictor": False})
    for state in ("failed", "stopped"):
        trained(breakable, {}, state=state)
    with ablation.sole_control_run(ablated.id) as found:
        assert found is None
    queued = runs.create(ablation.control_spec(ablated.id))
    with ablation.sole_control_run(ablated.id) as found:
        assert found.id == queued.id


def late(id: str) -> None:
    """A second click on a page that does not know of the control run yet."""
    import streamlit as st

    from explorer import runs
    from pages.ui.runs import ablation as ablation_view

    if "run" not in st.query_params:
        ablation_view._train(runs.get(id))


def test_the_best_of_several_control_runs_is_shown(breakable):
    ablated = trained(breakable, {"predictor": False})
    done = trained(breakable, {}, parent=ablated.id)
    trained(breakable, {}, parent=ablated.id, state="failed")
    assert ablation_view.related(ablated).runs[0].id == done.id
