"""Runs of one title are told apart at a glance: by what differs, else by a number."""

from explorer import runs
from explorer.tasks.training import request as training_request
from pages.ui.runs import run_labels


def run(seed=0, title="", **own):
    return runs.create(training_request.train("autoencoder", "digits", own, {"seed": seed}, title=title))


def test_runs_of_one_title_are_called_by_what_differs():
    first, second = run(latent=4), run(latent=8)
    assert run_labels.titles([second, first]) == {
        first.id: "Autoencoder on Digits, latent 4",
        second.id: "Autoencoder on Digits, latent 8",
    }


def test_the_very_same_runs_are_numbered_in_the_order_in_which_they_were_made():
    some = [run() for _ in range(5)]
    titles = run_labels.titles(list(reversed(some)))
    assert [titles[each.id] for each in some] == [f"Autoencoder on Digits #{n}" for n in range(1, 6)]


def test_what_differs_comes_before_a_number_and_a_title_of_its_own_stays():
    some = [run(), run(seed=1), run(seed=1), run(title="Mine")]
    titles = run_labels.titles(some)
    assert [titles[each.id] for each in some] == [
        "Autoencoder on Digits, seed 0",
        "Autoencoder on Digits, seed 1 #1",
        "Autoencoder on Digits, seed 1 #2",
        "Mine",
    ]
    assert len(set(titles.values())) == 4
