"""Commands about a model that is there: what it is worth, its map, its features, all of it in one archive.

Each is a job with a folder, as on the pages: what was computed before is not computed again.
"""

import argparse
import shutil
from typing import Any

from explorer.cli.arguments import Parser, given
from explorer.cli.commands import Command, Words
from explorer.cli.execution import file_at, number, scheduler_option, tell, worked
from explorer.tasks import requests


def evaluate_command(args: argparse.Namespace) -> None:
    """KNN and linear accuracy of a model on a data set."""
    from explorer.tasks.configs import EvaluateConfig

    cfg = EvaluateConfig.read(given(args, EvaluateConfig), "evaluate")
    scores = worked(requests.evaluate(args.model, args.dataset, cfg.labels, args.size), args).scores()
    lines = [f"{name}: {number(value)}" for name, value in scores.items()]
    tell(args, lines, {"model": args.model, "dataset": args.dataset, **scores})


def map_command(args: argparse.Namespace) -> None:
    """Draw a map of a model's features of the probe images and write it to a file."""
    from explorer.tasks.configs import MapConfig

    cfg = MapConfig.read(given(args, MapConfig), "map")
    with file_at(args.out, ".npz") as write:
        asked = requests.chart(args.model, args.dataset, **cfg.model_dump(), size=args.size)
        arrays = worked(asked, args).result()
        write(lambda path: compress(path, arrays))
    about = {"model": args.model, "dataset": args.dataset, "how": cfg.how, "seed": cfg.seed, "n": len(arrays["rows"]),
             "seconds": float(arrays["seconds"]), "trustworthiness": float(arrays["trustworthiness"])}  # fmt: skip
    tell(args, [f"{name}: {number(value)}" for name, value in about.items()], {**about, "out": args.out})


def transfer_command(args: argparse.Namespace) -> None:
    """Frozen, fine-tuned and from scratch on a few labels of another data set."""
    from explorer.evaluation.transfer import TransferConfig

    cfg = TransferConfig.read(given(args, TransferConfig), "transfer")
    run = worked(requests.transfer(args.model, args.dataset, cfg.model_dump(), args.size), args)
    scores = run.scores()
    found = {arm: scores[arm]["test_accuracy"] for arm in cfg.arms}
    about = {
        "model": args.model,
        "dataset": args.dataset,
        "hyperparameters": cfg.model_dump(),
        "n_test": scores["n_test"],
    }
    lines = [f"{arm}: test accuracy {accuracy:.4f}" for arm, accuracy in found.items()]
    tell(args, lines, {**about, "test_accuracy": found, "curves": run.metrics()})


def embed_command(args: argparse.Namespace) -> None:
    """Write a model's features of a split to a file: features, rows, y and the names of the classes."""
    from explorer.tasks.configs import EmbedConfig

    cfg = EmbedConfig.read(given(args, EmbedConfig), "embed")
    with file_at(args.out, ".npz") as write:
        arrays = worked(requests.embed(args.model, args.dataset, cfg.split, cfg.n, args.size), args).result()
        write(lambda path: compress(path, arrays))
    n, dim = arrays["features"].shape
    about = {"model": args.model, "dataset": args.dataset, "split": cfg.split, "n": n, "dim": dim, "out": args.out}
    tell(args, [f"{args.out}: {n} images, {dim} numbers each"], about)


def export_command(args: argparse.Namespace) -> None:
    """Write a training to one archive: weights, settings, curves, scores, features, a script that trains it again."""
    with file_at(args.out, ".zip") as write:
        run = worked(requests.export(args.run_id), args)
        write(lambda path: shutil.copyfile(run.folder / "export.zip", path))
    size = (run.folder / "export.zip").stat().st_size
    tell(args, [f"{args.out}: {size:,} bytes"], {"run": args.run_id, "out": args.out, "bytes": size})


def compress(path: Any, arrays: dict[str, Any]) -> None:
    """Write arrays under exactly this name."""
    import numpy as np

    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


# ------------------------------------------------------------------------------------------------ options


def size_option(sub: Parser) -> None:
    """The size at which the data are loaded, and where the work is done."""
    sub.add_argument("--size", type=int, default=0, help="pixels; 0 = the data set's own")
    scheduler_option(sub)


def map_options(sub: Parser) -> None:
    """A map's file."""
    sub.add_argument("--out", required=True, help="the .npz file to write")
    size_option(sub)


def export_options(sub: Parser) -> None:
    """An archive's file."""
    sub.add_argument("--out", required=True, help="the .zip file to write")
    scheduler_option(sub)


def look_hyperparameters(config: str, name: str) -> Any:
    """The hyperparameters of a look."""

    def add(sub: Parser, _: Words) -> None:
        from explorer.tasks import configs

        sub.add_hyperparameters(getattr(configs, config), name, {})

    return add


def transfer_hyperparameters(sub: Parser, _: Words) -> None:
    """The hyperparameters of a transfer."""
    from explorer.evaluation.transfer import TransferConfig

    sub.add_hyperparameters(TransferConfig, "transfer", {})


MODEL = ("model", "dataset")
COMMANDS = {
    "evaluate": Command(evaluate_command, MODEL, size_option, look_hyperparameters("EvaluateConfig", "evaluate")),
    "map": Command(map_command, MODEL, map_options, look_hyperparameters("MapConfig", "map")),
    "transfer": Command(transfer_command, MODEL, size_option, transfer_hyperparameters),
    "embed": Command(embed_command, MODEL, map_options, look_hyperparameters("EmbedConfig", "embed")),
    "export": Command(export_command, ("run_id",), export_options),
}
