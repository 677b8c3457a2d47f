"""A training as a job: it leaves weights, frames, curves and scores."""

from functools import partial

import torch

from explorer import data
from explorer.core import METHODS, SINGLE, DataSpec, ProcessGroup
from explorer.models import build, devices
from explorer.models.devices import describe, load_split
from explorer.runs import Run
from explorer.tasks.evaluate import score
from explorer.tasks.inputs import load, use_threads
from explorer.tasks.training import checkpointing, memory
from explorer.tasks.training.launcher import launch
from explorer.tasks.training.loop import TrainingLoop
from explorer.tasks.training.monitor import Monitor
from explorer.train import Fit


@memory.advises
def train(run: Run, ranks: ProcessGroup = SINGLE) -> None:
    """Train a method and watch it; leaves weights, frames, metrics and scores, written by the first rank alone."""
    spec, cfg = run.spec, METHODS.choose(run.spec.method).training(run.spec.train)
    if cfg.devices > ranks.world:
        launch(run, cfg)
        return
    use_threads(cfg.threads // ranks.world)
    where = devices.device()
    data.fingerprint(spec.dataset)  # every rank sees the files as they are
    dataset = data.load(spec.dataset, cfg.size) if ranks.rank else load(run, spec.dataset, cfg.size)
    classes = dataset.kept(cfg.classes)
    load_images = partial(load_split, dataset, "train", cfg.classes, cfg.subset, where)
    training = load_images()
    held_out = load_split(dataset, "validation", cfg.classes, 5000, where)
    shape = DataSpec.of(dataset, classes, len(training))
    method = build.fresh(spec.method, spec.hyperparameters, cfg, shape).to(where, memory_format=torch.channels_last)
    fit = Fit(method, training, cfg, ranks=ranks)
    del training  # nobody else holds the images, should they have to make room
    if ranks.rank:
        checkpointing.accompany(run, fit)
        return
    memory.check(fit, partial(load_images, streamed=True))
    before = checkpointing.resume(run, fit)
    run.update(device=describe(where, ranks.world), steps=fit.steps, step=fit.t, message=message(fit))
    seconds = TrainingLoop(run, fit, Monitor(run, method, dataset, cfg, where), held_out, before).go()
    ranks.dismiss()
    if not run.stop_requested():
        score(run, dataset, classes, cfg, seconds)


def message(fit: Fit) -> str:
    """What goes on, and where the images are while it does."""
    return "training; images are read from disk, batch by batch" if fit.data.streamed else "training"
