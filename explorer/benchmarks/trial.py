"""One trial of a study: an arm is trained with a seed and measured, and becomes a row."""

import copy
import platform
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import torch

from explorer import Refused
from explorer.benchmarks import budget, results
from explorer.benchmarks.budget import Cost
from explorer.benchmarks.metrics import EXTRAS
from explorer.benchmarks.protocol import POOLED, UNTRAINED, Arm, Study, protocol_of
from explorer.benchmarks.results import Row
from explorer.benchmarks.testbed import Clock, Testbed
from explorer.benchmarks.workspace import remembered_cost, source, stopped_by_interrupt, workspace
from explorer.core import ENCODERS, METHODS, Split, TrainConfig
from explorer.evaluation.probes import PROBES
from explorer.models import build, devices, loading
from explorer.models.model import Model, Network
from explorer.nn import recalibrate_batch_norm
from explorer.runs import Run
from explorer.system.machine import processor
from explorer.tasks.training import checkpointing, memory
from explorer.tasks.training.loop import Diverged, TrainingLoop
from explorer.train import Fit

KEPT = {"batch", "optimizer", "lr", "schedule", "weight_decay", "encoder", "width", "pooling", "half_resolution"}
SHARED = {"projection": 128, "mlp_head": True, "temperature": 0.1}  # of all contrastive methods


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
        name = f"pixels:{bench.protocol.pooling}" if arm.reference == POOLED else arm.reference
        return loading.load(name, bench.dataset), {"train_seconds": 0.0}
    cfg = settings(Arm(arm.label, "supervised"), seed, bench)  # any method: no step is made
    method = build.fresh("supervised", {}, cfg, bench.spec)
    model = build.network(arm.label, arm.label, method, cfg)
    if arm.reference == "settled":
        settle(model, bench, cfg.batch)
    return model, {"train_seconds": 0.0, "parameters": size(method.encoder)}


def settle(model: Network, bench: Testbed, batch: int) -> None:
    """Give the batch norms the statistics of training images; nothing is learned."""
    x = bench.bank.x
    starts = range(0, max(1, len(x) // batch * batch), batch)  # without the rest, which would weigh as much
    recalibrate_batch_norm(model.module, (model.images(x[at : at + batch]) for at in starts), model.module.embed)


def settings(arm: Arm, seed: int, bench: Testbed, threads: int = 0) -> TrainConfig:
    """The training hyperparameters of an arm, but for its epochs: the arm's own, the protocol's, the method's.

    What the protocol asks of networks that see images of any size is left out where one does not. Raises `Refused`.
    """
    fixed, cls = {**bench.protocol.settings, **arm.train}, METHODS.choose(arm.method)
    if arm.labels and arm.labels >= len(bench.bank_rows):
        raise Refused(f"{arm.labels} labels are no part of {len(bench.bank_rows)} labelled images: raise --labels")
    flexible = cls.uses_encoder and ENCODERS[fixed["encoder"]].any_size
    fixed |= {} if flexible else {"pooling": 1}
    fixed |= {} if flexible and cls.any_size else {"half_resolution": 0.0}
    return cls.training({**fixed, "epochs": 1, "seed": seed, "threads": threads})


def hyperparameters(arm: Arm, shared: bool = True) -> dict[str, Any]:
    """Those of the arm: its own, and where they are shared one head and temperature for all contrastive methods."""
    cls = METHODS.choose(arm.method)
    if not shared or cls.info.family != "contrastive":
        return arm.hyperparameters
    return {name: value for name, value in SHARED.items() if name in cls.Config.model_fields} | arm.hyperparameters


def resolved(arm: Arm, seed: int, bench: Testbed) -> Row:
    """All hyperparameters that an arm has at present, its own and those of its training; raises `Refused`."""
    if arm.reference:
        return {}
    train = settings(arm, seed, bench).model_dump(mode="json", include=KEPT)
    return {
        "hyperparameters": METHODS[arm.method]
        .hyperparameters(hyperparameters(arm, bench.protocol.shared))
        .model_dump(mode="json"),
        "train": train,
    }


def train(
    arm: Arm, seed: int, bench: Testbed, threads: int = 0, rows: Iterable[Row] = (), working: ExitStack | None = None
) -> tuple[Model, Row]:
    """Train the arm at each rate that has not been decided on yet, and keep what does best on the validation images.

    Its numbers include those of the network before its first step. The folders in which it is trained go with
    `working`, or at once.
    """
    cfg, split = settings(arm, seed, bench, threads), bench.split(arm.labels)
    known = results.of(rows, arm, bench.protocol)
    initial = initialised(arm, cfg, split, bench)
    rates = chosen_rates(known, bench) if initial.can_train else [1.0]
    trials = []
    with ExitStack() as briefly:
        folders = working or briefly
        per_image = measured_cost(known) or folders.enter_context(
            remembered_cost(arm, bench, type(initial.module), lambda: budget.cost(initial.module, split, cfg))
        )
        images, cfg = budget.fit_to_budget(bench.protocol.seconds * arm.longer, per_image, split, cfg)
        for rate in rates:
            at = cfg.model_copy(update={"lr": cfg.lr * rate})
            model, numbers = train_once(arm, at, images, bench, folders)
            unseen = "failed" in numbers or len(rates) == 1
            trials.append((float("-inf") if unseen else bench.held_out(model), rate, model, numbers))
    _, rate, model, numbers = max(trials, key=lambda trial: trial[0])
    validation = {f"{factor:g}": value for value, factor, _, _ in trials if value > float("-inf")}
    about = {"rate": rate, "validation": validation, "cost": list(per_image)}
    before = {}
    if initial.can_train:
        initial = initialised(arm, cfg, images, bench)
        Fit(initial.module, images, cfg)  # some methods look at images before their first step
        before = untrained(initial, bench, rows)
    return model, {**numbers, **about, "giga": numbers.get("images", 0) * per_image.multiply_adds / 1e9, **before}


def measured_cost(known: list[Row]) -> Cost | None:
    """What an image of this arm cost when another seed was trained on such a machine: all seeds make equal steps."""
    here = [row for row in known if row["hardware"] == hardware() and row.get("cost")]
    return Cost(*here[0]["cost"]) if here else None


def initialised(arm: Arm, cfg: TrainConfig, split: Split, bench: Testbed) -> Network:
    """The network of an arm before its first step, on its device."""
    given = hyperparameters(arm, bench.protocol.shared)
    method = build.fresh(arm.method, given, cfg, replace(bench.spec, rows=len(split)))
    return build.network(arm.label, arm.label, method, cfg)


def chosen_rates(known: list[Row], bench: Testbed) -> list[float]:
    """The rate that the first seed of this arm has chosen; else all that there are to choose from."""
    chosen = [row["rate"] for row in known if row.get("validation")]
    return chosen[:1] or list(bench.protocol.rates)


def train_once(arm: Arm, cfg: TrainConfig, split: Split, bench: Testbed, working: ExitStack) -> tuple[Network, Row]:
    """One training of the arm."""
    model = initialised(arm, cfg, split, bench)
    method = model.module
    fit = Fit(method, split, cfg)
    memory.check(fit)
    numbers = learn(fit, working.enter_context(workspace(arm, bench, fit)))
    method.eval()
    about = {"batch": cfg.batch, "n_train": len(split), "epochs": cfg.epochs, "source": source(type(method))}
    chance = method.chance(min(cfg.batch, len(split)))
    return model, {**about, **numbers, "chance": chance, "parameters": size(method)}


def untrained(model: Network, bench: Testbed, rows: Iterable[Row]) -> Row:
    """The probes of the same network before its first step, and with batch norms that saw the images.

    Taken from a row that has measured the very same. The model is left as it was.
    """
    mark, protocol = bench.fingerprint(model), bench.protocol
    names = [f"{kind}_{name}" for kind in UNTRAINED for name in columns()]
    for row in rows:
        same = row.get("untrained") == mark and protocol_of(row) == protocol and row["seed"] == bench.seed
        if same and all(row.get(name) is not None for name in names):
            return {"untrained": mark, **{name: row[name] for name in names}}
    found = {"untrained": bench.probe(bench.features(model))}
    settled = copy.deepcopy(model)
    settle(settled, bench, bench.protocol.batch)
    found["settled"] = bench.probe(bench.features(settled))
    return {"untrained": mark, **{f"{kind}_{name}": value for kind, of in found.items() for name, value in of.items()}}


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
    result = {"loss": losses.get("loss"), "losses": losses, "steps": fit.t, "images": images}
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
    about = {
        "n_bank": len(bench.bank_rows),
        "n_test": len(bench.test.y),
        "data": bench.whole.hash,
        "hardware": hardware(),
    }
    return {**about, **versions, "date": datetime.now(UTC).isoformat(timespec="seconds")}


def hardware() -> str:
    """The GPU, or the processor and the threads that are used of it."""
    return devices.describe(devices.device(), processor=processor())
