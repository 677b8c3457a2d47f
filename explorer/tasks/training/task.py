"""A training as a job: frames, curves, weights and scores, and when each is written."""

import math
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer import Refused, data
from explorer.augment import crop_flip
from explorer.core import METHODS, SINGLE, DataSpec, Method, ProcessGroup, Split, TrainConfig, generator, pixels, unit
from explorer.data import DataSet
from explorer.data.dataset import balanced, numpy_generator
from explorer.evaluation import health, probes
from explorer.models import build, devices
from explorer.models.devices import describe, half, split_of
from explorer.runs import Run
from explorer.tasks.evaluate import score
from explorer.tasks.inputs import load, use_threads
from explorer.tasks.training import checkpointing, memory
from explorer.tasks.training.launcher import launch
from explorer.train import Fit, NonFiniteGuard, Step, validate

GALLERY = 16  # images whose pictures a frame keeps
PAIRS = 256  # images of which two crops must stay alike
MEASURED = 500  # images that a projection is watched on, and that a method's own numbers are taken of
FRAMES = 40  # at most
KEEP = 20.0  # seconds of training that a killed process may cost
TELL = 0.3  # seconds between two rows of the curve


def frame_steps(steps: int, per_epoch: int) -> set[int]:
    """Step 0, log-spaced steps of the first epoch, every epoch (thinned evenly if there are too many), the last."""
    first = {0, steps, *(int(s) for s in np.geomspace(1, min(per_epoch, steps), 9))}
    epochs = list(range(per_epoch, steps + 1, per_epoch))
    room = FRAMES - len(first)
    return first | set(epochs if len(epochs) <= room else epochs[:: math.ceil(len(epochs) / room)])


class Monitor:
    """Looks at a training from outside: frames of the probe set, galleries, kNN with labels used only to watch."""

    def __init__(self, run: Run, method: Method, dataset: DataSet, cfg: TrainConfig, where: torch.device) -> None:
        self.run, self.method, self.where = run, method, where
        validation, training = dataset.splits["validation"], dataset.splits["train"]
        kept = [dataset.classes.index(name) for name in dataset.kept(cfg.classes)]
        rows, bank = dataset.probe()
        rows, bank = rows[np.isin(validation.y[rows], kept)], bank[np.isin(training.y[bank], kept)]
        first = balanced(
            validation.y[rows], GALLERY, numpy_generator(dataset.source, "gallery")
        )  # a gallery of all classes
        self.rows = np.concatenate([rows[first], np.delete(rows, first)])
        self.probe, self.bank = validation.x[self.rows], training.x[bank]
        self.y, self.bank_y = validation.y[self.rows], training.y[bank]
        self.pairs = pairs(self.probe[:PAIRS], dataset.source)

    @torch.inference_mode()
    def embed(self, x: np.ndarray) -> np.ndarray:
        """Features of images in eval mode."""
        self.method.eval()
        parts = [self.method.embed(self.images(x[i : i + 500])).float().cpu() for i in range(0, len(x), 500)]
        return torch.cat(parts).numpy()

    def images(self, x: np.ndarray) -> Tensor:
        """Images in [0, 1] on the device."""
        return unit(torch.from_numpy(np.array(x)).to(self.where))

    @torch.inference_mode()
    def look(self, step: int, epoch: float, images: int) -> None:
        """Write the frame of this step, its kNN accuracy, its health, and what the method measures of itself."""
        features = self.embed(self.probe)
        pictures = self.method.gallery(self.images(self.probe[:GALLERY]))
        gallery = {f"gallery_{name}": pixels(x).cpu().numpy() for name, x in pictures.items()}
        measured = self.method.measure(self.images(self.probe[:MEASURED]))
        vectors = {f"measure_{name}": x.float().cpu().numpy() for name, x in measured.items() if x.ndim}
        self.run.write_frame(step, features=half(features), rows=self.rows, y=self.y, **gallery, **vectors)
        scalars = {name: x.item() for name, x in measured.items() if not x.ndim}
        seen = {"knn": probes.knn(self.embed(self.bank), self.bank_y, features, self.y), "watched": len(self.y)}
        where = {"step": step, "epoch": epoch, "images": images}
        self.run.append({**where, **scalars, **seen, **self.health(features)})

    def health(self, features: np.ndarray) -> dict[str, float]:
        """The meters of the representation, and of the projection where there is one; none while they are no numbers.

        The projection is what a loss without negatives lets collapse first, while the representation may still differ.
        """
        first, second = (self.embed(x) for x in self.pairs)
        kinds = {"": features}
        if (projected := self.method.project(self.images(self.probe[:MEASURED]))) is not None:
            kinds["project_"] = projected.float().cpu().numpy()
        if not all(np.isfinite(z).all() for z in (first, second, *kinds.values())):
            return {}
        found = {f"{kind}rank": health.effective_rank(z) for kind, z in kinds.items()}
        found |= {f"{kind}spread": health.feature_std(z) for kind, z in kinds.items()}
        return {**found, "alignment": health.alignment(first, second), "uniformity": health.uniformity(features)}


def pairs(x: np.ndarray, source: str) -> tuple[np.ndarray, np.ndarray]:
    """Two light crops of each image, the same in every run of this data; none mirrored: some images mean their side."""
    rng, images = generator(0, "pairs", source), unit(torch.from_numpy(np.array(x)))
    first, second = (pixels(crop_flip(images, rng, scale=0.5, flip=0)[0]).numpy() for _ in range(2))
    return first, second


@memory.advises
def train(run: Run, ranks: ProcessGroup = SINGLE) -> None:
    """Train a method and watch it; leaves weights, frames, metrics and scores, written by the first rank alone."""
    spec, cfg = run.spec, METHODS.choose(run.spec.method).training(run.spec.train)
    if cfg.devices > ranks.world:
        launch(run, cfg)
        return
    use_threads(cfg.threads // ranks.world)
    where = devices.device()
    dataset = data.load(spec.dataset, cfg.size) if ranks.rank else load(run, spec.dataset, cfg.size)
    classes = dataset.kept(cfg.classes)
    training = split_of(dataset.select("train", cfg.classes, cfg.subset)[0], classes, dataset, where)
    held_out = split_of(dataset.select("validation", cfg.classes, 5000)[0], classes, dataset, where)
    shape = DataSpec(spec.dataset, dataset.channels, dataset.size, classes, len(training))
    method = build.fresh(spec.method, spec.hyperparameters, cfg, shape).to(where, memory_format=torch.channels_last)
    fit = Fit(method, training, cfg, ranks=ranks)
    if ranks.rank:
        checkpointing.accompany(run, fit)
        return
    memory.check(fit)
    before = checkpointing.resume(run, fit)
    run.update(device=describe(where, ranks.world), steps=fit.steps, step=fit.t, message="training")
    seconds = TrainingLoop(run, fit, Monitor(run, method, dataset, cfg, where), held_out, before).go()
    ranks.dismiss()
    if not run.stop_requested():
        score(run, dataset, classes, cfg, seconds)


class TrainingLoop:
    """One training from its present step to its end or its stop: what is written, and when."""

    def __init__(self, run: Run, fit: Fit, watcher: Monitor, held_out: Split, before: dict[str, Any]) -> None:
        self.run, self.fit, self.watcher, self.held_out = run, fit, watcher, held_out
        self.frames = frame_steps(fit.steps, fit.per_epoch)
        self.best = min((row["val_loss"] for row in run.metrics() if "val_loss" in row), default=math.inf)
        self.seconds = max((row.get("seconds", 0.0) for row in run.metrics()), default=0.0)  # of training alone
        self.sums: dict[str, Tensor] = before.get("sums", {})
        self.seen = fit.images  # before this step
        self.counted = before.get("counted", fit.images)  # before this epoch
        self.finite = NonFiniteGuard()
        self.kept = perf_counter()

    def go(self) -> float:
        """All steps; returns the seconds of training alone."""
        if self.fit.t == 0:
            self.begin()
        told = 0.0
        since = perf_counter()
        for step in self.fit:
            self.add(step)
            watch, stop, late = step.t in self.frames, self.run.stop_requested(), perf_counter() - self.kept > KEEP
            if not (watch or stop or late or step.ends_epoch or perf_counter() - told > TELL):
                continue
            scalars = {name: value.item() for name, value in step.out.items() if value.ndim == 0}  # waits for a GPU
            told = perf_counter()
            self.tell(step, scalars, told - since)
            if watch:
                self.watcher.look(step.t, step.epoch, step.images)
            if step.ends_epoch:
                self.end_epoch(step)
            elif stop or late:
                self.keep()
            if stop:
                break
            since = perf_counter()  # looking and saving are not training
        return self.seconds

    def begin(self) -> None:
        """The lines that the curve is drawn between, and the frame of the untrained network."""
        method, data = self.fit.method, self.fit.data
        chance, parts = method.chance(min(self.fit.cfg.batch, len(data))), data.x.split(5000)
        floors = [method.floor(unit(part)) for part in parts]
        floor = None if None in floors else sum(f * len(p) for f, p in zip(floors, parts, strict=True)) / len(data)
        lines = {name: value for name, value in {"chance": chance, "floor": floor}.items() if value is not None}
        solved = {} if self.fit.optimizers else {"solved": True}
        self.run.append({"step": 0, "images": 0, "data": data.hash, **lines, **solved})
        self.watcher.look(0, 0.0, 0)

    def add(self, step: Step) -> None:
        """Sum the losses on the device, unread and weighted by images, for the mean of the epoch."""
        self.finite.see(step.t, step.out)
        for name, value in step.out.items():
            if value.ndim == 0:
                self.sums[name] = self.sums.get(name, 0) + value * (step.images - self.seen)
        self.seen = step.images

    def tell(self, step: Step, scalars: dict[str, float], elapsed: float) -> None:
        """One row of the curve; raises `Refused` when a loss is no number any more."""
        self.seconds += elapsed
        if found := self.finite.found():
            self.give_up(*found)
        rate = step.images / self.seconds if self.seconds else 0.0
        where = {
            "step": step.t,
            "epoch": round(step.epoch, 4),
            "images": step.images,
            "seconds": round(self.seconds, 3),
        }
        self.run.append({**where, **scalars, "rate": round(rate, 1)})
        self.run.update(step=step.t, epoch=step.epoch, images=step.images, rate=rate)

    def give_up(self, t: int, name: str, value: float) -> None:
        """Raises `Refused`: what became no number, when, and from where one can go on."""
        kept = self.run.checkpoint()
        there = f"; its checkpoint of step {int(kept.name)} is kept" if kept and kept.name.isdecimal() else ""
        lower = f"lower lr (it was {self.fit.cfg.lr:g}) and train again"
        raise Refused(f"{name} became {value} at step {t}: {lower}{there}")

    def end_epoch(self, step: Step) -> None:
        """Means of the epoch, the loss on held-out images, and the weights."""
        images = step.images - self.counted
        means = {f"train_{name}": (total / images).item() for name, total in self.sums.items()}
        self.sums, self.counted = {}, step.images
        held_out = {
            f"val_{name}": value for name, value in validate(self.fit.method, self.held_out, self.fit.cfg).items()
        }
        self.run.append({"step": step.t, "epoch": step.epoch, "images": step.images, **means, **held_out})
        if (loss := held_out.get("val_loss", math.inf)) < self.best:
            self.best = loss
            self.keep("best", "last")
        else:
            self.keep("last")

    def keep(self, *names: str) -> None:
        """A checkpoint; of weights that are numbers only: their loss may still have been one."""
        if not all(parameter.isfinite().all() for parameter in self.fit.method.parameters()):
            self.give_up(self.fit.t, "a weight", math.nan)
        content = checkpointing.pack(self.fit, {"sums": self.sums, "counted": self.counted})
        self.run.write_checkpoint(self.fit.t, content, *names)
        self.kept = perf_counter()
