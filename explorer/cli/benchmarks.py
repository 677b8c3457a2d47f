"""The command that answers questions with many trainings on one protocol."""

import argparse
import fnmatch
import sys
from pathlib import Path
from typing import Any

from explorer import Refused, choose, data
from explorer.cli import transfer_studies
from explorer.cli.arguments import Parser
from explorer.cli.commands import Command
from explorer.cli.execution import print_answer


def study_command(args: argparse.Namespace) -> None:
    """Train many arms on one protocol and answer a question; what is done already is not done again."""
    from explorer.benchmarks import STUDIES, results
    from explorer.benchmarks.transfers import TRANSFERS

    if args.table and not args.study:
        return everything(args)
    if args.list or not args.study:
        return listed(args)
    study = choose("study", args.study, {**STUDIES, **TRANSFERS})
    if study.name in TRANSFERS:
        return transfer_studies.conduct(args, study)
    if args.sources:
        raise Refused(f"--sources is about studies of transfers ({', '.join(TRANSFERS)}): leave it out of {study.name}")
    if not args.dataset:
        raise Refused(f"study {study.name} of which images? Name a data set, such as cifar10")
    path = Path(args.out) if args.out else results.place(study.name, args.dataset)
    refused = {} if args.table else conducted(args, study, path)
    return shown(args, study, path, refused)


def check(dataset: str, path: Path) -> None:
    """Raises `Refused` where there are no images, or where no rows can be."""
    choose("data set", dataset, data.catalogue())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        wrong = path.suffix != ".jsonl" or path.is_dir()
    except OSError:
        wrong = True
    if wrong:
        raise Refused(f"--out {path} is not allowed: name a .jsonl file in a folder where you may write")


def listed(args: argparse.Namespace) -> None:
    """The studies and their questions."""
    from explorer.benchmarks import STUDIES
    from explorer.benchmarks.transfers import TRANSFERS

    every = [*STUDIES.values(), *TRANSFERS.values()]
    lines = [f"{study.name:16} {study.question}" for study in every]
    print_answer(args, lines, {"studies": {study.name: study.question for study in every}})


def everything(args: argparse.Namespace) -> None:
    """The tables of all studies whose rows come with the project, of speed, of what maps cost, and of interpolation."""
    if args.out or args.arms or args.sources:
        raise Refused("--out, --arms and --sources are about one study: name it, or leave them out")
    from explorer.benchmarks import STUDIES, results
    from explorer.benchmarks.report import book

    known = [
        (study, dataset, results.read(results.place(study.name, dataset), study.name, dataset))
        for study in STUDIES.values()
        for dataset in results.datasets(study.name)
    ]
    text = "\n\n".join(filter(None, [book(known), transfer_studies.tables(), speed(), maps(), interpolation()]))
    print_answer(args, [text], {"table": text})


def speed() -> str:
    """The comparisons of speed that come with the project."""
    from explorer.benchmarks.speed import report, runner
    from explorer.runs import metrics

    return report.chapter(metrics.read(runner.PLACE))


def interpolation() -> str:
    """Whether interpolations stay near real images, as measured."""
    from explorer.benchmarks.interpolation import report
    from explorer.runs import metrics

    return report.chapter(metrics.read(report.PLACE))


def maps() -> str:
    """What maps cost, as measured."""
    from explorer.benchmarks.maps import report
    from explorer.runs import metrics

    return report.chapter(metrics.read(report.PLACE))


def wanted(args: argparse.Namespace, study: Any) -> tuple[list[Any], list[int], Any]:
    """The arms, the seeds and the protocol; raises `Refused` before any work."""
    import explorer.methods  # noqa: F401 - and with them the encoders
    from explorer.benchmarks import Protocol
    from explorer.core import TrainConfig

    arms = chosen(args.arms, study.arms())
    asked = {name: getattr(args, name) for name in Protocol.__dataclass_fields__ if hasattr(args, name)}
    protocol = Protocol(**asked | {"rates": rates(args.rates), "shared": study.shared})
    checked = [
        TrainConfig.read({**protocol.settings, "seed": seed.strip(), "threads": args.threads}, "training")
        for seed in args.seeds.split(",")
    ]
    if args.test < 0:
        raise Refused(f"--test {args.test} is negative: give the number of test images, or 0 for all images")
    if not 0 < args.seconds < float("inf"):
        raise Refused(f"--seconds {args.seconds:g} is not allowed: give the core-seconds of a training, such as 60")
    return arms, [cfg.seed for cfg in checked], protocol


def rates(words: str) -> tuple[float, ...]:
    """The factors of the learning rate that are tried; raises `Refused`."""
    try:
        factors = tuple(float(word) for word in words.split(","))
    except ValueError:
        factors = ()
    if not factors or not all(0 < factor < float("inf") for factor in factors):
        raise Refused(f"--rates {words} is not allowed: give factors above 0, separated by commas, such as 1,0.3")
    return factors


def chosen(words: str | None, arms: list[Any]) -> list[Any]:
    """The arms that are named, in their own order; a name may be a pattern, such as byol*."""
    there = {arm.label: arm for arm in arms}
    named: set[str] = set()
    for word in filter(None, (word.strip() for word in (words or "*").split(","))):
        named |= set(fnmatch.filter(there, word)) or {choose("arm", word, there).label}
    return [arm for arm in arms if arm.label in named]


def conducted(args: argparse.Namespace, study: Any, path: Path) -> dict[str, str]:
    """Train; returns the arms that were left out, and why."""
    from explorer.benchmarks.runner import conduct

    arms, seeds, protocol = wanted(args, study)
    check(args.dataset, path)

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    try:
        return conduct(study, args.dataset, arms, seeds, protocol, path, say, args.threads)
    except KeyboardInterrupt:
        say(f"finished rows are in {path}: the same command continues from there")
        raise


def shown(args: argparse.Namespace, study: Any, path: Path, refused: dict[str, str]) -> None:
    """The table of all that is there; of what was asked for, what is not."""
    from explorer.benchmarks import results
    from explorer.benchmarks.report import markdown

    known = results.read(path, study.name, args.dataset)
    text = markdown(study, args.dataset, known, {arm.label for arm in chosen(args.arms, study.arms())})
    left = [f"{label}: left out, {why}" for label, why in refused.items()]
    if unsound := results.left_out(path):
        left.append(f"{unsound} row{'s' * (unsound > 1)} of another protocol, or damaged, left out.")
    about = {"study": study.name, "dataset": args.dataset, "out": str(path), "refused": refused, "rows": known}
    print_answer(args, [text, *left], {**about, "table": text})


def options(sub: Parser) -> None:
    """Which study, on what, and how."""
    sub.add_argument("study", nargs="?", help="name of a study; without it, all are listed")
    sub.add_argument("dataset", nargs="?", help="the images")
    sub.add_argument("--list", action="store_true", help="the studies and their questions")
    sub.add_argument(
        "--table",
        action="store_true",
        help="show the tables of stored results without training",
    )
    sub.add_argument("--seeds", default="0,1,2", help="separated by commas [0,1,2]")
    sub.add_argument("--arms", help="some of the arms only, separated by commas; byol* is all that begin with byol")
    sub.add_argument("--sources", help="of a study of transfers some of the models only, separated by commas")
    sub.add_argument("--seconds", type=float, default=60, help="core-seconds that each training may take [60]")
    sub.add_argument("--subset", type=int, default=30_000, help="training images, balanced; 0 = all images [30000]")
    sub.add_argument("--labels", type=int, default=10_000, help="of them, labelled for the probes [10000]")
    sub.add_argument("--batch", type=int, default=64, help="images per training step [64]")
    sub.add_argument("--half-resolution", type=float, default=0.9, help="share of the steps on small images [0.9]")
    sub.add_argument("--pooling", type=int, default=2, help="means per side of the feature map [2]")
    sub.add_argument("--rates", default="1,0.5", help="factors of the learning rate, the better one counts [1,0.5]")
    sub.add_argument("--encoder", default="conv", help="encoder of every arm that has no own [conv]")
    sub.add_argument("--width", type=float, default=1.0, help="width multiplier of its channels [1.0]")
    sub.add_argument("--size", type=int, default=0, help="pixels; 0 = original size [0]")
    sub.add_argument("--test", type=int, default=0, help="test images, balanced; 0 = all images [0]")
    sub.add_argument("--threads", type=int, default=0, help="processor threads; 0 = as many as the machine has [0]")
    sub.add_argument("--out", help="the .jsonl file of the rows [checkpoints/results/STUDY-DATASET.jsonl]")


COMMANDS = {"benchmark": Command(study_command, options=options)}
