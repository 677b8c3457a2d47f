"""Commands about a model that is there, one for each task: what it is worth, its map, its features, its archive.

Each is a job with a folder, as on the pages: what was computed before is not computed again. A new task has its command
at once: its options are read from its configuration, its help from its docstring.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

from explorer.cli.arguments import Parser, given
from explorer.cli.commands import Command, Words
from explorer.cli.execution import file_at, print_answer, run_job, scheduler_option
from explorer.runs import Run
from explorer.tasks.request import request
from explorer.tasks.task import TASKS, Task


def commands() -> dict[str, Command]:
    """A command for each task that looks at models."""
    return {name: command(task) for name, task in TASKS.items() if task.by_request and not task.own_command}


def command(task: Task) -> Command:
    """The command of a task: its models, its data set, `--out` for the file that it makes, and its options."""
    several = task.models[1] > 1
    places = ("models" if several else "model", *(("dataset",) if task.takes_data else ()))

    def run(args: argparse.Namespace) -> None:
        execute(task, args)

    def options(sub: Parser) -> None:
        if task.result:
            sub.add_argument("--out", required=True, help=f"the {Path(task.result).suffix} file to write")
        if task.takes_data:
            sub.add_argument("--size", type=int, default=0, help="pixels; 0 = original size")
        scheduler_option(sub)

    def hyperparameters(sub: Parser, _: Words) -> None:
        if task.Config.model_fields:
            sub.add_hyperparameters(task.Config, task.name, {})

    run.__doc__ = task.summary()
    return Command(run, places, options, hyperparameters)


def execute(task: Task, args: argparse.Namespace) -> None:
    """Run the job, write its file if it has one, and print its report."""
    dataset, size = (args.dataset, args.size) if task.takes_data else ("", 0)
    models = args.models if task.models[1] > 1 else args.model
    options = task.Config.read(given(args, task.Config), task.name).model_dump()
    if not task.result:
        run = run_job(request(task.name, models, dataset, size, **options), args)
        return print_answer(args, *task.report(run))
    with file_at(args.out, Path(task.result).suffix) as write:
        run = run_job(request(task.name, models, dataset, size, **options), args)
        write(writer(run, task.result))
    lines, answer = task.report(run)
    return print_answer(args, [f"{args.out}: {line}" for line in lines[:1]] + lines[1:], {**answer, "out": args.out})


def writer(run: Run, result: str) -> Callable[[Path], None]:
    """How a job's file is written elsewhere: arrays are compressed and lose the number of their format."""
    if not result.endswith(".npz"):
        return lambda path: shutil.copyfile(run.folder / result, path)

    def compress(path: Path) -> None:
        import numpy as np

        with path.open("wb") as file:
            np.savez_compressed(file, **run.result())

    return compress
