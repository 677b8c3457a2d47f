"""One trial of a study: an arm is trained with a seed and measured, and becomes a row."""

import platform
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter

import torch
from torch import Tensor

from explorer import Refused
from explorer.benchmarks.metrics import EXTRAS
from explorer.benchmarks.protocol import UNTRAINED, Arm, Study
from explorer.benchmarks.results import Row
from explorer.benchmarks.testbed import Clock, Testbed
from explorer.benchmarks.workspace import source, stopped_by_interrupt, workspace
from explorer.core import METHODS, TrainConfig
from explorer.evaluation.probes import PROBES
from explorer.models import build, devices, loading
from explorer.models.model import Model, Network
from explorer.nn import recalibrate_batch_norm
from explorer.runs import Run
from explorer.system.machine import processor
from explorer.tasks.training import checkpointing, memory
from explorer.tasks.training.loop import Diverged, TrainingLoop
from explorer.train import Fit, steps_per_epoch

LONGEST = 1000  # epochs
KEPT = {"epochs", "batch", "optimizer", "lr", "schedule", "weight_decay", "encoder", "width"}


def run(study: Study, arm: Arm, seed: int, bench: Testbed, threads: int = 0, rows: Iterable[Row] = ()) -> Row:
    """The row of one trial; raises `Refused` where the arm does not fit. `rows` may know its untrained network."""
    clock, start = Clock(), perf_counter()
    with ExitStack() as working:
        model, numbers = (
            reference(arm, seed, bench) if arm.reference else train(arm, seed, bench, threads, rows, working)
        )
        row = {**header(study, arm, seed, bench), **resolved(arm, seed, bench), **numbers}
        clock.stop("training")
        if "failed" not in row:
            row |= measure(study, arm, model, bench, clock)
    return {**row, **footer(bench), "spent": clock.seconds, "seconds": round(perf_counter() - start, 2)}


def measure(study: Study, arm: Arm, model: Model, bench: Testbed, clock: Clock) -> Row:
    """The probes, and what the study measures besides."""
    features = bench.features(model)
    clock.stop("embedding")
    row = bench.measure(features)
    clock.stop("probes")
    if arm.reference == "untrained":  # the untrained network of every method whose encoder begins like this one
        row |= {"untrained": bench.fingerprint(model), **{f"untrained_{name}": row.get(name) for name in columns()}}
    for name in ("measure", *study.extras) if "failed" not in row else ():
        row |= EXTRAS[name](model, bench, features)
    clock.stop("extras")
    return row


def columns() -> list[str]:
    """What the untrained network is probed for: every probe with all labels."""
    return [probe.column() for probe in PROBES.values()]


def reference(arm: Arm, seed: int, bench: Testbed) -> tuple[Model, Row]:
    """A model that is not trained; a settled one has at least the statistics of the images in its batch norms."""
    if arm.reference not in UNTRAINED:
        return loading.load(arm.reference, bench.dataset), {"train_seconds": 0.0}
    cfg = settings(Arm(arm.label, "supervised"), seed, bench)  # any method: no step is made
    method = build.fresh("supervised", {}, cfg, bench.spec)
    model = build.network(arm.label, arm.label, method, cfg)
    if arm.reference == "settled":
        recalibrate_batch_norm(method.encoder, even(model.images(bench.train.x), cfg.batch))
    return model, {"train_seconds": 0.0, "parameters": size(method.encoder)}


def even(x: Tensor, batch: int) -> list[Tensor]:
    """Images in batches of one size, without the rest that would weigh as much as a whole one."""
    return list(x[: max(batch, len(x) // batch * batch)].split(batch))


def settings(arm: Arm, seed: int, bench: Testbed, threads: int = 0) -> TrainConfig:
    """The training hyperparameters of an arm: the protocol's, under them the method's own, over them the arm's."""
    wanted, cls = bench.protocol, METHODS.choose(arm.method)
    fixed = {"encoder": wanted.encoder, "width": wanted.width, "subset": wanted.subset, "size": wanted.size}
    epochs = max(1, round(wanted.epochs * arm.longer))
    cfg = cls.training({**fixed, "epochs": epochs, "seed": seed, "threads": threads, **arm.train})
    if not arm.labels:
        return cfg
    if arm.labels >= len(bench.rows):
        raise Refused(f"{arm.labels} labels are no part of {len(bench.rows)} training images: raise --subset")
    steps = steps_per_epoch(len(bench.rows), cfg.batch) * cfg.epochs
    epochs = min(LONGEST, max(1, round(steps / steps_per_epoch(arm.labels, cfg.batch))))
    return cfg.model_copy(update={"subset": arm.labels, "epochs": epochs})


def resolved(arm: Arm, seed: int, bench: Testbed) -> Row:
    """All hyperparameters that an arm has at present, its own and those of its training; raises `Refused`."""
    if arm.reference:
        return {}
    train = settings(arm, seed, bench).model_dump(mode="json", include=KEPT)
    return {
        "hyperparameters": METHODS.choose(arm.method).hyperparameters(arm.hyperparameters).model_dump(mode="json"),
        "train": train,
    }


def train(
    arm: Arm, seed: int, bench: Testbed, threads: int = 0, rows: Iterable[Row] = (), working: ExitStack | None = None
) -> tuple[Model, Row]:
    """Train the arm; its numbers include those of the network before its first step.

    The folder in which it is trained goes with `working`, or at once.
    """
    cfg, split = settings(arm, seed, bench, threads), bench.split(arm.labels)
    method = build.fresh(arm.method, arm.hyperparameters, cfg, replace(bench.spec, rows=len(split)))
    model = build.network(arm.label, arm.label, method, cfg)  # on its device
    fit = Fit(method, split, cfg)
    memory.check(fit)
    before = untrained(model, bench, rows) if fit.optimizers else {}
    with ExitStack() as briefly:
        numbers = learn(fit, (working or briefly).enter_context(workspace(arm, bench, fit)))
    method.eval()
    about = {"batch": cfg.batch, "n_train": len(split), "source": source(type(method))}
    chance = method.chance(min(cfg.batch, len(split)))
    return model, {**about, **numbers, "chance": chance, "parameters": size(method), **before}


def untrained(model: Network, bench: Testbed, rows: Iterable[Row]) -> Row:
    """The probes of the same network before its first step; taken from a row that has measured the very same."""
    mark, protocol = bench.fingerprint(model), bench.protocol.as_row()
    names = [f"untrained_{name}" for name in columns()]
    for row in rows:
        same = row.get("untrained") == mark and row["protocol"] == protocol
        if same and all(row.get(name) is not None for name in names):
            return {"untrained": mark, **{name: row[name] for name in names}}
    numbers = bench.probe(bench.features(model))
    return {"untrained": mark, **{f"untrained_{name}": value for name, value in numbers.items()}}


def learn(fit: Fit, run: Run) -> Row:
    """All steps, from where the run's folder has them: the mean losses of the last epoch, and the time that they took.

    A loss that is no number any more makes a row that says so, with the steps to the end of its epoch. Raises
    `KeyboardInterrupt` if the training was stopped on the way; its checkpoint is kept.
    """
    loop = TrainingLoop(run, fit, monitor=None, held_out=None, before=checkpointing.resume(run, fit))
    try:
        with stopped_by_interrupt(run):
            loop.go()
    except Diverged as error:
        return {"failed": error.reason, "loss": None, "steps": -(-error.t // fit.per_epoch) * fit.per_epoch}
    if run.stop_requested() or fit.t < fit.steps:
        raise KeyboardInterrupt
    means = run.metrics()[-1]  # of the last epoch
    losses = {name.removeprefix("train_"): mean for name, mean in means.items() if name.startswith("train_")}
    images = fit.images if fit.optimizers else len(fit.data)
    rate = {"train_seconds": round(loop.seconds, 2), "images_per_second": round(images / loop.seconds, 1)}
    result = {"loss": losses.get("loss"), "losses": losses, "steps": fit.t}
    return {**result, **rate, "core_seconds": round(loop.core_seconds, 2)}  # more telling on a machine that is shared


def size(part: torch.nn.Module) -> int:
    """Numbers that are learned."""
    return sum(p.numel() for p in part.parameters() if p.requires_grad)


def header(study: Study, arm: Arm, seed: int, bench: Testbed) -> Row:
    """What run it is."""
    about = {
        "study": study.name,
        "dataset": bench.whole.name,
        "arm": arm.label,
        "asked": arm.definition(),
        "seed": seed,
    }
    return {**about, "protocol": bench.protocol.as_row(), "extras": list(study.extras)}


def footer(bench: Testbed) -> Row:
    """On what it was measured, where, with what, and when."""
    versions = {"torch": str(torch.__version__), "python": platform.python_version()}
    about = {"n_bank": len(bench.rows), "n_test": len(bench.test.y), "data": bench.whole.hash, "hardware": hardware()}
    return {**about, **versions, "date": datetime.now(UTC).isoformat(timespec="seconds")}


def hardware() -> str:
    """The GPU, or the processor and the threads that are used of it."""
    return devices.describe(devices.device(), processor=processor())
