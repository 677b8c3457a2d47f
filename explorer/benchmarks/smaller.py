"""A study made small: its essential arms as ordinary trainings, and their scores read as rows of the study."""

import secrets
from collections.abc import Iterable
from typing import Any

from explorer import Refused
from explorer.benchmarks import suite_claims
from explorer.benchmarks.claims import NUMBER, Smaller
from explorer.benchmarks.protocol import Arm, Protocol, Study
from explorer.benchmarks.report import Group
from explorer.evaluation.probes import PROBES
from explorer.runs import Run, Spec

BATCH = 64
LARGE, HALF = ("shapes",), 0.9  # images of which half the resolution still shows something; the share of such steps
MARK = "study"  # of the runs of one set: study-NAME-HEX
ARM = "arm"  # in the parameters of such a run


def specs(study: Study) -> list[Spec]:
    """A training for each essential arm and seed, seed by seed; imports torch. Raises `Refused` where one cannot be."""
    plan, arms = suite_claims.of(study).smaller, {arm.label: arm for arm in study.arms()}
    group = f"{MARK}-{study.name}-{secrets.token_hex(6)}"
    every = [(seed, arms[label]) for seed in range(plan.seeds) for label in plan.arms]
    return [_spec(plan, arm, seed, study.shared).model_copy(update={"group": group}) for seed, arm in every]


def _spec(plan: Smaller, arm: Arm, seed: int, shared: bool) -> Spec:
    from explorer.benchmarks.trial import hyperparameters
    from explorer.methods import METHODS
    from explorer.tasks.training import request

    if not arm.method:
        raise Refused(f"{arm.label} is a reference that is not trained: name an arm with a method")
    subset = arm.labels or plan.subset
    epochs = round(plan.epochs * arm.longer)
    half = {"half_resolution": HALF} if plan.dataset in LARGE and METHODS.choose(arm.method).any_size else {}
    train = {"batch": BATCH, **half, **arm.train, "epochs": epochs, "subset": subset, "seed": seed}
    if arm.labels:  # as many steps as on more images, within reason
        train |= {"batch": min(BATCH, arm.labels // 2), "epochs": 4 * epochs}
    title = f"{arm.words}, seed {seed}"[:80]
    spec = request.train(arm.method, plan.dataset, hyperparameters(arm, shared), train, title)
    return spec.model_copy(update={"params": {ARM: arm.label}})


def is_of(run: Run, study: Study) -> bool:
    """Whether a run was started as a part of this study."""
    return run.spec.kind == "train" and run.spec.group.startswith(f"{MARK}-{study.name}-")


def latest(runs: Iterable[Run], study: Study) -> list[Run]:
    """The runs of the set that was started last; `runs` are the newest first."""
    mine = [run for run in runs if is_of(run, study)]
    return [run for run in mine if run.spec.group == mine[0].spec.group]


def group(study: Study, some: Iterable[Run]) -> Group | None:
    """The runs that have their scores as rows of the study; None where there is none."""
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    for run in some:
        label = run.spec.params.get(ARM, "")
        if label and run.scores():
            rows.setdefault(label, {})[run.spec.seed] = _row(run)
    arms = [arm for arm in study.arms() if arm.label in rows]
    return Group(Protocol(batch=BATCH), "", arms, {arm.label: rows[arm.label] for arm in arms}) if arms else None


def _row(run: Run) -> dict[str, Any]:
    """The scores of a run under the names that a study has for them."""
    scores = run.scores() or {}
    before = scores.get("references", {}).get("Untrained", {})
    named = {name: probe.column() for name, probe in PROBES.items()}
    row = {column: scores[name] for name, column in named.items() if _is_number(scores.get(name))}
    row |= {f"untrained_{column}": before[name] for name, column in named.items() if _is_number(before.get(name))}
    losses = [each["val_loss"] for each in run.metrics() if _is_number(each.get("val_loss"))]
    if run.spec.hyperparameters.get("error") == "mse" and losses:
        row["mse"] = losses[-1]
    about = {"arm": run.spec.params[ARM], "seed": run.spec.seed, "n_test": scores.get("n_test", 0)}
    return {**about, "n_train": scores.get("n_train", 0), **row}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def measures(number: str) -> bool:
    """Whether such runs have a number that the study asks for."""
    return number in {*(probe.column() for probe in PROBES.values()), NUMBER, "mse"}
