"""The command that answers questions with many trainings on one protocol."""

import argparse
import fnmatch
import sys
from pathlib import Path
from typing import Any

from explorer import Refused, choose, data
from explorer.cli.arguments import Parser
from explorer.cli.commands import Command
from explorer.cli.execution import print_answer


def study_command(args: argparse.Namespace) -> None:
    """Train many arms on one protocol and answer a question; what is done already is not done again."""
    from explorer.benchmarks import STUDIES, results

    if args.table and not args.study:
        return everything(args)
    if args.list or not args.study:
        return listed(args)
    study = choose("study", args.study, STUDIES)
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

    lines = [f"{study.name:16} {study.question}" for study in STUDIES.values()]
    print_answer(args, lines, {"studies": {study.name: study.question for study in STUDIES.values()}})


def everything(args: argparse.Namespace) -> None:
    """The tables of all studies whose rows come with the project, and of the comparisons of speed."""
    if args.out or args.arms:
        raise Refused("--out and --arms are about one study: name it, or leave them out")
    from explorer.benchmarks import STUDIES, results
    from explorer.benchmarks.report import book

    known = [
        (study, dataset, results.read(results.place(study.name, dataset), study.name, dataset))
        for study in STUDIES.values()
        for dataset in results.datasets(study.name)
    ]
    text = "\n\n".join(filter(None, [book(known), speed()]))
    print_answer(args, [text], {"table": text})


def speed() -> str:
    """The comparisons of speed that come with the project."""
    from explorer.benchmarks.speed import report, runner
    from explorer.runs import metrics

    return report.chapter(metrics.read(runner.PLACE))


def wanted(args: argparse.Namespace, study: Any) -> tuple[list[Any], list[int], Any]:
    """The arms, the seeds and the protocol; raises `Refused` before any work."""
    import explorer.methods  # noqa: F401 - and with them the encoders
    from explorer.benchmarks import Protocol
    from explorer.core import TrainConfig

    arms = chosen(args.arms, study.arms())
    protocol = Protocol(args.subset, args.epochs, args.encoder, args.width, args.size, args.test)
    fixed = {name: value for name, value in protocol.as_row().items() if name != "test"}
    checked = [
        TrainConfig.read({**fixed, "seed": seed.strip(), "threads": args.threads}, "training")
        for seed in args.seeds.split(",")
    ]
    if args.test < 0:
        raise Refused(f"--test {args.test} is negative: give the number of test images, or 0 for all images")
    return arms, [cfg.seed for cfg in checked], protocol


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
    sub.add_argument("--subset", type=int, default=10_000, help="training images, balanced; 0 = all images [10000]")
    sub.add_argument("--epochs", type=int, default=20, help="epochs [20]")
    sub.add_argument("--encoder", default="conv", help="encoder of every arm [conv]")
    sub.add_argument("--width", type=float, default=1.0, help="width multiplier of its channels [1.0]")
    sub.add_argument("--size", type=int, default=0, help="pixels; 0 = original size [0]")
    sub.add_argument("--test", type=int, default=0, help="test images, balanced; 0 = all images [0]")
    sub.add_argument("--threads", type=int, default=0, help="processor threads; 0 = as many as the machine has [0]")
    sub.add_argument("--out", help="the .jsonl file of the rows [checkpoints/results/STUDY-DATASET.jsonl]")


COMMANDS = {"benchmark": Command(study_command, options=options)}
