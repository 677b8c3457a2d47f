"""What a transfer has shown so far: the accuracies of the trainings that have ended, amid it and after it."""

import numpy as np

from explorer import data, runs
from explorer.engine import worker
from explorer.tasks import request, transfer_outcomes
from explorer.tasks.task import TASKS
from explorer.tasks.transfer import keep


def started():
    options = {"arms": ("frozen", "finetune"), "labels": ("1", "5"), "epochs": 2}
    run = runs.create(request.request("transfer", "digits-simclr", "digits", **options))
    return run, TASKS["transfer"].config(run.spec)


def test_accuracies_are_there_as_soon_as_their_training_has_ended():
    run, cfg = started()
    assert transfer_outcomes.table(run, cfg) == []
    for step, arm, accuracy in ((2, "frozen", 0.5), (4, "finetune", 0.25), (8, "finetune", 0.75)):
        facts = {"arm": arm, "labels": "1", "seed": 0, "trainable": 3, "n_train": 10, "test_accuracy": accuracy}
        keep(run, step, facts | {"predicted": np.zeros(4, int), "confidence": np.full(4, 0.5)})
    rows = transfer_outcomes.table(run, cfg)
    assert [(row.arm, row.labels, row.mean) for row in rows] == [("frozen", "1", 0.5), ("finetune", "1", 0.25)]
    assert rows[0].low < 0.5 < rows[0].high, "step 8 stands behind a training that goes on"


def test_at_the_end_they_are_those_of_the_scores():
    run, cfg = started()
    worker.here(run)
    assert run.status.state == "done", run.status.error
    assert [row._asdict() for row in transfer_outcomes.table(run, cfg)] == run.scores()["table"]
    ended = transfer_outcomes.facts(run, cfg)
    assert [(each["arm"], each["labels"]) for each in ended] == [
        ("frozen", "1"), ("finetune", "1"), ("frozen", "5"), ("finetune", "5"),
    ]  # fmt: skip
    assert not transfer_outcomes.has_changed(run.scores(), ended, data.load("digits"))
    assert run.scores()["tested_on"]["hash"] == data.load("digits").hash
    named = transfer_outcomes.named(run, ended[-1])
    assert len(named.predicted) == len(named.confidence) == ended[-1]["n_test"] == run.scores()["n_test"]
