"""The largest amount of labels is the one with the most images, in whatever order amounts were asked for."""

import numpy as np
import pytest

from explorer import data, runs
from explorer.engine import worker
from explorer.tasks import transfer_sources
from explorer.tasks.request import request
from explorer.tasks.task import TASKS


def test_the_largest_amount_counts_in_whatever_order_amounts_are_asked_for():
    run = runs.create(request("transfer", "pca", "digits", arms=("frozen",), epochs=1, labels=("all", "5")))
    worker.here(run)
    scores, images = run.scores(), len(data.load("digits").splits["train"].y)
    assert scores["largest"] == "all" and scores["frozen"]["n_train"] == images
    assert scores["data"] == data.load("digits").hash
    recalls, n = scores["per_class"]["frozen"], scores["per_class"]["n"]
    assert np.dot(recalls, n) / scores["n_test"] == pytest.approx(scores["frozen"]["test_accuracy"])
    assert [each.run.id for each in transfer_sources.over_sources([run], "digits", "all")] == [run.id]
    assert transfer_sources.over_sources([run], "digits", "5") == []


def test_the_report_compares_arms_at_the_largest_amount():
    run = runs.create(
        request("transfer", "untrained:mlp", "digits", labels=("5", "1"), epochs=2, arms=("frozen", "finetune"))
    )
    worker.here(run)
    lines, answer = TASKS["transfer"].report(run)
    (at,) = (row for row in run.scores()["comparisons"] if row["labels"] == "5" and row["second"] == "finetune")
    (line,) = (line for line in lines if line.startswith("frozen - finetune: "))
    assert f"{100 * at['difference']:+.1f}".replace("-", "−") in line and answer["largest"] == "5"
