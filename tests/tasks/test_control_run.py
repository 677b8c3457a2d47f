"""The healthy twin of a run that was broken on purpose: what it is, who finds it, and that there is one."""

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
from explorer.tasks import control_run, requests
from explorer.tasks.training import task
from pages.ui.runs import ablation
from tests.tasks.ablation_cases import shown, trained


def test_the_healthy_twin_has_the_same_seed_and_everything_but_what_is_broken(breakable):
    sick = trained(breakable, {"predictor": False, "latent": 3}, {"seed": 7, "epochs": 2}, title="Mine")
    wish = requests.control_spec(sick.id)
    assert requests.differences(wish, sick.spec) == {"predictor": (False, True)}
    assert (wish.parent, wish.relation, wish.title) == (sick.id, "clone", "Mine, healthy twin")
    assert (wish.seed, wish.train["epochs"], wish.hyperparameters["latent"]) == (7, 2, 3)


def test_all_that_is_broken_is_healed_at_once_and_the_title_does_not_grow(breakable):
    sick = trained(breakable, {"predictor": False, "beta": 0}, title="x" * TITLE)
    wish = requests.control_spec(sick.id)
    assert (wish.hyperparameters["predictor"], wish.hyperparameters["beta"]) == (True, 1.0)
    assert len(wish.title) == TITLE and wish.title.endswith("healthy twin")


def test_a_run_that_is_not_broken_has_no_healthy_twin(breakable):
    with pytest.raises(
        Refused, match="is not broken on purpose, so no hyperparameter is to be healed: clone it instead"
    ):
        requests.control_spec(trained(breakable, {}).id)


@pytest.mark.parametrize("method", [None, "forgotten", "breakable"])
def test_a_run_of_an_older_version_is_simply_not_broken(method, breakable):
    spec = Spec(kind="train", title="a", method=method, dataset="digits", hyperparameters={"gone": 1, "beta": 1e9})
    assert requests.ablated(spec) == {}
    assert requests.control_runs(runs.create(spec), runs.listing()) == []


def test_twins_find_each_other_however_they_came_about(breakable):
    sick = trained(breakable, {"predictor": False})
    alone = trained(breakable, {})  # the same as a twin, but nobody's clone
    others = [
        trained(breakable, {}, {"seed": 1}),
        trained(breakable, {"latent": 3}),
        trained(breakable, {}, {"epochs": 9}),
        trained(breakable, {"predictor": False, "latent": 3}),
        trained("autoencoder", {}),
    ]
    made = runs.create(requests.control_spec(sick.id))
    found = [run.id for run in requests.control_runs(sick, runs.listing())]
    assert found == [made.id, alone.id]
    twice = trained(breakable, {"predictor": False, "beta": 0})
    assert [run.id for run in requests.control_runs(made, runs.listing())] == [sick.id, twice.id]
    assert not {run.id for run in others} & {run.id for run in requests.control_runs(alone, runs.listing())}
    assert requests.control_runs(others[0], runs.listing()) == []


def test_the_twin_of_a_run_that_did_not_know_a_hyperparameter_yet_is_found(breakable):
    sick, well = trained(breakable, {"predictor": False}), trained(breakable, {})
    path = well.folder / "spec.json"
    spec = json.loads(path.read_text())
    del spec["hyperparameters"]["predictor"], spec["train"]["threads"]
    path.write_text(json.dumps(spec))
    assert [run.id for run in requests.control_runs(sick, runs.listing())] == [well.id]


def test_the_twin_is_trained_from_the_command_line(breakable, answer, monkeypatch, capsys):
    monkeypatch.setattr(task, "score", lambda *_: None)
    tiny = {"epochs": 1, "subset": 100, "batch": 50, "threads": 1}
    sick = trained(breakable, {"predictor": False}, tiny)
    made = answer("twin", sick.id, "--foreground", "--title", "Well again")
    assert made["changed"] == {"predictor": {"from": False, "to": True}}
    assert made["ablated"] == {"predictor": "all end in one point"}
    assert (made["state"], made["parent"]) == ("done", sick.id)
    assert runs.get(made["run"]).title == "Well again"
    assert not made["found"]
    again = answer("twin", sick.id, "--foreground")
    assert (again["run"], again["found"]) == (made["run"], True)
    for words, said in (((), ""), (("--title", "Other", "--name", "b"), "already: --title, --name\n")):
        assert main(["twin", sick.id, *words]) == 0
        assert capsys.readouterr().err == (said and f"note: not used, for the twin was there {said}")
    runs.get(made["run"]).write_scores({"linear": 0.958217270194986, "n_test": 360})
    assert main(["twin", sick.id]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["linear: 0.958", "n_test: 360"]
    assert main(["twin", made["run"]]) == 2
    assert "is not broken on purpose" in capsys.readouterr().err


def twin_of(wish):
    """What the healthy twin of a training is called."""
    run = runs.create(wish)
    run.write_checkpoint(1, {"model.safetensors": b"w", "resume.pt": b"r"})
    run.update(state="stopped", step=1, steps=2)
    return requests.control_spec(run.id).title, run


def test_the_twin_is_not_called_by_what_was_broken(breakable):
    title, sick = twin_of(requests.train(breakable, "digits", {"predictor": False}, {}))
    assert title == "Breakable on Digits, healthy twin"
    title, again = twin_of(requests.continued(sick.id))
    assert (again.title, title) == ("Breakable without predictor on Digits continued", title)
    assert title == "Breakable on Digits, healthy twin"


@pytest.mark.parametrize(
    ("hyperparameter", "values", "end"),
    [("beta", [0, 1], ""), ("predictor", [False, True], ""), ("weight_decay", [0.1, 0.2], ", weight decay 0.1"),
     ("seed", [3, 4], ", seed 3"), ("latent", [3, 5], ", latent 3"), ("encoder", ["mlp", "conv"], ", encoder mlp")],
)  # fmt: skip
def test_the_twin_of_one_of_a_set_says_what_the_set_runs_through_unless_that_was_broken(
    hyperparameter, values, end, breakable
):
    wish = requests.sweep(breakable, "digits", {"predictor": False}, {}, hyperparameter, values)[0]
    assert twin_of(wish)[0] == f"Breakable on Digits{end}, healthy twin"


def test_the_twin_of_a_training_that_somebody_named_keeps_the_name(breakable):
    for title in ("Breakable without predictor on Digits, beta 7", "Mine continued"):
        wish = requests.train(breakable, "digits", {"predictor": False}, {}, title=title)
        assert twin_of(wish)[0] == f"{title}, healthy twin"


def test_the_button_trains_the_control_run_once(breakable, monkeypatch):
    sick = trained(breakable, {"predictor": False})
    monkeypatch.setattr(cluster, "wake", lambda: None)
    at = shown(sick)
    at.button[0].click().run(timeout=60)
    made = [run for run in runs.listing(shipped=False) if run.id != sick.id]
    assert [(run.spec.parent, run.spec.relation) for run in made] == [(sick.id, "clone")]
    assert at.query_params["run"] == made[0].id
    at = AppTest.from_function(late, args=(sick.id,)).run(timeout=60)
    assert at.query_params["run"] == made[0].id
    assert len(runs.listing(shipped=False)) == 2


def test_two_who_ask_at_once_get_the_same_twin(breakable, monkeypatch):
    sick, made = trained(breakable, {"predictor": False}), []
    wish = requests.control_spec(sick.id)
    ready = threading.Barrier(2)

    def ask() -> None:
        ready.wait()
        with control_run.sole_control_run(sick.id) as found:
            time.sleep(0.1)  # long enough for the other one to look
            made.append((found or runs.create(wish)).id)

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(made) == 2 and len(set(made)) == 1


def test_a_healthy_run_has_no_sole_twin_though_there_is_a_broken_one(breakable):
    trained(breakable, {"predictor": False})
    refused = pytest.raises(Refused, match="is not broken on purpose")
    with refused, control_run.sole_control_run(trained(breakable, {}).id):
        pass


def test_a_twin_that_is_trained_here_does_not_keep_others_waiting(breakable, answer, monkeypatch):
    sick = trained(breakable, {"predictor": False})
    monkeypatch.setattr(control_run, "PATIENCE", 0.0)
    seen = []

    def here(run):
        with control_run.sole_control_run(sick.id) as found:
            seen.append(found.id)
        return run

    monkeypatch.setattr(commands, "here", here)
    made = answer("twin", sick.id, "--foreground", "--name", "mine")
    assert seen == [made["run"]] == ["mine"]


def test_who_waits_too_long_for_another_twin_is_told(breakable, monkeypatch):
    sick = trained(breakable, {"predictor": False})
    monkeypatch.setattr(control_run, "PATIENCE", 0.0)
    busy = pytest.raises(Refused, match="another healthy twin is being queued: ask for this one again in a moment")
    with control_run.sole_control_run(sick.id), busy, control_run.sole_control_run(sick.id):
        pass


def test_a_twin_that_failed_or_was_stopped_is_made_again(breakable):
    sick = trained(breakable, {"predictor": False})
    for state in ("failed", "stopped"):
        trained(breakable, {}, state=state)
    with control_run.sole_control_run(sick.id) as found:
        assert found is None
    queued = runs.create(requests.control_spec(sick.id))
    with control_run.sole_control_run(sick.id) as found:
        assert found.id == queued.id


def late(id: str) -> None:
    """A second click on a page that does not know of the control run yet."""
    import streamlit as st

    from explorer import runs
    from pages.ui.runs import ablation

    if "run" not in st.query_params:
        ablation._train(runs.get(id))


def test_the_best_of_several_control_runs_is_shown(breakable):
    sick = trained(breakable, {"predictor": False})
    done = trained(breakable, {}, parent=sick.id)
    trained(breakable, {}, parent=sick.id, state="failed")
    assert ablation.related(sick).runs[0].id == done.id
