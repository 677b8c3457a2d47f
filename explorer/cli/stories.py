"""The command about stories: write one of a run, or open one that somebody else has written."""

import argparse
import shutil
from pathlib import Path

from explorer.cli.arguments import Parser
from explorer.cli.commands import Command
from explorer.cli.execution import file_at, print_answer, run_job, scheduler_option
from explorer.errors import Refused


def story_command(args: argparse.Namespace) -> None:
    """Write a training as a zip that others replay without training, or open such a zip with --open."""
    if args.open == bool(args.out):
        raise Refused("a story is written with --out FILE.zip, or opened with --open: give one of the two")
    if args.open:
        return _open(args)
    from explorer.tasks.request import request
    from explorer.tasks.task import TASKS

    with file_at(args.out, ".zip") as write:
        run = run_job(request("story", args.story, words=args.words), args)
        write(lambda path: shutil.copyfile(run.folder / "story.zip", path))
    lines, answer = TASKS["story"].report(run)
    return print_answer(args, [f"{args.out}: {line}" for line in lines], {**answer, "out": args.out})


def _open(args: argparse.Namespace) -> None:
    from explorer.tasks.stories import opening, replayed

    run = opening.open_story(Path(args.story))
    told = replayed.about(run)
    words = told.words if told else ""
    lines = [f"{run.id}: {run.title}", *([words] if words else []), f"on the pages: /runs?run={run.id}"]
    print_answer(args, lines, {"run": run.id, "title": run.title, "words": words, "frames": run.frames()})


def story_options(sub: Parser) -> None:
    """Where to, or that it shall be opened."""
    sub.add_argument("--out", default="", help="the .zip file to write")
    sub.add_argument("--open", action="store_true", help="open the zip that is named in the place of a run")
    sub.add_argument("--words", default="", help="what there is to see in it, in a sentence or two")
    scheduler_option(sub)


COMMANDS = {"story": Command(story_command, ("story",), story_options)}
