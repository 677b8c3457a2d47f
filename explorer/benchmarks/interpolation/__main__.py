"""The command: `python -m explorer.benchmarks.interpolation [DATASET …] [--seeds 0,1,2] [--pairs 200]`."""

import argparse
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from explorer import Refused, data
from explorer.benchmarks import results
from explorer.benchmarks.interpolation import report
from explorer.benchmarks.speed.comparison import Row
from explorer.system.machine import cores, processor
from explorer.tasks.interpolate import Config, measured

LATENT = 10
VAE = {f"VAE β={beta}": ("vae", {"latent": LATENT, "beta": float(beta)}) for beta in (0.25, 1, 4)}
ARMS: dict[str, tuple[str, dict[str, Any]]] = {
    "autoencoder": ("autoencoder", {"latent": LATENT}),
    "denoising": ("denoising", {"latent": LATENT}),
    **VAE,
    "untrained": ("autoencoder", {"latent": LATENT}),
}
EPOCHS = {"digits": 150, "garments": 60}  # as the models that come with the project are trained
SPACES = {"digits": "digits-simclr", "garments": "garments-simclr"}  # trained features to look from


def main(words: list[str] | None = None) -> int:
    """Train and measure each arm, write each row at once, and print the table; 2 where something was refused."""
    args = options().parse_args(words)
    rows = []
    try:
        for name in args.datasets or list(EPOCHS):
            for seed in map(int, args.seeds.split(",")):
                for arm in args.arms.split(","):
                    rows.append(row(name, arm, seed, args))
                    print(json.dumps({key: rows[-1][key] for key in ("dataset", "arm", "seed")}), file=sys.stderr)
                    results.append(Path(args.out), rows[-1])
    except (Refused, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(report.chapter(rows))
    return 0


def options() -> argparse.ArgumentParser:
    """Which arms, on which data."""
    parser = argparse.ArgumentParser("python -m explorer.benchmarks.interpolation", description=main.__doc__)
    parser.add_argument("datasets", nargs="*", metavar="DATASET", help=f"of {', '.join(EPOCHS)} [all]")
    parser.add_argument("--seeds", default="0,1,2", help="of the trainings [0,1,2]; the pairs stay the same")
    parser.add_argument("--arms", default=",".join(ARMS), help="arms, separated by commas [all]")
    parser.add_argument("--pairs", type=int, default=200, help="pairs of images [200]")
    parser.add_argument("--epochs", type=int, default=0, help="of each training [as the models that come along]")
    parser.add_argument("--out", default=str(report.PLACE), help="the .jsonl file of the rows [interpolation.jsonl]")
    return parser


def row(name: str, arm: str, seed: int, args: argparse.Namespace) -> Row:
    """One arm of one seed, trained and measured; raises `Refused` for an unknown arm or data set."""
    if arm not in ARMS:
        raise Refused(f"no arm {arm!r}; choose from {'; '.join(ARMS)}")
    if name not in EPOCHS:
        raise Refused(f"no data set {name!r} in this study; choose from {', '.join(EPOCHS)}")
    dataset = data.load(name)
    began = time.process_time()
    epochs = 0 if arm == "untrained" else args.epochs or EPOCHS[name]
    model = trained(arm, seed, dataset, epochs)
    spent = time.process_time() - began
    scores = measured(model, dataset, Config(pairs=args.pairs, space=SPACES[name]))
    method, hyperparameters = ARMS[arm]
    return {
        "kind": "interpolation", "dataset": name, "data": dataset.hash, "arm": arm, "method": method,
        "hyperparameters": hyperparameters, "seed": seed, "epochs": epochs, "core_seconds": spent, **scores,
        **machine(),
    }  # fmt: skip


def trained(arm: str, seed: int, dataset: Any, epochs: int) -> Any:
    """The model of an arm after so many epochs, with the method's own settings."""
    import torch

    import explorer.methods  # noqa: F401 - and with them the encoders
    from explorer.core import Split
    from explorer.methods import METHODS
    from explorer.models import build
    from explorer.train import Fit

    images = dataset.splits["train"]
    x = torch.from_numpy(images.x[:].copy())
    split = Split(x, torch.from_numpy(images.y.copy()), dataset.classes, dataset.hash)
    method, hyperparameters = ARMS[arm]
    cfg = METHODS[method].training({"epochs": max(1, epochs), "seed": seed, "threads": 1})
    made = build.fresh(method, hyperparameters, cfg, split.spec(dataset.name))
    if epochs:
        for _ in Fit(made, split, cfg):
            pass
    return build.network(arm, arm, made, cfg)


def machine() -> Row:
    """Where, with what, and when."""
    import torch

    when = datetime.now(UTC).isoformat(timespec="seconds")
    return {"hardware": f"{processor()}, {cores()} cores", "torch": torch.__version__,
            "python": platform.python_version(), "date": when, "load": os.getloadavg()[0]}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
