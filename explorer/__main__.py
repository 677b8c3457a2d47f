"""The command line: `python -m explorer data | methods | train | evaluate | map | transfer | ship`.

It reads the same knobs as the forms. With --json the last line of the output is one JSON object. Errors go to stderr
with exit status 2.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from explorer import Refused


class Parser(argparse.ArgumentParser):
    """Errors in our own form: one sentence, status 2."""

    def error(self, message: str) -> NoReturn:
        """One sentence on stderr."""
        raise Refused(f"{message} (python -m explorer {self.prog.split()[-1]} --help shows what is allowed)")


def add_knobs(parser: argparse.ArgumentParser, config: Any, defaults: dict[str, Any], title: str) -> None:
    """An option for each knob, from the same description as the forms."""
    group = parser.add_argument_group(title)
    for name, knob in config.model_json_schema()["properties"].items():
        default = defaults.get(name, knob.get("default"))
        allowed = f" {{{', '.join(map(str, knob['enum']))}}}" if "enum" in knob else ""
        shown = ",".join(map(str, default)) if isinstance(default, list | tuple) else default
        text = f"{knob.get('description', '')}{allowed} [{shown}]".replace("%", "%%")
        group.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar=name.upper(), help=text)


def given(args: argparse.Namespace, config: Any) -> dict[str, Any]:
    """The knobs of `config` that were set on the command line; lists are comma-separated."""
    values = {name: getattr(args, name, None) for name in config.model_fields}
    lists = {name for name, knob in config.model_json_schema()["properties"].items() if knob.get("type") == "array"}
    return {
        name: tuple(value.split(",")) if name in lists else value for name, value in values.items() if value is not None
    }


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
        knobs = cls.Config.model_json_schema()["properties"]
        info = cls.info._asdict() if hasattr(cls.info, "_asdict") else vars(cls.info)
        rows[name] = {**info, "needs": cls.info.needs._asdict(), "knobs": knobs, "train_defaults": cls.train_defaults}
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

    use_threads(0)
    scores = evaluated(args.model, data.load(args.dataset, args.size), args.labels)
    lines = [f"{name}: {value}" for name, value in scores.items()]
    tell(args, lines, {"model": args.model, "dataset": args.dataset, **scores})


def map_command(args: argparse.Namespace) -> None:
    """Draw a map of a model's features of the probe images and write it to a file."""
    import numpy as np

    from explorer import data
    from explorer.jobs.inputs import use_threads
    from explorer.jobs.work import mapped

    out = Path(args.out)
    if out.suffix != ".npz" or not out.parent.is_dir():
        raise Refused(f"--out {out} is not allowed: name a .npz file in a folder that exists")
    use_threads(0)
    arrays = mapped(args.model, data.load(args.dataset, args.size), args.how, args.n, args.neighbours, args.seed)
    part = out.with_suffix(".part.npz")
    np.savez_compressed(part, **arrays)
    part.replace(out)
    about = {"model": args.model, "dataset": args.dataset, "how": args.how, "seed": args.seed, "n": len(arrays["rows"]),
             "seconds": float(arrays["seconds"]), "trustworthiness": float(arrays["trustworthiness"])}  # fmt: skip
    tell(args, [f"{name}: {value}" for name, value in about.items()], {**about, "out": str(out)})


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


def parser(argv: list[str]) -> argparse.ArgumentParser:
    """The whole command line; the knobs of `train` are those of the method that is named in `argv`."""
    top = Parser(prog="python -m explorer", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)

    def command(name: str, run: Callable[[argparse.Namespace], None], *places: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        for place in places:
            sub.add_argument(place)
        sub.add_argument("--json", action="store_true", help="end with one JSON object")
        sub.set_defaults(run=run, options=sub._option_string_actions)  # a live view: knobs are added later
        return sub

    command("data", data_command)
    command("methods", methods_command)
    train = command("train", train_command, "method", "dataset")
    train.add_argument("--foreground", action="store_true", help="train in this process and wait")
    train.add_argument("--title", default="", help="a name for people")
    train.add_argument("--name", default=None, help="the run's folder name (with --foreground)")
    ship = command("ship", ship_command, "run_id")
    ship.add_argument("--as", dest="as_name", required=True, help="the model's name, such as digits-simclr")
    evaluate = command("evaluate", evaluate_command, "model", "dataset")
    evaluate.add_argument("--labels", type=int, default=10_000, help="training images with labels [10000]")
    chart = command("map", map_command, "model", "dataset")
    chart.add_argument("--how", required=True, help="pca, kernel_pca, lle, isomap, tsne or umap")
    chart.add_argument("--out", required=True, help="the .npz file to write")
    chart.add_argument("--n", type=int, default=1000, help="points [1000]")
    chart.add_argument("--neighbours", type=int, default=10, help="neighbours of each point [10]")
    chart.add_argument("--seed", type=int, default=0, help="start of everything random [0]")
    move = command("transfer", transfer_command, "model", "dataset")
    for sub in (evaluate, chart, move):
        sub.add_argument("--size", type=int, default=0, help="pixels; 0 = the data set's own")
    fill(argv, train, move)
    return top


def misspelled(word: str, options: Iterable[str]) -> str:
    """What to say of a word that no option takes."""
    names = sorted(name for name in options if name.startswith("--"))
    near = get_close_matches(word.partition("=")[0], names, 1)
    hint = f" did you mean '{near[0]}'?" if near else ""
    return f"no option '{word}';{hint} choose from {', '.join(names)}"


def fill(argv: list[str], train: argparse.ArgumentParser, move: argparse.ArgumentParser) -> None:
    """Add the knobs, which need torch, only to the command that is called."""
    if argv[:1] == ["train"]:
        from explorer.core import TrainConfig
        from explorer.methods import METHODS

        name = next((word for word in argv[1:] if word in METHODS), None)
        if name:
            add_knobs(train, METHODS[name].Config, {}, f"knobs of {name}")
        add_knobs(train, TrainConfig, METHODS[name].train_defaults if name else {}, "knobs of every training")
        unknown = next((word for word in argv[1:2] if not word.startswith("-") and word not in METHODS), None)
        if unknown:
            METHODS.choose(unknown)
    if argv[:1] == ["transfer"]:
        from explorer.transfer import TransferConfig

        add_knobs(move, TransferConfig, {}, "knobs of a transfer")


def main(argv: list[str]) -> int:
    """Run one command; returns the exit status."""
    try:
        top = parser(argv)
        args, rest = top.parse_known_args(argv)
        if rest:
            raise Refused(misspelled(rest[0], args.options))
        args.run(args)
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
