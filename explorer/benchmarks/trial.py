"""One run of a study: an arm is trained with a seed and measured, and becomes a row."""

import platform
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from time import perf_counter, process_time

import torch
from torch import Tensor

from explorer import Refused
from explorer.benchmarks.metrics import EXTRAS
from explorer.benchmarks.protocol import UNTRAINED, Arm, Study
from explorer.benchmarks.results import Row
from explorer.benchmarks.testbed import Clock, Testbed
from explorer.core import METHODS, TrainConfig
from explorer.models import build, devices, loading
from explorer.models.model import Model, Network
from explorer.nn import recalibrate_batch_norm
from explorer.system.machine import processor
from explorer.train import Fit, NonFiniteGuard, steps_per_epoch

LONGEST = 1000  # epochs
KEPT = {"epochs", "batch", "optimizer", "lr", "schedule", "weight_decay", "encoder", "width"}
TWIN = ("knn", "linear_100")  # what the untrained network is probed for


def run(study: Study, arm: Arm, seed: int, bench: Testbed, threads: int = 0, rows: Iterable[Row] = ()) -> Row:
    """The row of one run; raises `Refused` where the arm does not fit. `rows` may know its untrained twin."""
    clock, start = Clock(), perf_counter()
    model, told = reference(arm, seed, bench) if arm.reference else trained(arm, seed, bench, threads, rows)
    row = {**header(study, arm, seed, bench), **resolved(arm, seed, bench), **told}
    clock.stop("training")
    if "failed" not in row:
        seen = bench.features(model)
        clock.stop("embedding")
        row |= bench.probed(seen)
        clock.stop("probes")
        if arm.reference == "untrained":  # the twin of every method whose encoder begins like this one
            row |= {"untrained": bench.print_of(model), **{f"untrained_{name}": row.get(name) for name in TWIN}}
        for name in ("measure", *study.extras) if "failed" not in row else ():
            row |= EXTRAS[name](model, bench, seen)
        clock.stop("extras")
    return {**row, **footer(bench), "spent": clock.seconds, "seconds": round(perf_counter() - start, 2)}


def reference(arm: Arm, seed: int, bench: Testbed) -> tuple[Model, Row]:
    """A model that is not trained; a settled one has at least the statistics of the images in its batch norms."""
    if arm.reference not in UNTRAINED:
        return loading.load(arm.reference, bench.dataset), {"train_seconds": 0.0}
    cfg = settings(Arm(arm.label, "supervised"), seed, bench)  # any method: no step is made
    method = build.fresh("supervised", {}, cfg, bench.spec)
    model = Network(arm.label, arm.label, method, cfg)
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


def trained(arm: Arm, seed: int, bench: Testbed, threads: int, rows: Iterable[Row]) -> tuple[Model, Row]:
    """Train the arm; what is told of it includes its twin before the first step."""
    cfg, split = settings(arm, seed, bench, threads), bench.split(arm.labels)
    method = build.fresh(arm.method, arm.hyperparameters, cfg, bench.spec._replace(rows=len(split)))
    model = Network(arm.label, arm.label, method, cfg)  # on its device
    fit = Fit(method, split, cfg)
    twin = untrained(model, bench, rows) if fit.optimizers else {}
    course = learn(fit)
    method.eval()
    told = {"batch": cfg.batch, "n_train": len(split), "source": source(type(method))}
    chance = method.chance(min(cfg.batch, len(split)))
    return model, {**told, **course, "chance": chance, "parameters": size(method), **twin}


def untrained(model: Network, bench: Testbed, rows: Iterable[Row]) -> Row:
    """The probes of the same network before its first step; taken from a row that has measured the very same."""
    mark, protocol = bench.print_of(model), bench.protocol.told()
    for row in rows:
        if row.get("untrained") == mark and row["protocol"] == protocol and row.get("untrained_knn") is not None:
            return {"untrained": mark, **{f"untrained_{name}": row[f"untrained_{name}"] for name in TWIN}}
    seen = bench.features(model)
    found = {"untrained_knn": bench.knn(seen), "untrained_linear_100": bench.linear(seen, len(bench.rows))}
    return {"untrained": mark, **found}


def learn(fit: Fit) -> Row:
    """All steps: the mean losses of the last epoch, the seconds, and the step at which one was no number any more."""
    finite, sums, before, counted = NonFiniteGuard(), {}, 0, 0
    start, cores = perf_counter(), process_time()
    for step in fit:
        finite.see(step.t, step.out)
        if step.t > fit.steps - fit.per_epoch:
            add(sums, step.out, step.images - before)
            counted += step.images - before
        before = step.images
        if step.ends_epoch and (found := finite.found()):
            return {"failed": f"{found[1]} became {found[2]} at step {found[0]}", "loss": None, "steps": step.t}
    losses = {name: (total / max(counted, 1)).item() for name, total in sums.items()}  # waits for a GPU
    seconds, cores = perf_counter() - start, process_time() - cores
    images = before if fit.optimizers else len(fit.data)
    rate = {"train_seconds": round(seconds, 2), "images_per_second": round(images / seconds, 1)}
    told = {"loss": losses.get("loss"), "losses": losses, "steps": fit.t}
    return {**told, **rate, "core_seconds": round(cores, 2)}  # tells more than seconds on a machine that is shared


def add(sums: dict[str, Tensor], out: dict[str, Tensor], images: int) -> None:
    """Sum scalars on the device, unread and weighted by images."""
    for name, value in out.items():
        if value.ndim == 0:
            sums[name] = sums.get(name, 0) + value.float() * max(images, 1)


def source(method: type) -> str:
    """Hex; another one as soon as the method's file is changed."""
    return blake2b(Path(sys.modules[method.__module__].__file__).read_bytes(), digest_size=4).hexdigest()


def size(part: torch.nn.Module) -> int:
    """Numbers that are learned."""
    return sum(p.numel() for p in part.parameters() if p.requires_grad)


def header(study: Study, arm: Arm, seed: int, bench: Testbed) -> Row:
    """What run it is."""
    about = {"study": study.name, "dataset": bench.whole.name, "arm": arm.label, "asked": arm.asked(), "seed": seed}
    return {**about, "protocol": bench.protocol.told(), "extras": list(study.extras)}


def footer(bench: Testbed) -> Row:
    """On what it was measured, where, with what, and when."""
    versions = {"torch": str(torch.__version__), "python": platform.python_version()}
    about = {"n_bank": len(bench.rows), "n_test": len(bench.test.y), "data": bench.whole.hash, "hardware": hardware()}
    return {**about, **versions, "date": datetime.now(UTC).isoformat(timespec="seconds")}


def hardware() -> str:
    """The GPU, or the processor and the threads that are used of it."""
    return devices.describe(devices.device(), processor=processor())
