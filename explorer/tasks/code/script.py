"""The script of a run: with torch alone where that fits on a page, else with the package `explorer`."""

import re
from pprint import pformat
from typing import NamedTuple

from explorer import data
from explorer.core import METHODS, DataSpec, TrainConfig
from explorer.data import DataSet
from explorer.errors import Refused
from explorer.models import build
from explorer.runs import Run
from explorer.runs.records import readable
from explorer.tasks.code import images, torch_alone
from explorer.train import steps_per_epoch

WITH_EXPLORER = '''"""{words}"""

import torch

from explorer import data
from explorer.core import DataSpec
from explorer.models import build, devices
from explorer.train import Fit

METHOD = {method}
HYPERPARAMETERS = {hyperparameters}
STAGES = {stages}  # trainings and their last steps: several where a run continues another one
torch.set_num_threads({threads} or torch.get_num_threads())

state = None
for train, until in STAGES:
    cfg = build.METHODS[METHOD].training(train)
    dataset, device = data.load({dataset}, cfg.size), devices.device()
    images = devices.load_split(dataset, "train", cfg.classes, cfg.subset, device)
    spec = DataSpec.of(dataset, dataset.kept(cfg.classes), len(images))
    method = build.fresh(METHOD, HYPERPARAMETERS, cfg, spec).to(device, memory_format=torch.channels_last)
    fit, sums, steps = Fit(method, images, cfg, state), {{}}, 0
    while fit.t < min(until, fit.steps):
        step = next(fit)  # draws a batch, its views, the loss, and moves the weights
        steps += 1
        sums = {{k: sums.get(k, 0.0) + v.item() for k, v in step.out.items() if v.ndim == 0}}
        if step.ends_epoch:
            means = ", ".join(f"{{name}} {{total / steps:.6f}}" for name, total in sums.items())
            print(f"epoch {{step.epoch:.0f}} of {{cfg.epochs}}: {{means}}", flush=True)
            sums, steps = {{}}, 0
    state = fit.state()
'''


class Script(NamedTuple):
    """A script and what it needs."""

    text: str
    alone: bool  # whether it runs without Unfold


def script(run: Run) -> Script:
    """What trains a run again; raises `Refused` where it cannot be trained again, or is no training."""
    spec = run.spec
    if spec.kind != "train":
        raise Refused(f"{run.id} is a {spec.kind} job: name a training")
    cls = METHODS.choose(str(spec.method))
    cfg = cls.training(spec.train)
    dataset = data.load(spec.dataset, cfg.size)
    if text := _alone(run, cls.hyperparameters(spec.hyperparameters), dataset):
        return Script(text, True)
    return Script(_with_explorer(run), False)


def _alone(run: Run, own: object, dataset: DataSet) -> str:
    """A script with torch alone; empty where there is none, or it would be too long to be read."""
    spec = run.spec
    cfg = METHODS[spec.method].training(spec.train)
    if spec.relation == "continue" or not torch_alone.fits(str(spec.method), own, cfg):
        return ""
    lines = images.plain(dataset, cfg)
    if lines is None:
        return ""
    n = len(dataset.chosen("train", cfg.classes, cfg.subset)[0])
    method = build.fresh(
        str(spec.method), spec.hyperparameters, cfg, DataSpec.of(dataset, dataset.kept(cfg.classes), n)
    )
    needs = {"digits": ", scikit-learn"}.get(dataset.name, "" if dataset.name == "garments" else ", torchvision")
    words, per_epoch = _words(run, f"torch, numpy{needs}"), _per_epoch(run, cfg, n)
    text = torch_alone.script(method, cfg, lines, words, _threads(run, cfg.threads), per_epoch)
    return text if len(text.splitlines()) <= torch_alone.LONGEST else ""


def _per_epoch(run: Run, cfg: TrainConfig, n: int) -> int:
    """Steps of an epoch; an older version made one more, of the last images."""
    made, rest = divmod(run.status.steps, cfg.epochs)
    return made if made and not rest else steps_per_epoch(n, cfg.batch)


def _with_explorer(run: Run) -> str:
    spec = run.spec
    stages = _stages(run)
    return WITH_EXPLORER.format(
        words=_words(run, "Unfold, in whose folder it runs"), threads=_threads(run, 0), dataset=shown(spec.dataset),
        method=shown(spec.method), hyperparameters=shown(spec.hyperparameters),
        stages=shown(stages),
    )  # fmt: skip


def _stages(run: Run) -> list[tuple[dict[str, object], int]]:
    from explorer.tasks.export import stages

    found = [(stage["train"], stage["until"]) for stage in stages(run)]
    if any(train is None for train, _ in found):
        raise Refused("a run that this one continues was deleted, so it cannot be trained again")
    return found


def _words(run: Run, needs: str) -> str:
    """What stands on top: which run it is, what it needs, and what came of it."""
    losses = [row["train_loss"] for row in run.metrics() if "train_loss" in row]
    device = readable(run.status.device) or "an unknown device"
    ended = f"\nThe run itself ended at loss {losses[-1]:.6f} on {device}." if losses else ""
    return remark(f"Trains {run.id} again, seed {run.spec.seed}. Needs {needs}.{ended}")


def _threads(run: Run, asked: int) -> int:
    """Threads decide the last bits of sums: as many as the run had."""
    threads = re.search(r"\b(\d{1,4}) thread", run.status.device)
    return asked or (int(threads[1]) if threads else 0)


def remark(words: str) -> str:
    """Words as the text on top of a script holds them: nothing in them ends it, whoever wrote the record."""
    return "".join(it for it in words if it == "\n" or (it.isprintable() and it not in "\"'\\"))


def shown(value: object) -> str:
    """A value as a script writes it, in lines of at most 118 characters."""
    return pformat(value, 1, 118, compact=True)
