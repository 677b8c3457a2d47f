"""The scores of a transfer: accuracies with intervals, differences, the crossover, advice, and what must be said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.data import DataSet, caveats
from explorer.data.dataset import balanced, numpy_generator
from explorer.evaluation import arm_results, balance
from explorer.evaluation.arms import TransferConfig
from explorer.evaluation.transfer_notes import notes
from explorer.tasks import transfer_outcomes, transfer_own_head

if TYPE_CHECKING:
    from explorer.models.model import Model
    from explorer.tasks.transfer import Outcome

SCORED = 2000  # labelled images whose features are scored: more change a digit
COMPARED = 500  # images of source and target that are told apart


def scores(
    model: Model, dataset: DataSet, cfg: TransferConfig, outcomes: Sequence[Outcome], source: DataSet | None,
    missing: str = "",
) -> dict[str, Any]:  # fmt: skip
    """All that is stored. Under the name of each arm stand its numbers at the `largest` amount of labels; `missing`
    says why there is no `source`.
    """
    facts, truth = [each.facts for each in outcomes], dataset.splits["test"].y
    table = arm_results.table(facts, len(truth))
    right = {(each["arm"], each["labels"], each["seed"]): outcome.predicted == truth
             for each, outcome in zip(facts, outcomes, strict=True)}  # fmt: skip
    compared = arm_results.comparisons(facts, right)
    crossed = arm_results.crossovers(compared, len(dataset.classes))
    largest = arm_results.largest(table)
    found = {row.arm: _arm(row, facts) for row in table if row.labels == largest}
    learned = np.concatenate([dataset.splits[split].y for split in cfg.training_splits])
    found |= balance.measure(_predicted(outcomes, largest), truth, learned, dataset.classes)
    spec = getattr(model, "spec", None)
    said = notes(dataset, spec.shape if spec else (), cfg, facts)
    if cfg.watch_source and source is None:
        said.append(f"What the encoder still knows of its source was not measured: {missing}.")
    if cfg.watch_source and source is not None:
        from explorer.evaluation.transfer import SourceMemory

        found["source"] = {"dataset": source.name, "accuracy": SourceMemory(source, spec)(model.module)}
    return found | {
        "n_test": len(truth),
        "largest": largest,
        "size": dataset.size,
        "data": dataset.hash,
        "tested_on": transfer_outcomes.identity(dataset),
        "results": facts,
        "table": [row._asdict() for row in table],
        "comparisons": [each._asdict() for each in compared],
        "crossovers": [each.plain() for each in crossed],
        **before(model, dataset, cfg, source),
        **transfer_own_head.measured(model, dataset),
        "caveats": [*caveats.of_scores(dataset), *transfer_own_head.said(model, dataset), *said],
    }


def _predicted(outcomes: Sequence[Outcome], amount: str) -> dict[str, np.ndarray]:
    """By arm the classes `[S, N]` that each of its seeds named at an amount of labels."""
    by_arm: dict[str, list[np.ndarray]] = {}
    for outcome in outcomes:
        if outcome.facts["labels"] == amount:
            by_arm.setdefault(outcome.facts["arm"], []).append(outcome.predicted)
    return {arm: np.stack(seeds) for arm, seeds in by_arm.items()}


def _arm(row: arm_results.Accuracy, facts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    seconds = [each["seconds"] for each in facts if (each["arm"], each["labels"]) == (row.arm, row.labels)]
    return {
        "test_accuracy": row.mean, "low": row.low, "high": row.high, "interval_over": row.over,
        "accuracies": row.accuracies, "trainable": row.trainable, "n_train": row.n_train, "seconds": sum(seconds),
    }  # fmt: skip


def before(model: Model, dataset: DataSet, cfg: TransferConfig, source: DataSet | None) -> dict[str, Any]:
    """What can be said without training: LogME of the frozen features of the largest draw of labels, and the advice."""
    from explorer.evaluation.transfer import Bench, cells
    from explorer.evaluation.transferability import Placement, distance, logme

    bench = Bench(model, dataset, cfg)
    rows = max((bench.rows(cell) for cell in cells(cfg) if cell.seed == cfg.seed), key=len)
    some = rows[balanced(bench.pool.y[rows], SCORED, numpy_generator(dataset.source, "logme"))]
    z, far = bench.pool.features(model, some), None
    if source is not None and source.name != dataset.name:
        here, there = source.probe()[0], balanced(bench.pool.y, COMPARED, numpy_generator(dataset.source, "distance"))
        here = here[np.linspace(0, len(here) - 1, min(COMPARED, len(here))).astype(int)]
        far = distance(model.features(source, "validation", here), bench.pool.features(model, there))
    placed = Placement(len(rows), z.shape[1], far)
    return {"logme": logme(z, bench.pool.y[some]), "placement": placed.plain()}
