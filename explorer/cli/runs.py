"""Commands that train: a run, its continuation, clone or control run, a sweep; and what stops and publishes runs."""

import argparse
import sys
import time
from typing import Any

from explorer import Refused, choose, descriptions, engine, runs
from explorer.cli.arguments import Parser, given
from explorer.cli.commands import Command, Words
from explorer.cli.execution import (
    print_answer,
    run_in_process,
    scheduler_option,
    train_in_process,
    use_scheduler,
    wait_for,
)
from explorer.runs import Run, Spec
from explorer.tasks import ablation, lookup, score_lines
from explorer.tasks.training import request as training_request

PATIENCE = 5.0  # seconds in which a run should have stopped


def train_command(args: argparse.Namespace) -> None:
    """Train a method, in the background unless --foreground."""
    hyperparameters = hyperparameters_given(args, args.method)
    answer(args, training_request.train(args.method, args.dataset, *hyperparameters, title=args.title), args.name)


def continue_command(args: argparse.Namespace) -> None:
    """Train on from where a run ended, as a new run: to its end, or --epochs further."""
    try:
        epochs = int(args.epochs)
    except ValueError:
        raise Refused(f"--epochs {args.epochs} is not allowed: give 0 or more") from None
    answer(args, with_title(training_request.continue_spec(args.run_id, epochs), args.title), args.name)


def clone_command(args: argparse.Namespace) -> None:
    """Train anew with the hyperparameters of another run, but for those that are given."""
    before = lookup.known_training(args.run_id).spec
    pairs = zip(lookup.known_hyperparameters(before), hyperparameters_given(args, before.method), strict=True)
    own, every = (known | new for known, new in pairs)
    spec = training_request.train(before.method, before.dataset, own, every, title=args.title, parent=args.run_id)
    answer(args, spec, args.name, changed=changes(spec, before))


def control_command(args: argparse.Namespace) -> None:
    """Train the control run of an ablation: the same seed, the ablated hyperparameters at their defaults.

    One that exists already, done or under way, is returned and not trained again.
    """
    before = lookup.known_training(args.run_id).spec
    spec = with_title(ablation.control_spec(args.run_id), args.title)
    with ablation.sole_control_run(args.run_id) as existing:  # until the run is listed, not while it trains
        run = existing or create(spec, args)
    if unused := [f"--{name}" for name in ("title", "name") if existing and getattr(args, name)]:
        print(f"note: not used, because the control run exists already: {', '.join(unused)}", file=sys.stderr)
    if args.foreground:
        run = wait_for(run) if existing else run_in_process(run)
    report(args, run, changed=changes(spec, before), ablated=ablation.ablated(before), found=bool(existing))


def changes(spec: Spec, before: Spec) -> dict[str, dict[str, Any]]:
    """What is not the same in two trainings, for an answer."""
    return {name: {"from": a, "to": b} for name, (a, b) in training_request.differences(spec, before).items()}


def sweep_command(args: argparse.Namespace) -> None:
    """Train once for each value of one hyperparameter, in the background unless --foreground."""
    values = [value.strip() for value in args.values.split(",") if value.strip()]
    specs = training_request.sweep(
        args.method, args.dataset, *hyperparameters_given(args, args.method), args.over, values
    )
    sweep = [start(spec, args) for spec in specs]
    rows = [{"run": run.id, "state": run.status.state, "title": run.title} for run in sweep]
    print_answer(args, [f"{row['run']}: {row['state']}, {row['title']}" for row in rows],
         {"group": specs[0].group, "over": args.over, "runs": rows})  # fmt: skip


def stop_command(args: argparse.Namespace) -> None:
    """Stop a run; what it has learned so far is kept."""
    run = runs.get(args.run_id)
    if run.status.final:
        raise Refused(f"{run.id} is {run.status.state} already and cannot be stopped")
    engine.request_stop(run.id)
    deadline = time.monotonic() + PATIENCE
    while not run.status.final and time.monotonic() < deadline:
        time.sleep(0.05)
    state = run.status.state if run.status.final else "stopping"
    print_answer(args, [f"{run.id}: {state} at step {run.status.step} of {run.status.steps}"],
         {"run": run.id, "state": state, "step": run.status.step, "steps": run.status.steps})  # fmt: skip


def publish_command(args: argparse.Namespace) -> None:
    """Put a finished run among the models that come with the project."""
    from explorer.tasks.publish.publishing import publish

    folder = publish(args.run_id, args.as_name)
    print_answer(args, [f"shipped as {folder.name}"], {"model": folder.name, "folder": str(folder)})


def answer(args: argparse.Namespace, spec: Spec, name: str | None, **more: Any) -> None:
    """Start the training of the spec and report its state."""
    report(args, start(spec, args, name), **more)


def report(args: argparse.Namespace, run: Run, **more: Any) -> None:
    """Print the state and the scores of a run so far."""
    scores = run.scores() or {}
    existing = " (it exists already)" if more.get("found") else ""
    about = {"run": run.id, "state": run.status.state, "folder": str(run.folder), "parent": run.spec.parent}
    text = [f"{run.id}: {run.status.state}{existing}", *score_lines.lines(scores)]
    print_answer(args, text, {**about, "warning": training_request.warning(run.spec), "scores": scores, **more})


def start(spec: Spec, args: argparse.Namespace, name: str | None = None) -> Run:
    """The run, submitted to the engine; or ended, with --foreground."""
    lookup.free_name(name)
    use_scheduler(args)
    warn(spec)
    return train_in_process(spec, name) if args.foreground else engine.submit(spec, name)


def create(spec: Spec, args: argparse.Namespace) -> Run:
    """The run, submitted to the engine; or before its first step, with --foreground."""
    lookup.free_name(args.name)
    use_scheduler(args)
    warn(spec)
    return runs.create(spec, args.name) if args.foreground else engine.submit(spec, args.name)


def warn(spec: Spec) -> None:
    """Print what a training does that one would not expect."""
    for warning in filter(None, (training_request.warning(spec), training_request.slow_precision(spec))):
        print(f"note: {warning}", file=sys.stderr)


def with_title(spec: Spec, title: str) -> Spec:
    """The spec under another title, if there is one."""
    return spec.model_copy(update={"title": title}) if title else spec


def hyperparameters_given(args: argparse.Namespace, method: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The hyperparameters on the command line: the method's own, and those of every training."""
    known = descriptions.read()
    return given(args, choose("method", str(method), known.methods).config), given(args, known.training)


# ------------------------------------------------------------------------------------------------ options


def launch_options(sub: Parser) -> None:
    """How runs are started."""
    sub.add_argument("--foreground", action="store_true", help="train in this process and wait")
    scheduler_option(sub)


def train_options(sub: Parser) -> None:
    """How one run is started, and its names."""
    launch_options(sub)
    sub.add_argument("--title", default="", help="title of the run")
    sub.add_argument("--name", default=None, help="the run's folder name [METHOD-DATASET-DATE]")


def continue_options(sub: Parser) -> None:
    """How many epochs a run continues."""
    train_options(sub)
    sub.add_argument("--epochs", default="0", help="further epochs; 0 = up to the planned end of the run [0]")


def sweep_options(sub: Parser) -> None:
    """What is swept."""
    launch_options(sub)
    sub.add_argument(
        "--over", required=True, metavar="HYPERPARAMETER", help="the hyperparameter that differs, such as seed"
    )
    sub.add_argument("--values", required=True, help="its values, separated by commas")


def publish_options(sub: Parser) -> None:
    """The name of a published model."""
    sub.add_argument("--as", dest="as_name", required=True, help="the model's name, such as digits-simclr")


def train_hyperparameters(sub: Parser, words: Words) -> None:
    """The hyperparameters of every training, and of the method that is named; one of its own that is called like one of
    them, or like an option, is offered as `--METHOD-HYPERPARAMETER`.
    """
    methods = descriptions.read().methods
    name = next((word for word in words if word in methods), None)
    unknown = next((word for word in words[:1] if not word.startswith("-") and word not in methods), None)
    if unknown:
        choose("method", unknown, methods)
    add_hyperparameters(sub, name, methods[name].train_defaults if name else {}, {})


def clone_hyperparameters(sub: Parser, words: Words) -> None:
    """The same hyperparameters with the defaults of the run that is named."""
    ids = [word for word in words if not word.startswith("-")]
    spec = next((run.spec for run in runs.listing() if run.id in ids), None)
    own, every = lookup.known_hyperparameters(spec) if spec else ({}, {})
    add_hyperparameters(sub, spec.method if spec else None, every, own)


def add_hyperparameters(sub: Parser, method: str | None, every: dict[str, Any], own: dict[str, Any]) -> None:
    """Options for the hyperparameters of a training and of a method, with these defaults."""
    known = descriptions.read()
    sub.add_hyperparameters(known.training, "training", every)
    if method:
        sub.add_hyperparameters(choose("method", method, known.methods).config, method, own)


COMMANDS = {
    "train": Command(train_command, ("method", "dataset"), train_options, train_hyperparameters),
    "continue": Command(continue_command, ("run_id",), continue_options),
    "clone": Command(clone_command, ("run_id",), train_options, clone_hyperparameters),
    "control": Command(control_command, ("run_id",), train_options),
    "sweep": Command(sweep_command, ("method", "dataset"), sweep_options, train_hyperparameters),
    "stop": Command(stop_command, ("run_id",)),
    "publish": Command(publish_command, ("run_id",), publish_options),
}
