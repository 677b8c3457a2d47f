"""Training the run of an exported archive again, without interface and engine: what `explorer.reproduce` does."""

import json
from pathlib import Path
from typing import Any

from explorer import data
from explorer.errors import Refused
from explorer.runs.records import upgraded
from explorer.tasks.export import digest


def reproduce(folder: Path) -> int:
    """Train what `config.json` in this folder says; 0 if the weights are the same to the last bit."""
    import torch

    from explorer.core import METHODS, DataSpec
    from explorer.models import build, devices, weights
    from explorer.models.devices import split_of
    from explorer.train import Fit

    settings: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    spec, first = upgraded(settings["spec"]), settings["stages"][0]["train"]
    if first is None:
        raise Refused("a run that this one went on from is deleted, so it cannot be trained again")
    torch.set_num_threads(settings["threads"] or torch.get_num_threads())
    cfg = METHODS.choose(spec["method"]).training(first)
    dataset, where = data.load(spec["dataset"], cfg.size), devices.device()
    if dataset.hash != settings["data_hash"]:
        print(f"other images than then: {dataset.hash}, not {settings['data_hash']}")
    classes = dataset.kept(cfg.classes)
    images = split_of(dataset.select("train", cfg.classes, cfg.subset)[0], classes, dataset, where)
    shape = DataSpec.of(dataset, classes, len(images))
    method = build.fresh(spec["method"], spec["hyperparameters"], cfg, shape).to(
        where, memory_format=torch.channels_last
    )
    state = None
    for stage in settings["stages"]:  # a run that went on from another one has several
        cfg = METHODS.choose(spec["method"]).training(stage["train"])
        fit = Fit(method, images, cfg, state)
        while fit.t < stage["until"]:
            step = next(fit)
            if step.ends_epoch:
                losses = (f"{name} {x.item():.4f}" for name, x in step.out.items() if x.ndim == 0)
                print(f"epoch {step.epoch:.0f} of {cfg.epochs}:", *losses, flush=True)
        state = fit.state()
    out = folder / "reproduced.safetensors"
    out.write_bytes(weights.pack(method, cfg, dataset.hash))
    same = digest(out) == settings["weights_sha256"]
    print(f"{out}: {'the same weights' if same else 'other weights'}, {digest(out)}")
    return 0 if same else 1
