"""The command line: `python -m explorer data | methods | train | evaluate | map | transfer | ship`.

It reads the same knobs as the forms. With --json the last line of the output is one JSON object. Errors go to stderr
with exit status 2; what nobody foresaw is one sentence too, with status 1 (EXPLORER_DEBUG=1 adds where it happened).
"""

import argparse
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from explorer import Refused, choose
from explorer.options import Parser, given


def tell(args: argparse.Namespace, text: Iterable[str], answer: dict[str, Any]) -> None:
    """Lines for a person, or one JSON object."""
    print(json.dumps(answer) if args.json else "\n".join(text))


# ---------------------------------------------------------------------------------------------- commands


def data_command(args: argparse.Namespace) -> None:
    """List the data sets."""
    from explorer import data

    entries = data.catalogue().values()
    rows = {
        e.name: {"title": e.title, "kind": e.kind, "size": e.size, "channels": e.channels, "available": e.available,
                 "classes": list(e.classes or ()), "summary": e.summary, "source": e.source}
        for e in entries
    }  # fmt: skip
    lines = [
        f"{e.name:18} {'here' if e.available else 'to download':12} {e.size}x{e.size}  {e.summary}" for e in entries
    ]
    tell(args, lines, {"datasets": rows})


def methods_command(args: argparse.Namespace) -> None:
    """List the methods and their knobs."""
    from explorer.methods import METHODS

    rows = {}
    for name, cls in METHODS.items():
        info, knobs = vars(cls.info) | {"needs": cls.info.needs._asdict()}, cls.Config.model_json_schema()["properties"]
        rows[name] = {**info, "knobs": knobs, "train_defaults": cls.train_defaults}
    lines = [f"{name:18} {row['family']:14} {row['summary']}" for name, row in rows.items()]
    tell(args, lines, {"methods": rows})


def train_command(args: argparse.Namespace) -> None:
    """Train a method, in the background unless --foreground."""
    from explorer import jobs, runs
    from explorer.core import TrainConfig
    from explorer.jobs import requests
    from explorer.methods import METHODS

    cls = METHODS.choose(args.method)
    spec = requests.train(
        args.method, args.dataset, given(args, cls.Config), given(args, TrainConfig), title=args.title
    )
    run = foreground(runs.create(spec, args.name)) if args.foreground else jobs.submit(spec, args.name)
    scores = run.scores() or {}
    text = [f"{run.id}: {run.status.state}", *(f"{k}: {v}" for k, v in scores.items() if k != "references")]
    tell(args, text, {"run": run.id, "state": run.status.state, "folder": str(run.folder), "scores": scores})


def foreground(run: Any) -> Any:
    """Do a job in this process; raises `Refused` with its error if it fails."""
    from explorer import runs
    from explorer.jobs import worker

    threading.Thread(target=report, args=(run,), daemon=True).start()
    if worker.here(run) == "failed":
        error = run.status.error or "the run failed"
        if not (run.folder / "model.safetensors").exists():
            runs.delete(run.id)  # nothing came of it: leave nothing half-written
        raise Refused(error)
    return run


def report(run: Any) -> None:
    """Tell every other second on stderr how far the run has come."""
    while not (status := run.status).final:
        print(f"step {status.step} of {status.steps}  {status.rate:,.0f} images/s  {status.message}", file=sys.stderr)
        time.sleep(2)


def ship_command(args: argparse.Namespace) -> None:
    """Put a finished run among the models that come with the project."""
    from explorer.ship import ship

    folder = ship(args.run_id, args.as_name)
    tell(args, [f"shipped as {folder.name}"], {"model": folder.name, "folder": str(folder)})


def evaluate_command(args: argparse.Namespace) -> None:
    """KNN and linear accuracy of a model on a data set."""
    from explorer import data
    from explorer.jobs.inputs import use_threads
    from explorer.jobs.scores import evaluated
    from explorer.knobs import EvaluateConfig

    cfg = EvaluateConfig.read(given(args, EvaluateConfig), "evaluate")
    use_threads(0)
    scores = evaluated(args.model, data.load(args.dataset, args.size), cfg.labels)
    lines = [f"{name}: {value}" for name, value in scores.items()]
    tell(args, lines, {"model": args.model, "dataset": args.dataset, **scores})


def map_command(args: argparse.Namespace) -> None:
    """Draw a map of a model's features of the probe images and write it to a file."""
    from explorer import data
    from explorer.jobs.inputs import use_threads
    from explorer.jobs.work import mapped
    from explorer.knobs import MapConfig

    cfg = MapConfig.read(given(args, MapConfig), "map")
    out = Path(args.out)
    part = begun(out)
    try:
        use_threads(0)
        arrays = mapped(args.model, data.load(args.dataset, args.size), **cfg.model_dump())
        finish(part, out, arrays)
    finally:
        part.unlink(missing_ok=True)
    about = {"model": args.model, "dataset": args.dataset, "how": cfg.how, "seed": cfg.seed, "n": len(arrays["rows"]),
             "seconds": float(arrays["seconds"]), "trustworthiness": float(arrays["trustworthiness"])}  # fmt: skip
    tell(args, [f"{name}: {value}" for name, value in about.items()], {**about, "out": str(out)})


def begun(out: Path) -> Path:
    """An empty file beside `out` that shall become it; raises `Refused` before any work where `out` cannot be."""
    part = out.with_name(f".{os.getpid()}-{out.name}")
    try:
        if out.suffix != ".npz" or not out.parent.is_dir() or out.is_dir():
            raise Refused(f"--out {out} is not allowed: name a .npz file in a folder that exists")
        part.touch()
    except OSError as error:
        raise unwritable(out, error) from None
    return part


def finish(part: Path, out: Path, arrays: dict[str, Any]) -> None:
    """Write the arrays and give the file its name."""
    import numpy as np

    try:
        np.savez_compressed(part, **arrays)
        part.replace(out)
    except OSError as error:
        raise unwritable(out, error) from None


def unwritable(out: Path, error: OSError) -> Refused:
    """What to say of a file that cannot be written."""
    return Refused(f"--out {out} cannot be written ({error.strerror or error}): name a .npz file in another folder")


def transfer_command(args: argparse.Namespace) -> None:
    """Frozen, fine-tuned and from scratch on a few labels of another data set."""
    from explorer import data, models
    from explorer.jobs.inputs import use_threads
    from explorer.transfer import TransferConfig, transfer

    cfg = TransferConfig.read(given(args, TransferConfig), "transfer")
    use_threads(0)
    dataset = data.load(args.dataset, args.size)
    rows, scores = [], {}
    for row in transfer(models.load(args.model, dataset), dataset, cfg):
        if "test_accuracy" in row:
            scores[row["arm"]] = row["test_accuracy"]
            continue
        rows.append(row)
        print(f"{row['arm']:9} epoch {row['epoch']:3}  validation {row['val_accuracy']:.3f}", file=sys.stderr)
    lines = [f"{arm}: test accuracy {accuracy:.4f}" for arm, accuracy in scores.items()]
    about = {
        "model": args.model,
        "dataset": args.dataset,
        "knobs": cfg.model_dump(),
        "n_test": len(dataset.splits["test"].y),
    }
    tell(args, lines, {**about, "test_accuracy": scores, "curves": rows})


# ------------------------------------------------------------------------------------------------ parser


def parser(argv: list[str]) -> Parser:
    """The whole command line; the knobs of `train` are those of the method that is named in `argv`."""
    top = Parser(prog="python -m explorer", description=__doc__)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)

    def command(name: str, run: Callable[[argparse.Namespace], None], *places: str) -> Parser:
        sub = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        for place in places:
            sub.add_argument(place)
        sub.add_argument("--json", action="store_true", help="end with one JSON object")
        sub.set_defaults(run=run)
        return sub

    command("data", data_command)
    command("methods", methods_command)
    train = command("train", train_command, "method", "dataset")
    train.add_argument("--foreground", action="store_true", help="train in this process and wait")
    train.add_argument("--title", default="", help="a name for people")
    train.add_argument("--name", default=None, help="the run's folder name [METHOD-DATASET-DATE]")
    ship = command("ship", ship_command, "run_id")
    ship.add_argument("--as", dest="as_name", required=True, help="the model's name, such as digits-simclr")
    command("evaluate", evaluate_command, "model", "dataset")
    chart = command("map", map_command, "model", "dataset")
    chart.add_argument("--out", required=True, help="the .npz file to write")
    command("transfer", transfer_command, "model", "dataset")
    for name in ("evaluate", "map", "transfer"):
        commands.choices[name].add_argument("--size", type=int, default=0, help="pixels; 0 = the data set's own")
    called = next((word for word in argv if not word.startswith("-")), None)
    if called:
        chosen = choose("command", called, commands.choices)
        fill(chosen, called, argv[argv.index(called) + 1 :])
        chosen.check(argv[argv.index(called) + 1 :])
    return top


def fill(sub: Parser, command: str, words: list[str]) -> None:
    """Add the knobs, which need torch, only to the command that is called."""
    if command == "train":
        train_knobs(sub, words)
    elif command == "transfer":
        from explorer.transfer import TransferConfig

        sub.add_knobs(TransferConfig, "transfer", {})
    elif command in ("map", "evaluate"):
        from explorer.knobs import EvaluateConfig, MapConfig

        sub.add_knobs(MapConfig if command == "map" else EvaluateConfig, command, {})


def train_knobs(sub: Parser, words: list[str]) -> None:
    """The knobs of every training, and of the method that is named; a knob of its own that is called like one of
    them, or like an option, is offered as `--METHOD-KNOB`.
    """
    from explorer.core import TrainConfig
    from explorer.methods import METHODS

    name = next((word for word in words if word in METHODS), None)
    unknown = next((word for word in words[:1] if not word.startswith("-") and word not in METHODS), None)
    if unknown:
        METHODS.choose(unknown)
    sub.add_knobs(TrainConfig, "training", METHODS[name].train_defaults if name else {})
    if name:
        sub.add_knobs(METHODS[name].Config, name, {})


def main(argv: list[str]) -> int:
    """Run one command; returns the exit status."""
    try:
        args, rest = parser(argv).parse_known_args(argv)
        if rest:
            raise Refused(surplus(rest[0], args.command))
        args.run(args)
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except Exception as error:
        if os.environ.get("EXPLORER_DEBUG") == "1":
            traceback.print_exc()
        print(f"unexpected: {' '.join(f'{type(error).__name__}: {error}'.split())}", file=sys.stderr)
        return 1
    return 0


def surplus(word: str, command: str) -> str:
    """What to say of a word that nobody asked for."""
    what = f"no option '{word}'" if word.startswith("-") else f"'{word}' is one word too many"
    return f"{what} (python -m explorer {command} --help shows what is allowed)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
