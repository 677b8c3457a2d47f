"""The part of the command `benchmark` that is about studies of transfers."""

import argparse
import fnmatch
import sys
from pathlib import Path
from typing import Any

from explorer import Refused, choose
from explorer.cli.execution import print_answer

LARGEST_SEED = 2**31


def conduct(args: argparse.Namespace, study: Any) -> None:
    """Train what has no row yet, and show the tables; with --table they are shown alone."""
    from explorer.benchmarks.transfers import report, rows, runner

    if args.dataset not in (None, study.dataset):
        raise Refused(f"{study.name} is about {study.dataset}: leave {args.dataset} out, or name {study.dataset}")
    path = place(args, study)
    plan, refused = planned(args, study), {}
    if not args.table:
        try:
            refused = runner.conduct(study, plan, path, say, args.threads)
        except KeyboardInterrupt:
            say(f"finished rows are in {path}: the same command continues from there")
            raise
    known = rows.read(path, study)
    text, left = report.chapter(study, known), [f"{name}: left out, {why}" for name, why in refused.items()]
    if unsound := rows.left_out(path, study):
        left.append(f"{unsound} row{'s' * (unsound > 1)} of another protocol, or damaged, left out.")
    about = {"study": study.name, "dataset": study.dataset, "out": str(path), "refused": refused, "rows": known}
    print_answer(args, [text, *left], {**about, "table": text})


def tables() -> str:
    """The tables of the studies of transfers whose rows come with the project."""
    from explorer.benchmarks.transfers import TRANSFERS, report, rows

    return report.book([(study, rows.read(rows.place(study), study)) for study in TRANSFERS.values()])


def say(line: str) -> None:
    """A line of progress, beside the answer."""
    print(line, file=sys.stderr, flush=True)


def place(args: argparse.Namespace, study: Any) -> Path:
    """The file of the rows; raises `Refused` where there can be none."""
    from explorer.benchmarks.transfers import rows

    path = Path(args.out) if args.out else rows.place(study)
    if path.suffix != ".jsonl" or path.is_dir():
        raise Refused(f"--out {path} is not allowed: name a .jsonl file in a folder where you may write")
    return path


def planned(args: argparse.Namespace, study: Any) -> list[tuple[Any, int]]:
    """The trainings that are asked for, with their seeds; raises `Refused`."""
    every = study.plan(seeds(args.seeds))
    arms = chosen("arm", args.arms, dict.fromkeys(each.arm for each, _ in every))
    sources = chosen("source", args.sources, dict.fromkeys(each.source for each, _ in every))
    return [(each, seed) for each, seed in every if each.arm in arms and each.source in sources]


def chosen(kind: str, words: str | None, there: dict[str, None]) -> set[str]:
    """Those that are named, all of them unless some are; a name may be a pattern."""
    found: set[str] = set()
    for word in filter(None, (word.strip() for word in (words or "*").split(","))):
        found |= set(fnmatch.filter(there, word)) or {choose(kind, word, {name: name for name in there})}
    return found


def seeds(words: str) -> list[int]:
    """The seeds; raises `Refused`."""
    parts = [word.strip() for word in words.split(",")]
    if not all(part.isdecimal() and int(part) < LARGEST_SEED for part in parts):
        raise Refused(f"--seeds {words} is not allowed: give whole numbers from 0, separated by commas, such as 0,1,2")
    return list(dict.fromkeys(map(int, parts)))
