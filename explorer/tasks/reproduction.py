"""Training the run of an exported archive again, without interface and engine: what `explorer.reproduce` does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer import data, reading
from explorer.errors import Refused
from explorer.runs.records import upgraded
from explorer.tasks.export import digest

if TYPE_CHECKING:
    from explorer.core import Method, Split, TrainConfig


def reproduce(folder: Path) -> int:
    """Train what `config.json` in this folder says; 0 if the weights are the same to the last bit."""
    import torch

    from explorer.models import weights

    config: dict[str, Any] = reading.fields(folder / "config.json")
    if config["stages"][0]["train"] is None:
        raise Refused("a run that this one continues was deleted, so it cannot be trained again")
    torch.set_num_threads(config["threads"] or torch.get_num_threads())
    method, images = _prepare(config)
    cfg = _train(method, images, config)
    out = folder / "reproduced.safetensors"
    out.write_bytes(weights.pack(method, cfg, images.hash, config.get("half", False)))
    same = digest(out) == config["weights_sha256"]
    print(f"{out}: {'the same weights' if same else 'other weights'}, {digest(out)}")
    return 0 if same else 1


def _prepare(config: dict[str, Any]) -> tuple[Method, Split]:
    """The method before its first step, and the images that it learns from."""
    import torch

    from explorer.core import METHODS, DataSpec
    from explorer.models import build, devices

    spec = upgraded(config["spec"], "config.json")
    cfg = METHODS.choose(spec["method"]).training(config["stages"][0]["train"])
    dataset, device = data.load(spec["dataset"], cfg.size), devices.device()
    if dataset.hash != config["data_hash"]:
        print(f"other images than then: {dataset.hash}, not {config['data_hash']}")
    classes = dataset.kept(cfg.classes)
    images = devices.load_split(dataset, "train", cfg.classes, cfg.subset, device)
    shape = DataSpec.of(dataset, classes, len(images))
    method = build.fresh(spec["method"], spec["hyperparameters"], cfg, shape)
    return method.to(device, memory_format=torch.channels_last), images


def _train(method: Method, images: Split, config: dict[str, Any]) -> TrainConfig:
    """All stages, of which a run that went on from another one has several; the configuration of the last."""
    from explorer.train import Fit

    state = None
    for stage in config["stages"]:
        cfg = type(method).training(stage["train"])
        fit = Fit(method, images, cfg, state)
        if stage["until"] > fit.steps:
            print(
                f"an older version made {stage['until']} steps of it, this one makes {fit.steps}: of full batches alone"
            )
        while fit.t < min(stage["until"], fit.steps):
            step = next(fit)
            if step.ends_epoch:
                losses = (f"{name} {x.item():.4f}" for name, x in step.out.items() if x.ndim == 0)
                print(f"epoch {step.epoch:.0f} of {cfg.epochs}:", *losses, flush=True)
        state = fit.state()
    return cfg
