"""What there is: data sets, methods, runs."""

import argparse
from datetime import datetime
from typing import Any

from explorer import descriptions
from explorer.cli.arguments import Parser
from explorer.cli.commands import Command
from explorer.cli.execution import print_answer
from explorer.moments import moment
from explorer.runs import Run


def data_command(args: argparse.Namespace) -> None:
    """List the data sets."""
    from explorer import data

    entries = data.catalogue().values()
    rows = {
        e.name: {"title": e.title, "kind": e.kind, "modality": e.modality, "size": e.size, "channels": e.channels,
                 "available": e.available, "classes": list(e.classes or ()), "summary": e.summary, "source": e.source}
        for e in entries
    }  # fmt: skip
    lines = [
        f"{e.name:18} {'here' if e.available else 'to download':12} {'x'.join(map(str, e.shape[-2:]))}  {e.summary}"
        for e in entries
    ]
    print_answer(args, lines, {"datasets": rows})


def methods_command(args: argparse.Namespace) -> None:
    """List the methods and their hyperparameters."""
    rows = {
        name: {**of.info, "hyperparameters": of.config.hyperparameters, "train_defaults": of.train_defaults}
        for name, of in descriptions.read().methods.items()
    }
    lines = [f"{name:18} {row['family']:14} {row['summary']}" for name, row in rows.items()]
    print_answer(args, lines, {"methods": rows})


def runs_command(args: argparse.Namespace) -> None:
    """List the runs, newest first, with their state and their place in the queue."""
    from explorer import engine, runs

    waiting = {id: place for place, id in enumerate(engine.queue(), 1)}
    rows = [row(run, waiting.get(run.id, 0)) for run in runs.listing(None if args.all else "train", shipped=False)]
    print_answer(args, [line(each) for each in rows] or ["no runs yet"], {"runs": rows})


def row(run: Run, position: int) -> dict[str, Any]:
    """What there is to say of one run; position 0 = it does not wait."""
    spec, status = run.spec, run.status
    return {
        "run": run.id, "title": run.title, "kind": spec.kind, "state": status.state, "position": position,
        "user": spec.user, "step": status.step, "steps": status.steps, "epoch": status.epoch,
        "seconds_left": status.seconds_left, "created": spec.created, "parent": spec.parent, "relation": spec.relation,
        "group": spec.group, "message": status.message, "error": status.error, "caveat": status.caveat,
    }  # fmt: skip


def line(row: dict[str, Any]) -> str:
    """One run for a person."""
    state = f"{row['state']}, position {row['position']} in the queue" if row["position"] else row["state"]
    when = moment(datetime.fromisoformat(row["created"])) if row["created"] else ""
    far = f"{row['step']}/{row['steps']}" if row["steps"] else ""
    return f"{row['run']:44} {state:26} {far:14} {row['user'][:8]:8} {when:18} {row['title']}"


def options(sub: Parser) -> None:
    """Which runs."""
    sub.add_argument("--all", action="store_true", help="maps, evaluations and the other jobs too, not only trainings")


COMMANDS = {
    "data": Command(data_command),
    "methods": Command(methods_command),
    "runs": Command(runs_command, options=options),
}
