"""Rows of the studies as runs would leave them, for tests of verdicts and of the page that shows them."""

import json
from random import Random

from explorer.benchmarks import STUDIES, Protocol, results

PROTOCOL = Protocol(subset=2000, labels=1000, seconds=60.0)
EACH = (100, 200, 500, 1000, 2000, 5000)


def row(study, arm, seed, dataset="cifar10", **more):
    """A row that learned: ten points over its untrained network, with a little noise of each seed."""
    noise = Random(f"{study.name} {arm.label} {seed}")
    shift = 0.01 * (sum(map(ord, arm.label)) % 7) + noise.gauss(0, 0.004)
    value, before = 0.5 + shift, 0.42 + noise.gauss(0, 0.003)
    about = {"study": study.name, "dataset": dataset, "arm": arm.label, "asked": arm.definition(), "seed": seed}
    about |= {"protocol": PROTOCOL.as_row(), "extras": list(study.extras), "data": "abcdef0123"}
    about |= {"hardware": "a machine, 1 thread", "torch": "2.0", "python": "3.11", "n_bank": 10_000, "n_test": 5000}
    about |= {"n_train": 30_000, "steps": 4000, "core_seconds": 60.0, "date": "2026-11-27T12:00:00+00:00"}
    about |= {"labels": {"100": 10_000, "10": 1000, "1": 100}, "hyperparameters": {}, "train": {}, "rank": 40.0}
    numbers = {"knn": value - 0.05, "linear_100": value, "linear_10": value - 0.06, "linear_1": value - 0.12}
    if arm.method:
        numbers |= {"untrained": "the same", "parameters": 100_000 + 1000 * len(arm.label)}
        numbers |= {f"{kind}_{probe}": before for kind in ("untrained", "settled") for probe in ("knn", "linear_100")}
        numbers |= {"z_linear_100": value - 0.04, "z_knn": value - 0.09, "mse": 0.02 - 0.01 * shift}
        numbers |= {"linear_at": {str(n): value - 0.2 + 0.02 * i for i, n in enumerate(EACH)}}
        numbers |= {
            "accuracy": 0.2 + 0.0001 * (arm.labels or 5000),
            "measured": {"mean cosine to PCA": 0.995 + seed / 1e4},
        }
    elif arm.reference.startswith("p"):
        numbers |= {"linear_100": 0.38, "knn": 0.35, "mse": 0.025 + noise.gauss(0, 1e-4)}
    return {**about, **numbers, **more}


def plant(name, dataset="cifar10", seeds=(0, 1, 2), arms=None):
    """Write the rows of a study where its page reads them; returns the file."""
    study = STUDIES[name]
    wanted = [arm for arm in study.arms() if arms is None or arm.label in arms]
    path = results.place(name, dataset)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        for seed in seeds:
            file.writelines(json.dumps(row(study, arm, seed, dataset)) + "\n" for arm in wanted)
    return path
