"""What can only be tried on a GPU, in minutes: `python -m explorer.benchmarks.gpu_check OUT [--minutes 8]`.

Every method takes some steps in bfloat16 and is continued from the middle, which must end in the same weights; the
minutes that are left train SimCLR with ResNet-18 on CIFAR-10. A row for each goes into `OUT/rows.jsonl` at once, and
the run with its checkpoints lies in `OUT/runs`. It imports nothing that a training machine may lack, and runs on a
processor, too: slowly.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

from explorer import Refused, data
from explorer.benchmarks import budget
from explorer.core import METHODS, DataSpec, Method, Split, TrainConfig
from explorer.data import DataSet
from explorer.models import build, devices
from explorer.train import Fit

STEPS, KEPT = 8, 4  # of each method; it is continued from the second
BATCH, SUBSET = 32, 256  # images
TRIED_ON = ("shapes", "digits")  # the first that fits
LEAST = 60.0  # seconds that the long training has in any case
LEFT = 0.8  # share of the time left that the long training may plan with: it is watched and scored, too
Row = dict[str, Any]


def check(out: Path, minutes: float, methods: tuple[str, ...] = (), long_on: str = "cifar10") -> Iterator[Row]:
    """A row for each method, then one for the long training, in at most about so many minutes."""
    end = perf_counter() + 60 * minutes
    for name in methods or sorted(METHODS):
        if perf_counter() > end:
            yield {"part": "method", "method": name, "error": "no time was left"}
            continue
        yield {"part": "method", "method": name, **_guarded(_method, name)}
    yield {"part": "long", "method": "simclr", **_guarded(_long, out, end, long_on)}


def _guarded(part: Any, *args: Any) -> Row:
    """A part that fails does not end the others."""
    start = perf_counter()
    try:
        row = part(*args)
    except Exception as error:
        row = {"error": f"{type(error).__name__}: {error}"}
    return {**row, "seconds": round(perf_counter() - start, 2)}


# --------------------------------------------------------------------------------------------------- every method


def _method(name: str) -> Row:
    """Some steps in bfloat16: whether all losses are numbers, and whether a continued training ends the same."""
    cls = METHODS.choose(name)
    cfg = cls.training({"batch": BATCH, "epochs": 2, "precision": "bfloat16"})
    dataset, split = _fitting(cls, cfg)
    whole = _fit(name, cfg, dataset, split)
    finite, kept = True, b""
    start = budget.seconds(split)
    for step in whole:
        finite &= all(bool(value.isfinite().all()) for value in step.out.values())
        if step.t == KEPT:
            kept = _packed(whole.state())
        if step.t == STEPS:
            break
    took = budget.seconds(split) - start
    row = {"dataset": dataset.name, "steps": whole.t, "finite": finite, "steps_per_second": round(whole.t / took, 2)}
    return row | ({"apart": _apart(name, cfg, dataset, split, kept, whole)} if kept else {})


def _apart(name: str, cfg: TrainConfig, dataset: DataSet, split: Split, kept: bytes, whole: Fit) -> float:
    """The largest difference of a weight between this training and one that goes on from what was kept; 0 if exact."""
    state = torch.load(BytesIO(kept), map_location=split.device, weights_only=True)
    again = _fit(name, cfg, dataset, split, state)
    while again.t < whole.t:
        next(again)
    pairs = zip(whole.method.state_dict().values(), again.method.state_dict().values(), strict=True)
    return max((float((a.double() - b.double()).abs().max()) for a, b in pairs if a.numel()), default=0.0)


def _packed(state: dict[str, Any]) -> bytes:
    """A state as it would lie in a file."""
    buffer = BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def _fit(name: str, cfg: TrainConfig, dataset: DataSet, split: Split, state: dict[str, Any] | None = None) -> Fit:
    spec = DataSpec.of(dataset, dataset.classes, len(split))
    method = build.fresh(name, {}, cfg, spec).to(split.device, memory_format=torch.channels_last)
    return Fit(method, split, cfg, state)


def _fitting(cls: type[Method], cfg: TrainConfig) -> tuple[DataSet, Split]:
    """The first data set that the method takes, and some of its training images on the device."""
    for name in TRIED_ON:
        dataset, split = _images(name)
        if not cls.info.needs.unmet(DataSpec.of(dataset, dataset.classes, len(split))):
            return dataset, split
    raise Refused(f"{cls.info.name} takes none of {', '.join(TRIED_ON)}: name a data set that it takes")


@cache
def _images(name: str) -> tuple[DataSet, Split]:
    dataset = data.load(name)
    return dataset, devices.load_split(dataset, "train", (), SUBSET, devices.device())


# ---------------------------------------------------------------------------------------------- the long training


def _long(out: Path, end: float, dataset: str) -> Row:
    """SimCLR with ResNet-18 for as many epochs as the time allows, by the command that anyone would give; its scores.

    Should the time be up before its end, it is stopped, and what it has learned is kept.
    """
    train = {"encoder": "resnet18", "batch": 512, "schedule": "cosine", "precision": "bfloat16"}
    epochs, rate = _epochs(dataset, train, LEFT * (end - perf_counter()))
    options = [f"--{name}={value}" for name, value in {**train, "epochs": epochs}.items()]
    command = [sys.executable, "-m", "explorer", "train", "simclr", dataset, "--foreground", "--json", *options]
    env = {**os.environ, "EXPLORER_RUNS": str(out.absolute() / "runs")}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as training:
        try:
            said = training.communicate(timeout=max(LEAST, end - perf_counter()))[0]
        except subprocess.TimeoutExpired:
            training.send_signal(signal.SIGINT)
            said = training.communicate()[0]
    answer = json.loads(said)
    known = {name: answer["scores"].get(name) for name in ("knn", "linear", "n_test", "train_seconds", "references")}
    return {"dataset": dataset, "run": answer["run"], "state": answer["state"], "epochs": epochs,
            "images_per_second": round(rate), **known}  # fmt: skip


def _epochs(dataset: str, train: dict[str, Any], seconds: float) -> tuple[int, float]:
    """How many passes fit into the time, and the images a second that this was told from."""
    cfg = METHODS["simclr"].training(train)
    loaded = data.load(dataset)
    split = devices.load_split(loaded, "train", (), 0, devices.device())
    rate = 1 / budget.cost(_fit("simclr", cfg, loaded, split).method, split, cfg).core_seconds
    return max(1, int(seconds * rate / len(split))), rate


# ----------------------------------------------------------------------------------------------------- the command


def main(words: list[str] | None = None) -> int:
    """Write and print each row as it comes; 1 if a part has failed, was not exact, or gave no number."""
    parser = argparse.ArgumentParser("python -m explorer.benchmarks.gpu_check", description=check.__doc__)
    parser.add_argument("out", type=Path, help="the folder of the rows and the run")
    parser.add_argument("--minutes", type=float, default=8.0, help="how long it may take [8]")
    parser.add_argument("--methods", default="", help="some of the methods only, separated by commas [all]")
    parser.add_argument("--long-on", default="cifar10", help="the data set of the long training [cifar10]")
    args = parser.parse_args(words)
    args.out.mkdir(parents=True, exist_ok=True)
    machine = {"hardware": devices.describe(devices.device()), "torch": torch.__version__, "python": sys.version[:6]}
    sound = True
    with (args.out / "rows.jsonl").open("a") as file:
        names = tuple(name for name in args.methods.split(",") if name)
        for row in check(args.out, args.minutes, names, args.long_on):
            sound &= "error" not in row and row.get("finite", True) and not row.get("apart")
            file.write(text := json.dumps(row | machine) + "\n")
            file.flush()
            print(text, end="", flush=True)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
